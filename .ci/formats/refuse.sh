# shellcheck shell=bash
# The part that is the same for each format: every document must be accepted by `judge FILE`, every damaged copy of it refused. To be
# sourced behind common.sh; `judge` prints why it refuses.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# judge_all NAME SUFFIX FILE… with the damages on standard input, a line each: WHAT<tab>PATTERN<tab>REPLACEMENT. A WHAT that ends with
# `?` may find nothing to damage in a document.
judge_all() {
    local name=$1 suffix=$2 what pattern to file damages accepted=0 refused=0 here failed=0; shift 2
    [ $# -gt 0 ] || { echo "$name: no documents were given" >&2; return 2; }
    damages=$(cat)
    for file in "$@"; do
        if judge "$file" > "$work/out" 2>&1; then accepted=$((accepted + 1)); else
            echo "$file: refused"; head -20 "$work/out"; failed=1; continue
        fi
        here=0
        while IFS=$'\t' read -r what pattern to; do
            if ! python3 "$(dirname "$0")/damage.py" "$file" "$work/damaged$suffix" "$pattern" "$to" 2> "$work/out"; then
                [[ $what == *\? ]] || { cat "$work/out"; failed=1; }
            elif judge "$work/damaged$suffix" > "$work/out" 2>&1; then
                echo "$file: accepted although $what"; failed=1
            else
                here=$((here + 1))
            fi
        done <<< "$damages"
        echo "$file: accepted, $here damaged copies refused"
        refused=$((refused + here))
    done
    echo "$name: $accepted documents accepted, $refused damaged refused"
    return $failed
}
