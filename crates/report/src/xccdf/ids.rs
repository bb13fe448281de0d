//! Ids as XCCDF 1.2 wants them: `xccdf_io.seaworthy_rule_1.2.15`.

use std::fmt::Write as _;

use seaworthy_model::{Finding, Report};

use crate::identity;

/// `xccdf_io.seaworthy_KIND_NAME`. Two names never give one id: what an id cannot hold is written as `_HEX_`, the `_` too.
pub(super) fn id(kind: &str, name: &str) -> String {
    let mut id = format!("xccdf_io.seaworthy_{kind}_");
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') {
            id.push(c);
        } else {
            // Writing to a String does not fail.
            let _ = write!(id, "_{:x}_", u32::from(c));
        }
    }
    // An id may not end with its kind.
    if name.is_empty() {
        id.push('-');
    }
    id
}

/// The rule's. A finding of another benchmark than the report's has its number behind that benchmark's name.
pub(super) fn rule(report: &Report, finding: &Finding) -> String {
    let benchmark = identity::benchmark(finding);
    if benchmark.is_empty() || benchmark == report.header.benchmark.id {
        return id("rule", &finding.id);
    }
    id("rule", &format!("{benchmark}/{}", finding.id))
}

/// The benchmark's.
pub(super) fn benchmark(report: &Report) -> String {
    id("benchmark", &report.header.benchmark.id)
}

#[cfg(test)]
mod tests {
    use super::id;

    #[test]
    fn an_id_is_a_name_and_two_names_are_two_ids() {
        assert_eq!(id("rule", "1.2.15"), "xccdf_io.seaworthy_rule_1.2.15");
        assert_eq!(id("rule", "a_b/é"), "xccdf_io.seaworthy_rule_a_5f_b_2f__e9_");
        assert_ne!(id("rule", "a/b"), id("rule", "a_2f_b"));
        assert_ne!(id("rule", ""), id("rule", " "));
    }
}
