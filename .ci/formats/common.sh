# shellcheck shell=bash
# What the scripts of this folder share: where tools are kept and how they are installed. To be sourced.
#
# Every script beside this one is called with documents: `.ci/formats/sarif FILE…`. It installs what it needs, judges each document by a
# reader that is not ours, shows that the same reader refuses damaged copies of it, and ends with 0 only if all of that held.
set -euo pipefail
tools=${SEAWORTHY_TOOLS:-$HOME/.cache/seaworthy-ci}
mkdir -p "$tools"

# venv NAME PACKAGE…: a Python environment with these, made once for this list; prints its folder.
venv() {
    local name=$1 folder=$tools/venv-$1; shift
    if [ "$(cat "$folder/packages" 2> /dev/null)" != "$*" ]; then
        command -v python3 > /dev/null && python3 -c 'import ensurepip, venv' 2> /dev/null || debian python3 python3-venv >&2
        rm -rf "$folder"; python3 -m venv "$folder"
        "$folder/bin/pip" install --quiet --disable-pip-version-check "$@" >&2 || { echo "$name could not be installed" >&2; return 1; }
        echo "$*" > "$folder/packages"
    fi
    echo "$folder"
}

# modules NAME PACKAGE…: a folder with these npm packages in its node_modules, made once for this list; prints it.
modules() {
    local folder=$tools/npm-$1; shift
    if [ "$(cat "$folder/packages" 2> /dev/null)" != "$*" ]; then
        command -v npm > /dev/null || debian nodejs npm >&2
        rm -rf "$folder"; mkdir -p "$folder"; echo '{"private": true}' > "$folder/package.json"
        (cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts "$@") >&2
        echo "$*" > "$folder/packages"
    fi
    echo "$folder"
}

# debian PACKAGE…: installs those that are missing, without what they recommend and without starting anything.
debian() {
    local package missing=()
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    [ -n "$(find /var/lib/apt/lists -name '*_Packages*' -mmin -1440 2> /dev/null | head -1)" ] || apt-get update -qq
    DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
}
