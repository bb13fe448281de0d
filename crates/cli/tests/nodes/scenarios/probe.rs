use crate::node::{Node, hardened, plain};
const API: &str = "kube-apiserver";
fn say(case: &str, node: &Node, ids: &[&str]) {
    let judged = node.judge();
    for id in ids { println!("PROBE {case}: {id} {} | {}", judged.verdict(id), judged.finding(id).reason); }
}
#[test]
fn probe() {
    let pol = |b: &str| hardened().show(API, "/etc/kubernetes/audit/policy.yaml", format!("apiVersion: audit.k8s.io/v1\nkind: Policy\n{b}"));
    let a = &["3.2.1","3.2.2"];
    say("bad level", &pol("rules: [{level: Metadatum}]\n"), a);
    say("good then bad level", &pol("rules: [{level: Metadata},{level: Metadatum}]\n"), a);
    say("union stages", &pol("omitStages: [RequestReceived]\nrules: [{level: Metadata, omitStages: [ResponseComplete]}]\n"), a);
    say("rules empty", &pol("rules: []\n"), a);
    say("rules map", &pol("rules: {level: Metadata}\n"), a);
    say("rule not map", &pol("rules: [Metadata]\n"), a);
    say("rule no level", &pol("rules: [{level: Metadata}, {users: [x]}]\n"), a);
    say("omit not list", &pol("omitStages: RequestReceived\nrules: [{level: Metadata}]\n"), a);
    say("dup key", &pol("rules: [{level: None}]\nrules: [{level: Metadata}]\n"), a);
    say("v1beta1", &hardened().show(API, "/etc/kubernetes/audit/policy.yaml", "apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules: [{level: Metadata}]\n"), a);
    let enc = |b: &str| hardened().show(API, "/etc/kubernetes/enc/enc.yaml", format!("apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\n{b}"));
    let e = &["1.2.28"];
    let r = |p: &str| format!("resources: [{{resources: [secrets], providers: [{p}]}}]\n");
    say("no keys", &enc(&r("aescbc: {}")), e);
    say("null provider", &enc(&r("aescbc: ")), e);
    say("kms v1", &enc(&r("kms: {apiVersion: v1, name: a, endpoint: unix:///a}")), e);
    say("dup groups", &enc(&(r("aescbc: {keys: []}") + &r("identity: {}"))), e);
    say("dup groups 2", &enc(&(r("identity: {}") + &r("aescbc: {keys: []}"))), e);
    say("two docs", &enc(&(r("aescbc: {keys: []}") + "---\nkind: x\n" + &r("identity: {}"))), e);
    let text = hardened().text("etc/kubernetes/enc/enc.yaml");
    say("bom", &hardened().show(API, "/etc/kubernetes/enc/enc.yaml", format!("\u{feff}{text}")), e);
    say("crlf", &hardened().show(API, "/etc/kubernetes/enc/enc.yaml", text.replace('\n', "\r\n")), e);
    say("upper Kind", &hardened().show(API, "/etc/kubernetes/enc/enc.yaml", text.replace("kind:", "Kind:")), e);
    say("group v1 wrong version", &hardened().show(API, "/etc/kubernetes/enc/enc.yaml", text.replace("/v1", "/v7")), e);
    say("relative", &hardened().with(API, &["--encryption-provider-config=enc.yaml"]), e);
    say("dots", &hardened().with(API, &["--encryption-provider-config=/etc/kubernetes//enc/./enc.yaml"]), e);
    let inside = hardened().inside(API, "/etc/kubernetes/enc/enc.yaml");
    let weak = text.replace("secretbox", "aesgcm");
    say("link inside", &hardened().link(&inside, "/etc/kubernetes/enc/real.yaml").show(API, "/etc/kubernetes/enc/real.yaml", &weak).write("/etc/kubernetes/enc/real.yaml", &text), e);
    say("dangling link", &hardened().link(&inside, "/etc/kubernetes/enc/gone.yaml"), e);
    say("dangling link, host has it", &hardened().link(&inside, "/etc/kubernetes/enc/gone.yaml").write("/etc/kubernetes/enc/gone.yaml", &text), e);
    say("directory", &hardened().remove(&inside).directory(&inside), e);
    say("removed inside", &hardened().remove(&inside), e);
    say("modes", &plain().without(API, "--authorization-mode").with(API, &["--authorization-mode=node,rbac"]), &["1.2.6","1.2.7"]);
    say("modes space", &plain().without(API, "--authorization-mode").with(API, &["--authorization-mode=Node, RBAC"]), &["1.2.6","1.2.7", "1.2.8"]);
    say("allow space", &plain().without(API, "--authorization-mode").with(API, &["--authorization-mode=RBAC, AlwaysAllow"]), &["1.2.6"]);
    say("admit space", &plain().with(API, &["--enable-admission-plugins=X, AlwaysAdmit"]), &["1.2.10"]);
    say("disable space", &plain().with(API, &["--disable-admission-plugins=X, ServiceAccount"]), &["1.2.12"]);
    say("cipher low", &plain().with(API, &["--tls-cipher-suites=tls_ecdhe_rsa_with_aes_128_gcm_sha256"]), &["1.2.29"]);
    say("token auth space", &plain().with(API, &["--token-auth-file= "]), &["1.2.2"]);
    let pid = hardened().pid(API);
    say("deleted", &hardened().link(&format!("proc/{pid}/exe"), "/usr/local/bin/kube-apiserver (deleted)"), &["1.2.15"]);
    say("old enc flag", &plain().with(API, &["--experimental-encryption-provider-config=/x"]), &["1.2.27"]);
    say("anon yes", &plain().with(API, &["--authentication-config=/a.yaml"]).show(API, "/a.yaml", "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nanonymous: {enabled: on}\n"), &["1.2.1"]);
    say("anon no", &plain().with(API, &["--authentication-config=/a.yaml"]).show(API, "/a.yaml", "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nanonymous: {enabled: no}\n"), &["1.2.1"]);
    say("anon str", &plain().with(API, &["--authentication-config=/a.yaml"]).show(API, "/a.yaml", "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nanonymous: {enabled: 'false'}\n"), &["1.2.1"]);
    say("anon list", &plain().with(API, &["--authentication-config=/a.yaml"]).show(API, "/a.yaml", "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nanonymous: [a]\n"), &["1.2.1"]);
    say("anon Enabled", &plain().with(API, &["--authentication-config=/a.yaml"]).show(API, "/a.yaml", "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nanonymous: {Enabled: true}\n"), &["1.2.1"]);
    say("authz lower", &plain().without(API, "--authorization-mode").with(API, &["--authorization-config=/a.yaml"]).show(API, "/a.yaml", "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\nauthorizers: [{type: Node},{type: alwaysallow}]\n"), &["1.2.6"]);
    let s = "kube-scheduler";
    say("sched cfg", &plain().with(s, &["--config=/s.yaml"]).show(s, "/s.yaml", "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nenableProfiling: false\n"), &["1.4.1","1.4.2"]);
    say("sched cfg ignored flag", &plain().with(s, &["--config=/s.yaml", "--profiling=false"]).show(s, "/s.yaml", "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n"), &["1.4.1","1.4.2"]);
    say("sched cfg missing", &plain().with(s, &["--config=/s.yaml", "--profiling=false"]), &["1.4.1","1.4.2"]);
    say("sched cfg kind", &plain().with(s, &["--config=/s.yaml", "--profiling=false"]).show(s, "/s.yaml", "kind: Pod\nenableProfiling: false\n"), &["1.4.1","1.4.2"]);
    say("mode quoted whole", &plain().without(API, "--authorization-mode").with(API, &["--authorization-mode=\"Node,RBAC\""]), &["1.2.6"]);
    say("two cgroups", &hardened().write(&hardened().proc(API, "cgroup"), ""), &["1.2.15"]);
    say("etcd both", &plain().environment("etcd", &["ETCD_CLIENT_CERT_AUTH=false"]), &["2.2"]);
}
