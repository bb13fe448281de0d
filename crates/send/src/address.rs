//! A sink's address: `falcosidekick+https://falco.example:2801/`. The scheme says which kind of sink it is and how it is reached.

use crate::secret::Secret;

/// An address, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The kind: `falcosidekick`, `syslog`, `file`.
    pub kind: String,
    /// How it is reached: `http`, `https`, `udp`, `tcp`, `tls`; empty for a file and for the cluster's own API.
    pub transport: String,
    /// Host and port as they were written, `[::1]:514` included; empty for a file.
    pub authority: String,
    /// The host without brackets.
    pub host: String,
    /// The port, where one is given.
    pub port: Option<u16>,
    /// What follows: a path on the server, or the file's. Without a query.
    pub path: String,
    /// The query without its question mark.
    pub query: Option<String>,
    /// `user` or `user:password` in front of the host.
    pub user: Option<Secret>,
}

/// The kinds of sinks and how each is reached; an empty list: by a path.
pub const KINDS: &[(&str, &[&str])] = &[
    ("falcosidekick", &["http", "https"]),
    ("syslog", &["udp", "tcp", "tls"]),
    ("splunk", &["http", "https"]),
    ("elastic", &["http", "https"]),
    ("otlp", &["http", "https"]),
    ("pushgateway", &["http", "https"]),
    ("securityhub", &["http", "https"]),
    ("webhook", &["http", "https"]),
    ("slack", &["http", "https"]),
    ("teams", &["http", "https"]),
    ("kubernetes", &[]),
    ("textfile", &[]),
    ("file", &[]),
];

/// Kinds that may be written without a transport, and the one that is meant.
const SHORT: &[(&str, &str)] =
    &[("pushgateway", "https"), ("securityhub", "https"), ("otlp", "https"), ("elastic", "https"), ("splunk", "https")];

/// Kinds whose whole URL is a key.
const SECRET: &[&str] = &["webhook", "slack", "teams"];

impl Address {
    /// Takes a URL apart.
    ///
    /// # Errors
    /// A sentence that says what is wrong, and never repeats the URL: it may hold a secret.
    pub fn parse(text: &str) -> Result<Address, String> {
        if text.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return Err("a sink's URL holds no blanks and no control characters".to_owned());
        }
        let (scheme, rest) =
            text.split_once(':').ok_or("a sink's URL begins with its kind, as in syslog+tcp://HOST:514")?;
        let (kind, transport) = scheme.split_once('+').unwrap_or((scheme, ""));
        let Some((_, transports)) = KINDS.iter().find(|(name, _)| *name == kind) else {
            let kinds: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
            return Err(format!("there is no such kind of sink; there are {}", kinds.join(", ")));
        };
        if transports.is_empty() {
            return by_path(kind, transport, rest);
        }
        let short = SHORT.iter().find(|(name, _)| *name == kind).map(|(_, transport)| *transport);
        let transport = match (transport, short) {
            ("", Some(short)) => short,
            (given, _) => given,
        };
        if !transports.contains(&transport) {
            let forms: Vec<String> = transports.iter().map(|t| format!("{kind}+{t}://")).collect();
            return Err(format!("a {kind} sink's URL begins with {}", forms.join(" or ")));
        }
        let rest = rest.strip_prefix("//").ok_or_else(|| format!("{kind}+{transport}: is followed by //HOST"))?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (before, path) = rest.split_at(end);
        let (path, fragment) = path.split_once('#').map_or((path, None), |(path, fragment)| (path, Some(fragment)));
        if fragment.is_some() {
            return Err("a sink's URL has no fragment (#…)".to_owned());
        }
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let (user, authority) = match before.rsplit_once('@') {
            Some((user, authority)) => (Some(Secret::new(user)), authority),
            None => (None, before),
        };
        // With its service's own endpoint Security Hub needs no host.
        if authority.is_empty() && kind != "securityhub" {
            return Err(format!("{kind}+{transport}:// is followed by a host"));
        }
        let (host, port) = host_port(authority)?;
        Ok(Address {
            kind: kind.to_owned(),
            transport: transport.to_owned(),
            authority: authority.to_owned(),
            host,
            port,
            path: path.to_owned(),
            query: query.map(str::to_owned),
            user,
        })
    }

    /// Refuses what does not belong on a command line, where every user of the machine can read it.
    ///
    /// # Errors
    /// A sentence that says what it is and where it belongs instead.
    pub fn fit_for_arguments(&self) -> Result<(), String> {
        let instead = "put the sink into the configuration file, with url-file or url-env, and send to it by its name";
        if SECRET.contains(&self.kind.as_str()) {
            return Err(format!("the URL of a {} sink is itself a key: {instead}", self.kind));
        }
        if self.user.is_some() {
            return Err(format!("the URL holds a user: {instead}"));
        }
        if self.query.is_some() {
            return Err(format!("the URL holds a query, in which tokens are often kept: {instead}"));
        }
        Ok(())
    }

    /// Whether nothing leaves this machine: the host is `localhost` or an address of the loopback.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// Whether what is sent can be read on the way.
    pub fn is_plain(&self) -> bool {
        matches!(self.transport.as_str(), "http" | "tcp" | "udp")
    }

    /// `https://HOST:PORT`, without path.
    pub fn base(&self) -> String {
        format!("{}://{}", self.transport, self.authority)
    }

    /// Scheme and host, for messages: nothing of it is secret.
    pub fn shown(&self) -> String {
        match (self.transport.as_str(), SECRET.contains(&self.kind.as_str())) {
            ("", _) if self.kind == "kubernetes" => "kubernetes://".to_owned(),
            ("", _) => format!("{}:{}", self.kind, self.path),
            (transport, true) => format!("{}+{transport}://{}/***", self.kind, self.authority),
            (transport, false) => format!("{}+{transport}://{}{}", self.kind, self.authority, self.path),
        }
    }
}

fn by_path(kind: &str, transport: &str, rest: &str) -> Result<Address, String> {
    if !transport.is_empty() {
        return Err(format!("a {kind} sink's URL begins with {kind}: alone"));
    }
    let path = if kind == "kubernetes" {
        let rest = rest.strip_prefix("//").ok_or("kubernetes: is followed by //")?;
        if !rest.is_empty() && rest != "/" {
            return Err("kubernetes:// names no host: it is the cluster that is scanned".to_owned());
        }
        ""
    } else {
        // `file:///path` is what other programs write for it.
        let path = rest.strip_prefix("//").filter(|path| path.starts_with('/')).unwrap_or(rest);
        if path.is_empty() || path.starts_with("//") {
            return Err(format!("{kind}: is followed by a path"));
        }
        path
    };
    Ok(Address {
        kind: kind.to_owned(),
        transport: String::new(),
        authority: String::new(),
        host: String::new(),
        port: None,
        path: path.to_owned(),
        query: None,
        user: None,
    })
}

fn host_port(authority: &str) -> Result<(String, Option<u16>), String> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']').ok_or("the address in brackets does not end")?;
            if host.parse::<std::net::Ipv6Addr>().is_err() {
                return Err("what stands in brackets is no IPv6 address".to_owned());
            }
            (host, after.strip_prefix(':').or(if after.is_empty() { None } else { Some("") }))
        }
        None => authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    if !host.chars().all(named) {
        return Err("the host holds characters that no host has".to_owned());
    }
    let port = port
        .map(|port| port.parse::<u16>().ok().filter(|port| *port > 0))
        .map_or(Ok(None), |port| port.map(Some).ok_or("what follows the host's colon is no port".to_owned()))?;
    Ok((host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_forms() {
        for text in [
            "falcosidekick+http://127.0.0.1:2801/",
            "falcosidekick+https://falco.example",
            "syslog+udp://[::1]:514",
            "syslog+tcp://log.example:601",
            "syslog+tls://log.example:6514",
            "splunk+https://splunk.example:8088",
            "elastic+http://localhost:9200/index",
            "otlp+http://localhost:4318",
            "pushgateway://push.example",
            "securityhub://",
            "kubernetes://",
            "textfile:/var/lib/node_exporter/seaworthy.prom",
            "file:report.ndjson",
            "file:///var/log/seaworthy.ndjson",
        ] {
            let address = Address::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(address.fit_for_arguments(), Ok(()), "{text}");
        }
        assert_eq!(Address::parse("syslog+udp://[::1]:514").unwrap().host, "::1");
        assert_eq!(Address::parse("file:///a").unwrap().path, "/a");
        assert_eq!(Address::parse("kubernetes://").unwrap().shown(), "kubernetes://");
        assert_eq!(Address::parse("splunk://h").unwrap().transport, "https");
    }

    #[test]
    fn secrets_do_not_belong_into_arguments() {
        for (text, why) in [
            ("splunk+https://user:pass@splunk.example", "user"),
            ("elastic+https://e.example/?api_key=abc", "query"),
            ("slack+https://hooks.example/services/T0/B0/abc", "itself a key"),
            ("webhook+https://h.example/hook", "itself a key"),
            ("teams+https://h.example/x", "itself a key"),
        ] {
            let address = Address::parse(text).unwrap();
            assert!(address.fit_for_arguments().unwrap_err().contains(why), "{text}");
        }
        let shown = Address::parse("slack+https://hooks.example/services/T0/B0/abc").unwrap().shown();
        assert_eq!(shown, "slack+https://hooks.example/***");
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_it() {
        for text in [
            "",
            "syslog",
            "nosuch+https://tok3n",
            "syslog://tok3n",
            "syslog+http://tok3n",
            "falcosidekick+https:tok3n",
            "splunk+https:///tok3n",
            "splunk+https://tok3n:99999",
            "splunk+https://[tok3n]",
            "splunk+https://[::1",
            "splunk+https://[::1]x",
            "file:",
            "textfile+x:/tok3n",
            "kubernetes://tok3n",
            "splunk+https://tok3n/#f",
            "splunk+https://tok3n tok3n",
            "splunk+https://tok3n<",
        ] {
            let error = Address::parse(text).expect_err(text);
            assert!(!error.contains("tok3n"), "{error}");
        }
    }
}
