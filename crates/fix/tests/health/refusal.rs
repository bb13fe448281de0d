//! Lines that Kubernetes 1.34.4 and etcd 3.6.4 really wrote when they were run with each mistake.

use seaworthy_fix::health::logs::Line;
use seaworthy_fix::health::{Cause, Refusal, refusal};

fn of(lines: &[&str]) -> Option<Refusal> {
    let lines: Vec<Line> = lines.iter().map(|text| Line { time: String::new(), text: (*text).to_owned() }).collect();
    refusal(&lines)
}

/// A line, and cause, flag, value and file.
type Case = (&'static str, Cause, Option<&'static str>, Option<&'static str>, Option<&'static str>);

const CASES: [Case; 30] = [
    ("Error: unknown flag: --profilling", Cause::UnknownFlag, Some("profilling"), None, None),
    (
        r#"E1125 10:42:05.771065    9232 run.go:72] "command failed" err="failed to parse kubelet flag: unknown flag: --bogus""#,
        Cause::UnknownFlag,
        Some("bogus"),
        None,
        None,
    ),
    ("flag provided but not defined: -bogus", Cause::UnknownFlag, Some("bogus"), None, None),
    ("Error: unknown shorthand flag: 'x' in -xyz", Cause::UnknownFlag, Some("xyz"), None, None),
    (
        r#"Error: invalid argument "maybe" for "--profiling" flag: strconv.ParseBool: parsing "maybe": invalid syntax"#,
        Cause::BadValue,
        Some("profiling"),
        Some("maybe"),
        None,
    ),
    (
        r#"Error: invalid argument "x" for "-v, --v" flag: strconv.ParseInt: parsing "x": invalid syntax"#,
        Cause::BadValue,
        Some("v"),
        Some("x"),
        None,
    ),
    (
        r#"invalid boolean value "yes1" for -client-cert-auth: parse error"#,
        Cause::BadValue,
        Some("client-cert-auth"),
        Some("yes1"),
        None,
    ),
    ("Error: flag needs an argument: --audit-log-path", Cause::BadValue, Some("audit-log-path"), None, None),
    (
        r#"E1125 10:43:36.365057   10521 run.go:72] "command failed" err="--secure-port 70000 must be between 1 and 65535, inclusive. It cannot be turned off with 0""#,
        Cause::BadValue,
        Some("secure-port"),
        None,
        None,
    ),
    (
        r#"E1125 10:43:36.883727   10636 run.go:72] "command failed" err="--request-timeout can not be negative value""#,
        Cause::BadValue,
        Some("request-timeout"),
        None,
        None,
    ),
    (
        r#"E1125 10:43:36.057292   10489 run.go:72] "command failed" err="authorization-mode \"Nope\" is not a valid mode""#,
        Cause::BadValue,
        Some("authorization-mode"),
        Some("Nope"),
        None,
    ),
    (
        r#"E1125 10:43:35.704140   10456 run.go:72] "command failed" err="Cipher suite NOPE not supported or doesn't exist""#,
        Cause::BadValue,
        Some("tls-cipher-suites"),
        Some("NOPE"),
        None,
    ),
    (
        r#"E1125 10:43:35.780245   10467 run.go:72] "command failed" err="unknown tls version \"VersionTLS9\"""#,
        Cause::BadValue,
        Some("tls-min-version"),
        Some("VersionTLS9"),
        None,
    ),
    (
        r#"E1125 10:42:50.666503    9443 run.go:72] "command failed" err="unrecognized feature gate: Nope""#,
        Cause::UnknownFeatureGate,
        Some("feature-gates"),
        Some("Nope"),
        None,
    ),
    (
        r#"E1125 10:43:34.426112   10377 run.go:72] "command failed" err="enable-admission-plugins plugin \"Nope\" is unknown""#,
        Cause::UnknownPlugin,
        Some("enable-admission-plugins"),
        Some("Nope"),
        None,
    ),
    (
        r#"E1125 10:43:34.621477   10387 run.go:72] "command failed" err="failed to apply admission: couldn't init admission plugin \"EventRateLimit\": limits: Invalid value: null: must not be empty""#,
        Cause::PluginRefused,
        None,
        Some("EventRateLimit"),
        None,
    ),
    (
        r#"E1125 10:43:34.864005   10412 run.go:72] "command failed" err="loading audit policy file: failed to read file path \"/nope/p.yaml\": open /nope/p.yaml: no such file or directory""#,
        Cause::MissingFile,
        None,
        None,
        Some("/nope/p.yaml"),
    ),
    (
        r#"E1125 10:43:35.055805   10423 run.go:72] "command failed" err="ensureLogFile: mkdir /proc/nope: no such file or directory""#,
        Cause::MissingFile,
        None,
        None,
        Some("/proc/nope"),
    ),
    (
        r#"E1125 10:43:35.547930   10445 run.go:72] "command failed" err="open /nope/ca: no such file or directory""#,
        Cause::MissingFile,
        None,
        None,
        Some("/nope/ca"),
    ),
    (
        r#"E1125 10:43:36.205023   10500 run.go:72] "command failed" err="failed to apply admission: failed to read plugin config: unable to read admission control configuration from \"/nope\" [open /nope: no such file or directory]""#,
        Cause::MissingFile,
        None,
        None,
        Some("/nope"),
    ),
    (
        "F1125 10:43:36.540800   10531 instance.go:232] Error creating leases: error creating storage factory: open /nope/ca: no such file or directory",
        Cause::MissingFile,
        None,
        None,
        Some("/nope/ca"),
    ),
    (
        r#"E1125 10:42:05.225237    9180 run.go:72] "command failed" err="stat /nope/conf: no such file or directory""#,
        Cause::MissingFile,
        None,
        None,
        Some("/nope/conf"),
    ),
    (
        r#"E1125 10:42:05.840891    9241 run.go:72] "command failed" err="failed to load kubelet config file, path: /nope/c.yaml, error: failed to load Kubelet config file /nope/c.yaml, error failed to read kubelet config file \"/nope/c.yaml\", error: open /nope/c.yaml: no such file or directory""#,
        Cause::MissingFile,
        None,
        None,
        Some("/nope/c.yaml"),
    ),
    (
        r#"{"level":"fatal","ts":"2026-11-25T10:42:51.875731Z","caller":"etcdmain/etcd.go:198","msg":"listener failed","error":"open /nope/a: no such file or directory","stacktrace":"x"}"#,
        Cause::MissingFile,
        None,
        None,
        Some("/nope/a"),
    ),
    (
        r#"E1125 10:42:04.970628    9161 run.go:72] "command failed" err="failed to parse service-account-issuer-key-file: open /etc/sa.key: permission denied""#,
        Cause::PermissionDenied,
        None,
        None,
        Some("/etc/sa.key"),
    ),
    (
        r#"E1125 10:43:57.465702   10688 run.go:72] "command failed" err="failed to create listener: failed to listen on 127.0.0.1:16443: listen tcp 127.0.0.1:16443: bind: address already in use""#,
        Cause::AddressInUse,
        None,
        Some("127.0.0.1:16443"),
        None,
    ),
    (
        r#"{"level":"fatal","caller":"etcdmain/etcd.go:183","msg":"discovery failed","error":"listen tcp 127.0.0.1:16443: bind: address already in use"}"#,
        Cause::AddressInUse,
        None,
        Some("127.0.0.1:16443"),
        None,
    ),
    (
        r#"E1125 10:43:34.703857   10401 run.go:72] "command failed" err="tls: private key does not match public key""#,
        Cause::KeyMismatch,
        None,
        None,
        None,
    ),
    (
        r#"{"level":"fatal","caller":"etcdmain/etcd.go:198","msg":"listener failed","error":"tls: private key does not match public key"}"#,
        Cause::KeyMismatch,
        None,
        None,
        None,
    ),
    ("panic: runtime error: invalid memory address", Cause::Other, None, None, None),
];

#[test]
fn real_refusals_are_recognised() {
    for (line, cause, flag, value, file) in CASES {
        let found = of(&["I1125 10:42:04.903421    9151 options.go:263] external host", line]).expect(line);
        let parts = (found.flag.as_deref(), found.value.as_deref(), found.file.as_deref());
        assert_eq!((found.cause, parts), (cause, (flag, value, file)), "{line}");
        assert!(!found.message.contains("command failed") && !found.message.contains("level"), "{}", found.message);
    }
}

const DIALS: &str = r#"W1125 10:43:54.139476   10542 logging.go:55] [core] [Channel #9 SubChannel #11]grpc: addrConn.createTransport failed to connect to {Addr: "127.0.0.1:1", ServerName: "127.0.0.1:1", BalancerAttributes: {"<%!p(pickfirstleaf.managedByPickfirstKeyType={})>": "<%!p(bool=true)>" }}. Err: connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:1: connect: connection refused""#;

#[test]
fn an_etcd_that_does_not_answer_is_told_before_and_after_the_api_server_gives_up() {
    let last = "F1125 10:43:56.803728   10542 instance.go:232] Error creating leases: error creating storage factory: context deadline exceeded";
    for lines in
        [vec![DIALS], vec![DIALS, last], vec![DIALS, last, "goroutine 1 [running]:", "k8s.io/klog/v2.Fatalf()"]]
    {
        let found = of(&lines).unwrap();
        assert_eq!((found.cause, found.value.as_deref()), (Cause::EtcdUnreachable, Some("127.0.0.1:1")), "{lines:?}");
    }
}

#[test]
fn usage_after_the_reason_and_dials_before_it_do_not_hide_it() {
    let found = of(&["flag provided but not defined: -bogus", "Usage:", "  etcd [flags]", "    Start an etcd server."]);
    assert_eq!(found.unwrap().cause, Cause::UnknownFlag);
    let found = of(&[DIALS, CASES[14].0, "I1125 10:43:34.6 10387 x.go:1] bye"]);
    assert_eq!(found.unwrap().cause, Cause::UnknownPlugin);
}

#[test]
fn ordinary_lines_are_no_refusal() {
    for line in [
        "I1125 10:43:34.511396   10387 server.go:150] Version: v1.34.4",
        r#"E1125 10:43:34.511396   10387 controller.go:95] "Unhandled Error" err="open /x: no such file or directory""#,
        r#"{"level":"info","msg":"closing etcd server","error":"open /x: no such file or directory"}"#,
        "{not json",
        "",
        "Errors: none",
        "E1",
        "E] x",
    ] {
        assert_eq!(of(&[line]), None, "{line}");
    }
    assert_eq!(of(&[]), None);
}

proptest::proptest! {
    #[test]
    fn any_line_is_taken(line in "(Error: |F1 a\\] |E1 a\\] \"command failed\" err=\"?)?[ -~é]{0,60}(unknown flag: |plugin \"|invalid argument \"|open /|dial tcp |--|connection refused|: )?[ -~é\"\\\\]{0,40}") {
        let _ = of(&[&line]);
    }
}
