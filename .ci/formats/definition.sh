# shellcheck shell=bash disable=SC2154
# Where the definitions of API objects come from. To be sourced after common.sh.

# go_module MODULE@VERSION: the folder of a Go module, checked against the sum that every reader of it gets.
go_module() {
    local go
    go=$(command -v go || true)
    [ -n "$go" ] || { debian golang-go >&2; go=go; }
    local folder=$tools/go-modules
    mkdir -p "$folder"
    [ -f "$folder/go.mod" ] || (cd "$folder" && echo 'module modules' > go.mod)
    (cd "$folder" && GOFLAGS=-mod=mod "$go" mod download -json "$1") | sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p'
}
