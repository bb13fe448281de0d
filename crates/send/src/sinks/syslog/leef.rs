//! QRadar's Log Event Extended Format 2.0: `LEEF:2.0|Vendor|Product|Version|EventID|^|key=value^key=value`.
//!
//! Nothing can be escaped in it, so what would end a field is replaced: `|` in the header, the delimiter in a value. The delimiter is `^`
//! and not the usual tabulator: rsyslog writes a tabulator out as `#011` unless it is told not to.

use seaworthy_report::identity;

use super::field::{fitted, free, name};
use super::frame::Frame;
use super::words::About;

/// What stands between two fields.
const DELIMITER: char = '^';

/// A message whose text is LEEF.
pub(super) fn message(frame: &Frame, about: &About<'_>, most: usize) -> String {
    fitted(most, |limit| format!("{}- {}", frame.header(about), event(about, limit)))
}

fn event(about: &About<'_>, limit: usize) -> String {
    let finding = about.finding();
    let rule = name(&finding.rule, 128).replace('|', "_");
    let mut out = format!("LEEF:2.0|Seaworthy|seaworthy|{}|{rule}|{DELIMITER}|", env!("CARGO_PKG_VERSION"));
    let mut first = true;
    let mut add = |key: &str, value: &str| {
        if !value.is_empty() {
            if !std::mem::take(&mut first) {
                out.push(DELIMITER);
            }
            out.push_str(key);
            out.push('=');
            out.extend(value.chars().map(|c| if c == DELIMITER { '_' } else { c }));
        }
    };
    add("event", about.id);
    add("cat", &about.kind());
    add("sev", &about.out_of_ten().max(1).to_string());
    if let Some(time) = about.time() {
        add("devTime", &time.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string());
        add("devTimeFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSZ");
    }
    add("finding", &identity::fingerprint(finding));
    add("item", &name(&finding.id, 24));
    add("status", finding.status.as_str());
    add("verdict", finding.verdict.as_str());
    add("severity", finding.severity.as_str());
    add("level", &finding.level.to_string());
    add("change", about.change());
    add("identHostName", &free(&finding.subject.name, limit.min(256)));
    add("resource", &free(&finding.subject.name, limit.min(256)));
    add("policy", &free(identity::benchmark(finding), limit.min(64)));
    add("cluster", &free(about.cluster(), limit.min(128)));
    add("section", &free(&finding.section, limit.min(32)));
    add("title", &free(&finding.title, limit.min(512)));
    add("reason", &free(&finding.reason, limit));
    add("expected", &free(&finding.expected, limit));
    add("actual", &free(&about.actual(), limit));
    add("remediation", &free(about.remediation(), limit));
    add("filePath", &free(about.file(), limit));
    out
}
