//! What is asked of the API, and by whom: a server, or a recording of one.

use seaworthy_model::{Fact, Grant, GrantKind, Source};

/// The most bytes that one answer may have: a page of 500 objects of the size that the API server accepts at most would be larger, and
/// is refused rather than held.
pub(crate) const ANSWER_LIMIT: usize = 256 << 20;

/// How many objects a page has: client-go's own number.
const PAGE: u32 = 500;

/// One request. There are no others than these, and each only reads.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    pub(crate) fn accept(self) -> &'static str {
        match self {
            Form::Whole => "application/json",
            Form::Metadata => "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
            Form::Discovery => "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
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
        let secrets = path.rsplit('/').next() == Some("secrets");
        let form = if secrets { Form::Metadata } else { form };
        Request { path, query: format!("limit={PAGE}"), form }
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
    fn the_metadata_form_has_no_whole_object_to_fall_back_to() {
        assert!(!Form::Metadata.accept().contains(','));
    }

    #[test]
    fn queries_are_encoded() {
        let request = Request::list("api/v1/secrets", Form::Metadata).only("type=kubernetes.io/x").next("a+b=&c");
        assert_eq!(request.query, "limit=500&fieldSelector=type%3Dkubernetes.io%2Fx&continue=a%2Bb%3D%26c");
    }
}
