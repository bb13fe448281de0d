//! kube-proxy: where it serves its metrics, and what is unknown if it does not run.

use seaworthy_model::Verdict::{self, Fail, Pass, Unknown};

use crate::node::{Node, hold, plain, worker};

const PROXY: &str = "kube-proxy";
const CONFIG: &str = "/var/lib/kube-proxy/config.conf";
const KUBECONFIG: &str = "/var/lib/kube-proxy/kubeconfig.conf";

/// A kube-proxy whose file, as its container sees it, holds this text.
fn text(text: impl AsRef<[u8]>) -> Node {
    let path = plain().inside(PROXY, CONFIG);
    plain().remove(&path).write(&path, text)
}

fn file(body: &str) -> Node {
    text(document(body))
}

fn document(body: &str) -> String {
    format!("apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n{body}\n")
}

#[test]
fn s13_the_address_of_the_metrics_comes_from_the_configuration() {
    for (address, verdict) in [
        ("0.0.0.0:10249", Fail),
        ("'[::]:10249'", Fail),
        ("10.77.0.1:10249", Fail),
        ("'\"\"'", Fail),
        ("':10249'", Fail),
        ("0.0.0.0", Fail),
        ("''", Pass),
        ("null", Pass),
        ("~", Pass),
        ("", Pass),
        ("127.0.0.1:10249", Pass),
        ("127.0.0.1", Pass),
        ("127.9.9.9:1", Pass),
        ("'[::1]:10249'", Pass),
        ("'::1'", Pass),
        ("localhost.example.org:10249", Fail),
        ("127.0.0.1.example.org:10249", Fail),
    ] {
        let node = file(&format!("metricsBindAddress: {address}"));
        let judged = node.judge();
        // A text that is no address stops kube-proxy, so that it is unknown serves as well as that it fails; it never passes.
        let right = judged.verdict("4.3.1") == verdict || (verdict == Fail && judged.verdict("4.3.1") == Unknown);
        assert!(right, "{address}: {}", judged.finding("4.3.1").reason);
    }
    hold("open", &file("metricsBindAddress: 0.0.0.0:10249"), &[("4.3.1", Fail)]);
    hold("open to IPv6", &file("metricsBindAddress: '[::]:10249'"), &[("4.3.1", Fail)]);
    hold("an address of the node", &file("metricsBindAddress: 10.77.0.1:10249"), &[("4.3.1", Fail)]);
    hold("nothing", &file(""), &[("4.3.1", Pass)]);
}

#[test]
fn with_a_file_the_flag_is_ignored() {
    let open = file("metricsBindAddress: 0.0.0.0:10249");
    hold("a safe flag", &open.with(PROXY, &["--metrics-bind-address=127.0.0.1:10249"]), &[("4.3.1", Fail)]);
    let closed = file("metricsBindAddress: ''");
    hold("an open flag", &closed.clone().with(PROXY, &["--metrics-bind-address=0.0.0.0:10249"]), &[("4.3.1", Pass)]);
    let node = closed.with(PROXY, &["--metrics-bind-address=0.0.0.0:10249"]);
    assert!(node.judge().mentions("4.3.1", "0.0.0.0:10249"), "the flag that lost is not listed");
}

#[test]
fn without_a_file_the_flag_counts() {
    for (arguments, verdict) in [
        (vec![], Pass),
        (vec!["--metrics-bind-address=0.0.0.0:10249"], Fail),
        (vec!["--metrics-bind-address", "0.0.0.0:10249"], Fail),
        (vec!["--metrics_bind_address=0.0.0.0:10249"], Fail),
        (vec!["--metrics-bind-address=127.0.0.1:10249"], Pass),
        (vec!["--metrics-bind-address=[::1]:10249"], Pass),
        (vec!["--metrics-bind-address=::1"], Pass),
        (vec!["--metrics-bind-address=127.0.0.1:1", "--metrics-bind-address=0.0.0.0:1"], Fail),
        (vec!["--metrics-bind-address=0.0.0.0:1", "--metrics-bind-address=127.0.0.1:1"], Pass),
    ] {
        hold(&format!("{arguments:?}"), &plain().only(PROXY, &arguments), &[("4.3.1", verdict)]);
    }
}

/// Neither the address nor where the kubeconfig is can be told.
const UNDECIDED: [(&str, Verdict); 3] = [("4.3.1", Unknown), ("4.1.3", Unknown), ("4.1.4", Unknown)];

#[test]
fn a_file_that_cannot_be_read_decides_nothing() {
    let safe = ["--metrics-bind-address=127.0.0.1:10249"];
    for (case, body) in [
        ("empty", String::new()),
        ("a comment", "# nothing\n".to_owned()),
        ("broken", document("metricsBindAddress: [")),
        ("a list", "- 1\n".to_owned()),
        ("of the wrong kind", document("").replace("KubeProxyConfiguration", "KubeletConfiguration")),
        ("of no kind", "metricsBindAddress: ''\n".to_owned()),
    ] {
        hold(case, &text(&body), &UNDECIDED);
        // The flag would be ignored.
        hold(case, &text(&body).with(PROXY, &safe), &UNDECIDED);
    }
    let path = plain().inside(PROXY, CONFIG);
    hold("missing", &plain().remove(&path), &UNDECIDED);
    hold("a link that dangles", &plain().link(&path, "..data/other.conf"), &UNDECIDED);
    hold("a link to itself", &plain().link(&path, CONFIG), &UNDECIDED);
    hold("a directory", &plain().directory(&path), &UNDECIDED);
    hold("another name", &plain().only(PROXY, &["--config=/nowhere.conf"]), &UNDECIDED);
    hold("a number for an address", &file("metricsBindAddress: 10249"), &[("4.3.1", Unknown)]);
}

#[test]
fn other_ways_to_write_the_same_file() {
    let body = document("metricsBindAddress: 0.0.0.0:10249");
    let json = r#"{"kind":"KubeProxyConfiguration","apiVersion":"kubeproxy.config.k8s.io/v1alpha1","metricsBindAddress":"0.0.0.0"}"#;
    hold("JSON", &text(json), &[("4.3.1", Fail)]);
    hold("CRLF", &text(body.replace('\n', "\r\n")), &[("4.3.1", Fail)]);
    hold("a BOM", &text(format!("\u{feff}{body}")), &[("4.3.1", Fail)]);
}

#[test]
fn the_container_s_view_of_the_file_counts_and_not_the_host_s() {
    let node = file("metricsBindAddress: 0.0.0.0:10249").write(CONFIG, document("metricsBindAddress: 127.0.0.1:1"));
    hold("the host has another file", &node, &[("4.3.1", Fail)]);
}

#[test]
fn s29_a_kube_proxy_that_does_not_run_is_unknown() {
    let node = plain().kill(PROXY);
    hold("none", &node, &UNDECIDED);
    assert!(node.judge().finding("4.3.1").reason.contains("kube-proxy"));
    hold("none, on a worker", &worker().kill(PROXY), &UNDECIDED);
    // The kubelet is not concerned.
    hold("none", &node, &[("4.2.1", Pass), ("4.2.2", Pass)]);
    let arguments = ["kube-proxy", "--metrics-bind-address=127.0.0.1:10249"];
    let namesake = node.start(2, Some("/usr/bin/grep"), "grep", &arguments, "/");
    hold("somebody's command line", &namesake, &[("4.3.1", Unknown)]);
}

#[test]
fn a_kubelet_that_does_not_run_is_unknown() {
    let node = worker().kill("kubelet");
    for id in ["4.2.1", "4.2.4", "4.2.6", "4.2.7", "4.2.14", "4.1.7", "4.1.8"] {
        hold("no kubelet", &node, &[(id, Unknown)]);
    }
    hold("no kubelet", &node, &[("4.3.1", Pass)]);
}

#[test]
fn the_kubeconfig_that_the_file_names_is_judged() {
    let named = |path: &str| file(&format!("clientConnection: {{kubeconfig: {path}}}"));
    let inside = plain().inside(PROXY, "/k.conf");
    let with = |mode: u32, uid: u64| {
        named("/k.conf").write(&inside, "apiVersion: v1\n").mode(&inside, mode).owner(&inside, uid, 0)
    };
    hold("0600", &with(0o600, 0), &[("4.1.3", Pass), ("4.1.4", Pass)]);
    hold("0644", &with(0o644, 0), &[("4.1.3", Fail), ("4.1.4", Pass)]);
    hold("somebody's", &with(0o600, 1000), &[("4.1.3", Pass), ("4.1.4", Fail)]);
    hold("it is not there", &named("/k.conf"), &[("4.1.3", Unknown), ("4.1.4", Unknown)]);
    hold("none is named", &file(""), &[("4.1.3", Verdict::NotApplicable), ("4.1.4", Verdict::NotApplicable)]);
    // With a file the flag is ignored.
    let ignored = file("").with(PROXY, &["--kubeconfig=/k.conf"]).write(&inside, "x").mode(&inside, 0o644);
    hold("the flag is ignored", &ignored, &[("4.1.3", Verdict::NotApplicable)]);
    let by_flag = plain().only(PROXY, &["--kubeconfig", "/k.conf"]).write(&inside, "x").mode(&inside, 0o644);
    hold("the flag counts without a file", &by_flag, &[("4.1.3", Fail), ("4.1.4", Pass)]);
    hold("kubeadm's link is judged by its target", &plain(), &[("4.1.3", Fail), ("4.1.4", Pass)]);
    assert!(plain().judge().mentions("4.1.3", KUBECONFIG));
}
