//! Places and text as SARIF wants them.

use std::fmt::Write as _;

use seaworthy_model::{Finding, SubjectKind};
use serde_json::{Value, json};

use super::{Profile, word};
use crate::document::{self, Place, line};
use crate::identity;

/// What a path of ours is relative to.
pub(super) fn bases() -> Value {
    json!({
        "CONTAINER": {"description": {"text": "The file system of the container that the component runs in."}},
        "NODE": {"uri": "file:///", "description": {"text": "The node's own file system."}},
    })
}

/// The finding's files, and whom it is about. A reader that shows places only shows a finding without a file nowhere, so that GitHub
/// gets a place that is made up, below `seaworthy/`.
pub(super) fn locations(finding: &Finding, profile: Profile) -> Vec<Value> {
    let logical = logical(finding);
    let mut places = document::places(finding);
    places.retain(|place| !place.path.is_empty());
    if profile == Profile::GitHub {
        let subject = word(&finding.subject.name);
        let path = format!("seaworthy/{subject}/{}", document::item(identity::benchmark(finding), &finding.id));
        let made_up = Place { path, in_container: false, line: None };
        // GitHub reads the first place only.
        let place = places.into_iter().next().unwrap_or(made_up);
        let region = json!({"startLine": place.line.unwrap_or(1)});
        let physical = json!({"artifactLocation": {"uri": uri(&place.path)}, "region": region});
        return vec![json!({"physicalLocation": physical, "logicalLocations": logical})];
    }
    if places.is_empty() {
        return vec![json!({"logicalLocations": logical})];
    }
    let location = |place: &Place| {
        let base = if place.in_container { "CONTAINER" } else { "NODE" };
        let region = place.line.map(|line| json!({"startLine": line}));
        let physical = json!({"artifactLocation": {"uri": uri(&place.path), "uriBaseId": base}, "region": region});
        json!({"physicalLocation": physical, "logicalLocations": logical})
    };
    places.iter().map(location).collect()
}

fn logical(finding: &Finding) -> Vec<Value> {
    let subject = &finding.subject;
    let cluster = line(identity::cluster(finding).unwrap_or("-"));
    let kind = if subject.kind == SubjectKind::Node { "node" } else { "cluster" };
    let name = line(&subject.name);
    let whole = if subject.kind == SubjectKind::Node { format!("{cluster}/{name}") } else { cluster };
    vec![json!({"name": name, "kind": kind, "fullyQualifiedName": whole})]
}

/// The path as a relative reference: without the slash in front, everything but unreserved characters written as `%XX`. A path that
/// climbs or names a scheme stays a path.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    let steps: Vec<&str> = path.split('/').filter(|step| !matches!(*step, "" | ".")).collect();
    for (number, step) in steps.iter().enumerate() {
        if number > 0 {
            uri.push('/');
        }
        if *step == ".." {
            uri.push_str("%2E%2E");
            continue;
        }
        for byte in step.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                uri.push(char::from(byte));
            } else {
                // Writing into a String does not fail.
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    if uri.is_empty() { "%2F".to_owned() } else { uri }
}

/// The text without what SARIF takes for a link: evidence must not send a reader anywhere.
pub(super) fn literal(text: &str) -> String {
    text.replace("](", "] (")
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_path_is_a_relative_reference_whatever_it_holds() {
        for (path, want) in [
            ("/etc/kubernetes/admin.conf", "etc/kubernetes/admin.conf"),
            ("/a b/ü:#?", "a%20b/%C3%BC%3A%23%3F"),
            ("//evil/../x/./y", "evil/%2E%2E/x/y"),
            ("javascript:alert(1)", "javascript%3Aalert%281%29"),
            ("/", "%2F"),
            ("\n\u{202e}", "%0A%E2%80%AE"),
        ] {
            assert_eq!(uri(path), want);
        }
    }
}
