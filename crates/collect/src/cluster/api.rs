//! What is asked of the API, and by whom: a server, or a recording of one.

use seaworthy_model::{Fact, Grant, GrantKind, Source};

/// The most bytes that a page may have: 500 objects of the size that the API server accepts at most would be larger, and are refused
/// rather than held.
const PAGE_LIMIT: usize = 256 << 20;
/// The most bytes that another answer may have: counters and discovery of a large cluster are a few MiB.
const ANSWER_LIMIT: usize = 64 << 20;
/// The most bytes that a kubelet's answer may have. A node may be hostile to its cluster.
const KUBELET_LIMIT: usize = 4 << 20;

/// How many objects a page has: client-go's own number.
pub(crate) const PAGE: u32 = 500;

/// One request. Only this crate makes any, and each only reads.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// The path, without the first slash: `api/v1/pods`.
    pub path: String,
    /// The query, without the question mark.
    pub query: String,
    /// In which form the answer is wanted.
    pub form: Form,
}

/// In which form an answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Whole objects, as JSON.
    Whole,
    /// The objects' metadata and nothing else: the server leaves out the rest, or refuses.
    Metadata,
    /// What resources there are, in one answer.
    Discovery,
    /// Plain text.
    Text,
}

impl Form {
    /// The value of the `Accept` header.
    fn accept(self) -> &'static str {
        match self {
            Form::Whole => "application/json",
            Form::Metadata => "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
            // Both have the same form; servers before Kubernetes 1.30 know the second only.
            Form::Discovery => {
                "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
                 application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"
            }
            Form::Text => "text/plain",
        }
    }
}

impl Request {
    /// One thing, whole.
    pub(crate) fn one(path: impl Into<String>) -> Request {
        Request { path: path.into(), query: String::new(), form: Form::Whole }
    }

    /// The first page of a list. Of Secrets nothing but metadata is ever asked for, whatever the caller wanted: the right to list them
    /// is the right to read them all, and we do not use it.
    pub(crate) fn list(path: impl Into<String>, form: Form) -> Request {
        let path = path.into();
        let form = if of_secrets(&path) { Form::Metadata } else { form };
        Request { path, query: format!("limit={PAGE}"), form }
    }

    /// The value of the `Accept` header. It does not depend on how the request was made that Secrets stay metadata.
    pub(crate) fn accept(&self) -> &'static str {
        if of_secrets(&self.path) { Form::Metadata.accept() } else { self.form.accept() }
    }

    /// Whether a kubelet answers it, through the API server.
    pub(crate) fn of_kubelet(&self) -> bool {
        self.path.ends_with("/proxy/configz")
    }

    /// The most bytes that its answer may have.
    pub(crate) fn limit(&self) -> usize {
        match self.query.as_str() {
            _ if self.of_kubelet() => KUBELET_LIMIT,
            "" => ANSWER_LIMIT,
            _ => PAGE_LIMIT,
        }
    }

    /// The same list, narrowed by a field selector.
    pub(crate) fn only(mut self, selector: &str) -> Request {
        self.query = format!("{}&fieldSelector={}", self.query, encode(selector));
        self
    }

    /// The page after this one.
    pub(crate) fn next(&self, token: &str) -> Request {
        let mut next = self.clone();
        next.query = format!("{}&continue={}", self.query, encode(token));
        next
    }
}

/// Whether a path leads to Secrets: a list of them, or one.
fn of_secrets(path: &str) -> bool {
    path.split('/').any(|part| part == "secrets")
}

/// Whether a word is a name as the API makes them (RFC 1123), and so can stand in a path and lead nowhere else.
pub(crate) fn is_name(word: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    word.len() <= 253
        && word.bytes().all(inner)
        && word.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
}

/// Percent-encodes what may not stand in a query.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Who answers.
pub trait Api {
    /// What it is, for people: a URL, or a recording's place.
    fn name(&self) -> &str;

    /// Reads the answer to a request.
    ///
    /// # Errors
    /// See [`Refusal`].
    fn get(&self, request: &Request) -> Result<Vec<u8>, Refusal>;

    /// Whether it is a recording: whole lists without pages, and without metadata-only answers.
    fn recorded(&self) -> bool;
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The server knows us and says no, or does not know us (401, 403).
    Denied(String),
    /// There is no such thing (404), or the recording does not hold it.
    Absent,
    /// A page's continuation is too old (410).
    Gone,
    /// The recording does not hold the answer: it was not asked for.
    Unrecorded,
    /// Something else: no connection, an error of the server, too large.
    Broken(String),
}

impl Refusal {
    /// The fact that follows. `ask` is what was asked, as rules write it: `list pods`.
    pub(crate) fn fact<T>(self, ask: &str, source: Source) -> Fact<T> {
        match self {
            Refusal::Denied(error) => Fact::Denied { error, grant: Grant::new(GrantKind::Api, ask), source },
            Refusal::Absent => Fact::Absent { source },
            Refusal::Unrecorded => Fact::NotVisible { grant: Grant::new(GrantKind::Recording, ask), source },
            Refusal::Gone => Fact::Broken { error: "it changed too fast to be read in pages".to_owned(), source },
            Refusal::Broken(error) => Fact::Broken { error, source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_secrets_only_metadata_is_asked_for() {
        for path in ["api/v1/secrets", "api/v1/namespaces/default/secrets"] {
            for form in [Form::Whole, Form::Metadata, Form::Text] {
                let request = Request::list(path, form);
                assert_eq!(request.form, Form::Metadata);
                assert_eq!(request.only("type=a/b").next("t").form, Form::Metadata);
            }
        }
        assert_eq!(Request::list("api/v1/pods", Form::Whole).form, Form::Whole);
    }

    #[test]
    fn no_request_to_a_secret_accepts_it_whole() {
        for path in ["api/v1/secrets", "api/v1/namespaces/default/secrets/x", "api/v1/namespaces/a/secrets"] {
            assert_eq!(Request::one(path).accept(), Form::Metadata.accept());
        }
        assert_eq!(Request::one("version").accept(), "application/json");
    }

    #[test]
    fn the_metadata_form_has_no_whole_object_to_fall_back_to() {
        assert!(!Form::Metadata.accept().contains(','));
    }

    #[test]
    fn names_lead_nowhere_else() {
        for good in ["node1", "ip-10-0-0-1.ec2.internal", "v1", "rbac.authorization.k8s.io"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "..", ".", "a..b", "a/b", "a?b", "a%2Fb", "-a", "a-", "A", "a b", "a\n", &"a".repeat(254)] {
            assert!(!is_name(bad), "{bad:?}");
        }
    }

    #[test]
    fn queries_are_encoded() {
        let request = Request::list("api/v1/secrets", Form::Metadata).only("type=kubernetes.io/x").next("a+b=&c");
        assert_eq!(request.query, "limit=500&fieldSelector=type%3Dkubernetes.io%2Fx&continue=a%2Bb%3D%26c");
    }
}
