//! Phrases that more than one format uses. Not cleaned: whoever prints them does that.

use seaworthy_model::{Applied, Evidence, Finding, Kind, Label, Resource, Status, Verdict};

/// Why a finding has its word.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Why {
    /// Which kind of WARN or INFO it is; `None` for a FAIL and a PASS, which need none.
    pub(crate) word: Option<String>,
    /// The reason.
    pub(crate) reason: String,
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.word {
            Some(word) => write!(f, "{word}: {}", self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

/// Why a finding has its word, for the one line under it.
pub(crate) fn why(finding: &Finding) -> Why {
    let reason = reason(finding).to_owned();
    if let Some(waiver) = &finding.waiver {
        // A waiver hides nothing: the line says what would stand there without it.
        let otherwise = Status::of(finding.verdict, finding.scored, false);
        let reason = format!("{}; otherwise {otherwise}: {reason}", waiver.reason);
        return Why { word: Some(waived(waiver)), reason };
    }
    let word = match (finding.status, finding.verdict) {
        (Status::Fail | Status::Pass, _) => None,
        (_, _) if finding.kind == Kind::Skipped => Some("skipped"),
        (Status::Warn, Verdict::Fail) => Some("not scored"),
        (_, Verdict::NotApplicable) => Some("not applicable"),
        (_, verdict) => Some(verdict.as_str()),
    };
    Why { word: word.map(str::to_owned), reason }
}

/// The reason, or a word that there is none.
pub(crate) fn reason(finding: &Finding) -> &str {
    if finding.reason.is_empty() { "no reason was given" } else { &finding.reason }
}

/// By whom and until when.
pub(crate) fn waived(waiver: &Applied) -> String {
    format!("waived until {} by {}", waiver.expires, waiver.owner)
}

/// One piece of evidence, and below it the values that lost and the notes, each a line.
pub(crate) fn evidence(evidence: &Evidence) -> (String, Vec<String>) {
    let from = evidence.source.as_ref().map(|source| format!(", from {source}")).unwrap_or_default();
    let first = format!("{}: {}{from}", evidence.what, evidence.value);
    let lost = evidence.candidates.iter().map(|c| format!("not used: {}, from {}: {}", c.value, c.source, c.why));
    let notes = evidence.notes.iter().map(|note| format!("note: {note}"));
    (first, lost.chain(notes).collect())
}

/// `Pod kube-system/name: detail`.
pub(crate) fn resource(resource: &Resource) -> String {
    let namespace = resource.namespace.as_ref().map(|namespace| format!("{namespace}/")).unwrap_or_default();
    let detail = if resource.detail.is_empty() { String::new() } else { format!(": {}", resource.detail) };
    format!("{} {namespace}{}{detail}", resource.kind, resource.name)
}

/// The publisher's word for who decides.
pub(crate) fn label(finding: &Finding) -> &'static str {
    match finding.label {
        Label::Automated => "automated",
        Label::Manual => "manual",
    }
}
