//! What became of a node, and ways to hold verdicts.

use seaworthy_model::{Facts, Finding, Report, Verdict};

use super::Node;

/// What became of a node.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) facts: Facts,
    pub(crate) report: Report,
}

impl Judged {
    pub(crate) fn finding(&self, id: &str) -> &Finding {
        self.report.findings.iter().find(|f| f.id == id).unwrap_or_else(|| panic!("there is no {id}"))
    }

    pub(crate) fn verdict(&self, id: &str) -> Verdict {
        self.finding(id).verdict
    }

    /// Whether some evidence of a finding, its notes and losers included, holds a text.
    pub(crate) fn mentions(&self, id: &str, text: &str) -> bool {
        serde_json::to_string(&self.finding(id).evidence).expect("JSON").contains(text)
    }
}

/// Arguments, and the verdicts to which they lead.
pub(crate) type Case = (&'static [&'static str], &'static [(&'static str, Verdict)]);

/// Holds verdicts of a node of which one program has more arguments, case by case.
pub(crate) fn hold_each(node: &Node, program: &str, cases: &[Case]) {
    for (more, wanted) in cases {
        hold(&format!("{program} {}", more.join(" ")), &node.clone().with(program, more), wanted);
    }
}

/// Holds verdicts of one node; the message names the case, and the reason that was given.
pub(crate) fn hold(case: &str, node: &Node, wanted: &[(&str, Verdict)]) {
    let judged = node.judge();
    for (id, verdict) in wanted {
        let finding = judged.finding(id);
        assert_eq!(finding.verdict, *verdict, "{case}: {id}: {}", finding.reason);
    }
}
