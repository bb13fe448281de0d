//! The kubelet's feature gates and cipher suites, and files that it cannot have read like that.

use seaworthy_model::Verdict::{Fail, Pass, Unknown};
use seaworthy_model::{Fact, Facts, Grant, GrantKind};

use crate::kubelet::{CONFIG, document, file};
use crate::node::{Node, catalogue, hold, plain};

const GATE: &str = "RotateKubeletServerCertificate";

fn gates(text: &str) -> Node {
    file(&format!("featureGates: {{{text}}}"))
}

#[test]
fn gates_are_merged_key_by_key() {
    for (file, flag, verdict) in [
        ("", "", Pass),
        ("RotateKubeletServerCertificate: false", "", Fail),
        ("RotateKubeletServerCertificate: no", "", Fail),
        ("RotateKubeletServerCertificate: true", "", Pass),
        ("RotateKubeletServerCertificate: false", "RotateKubeletServerCertificate=true", Pass),
        ("RotateKubeletServerCertificate: true", "RotateKubeletServerCertificate=false", Fail),
        ("RotateKubeletServerCertificate: false", "MemoryQoS=true", Fail),
        ("", "MemoryQoS=true,RotateKubeletServerCertificate=f", Fail),
        ("", "RotateKubeletServerCertificate=maybe", Unknown),
        ("AllBeta: false", "", Fail),
        ("AllBeta: false, RotateKubeletServerCertificate: true", "", Pass),
        ("AllBeta: true, RotateKubeletServerCertificate: false", "", Fail),
        ("", "AllBeta=false", Fail),
        ("RotateKubeletServerCertificate: true", "AllBeta=false", Pass),
    ] {
        let node = gates(file);
        let argument = format!("--feature-gates={flag}");
        let node = if flag.is_empty() { node } else { node.with("kubelet", &[&argument]) };
        hold(&format!("{file} and {flag}"), &node, &[("4.2.11", verdict)]);
    }
    let on = format!("--feature-gates={GATE}=true");
    let off = format!("--feature-gates={GATE}=false");
    hold("repeated", &file("").with("kubelet", &[&on, &off]), &[("4.2.11", Fail)]);
    hold("repeated", &file("").with("kubelet", &[&off, &on]), &[("4.2.11", Pass)]);
    hold("repeated", &file("").with("kubelet", &[&off, "--feature-gates=MemoryQoS=true"]), &[("4.2.11", Fail)]);
    hold("a gate is a boolean", &gates(&format!("{GATE}: 'false'")), &[("4.2.11", Unknown)]);
}

const STRONG: &str = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
const WEAK: &str = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA";

#[test]
fn suites_are_those_that_are_offered() {
    let list = |suites: &[&str]| format!("tlsCipherSuites: [{}]", suites.join(", "));
    for (body, arguments, verdict) in [
        (list(&[STRONG]), vec![], Pass),
        (list(&[STRONG, WEAK]), vec![], Fail),
        (list(&[]), vec![], Fail),
        ("tlsCipherSuites: null".to_owned(), vec![], Fail),
        ("tlsMinVersion: VersionTLS13".to_owned(), vec![], Pass),
        (format!("tlsMinVersion: VersionTLS13\n{}", list(&[WEAK])), vec![], Pass),
        ("tlsMinVersion: VersionTLS12".to_owned(), vec![], Fail),
        (format!("tlsMinVersion: VersionTLS12\n{}", list(&[STRONG])), vec![], Pass),
        (list(&[STRONG]), vec![format!("--tls-cipher-suites={WEAK}")], Fail),
        (list(&[WEAK]), vec![format!("--tls-cipher-suites={STRONG}")], Pass),
        (list(&[WEAK]), vec!["--tls-cipher-suites".to_owned(), STRONG.to_owned()], Pass),
        (String::new(), vec![format!("--tls-cipher-suites={STRONG}"), format!("--tls-cipher-suites={WEAK}")], Fail),
        (String::new(), vec![format!("--tls-cipher-suites=\"{STRONG}\"")], Pass),
        (list(&[WEAK]), vec!["--tls-min-version=VersionTLS13".to_owned()], Pass),
        ("tlsMinVersion: VersionTLS13".to_owned(), vec!["--tls-min-version=VersionTLS12".to_owned()], Fail),
    ] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        hold(&format!("{body} and {arguments:?}"), &file(&body).with("kubelet", &arguments), &[("4.2.12", verdict)]);
    }
}

/// Nothing that rests on the file is decided.
fn undecided(case: &str, node: &Node) {
    hold(case, node, &[("4.2.1", Unknown), ("4.2.2", Unknown), ("4.2.3", Unknown), ("4.2.4", Unknown)]);
    hold(case, node, &[("4.2.5", Unknown), ("4.2.6", Unknown), ("4.2.8", Unknown), ("4.2.9", Unknown)]);
    hold(case, node, &[("4.2.10", Unknown), ("4.2.11", Unknown), ("4.2.12", Unknown), ("4.2.13", Unknown)]);
    hold(case, node, &[("4.2.14", Unknown), ("4.1.7", Unknown), ("4.1.8", Unknown)]);
    // S30: what a flag decides does not need the file.
    let flags =
        ["--anonymous-auth=false", "--authorization-mode=Webhook", "--read-only-port=10255", "--seccomp-default"];
    let node = node.clone().with("kubelet", &flags);
    hold(case, &node, &[("4.2.1", Pass), ("4.2.2", Pass), ("4.2.4", Fail), ("4.2.14", Pass), ("4.2.5", Unknown)]);
}

#[test]
fn s30_a_file_that_says_nothing_that_can_be_read_decides_nothing() {
    let closed = "authentication: {anonymous: {enabled: false}}\n";
    for (case, text) in [
        ("empty", String::new()),
        ("blank", "\n\n".to_owned()),
        ("a comment", "# nothing\n".to_owned()),
        ("dashes only", "---\n".to_owned()),
        ("broken", document("authentication: {anonymous: {enabled: false}")),
        ("a tab", document("authentication:\n\tanonymous: {enabled: false}")),
        ("a list", "- kind: KubeletConfiguration\n".to_owned()),
        ("a text", "KubeletConfiguration\n".to_owned()),
        ("of the wrong kind", document(closed).replace("KubeletConfiguration", "KubeProxyConfiguration")),
        ("of the wrong group", document(closed).replace("kubelet.config", "kubeproxy.config")),
        ("of no kind", closed.to_owned()),
        ("no UTF-8 in JSON", "{\"kind\": ".to_owned()),
    ] {
        undecided(case, &plain().write(CONFIG, text));
    }
    undecided("not UTF-8", &plain().write(CONFIG, b"kind: KubeletConfiguration\nx: \xff\xfe\n"));
    undecided("a directory", &plain().directory(CONFIG));
    undecided("missing", &plain().remove(CONFIG));
    undecided("a link that dangles", &plain().link(CONFIG, "/nowhere.yaml"));
    undecided("a link to itself", &plain().link(CONFIG, CONFIG));
    let relative = plain().without("kubelet", "--config").with("kubelet", &["--config=config.yaml"]);
    undecided("a path that rests on the working directory", &relative);
}

#[test]
fn s30_a_file_that_may_not_be_read_decides_nothing() {
    let mut facts: Facts = plain().facts();
    let before = judged(&facts);
    assert_eq!(before, [Pass, Pass, Pass]);
    let node = facts.node.as_mut().expect("a node");
    for record in node.files.iter_mut().filter(|record| record.path == CONFIG) {
        let source = seaworthy_model::Source::host(CONFIG);
        let grant = Grant::new(GrantKind::User, "root");
        record.fact = Fact::Denied { source, grant, error: "Permission denied (os error 13)".to_owned() };
    }
    assert_eq!(judged(&facts), [Unknown, Unknown, Unknown]);
}

fn judged(facts: &Facts) -> [seaworthy_model::Verdict; 3] {
    let report = seaworthy_engine::judge(facts, catalogue(), &seaworthy_engine::Options::default()).expect("a report");
    let verdict = |id: &str| report.findings.iter().find(|f| f.id == id).expect("a finding").verdict;
    ["4.2.1", "4.2.4", "4.1.10"].map(verdict)
}

#[test]
fn other_ways_to_write_the_same_file() {
    let body = "authentication:\n  anonymous:\n    enabled: true\nreadOnlyPort: 10255\n";
    let open = [("4.2.1", Fail), ("4.2.4", Fail), ("4.2.2", Pass)];
    let json = r#"{"kind":"KubeletConfiguration","apiVersion":"kubelet.config.k8s.io/v1beta1",
        "authentication":{"anonymous":{"enabled":true}},"readOnlyPort":10255}"#;
    hold("JSON", &plain().write(CONFIG, json), &open);
    hold("a BOM", &plain().write(CONFIG, format!("\u{feff}{}", document(body))), &open);
    hold("CRLF", &plain().write(CONFIG, document(body).replace('\n', "\r\n")), &open);
    hold("dashes", &plain().write(CONFIG, format!("---\n{}", document(body))), &open);
    hold(
        "an anchor",
        &file("authentication: {anonymous: {enabled: &a true}}\nseccompDefault: *a\nreadOnlyPort: 1"),
        &[("4.2.1", Fail), ("4.2.14", Pass)],
    );
    hold(
        "a comment is no setting",
        &file("# readOnlyPort: 10255\n#authentication: {}"),
        &[("4.2.1", Pass), ("4.2.4", Pass)],
    );
}

#[test]
fn keys_of_the_file() {
    // The main file knows its keys by their case, and of two equal ones takes the last.
    hold("another case", &file("ReadOnlyPort: 10255\nreadonlyport: 10255"), &[("4.2.4", Pass)]);
    hold("the last counts", &file("readOnlyPort: 10255\nreadOnlyPort: 0"), &[("4.2.4", Pass)]);
    let node = file("readOnlyPort: 0\nreadOnlyPort: 10255");
    hold("the last counts", &node, &[("4.2.4", Fail)]);
    assert!(node.judge().mentions("4.2.4", "twice"));
    hold("at another place", &file("anonymous: {enabled: true}\nenabled: true"), &[("4.2.1", Pass)]);
}

#[test]
fn what_the_kubelet_refuses_is_no_value() {
    hold("a text for a list", &file(&format!("tlsCipherSuites: {STRONG}")), &[("4.2.12", Unknown)]);
    hold("an empty duration", &file("streamingConnectionIdleTimeout: ''"), &[("4.2.5", Unknown)]);
    hold("a null duration", &file("streamingConnectionIdleTimeout: null"), &[("4.2.5", Unknown)]);
    hold("an unknown mode", &file("authorization: {mode: alwaysAllow}"), &[("4.2.2", Unknown)]);
    hold("an empty mode", &file("").with("kubelet", &["--authorization-mode="]), &[("4.2.2", Unknown)]);
    // The kubelet refuses the word behind; whoever reads on takes the flag for what it says alone.
    hold("a word too much", &file("").with("kubelet", &["--anonymous-auth", "false"]), &[("4.2.1", Fail)]);
}

#[test]
fn of_several_documents_the_first_counts() {
    hold("two", &file("readOnlyPort: 10255\n---\nreadOnlyPort: 0"), &[("4.2.4", Fail)]);
    hold("two", &file("readOnlyPort: 0\n---\nreadOnlyPort: 10255"), &[("4.2.4", Pass)]);
}
