//! Every known breakage, with each outcome that it can give: it hits, so the fix is refused; it is excluded, so the risk drops; it is
//! absent or cannot be told, so the fix stays one that may break something.

use seaworthy_catalogue::{Fix, FixOperation, Literal, Risk as Stated};
use seaworthy_fix::plan::{Asked, Reason, Risk};

use super::node::{APISERVER, APISERVER_PID, ETCD, ETCD_PID, KUBELET, MANAGER, MANAGER_PID, Node, asked, plain};

/// The risk that is left for an item, and what the tests said; or why it is refused.
fn outcome(node: &Node, item: &str) -> Result<(Risk, String), String> {
    let plan = node.plan(&[item]);
    match (&plan.fixes[..], &plan.left_out[..]) {
        ([fix], []) => Ok((fix.risk, fix.tested.join("; "))),
        ([], [left]) if left.kind == Reason::Refused => Err(left.why.clone()),
        _ => panic!("{plan:?}"),
    }
}

#[track_caller]
fn hits(node: &Node, item: &str, why: &str) {
    let said = outcome(node, item).unwrap_err();
    assert!(said.contains(why), "{said}");
}

#[track_caller]
fn excluded(node: &Node, item: &str, left: Risk, why: &str) {
    let (risk, said) = outcome(node, item).unwrap();
    assert_eq!(risk, left, "{said}");
    assert!(said.contains(why), "{said}");
    assert!(node.plan(&[item]).fixes[0].breaks.is_none());
}

#[track_caller]
fn stays(node: &Node, item: &str, why: &str) {
    let (risk, said) = outcome(node, item).unwrap();
    assert_eq!(risk, Risk::MayBreak, "{said}");
    assert!(said.contains(why), "{said}");
    // Who did not accept that is told the same.
    let plan = node.make(&Asked { accept: Risk::RestartsComponent, ..asked(&[item]) }).unwrap();
    let [left] = &plan.left_out[..] else { panic!("{plan:?}") };
    assert!(left.kind == Reason::Risk && left.why.contains(why), "{left:?}");
}

/// The node with a test in the place of that of a rule that always can be repaired: 1.2.15.
fn with_test(node: Node, test: &str) -> Node {
    node.rule("apiserver-profiling", |rule| {
        let Fix::Machine { risk, tests, .. } = &mut rule.fix else { panic!() };
        (*risk, *tests) = (Stated::MayBreak("something".to_owned()), vec![test.to_owned()]);
    })
}

#[test]
fn certificate_key_type() {
    stays(&plain(), "1.2.29", "suites for the serving certificate's key (RSA)");
    let only = |part: &'static str| {
        plain().rule("apiserver-cipher-suites", move |rule| {
            let Fix::Machine { operations, .. } = &mut rule.fix else { panic!() };
            let [FixOperation::Set { values, .. }] = &mut operations[..] else { panic!() };
            let Literal::List(list) = &mut values[0].1 else { panic!() };
            list.retain(|suite| suite.contains(part));
        })
    };
    hits(&only("_ECDSA_"), "1.2.29", "no suite of the list goes with the serving certificate's key (RSA");
    stays(&only("_RSA_"), "1.2.29", "(RSA)");
    // Of the kubelet no certificate is named: the list fits both kinds.
    stays(&plain(), "4.2.12", "suites for RSA and for ECDSA keys");
    let path = "/etc/kubernetes/pki/apiserver.crt";
    let unread =
        only("_ECDSA_").write(path, "no certificate").write(&format!("/proc/{APISERVER_PID}/root{path}"), "no");
    stays(&unread, "1.2.29", "could not be read");
}

#[test]
fn clients_without_certificate() {
    let node = || with_test(plain(), "clients-without-certificate");
    stays(&node(), "1.2.15", "is of the authority that etcd trusts");
    let tls = node().edit(ETCD, "scheme: HTTP\n", "scheme: HTTPS\n");
    hits(&tls, "1.2.15", "etcd's own probes ask over TLS without a certificate");
    let ca = "--trusted-ca-file=/etc/kubernetes/pki/etcd/ca.crt";
    hits(&node().without(ETCD, ETCD_PID, ca, None), "1.2.15", "names no authority");
    let client = "--etcd-certfile=/etc/kubernetes/pki/apiserver-etcd-client.crt";
    let other = "--etcd-certfile=/etc/kubernetes/pki/apiserver.crt";
    let foreign = node().without(APISERVER, APISERVER_PID, client, Some(other));
    hits(&foreign, "1.2.15", "is not of etcd-ca, which etcd trusts");
    stays(&node().without(APISERVER, APISERVER_PID, client, None), "1.2.15", "was not seen");
    // The rule's own: it fails only where etcd names no authority, and then nobody could sign in.
    let none = plain().without(ETCD, ETCD_PID, ca, None).without(ETCD, ETCD_PID, "--client-cert-auth=true", None);
    hits(&none, "2.2", "--trusted-ca-file");
}

#[test]
fn client_authority() {
    let node = || with_test(plain(), "client-authority");
    excluded(
        &node(),
        "1.2.15",
        Risk::RestartsComponent,
        "signs in at kubelets with a certificate of /etc/kubernetes/pki/ca.crt",
    );
    let client = "--kubelet-client-certificate=/etc/kubernetes/pki/apiserver-kubelet-client.crt";
    let foreign = "--kubelet-client-certificate=/etc/kubernetes/pki/apiserver-etcd-client.crt";
    hits(
        &node().without(APISERVER, APISERVER_PID, client, Some(foreign)),
        "1.2.15",
        "is not of /etc/kubernetes/pki/ca.crt",
    );
    stays(&node().without(APISERVER, APISERVER_PID, client, None), "1.2.15", "is not seen from this node");
}

#[test]
fn encryption_key() {
    excluded(&plain(), "1.2.27", Risk::RestartsComponent, "the only API server");
    let two = || {
        plain().around(|around| {
            let mut other = around.members.as_ref().unwrap()[0].clone();
            other.node = "node2".to_owned();
            around.members.as_mut().unwrap().push(other);
        })
    };
    hits(&two(), "1.2.27", "node2 are API servers too, and one key must serve all");
    let first = two().make(&Asked { new_key: true, ..asked(&["1.2.27"]) }).unwrap();
    assert_eq!(first.fixes[0].risk, Risk::MayBreak);
    assert!(first.fixes[0].tested[0].contains("node2 need the same"), "{:?}", first.fixes[0].tested);
    let path = "/etc/kubernetes/encryption/config.yaml";
    let key = "kind: EncryptionConfiguration\napiVersion: apiserver.config.k8s.io/v1\nresources:\n- resources: [secrets]\n  providers:\n  - identity: {}\n  - secretbox: {keys: [{name: a, secret: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=}]}\n";
    stays(&two().write(path, key), "1.2.27", "before anything is written with the key");
    stays(&plain().around(|around| around.members = Err("403".to_owned())), "1.2.27", "cannot be told: 403");
    let mut alone = plain();
    alone.around = None;
    stays(&alone, "1.2.27", "was not asked (--kubeconfig)");
    let flag = format!("--encryption-provider-config={path}");
    let named = |node: Node| node.mounted(path, key).argument(Some(APISERVER), APISERVER_PID, &flag);
    stays(&named(two()), "1.2.28", "whether node2 have the key already cannot be seen from here");
    excluded(&named(plain()), "1.2.28", Risk::RestartsComponent, "the only API server");
}

#[test]
fn etcd_account() {
    excluded(&plain(), "1.1.12", Risk::None, "runs as root");
    let user = |number: u32| {
        let context = format!("  securityContext:\n    runAsUser: {number}\n");
        plain().edit(ETCD, "  securityContext:\n", &context)
    };
    excluded(&user(102), "1.1.12", Risk::None, "runs as user 102, which is etcd");
    hits(&user(1000), "1.1.12", "runs as user 1000, who could no longer write there");
    let passwd = plain().text("/etc/passwd");
    let nobody = passwd.lines().filter(|line| !line.starts_with("etcd:")).collect::<Vec<_>>().join("\n");
    hits(&plain().write("/etc/passwd", nobody), "1.1.12", "there is no etcd in /etc/passwd of this node");
    stays(&plain().remove(ETCD), "1.1.12", "no manifest of it was read");
}

#[test]
fn images_on_node_only() {
    stays(&plain(), "1.2.11", "no pod says that its image is never pulled");
    let pods: Vec<String> = (1..=5).map(|n| format!("a/p{n}")).collect();
    hits(&plain().around(|around| around.local_images = Ok(pods)), "1.2.11", "a/p1, a/p2, a/p3 and 2 more");
    stays(&plain().around(|around| around.local_images = Err("403".to_owned())), "1.2.11", "cannot be told: 403");
    let mut alone = plain();
    alone.around = None;
    stays(&alone, "1.2.11", "was not asked (--kubeconfig)");
}

#[test]
fn kubelet_client_certificate() {
    let open = || plain().edit(KUBELET, "  mode: Webhook\n", "  mode: AlwaysAllow\n");
    stays(&open(), "4.2.2", "signs in at kubelets with a certificate of its own");
    let flag = "--kubelet-client-certificate=/etc/kubernetes/pki/apiserver-kubelet-client.crt";
    hits(&open().without(APISERVER, APISERVER_PID, flag, None), "4.2.2", "logs and exec would be refused");
    stays(&open().remove(&format!("/proc/{APISERVER_PID}")), "4.2.2", "is not seen from this node");
}

#[test]
fn kubelets_self_signed() {
    hits(&plain(), "1.2.5", "kubectl logs and exec would fail. Repair 4.2.9 on every node first");
    let asked_for =
        || plain().edit(KUBELET, "rotateCertificates: true\n", "rotateCertificates: true\nserverTLSBootstrap: true\n");
    hits(&asked_for(), "1.2.5", "nobody approved it yet");
    let with = |certificate: &str| {
        let text = plain().text(certificate).to_owned();
        asked_for().write("/var/lib/kubelet/pki/kubelet-server-current.pem", text)
    };
    hits(&with("/etc/kubernetes/pki/etcd/server.crt"), "1.2.5", "is not of /etc/kubernetes/pki/ca.crt");
    let signed = || with("/etc/kubernetes/pki/apiserver-kubelet-client.crt");
    stays(&signed(), "1.2.5", "the only one, has a serving certificate of the authority");
    stays(&signed().around(|around| around.nodes = Ok(3)), "1.2.5", "the other 2 nodes");
    stays(&signed().around(|around| around.nodes = Err("403".to_owned())), "1.2.5", "cannot be told: 403");
    let mut alone = signed();
    alone.around = None;
    stays(&alone, "1.2.5", "was not asked (--kubeconfig)");
    stays(&plain().remove("/proc/80"), "1.2.5", "this node's kubelet is not seen");
}

#[test]
fn oidc_flags() {
    stays(&plain(), "1.2.1", "no --oidc flag is given");
    let node = plain().argument(Some(APISERVER), APISERVER_PID, "--oidc-issuer-url=https://example.com");
    hits(&node, "1.2.1", "--oidc-issuer-url is given, and the API server does not start with both");
}

#[test]
fn probe_address() {
    let open = || plain().without(MANAGER, MANAGER_PID, "--bind-address=127.0.0.1", Some("--bind-address=0.0.0.0"));
    stays(&open(), "1.3.7", "the pod's own probes ask at 127.0.0.1");
    let elsewhere = open().edit(MANAGER, "host: 127.0.0.1", "host: 10.77.0.1");
    hits(&elsewhere, "1.3.7", "probes ask at 10.77.0.1, and the kubelet would kill it again and again");
    let anywhere = open().edit(MANAGER, "        host: 127.0.0.1\n", "");
    hits(&anywhere, "1.3.7", "probes ask at the node's address");
    let plan = open().remove(MANAGER).make(&Asked { accept: Risk::RestartsComponent, ..asked(&["1.3.7"]) }).unwrap();
    assert!(plan.left_out[0].why.contains("the manifest was not read"), "{:?}", plan.left_out);
}

#[test]
fn roles_not_used() {
    let modes = |to: &str| {
        plain().without(
            APISERVER,
            APISERVER_PID,
            "--authorization-mode=Node,RBAC",
            Some(&format!("--authorization-mode={to}")),
        )
    };
    stays(&modes("AlwaysAllow"), "1.2.6", "who has none would be refused");
    let flag = ("--use-service-account-credentials=true", "--use-service-account-credentials=false");
    let shared = |node: Node| node.without(MANAGER, MANAGER_PID, flag.0, Some(flag.1));
    excluded(&shared(plain()), "1.3.3", Risk::RestartsComponent, "authorises by role already");
    stays(&shared(modes("Node,ABAC")), "1.3.3", "authorises by Node, ABAC");
    stays(&shared(plain().remove(&format!("/proc/{APISERVER_PID}"))), "1.3.3", "is not seen from this node");
}

#[test]
fn service_external_ips() {
    excluded(&plain(), "1.2.3", Risk::RestartsComponent, "no Service of the cluster");
    let set = plain().around(|around| around.external_ips = Ok(vec!["shop/front".to_owned()]));
    hits(&set, "1.2.3", "Services set spec.externalIPs: shop/front");
    stays(&plain().around(|around| around.external_ips = Err("403".to_owned())), "1.2.3", "cannot be told: 403");
    let mut alone = plain();
    alone.around = None;
    stays(&alone, "1.2.3", "was not asked (--kubeconfig)");
}

#[test]
fn serving_certificate_approval() {
    stays(&plain(), "4.2.9", "kubectl certificate approve");
}

#[test]
fn tokens_in_file() {
    let path = "/etc/kubernetes/pki/tokens.csv";
    let node = || plain().argument(Some(APISERVER), APISERVER_PID, &format!("--token-auth-file={path}"));
    let with = |text: &str| node().write(path, text);
    excluded(&with("# none\n\n"), "1.2.2", Risk::RestartsComponent, "holds no token");
    stays(&with("t1,u,1\nt2,v,2\n"), "1.2.2", "2 tokens of");
    stays(&node(), "1.2.2", "could not be read");
    let said = outcome(&with("t1,u,1\n"), "1.2.2").unwrap().1;
    assert!(!said.contains("t1"), "{said}");
}

#[test]
fn a_test_that_this_program_does_not_know_excludes_nothing() {
    stays(&with_test(plain(), "from-the-future"), "1.2.15", "this program has no test");
}
