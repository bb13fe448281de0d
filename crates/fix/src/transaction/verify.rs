//! The checks, judged again from fresh facts.

use std::time::{Duration, Instant};

use seaworthy_model::{Report, Verdict};

use super::{Site, Work};
use crate::plan::differences;

/// How long the API server may need until it passes a question on to a kubelet that was just restarted.
const PASSED_ON: Duration = Duration::from_secs(15);

/// Whether what was asked for passes, and nothing else got worse.
pub(super) fn judged(work: &Work, site: &Site<'_>) -> Result<Vec<String>, String> {
    let Some(before) = &work.report else { return Ok(Vec::new()) };
    let begin = Instant::now();
    loop {
        let judged = once(work, before, site);
        let again = judged.is_err() && begin.elapsed() < PASSED_ON && (site.interrupted)().is_none();
        if !again {
            return judged;
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

fn once(work: &Work, before: &Report, site: &Site<'_>) -> Result<Vec<String>, String> {
    let tree = (site.open)()?;
    let mut facts = seaworthy_collect::collect(tree.as_ref(), site.catalogue, site.platform, site.collect);
    facts.api = None;
    (site.running)(&mut facts);
    let after = seaworthy_engine::judge(&facts, site.catalogue, site.options).map_err(|error| error.to_string())?;
    for id in &work.pass {
        match after.findings.iter().find(|finding| finding.id == *id) {
            Some(finding) if finding.verdict == Verdict::Pass => {}
            Some(finding) => return Err(format!("{id} does not pass after the repair: {}", finding.reason)),
            None => return Err(format!("{id} is gone after the repair")),
        }
    }
    let judged_before = |id: &str| before.findings.iter().any(|finding| finding.id == id);
    match differences(before, &after).into_iter().find(|d| crate::plan::worse(d) && judged_before(&d.id)) {
        Some(worse) if !work.pass.is_empty() => Err(format!("{} got worse: {}", worse.id, worse.reason)),
        Some(worse) => Ok(vec![format!("{} is worse now: {}", worse.id, worse.reason)]),
        None => Ok(Vec::new()),
    }
}
