#!/usr/bin/env bash
# The Helm chart: it lints, renders with several sets of values, renders the objects of deploy/, and refuses wrong values. Helm is built
# from its Go module if it is missing; without Go this is left out, and said.
set -euo pipefail
cd "$(dirname "$0")/.."
version=v3.19.2
tools=${SEAWORTHY_TOOLS:-$HOME/.cache/seaworthy-ci}
helm=${HELM:-$tools/bin/helm}
chart=charts/seaworthy
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ ! -x "$helm" ]; then
    if ! command -v go >/dev/null; then
        echo "left out: there is neither $helm nor Go to build it"
        exit 0
    fi
    GOBIN=$tools/bin go install "helm.sh/helm/v3/cmd/helm@$version"
fi

render() { "$helm" template seaworthy "$chart" --kube-version 1.34.0 "$@"; }
# $1: what; the files behind --: what it is to equal; between: values.
equals() {
    local what=$1 values=()
    shift
    while [ "$1" != -- ]; do
        values+=("$1")
        shift
    done
    shift
    render "${values[@]}" >"$work/rendered.yaml"
    cargo run -q --locked -p seaworthy-deploy --example compare_manifests -- "$work/rendered.yaml" "$@" ||
        { echo "FAILED: $what"; exit 1; }
    echo "ok: $what"
}
has() {
    local word=$1
    shift
    render "$@" | grep -qF -- "$word" || { echo "FAILED: no $word with $*"; exit 1; }
    echo "ok: $word with $*"
}
hasnt() {
    local word=$1
    shift
    render "$@" >"$work/rendered.yaml"
    ! grep -qF -- "$word" "$work/rendered.yaml" || { echo "FAILED: $word with $*"; exit 1; }
    echo "ok: no $word with $*"
}
refuses() {
    if render "$@" >/dev/null 2>"$work/why"; then
        echo "FAILED: $* is taken"
        exit 1
    fi
    # Refused by the schema, and not by an accident of the templates.
    grep -q "values don't meet the specifications of the schema" "$work/why" || { cat "$work/why"; exit 1; }
    echo "ok: $* is refused"
}

"$helm" lint --strict "$chart"
equals "the defaults are the DaemonSet and the part that asks the API" -- deploy/daemonset-weekly.yaml deploy/cronjob-weekly-cluster.yaml
equals "the CronJob" --set node.kind=cronjob --set cluster.enabled=false -- deploy/cronjob-weekly-nodes.yaml
equals "the part that asks the API alone" --set node.enabled=false --set controlPlane.enabled=false -- deploy/cronjob-weekly-cluster.yaml
equals "the scan of the cluster" --set node.enabled=false --set controlPlane.enabled=false --set cluster.enabled=false \
    --set scan.enabled=true -- deploy/cluster-scan.yaml

hasnt secrets --set scan.enabled=true
hasnt configmaps --set scan.enabled=true
has "- configmaps" --set privileges.configmaps=true
has "- secrets" --set privileges.secrets=true
has "- nodes/proxy" --set privileges.configz=true
hasnt SYS_PTRACE --set privileges.ptrace=false
has "path: /run/systemd/system" --set privileges.runtimeUnits=true
has "mountPropagation: HostToContainer" --set node.followMounts=true
hasnt "mountPropagation" --set node.followMounts=true --set node.kind=cronjob
has "- ndjson" --set log.format=ndjson
has "image: registry.example/seaworthy:1.2" --set image.repository=registry.example/seaworthy --set image.tag=1.2
has "completions: 12" --set node.kind=cronjob --set node.count=12
has "name: pull" --set imagePullSecrets[0]=pull
hasnt "kind: Namespace" --set namespaces.create=false
has "namespace: audit" --set namespaces.cluster=audit --set namespaces.nodes=audit-nodes

refuses --set node.kind=deployment
refuses --set node.every=weekly
refuses --set privileges.secrets=maybe
refuses --set log.format=xml
refuses --set privilege.secrets=true
refuses --set node.count=0
echo "the chart is right"
