//! No secret becomes a fact, whatever file it is in.

use proptest::prelude::*;
use seaworthy_collect::fuzz;

use crate::support::*;

#[test]
fn no_key_of_a_recording_is_in_its_facts() {
    for name in ["default", "hardened", "worker"] {
        let text =
            serde_json::to_string(&facts(&seaworthy_collect::Archive::read(&archive_bytes(name)).unwrap())).unwrap();
        // The recorder's own placeholder stands where secrets were.
        assert!(!text.contains("REMOVED"), "{name}");
        assert!(!text.contains("PRIVATE KEY"), "{name}");
    }
}

#[test]
fn a_key_in_any_file_that_is_looked_at_stays_there() {
    let key = "-----BEGIN PRIVATE KEY-----\nTUlJRVZBSUJBREFOQmdrcQ\n-----END PRIVATE KEY-----\n";
    let certificate_and_key = format!("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n{key}");
    let mut maker = Maker::new();
    maker.process(
        20,
        "/usr/bin/kubelet",
        &["kubelet", "--config=/key", "--tls-cert-file=/both", "--kubeconfig=/key"],
        "/",
    );
    maker.file("key", key).file("both", certificate_and_key).file("etc/kubernetes/admin.conf", key);
    maker
        .file("etc/kubernetes/pki/ca.key", key)
        .directory("etc/kubernetes/pki", 0o755)
        .file("etc/kubernetes/pki/odd.crt", key);
    maker
        .directory("etc/kubernetes/manifests", 0o755)
        .file("etc/kubernetes/manifests/key.yaml", format!("kind: Pod\nx: |\n  {key}"));
    let text = serde_json::to_string(&facts(&maker.tree())).unwrap();
    assert!(!text.contains("TUlJRVZB"), "{text}");
}

/// Places where a document may hold a key, and how it is written there.
fn place() -> impl Strategy<Value = fn(&str) -> String> {
    let places: Vec<fn(&str) -> String> = vec![
        |key| format!("a: |\n  {}\nb: 1\n", key.replace('\n', "\n  ")),
        |key| format!("a: \"{}\"\n", key.replace('\n', "\\n")),
        |key| format!("a:\n- {}\n", data_encoding::BASE64.encode(key.as_bytes())),
        |key| format!("users:\n- user: {{client-key-data: {}}}\n", data_encoding::BASE64.encode(key.as_bytes())),
        |key| format!("{{\"a\": {{\"token\": \"{}\"}}}}", data_encoding::BASE64.encode(key.as_bytes())),
        |key| format!("# {}\na: 1\n", data_encoding::BASE64.encode(key.as_bytes())),
        |key| format!("a: 1\n---\n{key}"),
        |key| format!("a: 1\n---\nb: {}\n", data_encoding::BASE64.encode(key.as_bytes())),
        |key| key.to_owned(),
    ];
    prop::sample::select(places)
}

proptest! {
    #[test]
    fn no_private_key_survives(
        bytes in prop::collection::vec(any::<u8>(), 48..200),
        label in "(RSA |EC |ENCRYPTED |)PRIVATE KEY",
        place in place(),
        width in 20usize..80,
    ) {
        let digits = data_encoding::BASE64.encode(&bytes);
        let lines: Vec<&str> = digits.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let key = format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"));
        if let Some(plain) = fuzz::redacted(&place(&key)) {
            for line in lines.iter().filter(|line| line.len() >= 16) {
                prop_assert!(!plain.contains(line), "{}", plain);
                let encoded = data_encoding::BASE64.encode(line.as_bytes());
                prop_assert!(!plain.contains(&encoded[..16]), "{}", plain);
            }
        }
    }

    /// The values of keys that name secrets go, and everything else stays.
    #[test]
    fn secrets_go_and_the_rest_stays(secret in "[g-z]{12,30}", other in "[a-f]{5,10}", key in "(token|password|client-key-data|id-token|refresh-token|access-token|secretKey|secret)") {
        for text in [
            format!("{key}: {secret}\nother: {other}\n"),
            format!("a:\n- {{{key}: '{secret}', other: {other}}}\n"),
            format!("a:\n  {key}: >-\n    {secret}\n\n    {secret}\n  other: {other}\n"),
            format!("{{\"{key}\": \"{secret}\", \"other\": \"{other}\"}}"),
            format!("? {key}\n: {secret}\nother: {other}\n"),
            format!("x: &x {secret}\n{key}: *x\nother: {other}\n"),
        ] {
            let plain = fuzz::redacted(&text).unwrap();
            prop_assert!(!plain.contains(&secret), "{}", plain);
            prop_assert!(plain.contains(&other), "{}", plain);
            prop_assert_eq!(plain.lines().count(), text.lines().count());
            let again = seaworthy_yaml::parse(&plain);
            prop_assert!(again.is_ok(), "{}: {:?}", plain, again.err());
        }
    }
}
