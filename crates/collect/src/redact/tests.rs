use super::*;

fn plain(text: &str) -> String {
    document(text).unwrap().0.text
}

#[test]
fn keys_that_name_secrets_lose_their_values_and_lines_stay() {
    let text = "users:\n- name: a\n  user:\n    client-key-data: QUJD\n    token: abc\n    tokenFile: /run/token\n    password: \"p w\"\n    \
                client-certificate-data: QUJD\n";
    let want = "users:\n- name: a\n  user:\n    client-key-data: REDACTED\n    token: REDACTED\n    tokenFile: /run/token\n    \
                password: \"REDACTED\"\n    client-certificate-data: QUJD\n";
    assert_eq!(plain(text), want);
    assert_eq!(document(text).unwrap().0.redactions, 3);
}

#[test]
fn secrets_over_several_lines_keep_their_lines() {
    for text in [
        "token: |\n  abc\n  def\nx: 1\n",
        "token: \"abc\n  def\"\nx: 1\n",
        "token:\n  abc\n  def\nx: 1\n",
        "token: >-\n\n  abc\nx: 1\n",
    ] {
        let plain = plain(text);
        assert!(!plain.contains("abc") && !plain.contains("def"), "{plain}");
        assert_eq!(plain.lines().count(), text.lines().count(), "{plain}");
        let document = seaworthy_yaml::parse(&plain).unwrap();
        assert_eq!(document.root.get("x").unwrap().as_int(), Some(1), "{plain}");
    }
}

#[test]
fn encryption_keys_go_and_the_providers_stay() {
    let text = "kind: EncryptionConfiguration\nresources:\n- resources: [secrets]\n  providers:\n  - aescbc:\n      keys:\n      \
                - {name: key1, secret: c2VjcmV0}\n  - identity: {}\n";
    let plain = plain(text);
    assert!(!plain.contains("c2VjcmV0") && plain.contains("key1") && plain.contains("identity: {}"), "{plain}");
}

#[test]
fn what_a_credential_program_is_given_goes() {
    let text = "users:\n- user:\n    exec:\n      command: get\n      args: [--token, abcdef, --region, eu]\n      env:\n      \
                - name: REGION\n        value: hidden\n";
    let plain = plain(text);
    assert!(!plain.contains("abcdef") && !plain.contains("hidden") && plain.contains("eu"), "{plain}");
}

#[test]
fn a_secret_volume_of_a_pod_stays_readable() {
    let text = "spec:\n  volumes:\n  - secret:\n      secretName: a\n  containers:\n  - env:\n    - {name: DB_PASSWORD, value: abc}\n    \
                - {name: ETCD_NAME, value: b}\n    automountServiceAccountToken: false\n";
    let plain = plain(text);
    assert_eq!(plain, text.replace("abc", "REDACTED"));
}

#[test]
fn aliases_do_not_bring_a_secret_back() {
    let text = "a: &x abc\ntoken: *x\nb: *x\n";
    assert!(!plain(text).contains("abc"));
}

#[test]
fn later_documents_and_comments_go() {
    let text = "a: 1\n# token: abc\nb: 2 # password: def\n---\ntoken: ghi\n";
    let plain = plain(text);
    assert!(["abc", "def", "ghi"].iter().all(|secret| !plain.contains(secret)), "{plain}");
    assert_eq!(plain.lines().count(), text.lines().count());
}

#[test]
fn broken_texts_are_withheld_with_their_line() {
    let (error, line) = document("a: 1\nb: [\ntoken: abc\n").unwrap_err();
    assert!(line >= 2 && !error.contains("abc"), "{error}");
}

#[test]
fn private_keys_go_in_every_form() {
    let pem = "-----BEGIN RSA PRIVATE KEY-----\nTUlJRVkK\nc2VjcmV0\n-----END RSA PRIVATE KEY-----\n";
    let encoded = data_encoding::BASE64.encode(pem.as_bytes());
    let one_line = pem.replace('\n', "\\n");
    let block = pem.replace('\n', "\n  ");
    for text in [
        format!("a: |\n  {block}"),
        format!("a: \"{one_line}\"\n"),
        format!("a: {encoded}\n"),
        format!("a: >-\n  {}\n  {}\nb: 1\n", &encoded[..40], &encoded[40..]),
        format!("# {encoded}\na: 1\n"),
        "a: MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n".to_owned(),
    ] {
        let plain = plain(&text);
        for secret in ["TUlJRVkK", "c2VjcmV0", &encoded[44..60], "BCIEIJ1hsZ3v"] {
            assert!(!plain.contains(secret), "{plain}");
        }
        assert_eq!(plain.lines().count(), text.lines().count(), "{plain}");
    }
    let certificate = "a: MIIDBTCCAe2gAwIBAgIIK0l0V0kwDQYJKoZIhvcNAQELBQAwFTETMBEGA1UEAxMKa3ViZXJuZXRlczAe\n";
    assert_eq!(plain(certificate), certificate);
}

#[test]
fn arguments_lose_passwords_in_either_form() {
    let given = [
        "etcd",
        "--discovery-password=abc",
        "--discovery-password",
        "abc",
        "--discovery-user=abc",
        "--auth-token=abc",
        "-token",
        "abc",
        "--listen=http://u:abc@host/x",
        "--h=https://h/?token=abc&b=1",
        "--enable-bootstrap-token-auth=true",
        "--token-auth-file=/etc/tokens",
        "--anonymous-auth",
        "true",
        "--manifest-url-header=Authorization:abc",
        "exec etcd --discovery-password abc --name=x",
    ];
    let kept = arguments(given.map(str::to_owned).to_vec());
    assert!(kept.iter().all(|argument| !argument.contains("abc")), "{kept:?}");
    for whole in [10, 11, 12, 13] {
        assert_eq!(kept[whole], given[whole]);
    }
    assert_eq!(kept[8], "--listen=http://REDACTED@host/x");
    assert_eq!(kept[9], "--h=https://h/?token=REDACTED&b=1");
    assert_eq!(kept[15], "exec etcd --discovery-password REDACTED --name=x");
}

#[test]
fn tokens_go_by_their_look() {
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJl";
    assert!(!value(&format!("x {token}")).contains("c2lnbmF0dXJl"));
    assert_eq!(value("Authorization: Bearer abcdefghij"), "Authorization: Bearer REDACTED");
    assert_eq!(value("kube-system/kube-proxy.v1"), "kube-system/kube-proxy.v1");
}
