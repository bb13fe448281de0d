//! One item on several subjects: who agrees, who differs and how.

use seaworthy_model::{Finding, Status};

use crate::words::{self, Why};

/// How many names are shown of those that agree.
const FEW: usize = 8;

/// Findings that say the same of an item.
pub(crate) struct Same<'a> {
    /// The word in front.
    pub(crate) status: Status,
    /// The line below; empty for a PASS.
    pub(crate) why: Option<Why>,
    /// Whom they are about.
    pub(crate) names: Vec<&'a str>,
}

/// The findings of one item, put together by what they say: the worst word first, the most subjects first among equals.
pub(crate) fn same<'a>(item: &[&'a Finding]) -> Vec<Same<'a>> {
    let mut list: Vec<Same<'a>> = Vec::new();
    for finding in item {
        let why = (finding.status != Status::Pass).then(|| words::why(finding));
        match list.iter_mut().find(|same| same.status == finding.status && same.why == why) {
            Some(same) => same.names.push(&finding.subject.name),
            None => list.push(Same { status: finding.status, why, names: vec![&finding.subject.name] }),
        }
    }
    list.sort_by_key(|same| (std::cmp::Reverse(rank(same.status)), std::cmp::Reverse(same.names.len())));
    list
}

fn rank(status: Status) -> u8 {
    match status {
        Status::Fail => 3,
        Status::Warn => 2,
        Status::Pass => 1,
        Status::Info => 0,
    }
}

impl Same<'_> {
    /// `FAIL on node7: value, place`; `PASS on 41`.
    pub(crate) fn line(&self) -> String {
        let who = if self.names.len() > FEW || (self.why.is_none() && self.names.len() > 3) {
            format!("{} nodes", self.names.len())
        } else {
            self.names.join(", ")
        };
        match &self.why {
            Some(why) => format!("{} on {who}: {why}", self.status),
            None => format!("{} on {who}", self.status),
        }
    }
}
