//! ArcSight's Common Event Format, version 0: `CEF:0|Vendor|Product|Version|SignatureID|Name|Severity|key=value key=value`.
//!
//! Header and extension escape different characters: `\` and `|` there, `\` and `=` here, never the other's.

use seaworthy_report::identity;

use super::field::{fitted, free, name};
use super::frame::Frame;
use super::words::About;

/// A message whose text is CEF. `space`: a blank follows the header's last `|`, for readers that take away a character there.
pub(super) fn message(frame: &Frame, about: &About<'_>, most: usize, space: bool) -> String {
    fitted(most, |limit| format!("{}- {}", frame.header(about), event(about, limit, space)))
}

fn event(about: &About<'_>, limit: usize, space: bool) -> String {
    let finding = about.finding();
    let mut out = "CEF:0".to_owned();
    let title = free(&format!("CIS {} {}", finding.id, finding.title), limit.clamp(20, 512));
    for field in ["Seaworthy", "seaworthy", env!("CARGO_PKG_VERSION"), &name(&finding.rule, 128), &title] {
        out.push('|');
        header(&mut out, field);
    }
    out.push_str(&format!("|{}|{}", about.out_of_ten(), if space { " " } else { "" }));
    let mut first = true;
    let mut add = |key: &str, value: &str| {
        if !value.is_empty() {
            if !std::mem::take(&mut first) {
                out.push(' ');
            }
            out.push_str(key);
            out.push('=');
            extension(&mut out, value);
        }
    };
    // The name of the event in the form that its 40 characters hold; Falcosidekick's events have the same.
    add("externalId", &identity::uuid(&["event", about.id]));
    add("rt", &about.time().map(|time| time.as_millisecond().to_string()).unwrap_or_default());
    add("cat", &about.kind());
    add("outcome", about.outcome());
    add("act", about.change());
    add("dvchost", &free(&finding.subject.name, limit.min(100)));
    let mut labelled = |key: &str, label: &str, value: &str| {
        if !value.is_empty() {
            add(key, value);
            add(&format!("{key}Label"), label);
        }
    };
    labelled("cn1", "level", &finding.level.to_string());
    labelled("flexString1", "item", &name(&finding.id, 24));
    labelled("flexString2", "finding", &identity::fingerprint(finding));
    labelled("cs1", "benchmark", &free(identity::benchmark(finding), limit.min(64)));
    labelled("cs2", "cluster", &free(about.cluster(), limit.min(128)));
    labelled("cs3", "section", &free(&finding.section, limit.min(32)));
    labelled("cs4", "expected", &free(&finding.expected, limit.min(4000)));
    labelled("cs5", "actual", &free(&about.actual(), limit.min(4000)));
    labelled("cs6", "remediation", &free(about.remediation(), limit.min(4000)));
    add("reason", &free(&finding.reason, limit.min(1023)));
    add("msg", &free(&words(about), limit.min(1023)));
    add("filePath", &free(about.file(), limit.min(1023)));
    out
}

fn words(about: &About<'_>) -> String {
    let finding = about.finding();
    let word = match about.item.state() {
        "gone" => "not asked any more",
        "solved" => "solved",
        _ => finding.status.as_str(),
    };
    format!("{word}: {} {}", finding.id, finding.title)
}

fn header(out: &mut String, text: &str) {
    for c in text.chars() {
        if matches!(c, '\\' | '|') {
            out.push('\\');
        }
        out.push(c);
    }
}

/// Line ends are none any more: they are written out as all that is hostile.
fn extension(out: &mut String, text: &str) {
    for c in text.chars() {
        if matches!(c, '\\' | '=') {
            out.push('\\');
        }
        out.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_and_extension_escape_their_own() {
        let of = |escape: fn(&mut String, &str)| {
            let mut out = String::new();
            escape(&mut out, r"a|b=c\d");
            out
        };
        assert_eq!(of(header), r"a\|b=c\\d");
        assert_eq!(of(extension), r"a|b\=c\\d");
    }
}
