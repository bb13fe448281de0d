use std::time::Duration;

use seaworthy_fix::health::{Action, Probe, ProbeError, ProbeKind, Scheme, probes};

fn read(text: &str) -> Result<Vec<Probe>, ProbeError> {
    probes(&seaworthy_yaml::parse(text).expect("a manifest").root)
}

fn one(probe: &str) -> Result<Probe, ProbeError> {
    let container = "{name: c, ports: [{name: web, containerPort: 8443}, {name: '9', containerPort: 10}]";
    let text =
        format!("{{kind: Pod, spec: {{hostNetwork: true, containers: [{container}, livenessProbe: {probe}}}]}}}}");
    read(&text).map(|mut found| found.remove(0))
}

/// The probes of kubeadm's own API server.
#[test]
fn kubeadm_s_probes_are_read() {
    let found = read(
        r#"
apiVersion: v1
kind: Pod
spec:
  containers:
  - name: kube-apiserver
    livenessProbe:
      failureThreshold: 8
      httpGet: {host: 192.0.2.2, path: /livez, port: 6443, scheme: HTTPS}
      initialDelaySeconds: 10
      periodSeconds: 10
      timeoutSeconds: 15
    readinessProbe:
      failureThreshold: 3
      httpGet: {host: 192.0.2.2, path: /readyz, port: 6443, scheme: HTTPS}
      periodSeconds: 1
      timeoutSeconds: 15
    startupProbe:
      failureThreshold: 24
      httpGet: {host: 192.0.2.2, path: /livez, port: 6443, scheme: HTTPS}
      initialDelaySeconds: 10
      periodSeconds: 10
      timeoutSeconds: 15
  hostNetwork: true
"#,
    )
    .unwrap();
    let kinds: Vec<ProbeKind> = found.iter().map(|probe| probe.kind).collect();
    assert_eq!(kinds, [ProbeKind::Startup, ProbeKind::Readiness, ProbeKind::Liveness]);
    let startup = &found[0];
    assert_eq!(startup.title(), "kube-apiserver's startup probe");
    assert_eq!((startup.failure_threshold, startup.success_threshold), (24, 1));
    assert_eq!((startup.timeout, startup.initial_delay), (Duration::from_secs(15), Duration::from_secs(10)));
    assert_eq!(found[1].period, Duration::from_secs(1));
    let Action::HttpGet { scheme, host, port, path, headers } = &startup.action else { panic!("{startup:?}") };
    assert_eq!((*scheme, host.as_deref(), *port, path.as_str()), (Scheme::Https, Some("192.0.2.2"), 6443, "/livez"));
    assert!(headers.is_empty());
}

#[test]
fn what_is_not_said_has_kubernetes_own_default() {
    let probe = one("{httpGet: {port: 80}}").unwrap();
    assert_eq!((probe.period, probe.timeout), (Duration::from_secs(10), Duration::from_secs(1)));
    assert_eq!((probe.failure_threshold, probe.success_threshold), (3, 1));
    assert_eq!(probe.initial_delay, Duration::ZERO);
    let want =
        Action::HttpGet { scheme: Scheme::Http, host: None, port: 80, path: "/".to_owned(), headers: Vec::new() };
    assert_eq!(probe.action, want);
    // Zero and null mean the default, too.
    let probe = one("{tcpSocket: {port: 1}, periodSeconds: 0, timeoutSeconds: null, failureThreshold: 0}").unwrap();
    assert_eq!((probe.period, probe.timeout), (Duration::from_secs(10), Duration::from_secs(1)));
    assert_eq!(probe.failure_threshold, 3);
}

#[test]
fn ports_are_numbers_or_names_of_the_container() {
    let port = |text: &str| match one(&format!("{{tcpSocket: {{port: {text}}}}}")).map(|probe| probe.action) {
        Ok(Action::TcpSocket { port, .. }) => Ok(port),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error.to_string()),
    };
    assert_eq!(port("web"), Ok(8443));
    assert_eq!(port("'9'"), Ok(10), "a name wins over a number in quotes");
    assert_eq!(port("'77'"), Ok(77));
    for wrong in ["none", "0", "65536", "-1", "1.5", "''", "null", "[1]"] {
        assert!(port(wrong).is_err(), "{wrong}");
    }
    let error = port("none").unwrap_err();
    assert!(error.contains("line 1") && error.contains("\"none\""), "{error}");
}

#[test]
fn other_ways_to_ask_are_known() {
    assert!(
        matches!(one("{exec: {command: [ls, -l]}}").unwrap().action, Action::Exec { command } if command == ["ls", "-l"])
    );
    assert!(
        matches!(one("{grpc: {port: 5, service: s}}").unwrap().action, Action::Grpc { port: 5, service: Some(s) } if s == "s")
    );
    assert!(matches!(one("{}"), Err(ProbeError::NoAction { .. })));
    assert!(matches!(one("{httpGet: {port: 1, scheme: https}}"), Err(ProbeError::Scheme { .. })));
    assert!(matches!(one("{httpGet: {port: 1}, periodSeconds: -1}"), Err(ProbeError::Number { .. })));
    assert!(matches!(one("{httpGet: {port: 1}, periodSeconds: 2147483648}"), Err(ProbeError::Number { .. })));
    assert!(matches!(one("{httpGet: {port: 1}, timeoutSeconds: '1'}"), Err(ProbeError::Number { .. })));
}

#[test]
fn headers_are_kept_and_not_shown() {
    let probe = one("{httpGet: {port: 1, httpHeaders: [{name: Authorization, value: Bearer abc}]}}").unwrap();
    assert!(!format!("{probe:?}").contains("abc"), "{probe:?}");
    let Action::HttpGet { headers, .. } = probe.action else { panic!() };
    assert_eq!((headers[0].name.as_str(), headers[0].value.as_str()), ("Authorization", "Bearer abc"));
}

#[test]
fn only_init_containers_that_go_on_are_asked() {
    let probe = "startupProbe: {tcpSocket: {port: 1}}";
    let text = format!(
        "{{kind: Pod, spec: {{containers: [{{name: a, {probe}}}], initContainers: [{{name: b, {probe}}}, {{name: c, restartPolicy: Always, {probe}}}]}}}}"
    );
    let names: Vec<String> = read(&text).unwrap().into_iter().map(|probe| probe.container).collect();
    assert_eq!(names, ["a", "c"]);
    assert!(read("{}").unwrap().is_empty() && read("").unwrap().is_empty());
}
