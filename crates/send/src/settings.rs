//! Sinks in the configuration file, and what is set for each: `[sink.NAME]` tables in TOML.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use seaworthy_model::Severity;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::address::Address;
use crate::outgoing::When;
use crate::secret::{Reference, Secret};
use crate::wire::Trust;

/// What one table says, as it is written. A key that no sink has is a mistake; those of one kind only are in `own`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Written {
    url: Option<String>,
    url_file: Option<PathBuf>,
    url_env: Option<String>,
    when: Option<String>,
    min_severity: Option<Severity>,
    insecure: Option<bool>,
    ca_file: Option<PathBuf>,
    client_certificate_file: Option<PathBuf>,
    client_key_file: Option<PathBuf>,
    proxy: Option<String>,
    proxy_file: Option<PathBuf>,
    proxy_env: Option<String>,
    timeout: Option<String>,
    batch_count: Option<usize>,
    batch_bytes: Option<usize>,
    spool_bytes: Option<u64>,
    token_file: Option<PathBuf>,
    token_env: Option<String>,
    user: Option<String>,
    password_file: Option<PathBuf>,
    password_env: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    header_files: BTreeMap<String, PathBuf>,
    #[serde(flatten)]
    own: toml::Table,
}

/// The configuration file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `[sink.NAME]`.
    #[serde(default)]
    pub sink: BTreeMap<String, Written>,
}

/// What is set for a sink, resolved: secrets are read.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The sink's name; its URL without secrets, where it has none.
    pub name: String,
    /// Where it is.
    pub address: Address,
    /// Which findings, where the sink has its own answer.
    pub when: Option<When>,
    /// The least severity that is sent.
    pub least: Option<Severity>,
    /// How it is reached and trusted.
    pub trust: Trust,
    /// At most so many parts a batch.
    pub batch_count: Option<usize>,
    /// At most so many bytes a batch.
    pub batch_bytes: Option<usize>,
    /// At most so many bytes in the spool.
    pub spool_bytes: u64,
    /// A token, whatever the sink does with it.
    pub token: Option<Secret>,
    /// User and password.
    pub user: Option<(String, Secret)>,
    /// Headers of every request.
    pub headers: Vec<(String, Secret)>,
    /// Keys that only this kind of sink knows: see [`Settings::own`].
    own: toml::Table,
}

/// The spool's size unless another is set: 64 MiB.
pub const SPOOL_BYTES: u64 = 64 << 20;

impl Config {
    /// Reads the text of a configuration file.
    ///
    /// # Errors
    /// A sentence with the line. It may repeat the line's text, so no secret belongs into the file itself.
    pub fn parse(text: &str) -> Result<Config, String> {
        let config: Config = toml::from_str(text).map_err(|error| error.to_string().trim().to_owned())?;
        let named = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        match config.sink.keys().find(|name| !named(name) || name.starts_with('.')) {
            Some(name) => Err(format!("a sink's name has letters, digits, -, _ and . only, and {name:?} is none")),
            None => Ok(config),
        }
    }

    /// The sink of this name.
    ///
    /// # Errors
    /// A sentence: there is none of this name, something is missing or wrong, a secret could not be read.
    pub fn settings(&self, name: &str, insecure: bool) -> Result<Settings, String> {
        let written = self.sink.get(name).ok_or_else(|| {
            let names: Vec<&str> = self.sink.keys().map(String::as_str).collect();
            let there =
                if names.is_empty() { "it has none".to_owned() } else { format!("it has {}", names.join(", ")) };
            format!("the configuration has no sink {name:?}; {there}")
        })?;
        written.clone().resolve(name, insecure).map_err(|error| format!("sink {name}: {error}"))
    }
}

impl Settings {
    /// A sink that is only a URL.
    ///
    /// # Errors
    /// A sentence: it is no URL, or holds what does not belong into arguments.
    pub fn of_url(url: &str, insecure: bool) -> Result<Settings, String> {
        let address = Address::parse(url)?;
        address.fit_for_arguments()?;
        let name = address.shown();
        Written { url: Some(url.to_owned()), ..Written::default() }.resolve(&name, insecure)
    }

    /// What only this kind of sink knows. `T` denies unknown fields, so that a misspelt key is a mistake.
    ///
    /// # Errors
    /// A sentence that names the key.
    pub fn own<T: DeserializeOwned>(&self) -> Result<T, String> {
        self.own.clone().try_into().map_err(|error: toml::de::Error| error.message().to_owned())
    }

    /// All secrets, so that they can be kept out of messages: each as it is given, as it is sent, and in the parts that an answer may
    /// repeat alone.
    pub fn secrets(&self) -> Vec<Secret> {
        let mut list: Vec<Secret> = self.token.iter().cloned().collect();
        list.extend(self.user.iter().map(|(_, password)| password.clone()));
        list.extend(self.basic().and_then(|both| both.reveal().strip_prefix("Basic ").map(Secret::new)));
        list.extend(self.headers.iter().map(|(_, value)| value.clone()));
        if let Some(proxy) = self.trust.proxy.as_ref().filter(|proxy| proxy.reveal().contains('@')) {
            let user = proxy.reveal().rsplit_once('@').map_or("", |(user, _)| user);
            list.extend(user.rsplit_once(':').map(|(_, password)| Secret::new(password)));
            list.push(proxy.clone());
        }
        let mut of_url = |text: &str, between: char| {
            list.push(Secret::new(text));
            // What is shorter is no key, and would blacken half of a message.
            let pieces = text.split(between).map(|piece| piece.split_once('=').map_or(piece, |(_, value)| value));
            list.extend(pieces.filter(|piece| piece.len() >= 8).map(Secret::new));
        };
        if matches!(self.address.kind.as_str(), "webhook" | "slack" | "teams") && self.address.path.len() > 1 {
            of_url(&self.address.path, '/');
        }
        if let Some(query) = &self.address.query {
            of_url(query, '&');
        }
        list
    }

    /// The headers of every request, with `Authorization`: the token behind `word`, or user and password, where either is set.
    pub fn authorized(&self, word: &str) -> Vec<(String, Secret)> {
        let mut headers = self.headers.clone();
        let token = self.token.as_ref().map(|token| Secret::new(format!("{word} {}", token.reveal())));
        headers.extend(token.or_else(|| self.basic()).map(|value| ("authorization".to_owned(), value)));
        headers
    }

    /// User and password as the header `Authorization` has them.
    pub fn basic(&self) -> Option<Secret> {
        let (user, password) = self.user.as_ref()?;
        let both = format!("{user}:{}", password.reveal());
        Some(Secret::new(format!("Basic {}", data_encoding::BASE64.encode(both.as_bytes()))))
    }
}

impl Written {
    fn resolve(self, name: &str, insecure: bool) -> Result<Settings, String> {
        let by_reference = Reference { file: self.url_file, env: self.url_env }.read("url")?;
        let url = match (self.url, by_reference) {
            (Some(url), None) => {
                let address = Address::parse(&url)?;
                address
                    .fit_for_arguments()
                    .map_err(|why| why.replace("put the sink into the configuration file, with", "give it by"))?;
                address
            }
            (None, Some(url)) => Address::parse(url.reveal())?,
            (None, None) => return Err("it has no url, url-file or url-env".to_owned()),
            (Some(_), Some(_)) => return Err("url is given twice".to_owned()),
        };
        let insecure = insecure || self.insecure.unwrap_or(false);
        if url.transport == "http" && !url.is_loopback() && !insecure {
            return Err(format!(
                "{}://{} would be sent to in the clear; use https, or say --insecure",
                url.transport, url.host
            ));
        }
        let token = Reference { file: self.token_file, env: self.token_env }.read("token")?;
        let password = Reference { file: self.password_file, env: self.password_env }.read("password")?;
        let mut address = url;
        let user = match (self.user, password, address.user.take()) {
            (Some(user), Some(password), None) => Some((user, password)),
            (None, None, Some(both)) => {
                let (user, password) = both.reveal().split_once(':').unwrap_or((both.reveal(), ""));
                Some((user.to_owned(), Secret::new(password)))
            }
            (None, None, None) => None,
            _ => return Err("user and password-file (or password-env) belong together".to_owned()),
        };
        let mut headers: Vec<(String, Secret)> = self.headers.into_iter().map(|(k, v)| (k, Secret::new(v))).collect();
        for (key, path) in self.header_files {
            let value = Reference { file: Some(path), env: None }.read(&format!("header {key}"))?;
            headers.extend(value.map(|value| (key, value)));
        }
        let proxy = match (self.proxy, Reference { file: self.proxy_file, env: self.proxy_env }.read("proxy")?) {
            (Some(proxy), None) if proxy.contains('@') => {
                return Err("proxy holds a user: give it by proxy-file or proxy-env".to_owned());
            }
            (Some(proxy), None) => Some(Secret::new(proxy)),
            (None, proxy) => proxy,
            (Some(_), Some(_)) => return Err("proxy is given twice".to_owned()),
        };
        let when = self.when.as_deref().map(When::parse).transpose().map_err(|error| format!("when: {error}"))?;
        let timeout = self.timeout.as_deref().map(seconds).transpose().map_err(|error| format!("timeout: {error}"))?;
        Ok(Settings {
            name: name.to_owned(),
            address,
            when,
            least: self.min_severity,
            trust: Trust {
                ca_file: self.ca_file,
                client_certificate_file: self.client_certificate_file,
                client_key_file: self.client_key_file,
                proxy,
                timeout,
            },
            batch_count: self.batch_count,
            batch_bytes: self.batch_bytes,
            spool_bytes: self.spool_bytes.unwrap_or(SPOOL_BYTES),
            token,
            user,
            headers,
            own: self.own,
        })
    }
}

/// `500ms`, `30s`, `2m`.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let wrong = || "it is a number with ms, s or m behind it, such as 30s".to_owned();
    let number: u64 = text[..end].parse().map_err(|_| wrong())?;
    let time = match &text[end..] {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.saturating_mul(60)),
        _ => return Err(wrong()),
    };
    if time.is_zero() || time > Duration::from_secs(3600) {
        Err("it is between 1ms and 60m".to_owned())
    } else {
        Ok(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Result<Settings, String> {
        Config::parse(text).and_then(|config| config.settings("a", false))
    }

    #[test]
    fn a_sink_is_a_table() {
        let a = settings(
            "[sink.a]\nurl = \"falcosidekick+https://falco.example\"\nmin-severity = \"high\"\ntimeout = \"2m\"",
        )
        .unwrap();
        assert_eq!((a.least, a.trust.timeout), (Some(Severity::High), Some(Duration::from_secs(120))));
        assert_eq!(a.spool_bytes, SPOOL_BYTES);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, why) in [
            ("[sink.b]\nurl = \"x\"", "it has b"),
            ("[sink.a]", "no url"),
            ("[sink.a]\nurl = \"splunk+http://splunk.example\"", "in the clear"),
            ("[sink.a]\nurl = \"splunk+https://u:p@splunk.example\"", "holds a user"),
            ("[sink.a]\nurl = \"slack+https://hooks.example/T/B\"", "itself a key"),
            ("[sink.a]\nurl = \"file:x\"\nwhen = \"now\"", "all, failures or changes"),
            ("[sink.a]\nurl = \"file:x\"\nuser = \"u\"", "belong together"),
            ("[sink.a]\nurl = \"file:x\"\nproxy = \"http://u:p@proxy\"", "proxy-file"),
            ("[sink.a]\nurl = \"file:x\"\ntoken-file = \"/nosuch/file\"", "could not be read"),
            ("[sink.a]\nurl = \"file:x\"\ntimeout = \"soon\"", "30s"),
            ("[sinks.a]", "unknown field"),
            ("[sink.\"../a\"]\nurl = \"file:x\"", "letters, digits"),
        ] {
            let error = settings(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn a_secret_is_known_in_each_of_its_forms() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let url = file("url", "teams+https://t.example/workflows/0123456789/run?v=1&sig=abcdefghij");
        let (password, proxy) = (file("password", "pw-1"), file("proxy", "http://u:pw-2@proxy.example:3128"));
        let a = settings(&format!(
            "[sink.a]\nurl-file = {url:?}\nuser = \"me\"\npassword-file = {password:?}\nproxy-file = {proxy:?}"
        ))
        .unwrap();
        let text = "no run 0123456789, sig is abcdefghij, pw-1, pw-2, Basic bWU6cHctMQ==";
        let shown = crate::secret::redact(text, &a.secrets());
        assert_eq!(shown, "no run ***, sig is ***, ***, ***, Basic ***");
    }

    #[test]
    fn keys_of_one_kind_only_are_checked_by_it() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Own {
            index: Option<String>,
        }
        let of = |line: &str| settings(&format!("[sink.a]\nurl = \"file:x\"\n{line}")).unwrap().own::<Own>();
        assert_eq!(of("index = \"main\"").unwrap().index.as_deref(), Some("main"));
        assert!(of("indx = \"main\"").unwrap_err().contains("indx"));
    }
}
