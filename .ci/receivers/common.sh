# shellcheck shell=bash
# What the scripts of this folder share. To be sourced.
#
# Every script beside this one starts a receiver that is not ours on the loopback, sends it a real report, and reads back what the
# receiver has. `SEAWORTHY` is the program to send with, `seaworthy` if not set. A report that is there already is given as the first
# argument; otherwise the demonstration's is used. `SENDER=PROGRAM` sends by the example crates/send/examples/send.rs instead.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../formats/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../formats/common.sh"
seaworthy=${SEAWORTHY:-seaworthy}
work=$(mktemp -d)
running=()

stop() {
    local status=$?
    for pid in "${running[@]}"; do kill "$pid" 2> /dev/null || true; done
    for pid in "${running[@]}"; do wait "$pid" 2> /dev/null || true; done
    rm -rf "$work"
    exit "$status"
}
trap stop EXIT

# background NAME COMMAND…: starts a receiver; what it says is in $work/NAME.log.
background() {
    local name=$1; shift
    "$@" > "$work/$name.log" 2>&1 &
    running+=($!)
}

# port: one that nobody listens on.
port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# until_up URL NAME: waits until a receiver answers, whatever it answers.
until_up() {
    local try
    for try in $(seq 100); do
        curl -s -o /dev/null --max-time 2 "$1" && return 0
        kill -0 "${running[-1]}" 2> /dev/null || break
        sleep 0.1
    done
    echo "$2 did not start (try $try):" >&2; cat "$work/$2.log" >&2
    return 1
}

# report [FILE]: the path of a real report.
report() {
    if [ $# -gt 0 ]; then echo "$1"; return; fi
    # The demonstration finds failures, which is not a fault here.
    "$seaworthy" run --demo --format json > "$work/report.json" || [ -s "$work/report.json" ]
    echo "$work/report.json"
}

# deliver REPORT URL [LINE…]: sends all of it; each LINE is a setting in TOML.
deliver() {
    local report=$1 url=$2; shift 2
    printf '[sink.a]\nurl = "%s"\n' "$url" > "$work/settings.toml"
    [ $# -eq 0 ] || printf '%s\n' "$@" >> "$work/settings.toml"
    if [ -n "${SENDER:-}" ]; then
        "$SENDER" "$report" "$work/settings.toml"
    elif [ $# -eq 0 ]; then
        "$seaworthy" send "$report" --send "$url" --send-when all
    else
        "$seaworthy" send "$report" --config "$work/settings.toml" --send a --send-when all
    fi
}
