//! Which names say that a secret follows.

/// Words at the end of a key, after case and dashes are taken away.
const ENDS: [&str; 11] = [
    "token",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "secretkey",
    "privatekey",
    "apikey",
    "accesskey",
    "keydata",
    "dockerconfigjson",
];

/// Whether a key's value is a secret.
pub(super) fn secret_key(key: &str) -> bool {
    let plain = plain(key);
    // Of a kubeconfig's own `auth-provider` the configuration's names end in these words too.
    ENDS.iter().any(|end| plain.ends_with(end))
}

/// Whether a key holds headers of requests: the kubelet's `staticPodURLHeader`, whose usual one is `Authorization`.
pub(super) fn secret_headers(key: &str) -> bool {
    plain(key).ends_with("urlheader")
}

/// Whether the value of a variable or header of this name is a secret.
pub(super) fn secret_variable(name: &str) -> bool {
    let plain = plain(name);
    ["token", "password", "passwd", "passphrase", "secret", "key", "credential", "authorization", "cookie"]
        .iter()
        .any(|word| plain.contains(word))
}

/// Whether a flag's value is a secret.
pub(super) fn secret_flag(flag: &str) -> bool {
    let plain = plain(flag);
    ["token", "password", "passwd", "passphrase", "secret", "secretkey", "privatekey", "apikey", "urlheader"]
        .iter()
        .any(|end| plain.ends_with(end))
        || matches!(plain.as_str(), "discoveryuser" | "storagedriveruser")
}

/// Whether a flag's value only turns something on or off.
pub(super) fn switch(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "" | "true" | "false")
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '-' | '_' | '.' | ' ')).map(|c| c.to_ascii_lowercase()).collect()
}
