//! What a verdict rests on, as few enough lines: a process chooses how long its arguments are, and a cluster how much offends.

use seaworthy_model::Finding;

use crate::hostile::cut;
use crate::words;

/// How many lines are told of one finding.
const LINES: usize = 60;

/// How many characters a line has.
const LINE: usize = 1000;

/// The evidence, below each the values that lost and the notes, then the things that offend. Cleaned; what is left out is said.
pub(crate) fn told(finding: &Finding) -> Vec<String> {
    let mut lines = Vec::new();
    for evidence in &finding.evidence {
        let (first, below) = words::evidence(evidence);
        lines.push(cut(&first, LINE).into_owned());
        lines.extend(below.iter().map(|line| format!("  {}", cut(line, LINE))));
    }
    lines.extend(finding.resources.iter().map(|resource| cut(&words::resource(resource), LINE).into_owned()));
    if lines.len() > LINES {
        let more = lines.len() - LINES;
        lines.truncate(LINES);
        lines.push(format!("… ({more} more lines)"));
    }
    lines
}
