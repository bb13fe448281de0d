//! The content of a file: its text without secrets, and what a kubeconfig carries of certificates.

use std::rc::Rc;

use data_encoding::BASE64;
use seaworthy_model::{Certificate, Text};
use seaworthy_yaml::{Document, Node};

use super::certificates;
use crate::{Trouble, redact};

/// What was read of a file.
#[derive(Default)]
pub(crate) struct Content {
    pub(crate) digest: Option<String>,
    /// The text, or what is wrong with it and in which line (0 if that is not known).
    pub(crate) text: Option<Result<Text, (String, u32)>>,
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) document: Option<Rc<Document>>,
    /// Why it could not be read.
    pub(crate) unread: Option<Trouble>,
}

impl Content {
    pub(crate) fn unread(trouble: Trouble) -> Self {
        Content { unread: Some(trouble), ..Content::default() }
    }
}

/// What is kept of a file's content: of a document its text, of other files the certificates.
pub(crate) fn content(reads: Option<&str>, bytes: &[u8]) -> Content {
    let Some(kind) = reads else {
        let (certificates, wrong) = certificates::read(bytes);
        return Content { certificates, text: wrong.map(|wrong| Err((wrong, 0))), ..Content::default() };
    };
    let digest = Some(certificates::sha256(bytes));
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Content { digest, text: Some(Err(("the text is no UTF-8".to_owned(), 0))), ..Content::default() };
    };
    match redact::document(text) {
        Ok((text, document)) => Content {
            digest,
            text: Some(Ok(text)),
            certificates: if kind == "Kubeconfig" { embedded(&document.root) } else { Vec::new() },
            document: Some(Rc::new(document)),
            unread: None,
        },
        Err(error) => Content { digest, text: Some(Err(error)), ..Content::default() },
    }
}

/// The certificates that a kubeconfig carries: those of clusters, then those of users.
fn embedded(root: &Node) -> Vec<Certificate> {
    let mut found = Vec::new();
    for (list, item, field) in CARRIED {
        for node in items(root, list) {
            let data = node.path(item).and_then(|node| node.get(field)).and_then(Node::as_str).unwrap_or_default();
            let data: Vec<u8> = data.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
            found.extend(BASE64.decode(&data).map(|pem| certificates::read(&pem).0).unwrap_or_default());
        }
    }
    found
}

const CARRIED: [(&str, &str, &str); 2] =
    [("clusters", "cluster", "certificate-authority-data"), ("users", "user", "client-certificate-data")];

/// The files that a kubeconfig names, each with whether it holds certificates.
pub(crate) fn references(root: &Node) -> Vec<(String, bool)> {
    const NAMED: [(&str, &str, &str, bool); 4] = [
        ("clusters", "cluster", "certificate-authority", true),
        ("users", "user", "client-certificate", true),
        ("users", "user", "client-key", false),
        ("users", "user", "tokenFile", false),
    ];
    let mut found = Vec::new();
    for (list, item, field, certificates) in NAMED {
        let paths = items(root, list).iter().filter_map(|node| node.path(item)?.get(field)?.as_str());
        found.extend(paths.filter(|path| !path.is_empty()).map(|path| (path.to_owned(), certificates)));
    }
    found
}

fn items<'n>(root: &'n Node, list: &str) -> &'n [Node] {
    root.get(list).and_then(Node::as_list).unwrap_or_default()
}
