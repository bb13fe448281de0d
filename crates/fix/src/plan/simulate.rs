//! What the checks would say of the node after a draft: the collector reads it as it would be, and the engine judges that.

use seaworthy_collect::{Changed, Overlay};
use seaworthy_engine::Settings;
use seaworthy_model::{Report, Verdict};

use super::draft::Draft;
use super::write_file::KEY;
use super::{Difference, How, pod};

/// A key that only stands for one.
const EXAMPLE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// Judges the node as it would be.
pub(crate) fn judge(draft: &Draft<'_>, settings: &Settings<'_, '_, '_>) -> Result<Report, String> {
    let node = draft.node;
    let mut overlay = Overlay::new(node.tree);
    for (path, file) in &draft.files {
        let changed = Changed {
            content: file.content.as_ref().map(|text| text.replace(KEY, EXAMPLE).into_bytes()),
            mode: file.mode,
            owner: file.owner,
            directory: file.directory && file.before.is_none(),
        };
        overlay.change(path, changed);
    }
    for (component, host, inside) in &draft.mounts {
        if let Some(stands) = settings.stands(component) {
            overlay.mount(stands.pid, host, inside);
        }
    }
    for (component, how) in &draft.restarts {
        let Some(stands) = settings.stands(component).filter(|_| *how == How::Manifest) else { continue };
        let (Some(manifest), Some(container)) = (stands.manifests.first(), &stands.container) else { continue };
        let text = draft.text(manifest)?.unwrap_or_default();
        overlay.run(stands.pid, &pod::Seen::read(&text, container)?.words);
    }
    for (component, words) in &draft.arguments {
        if let Some(stands) = settings.stands(component) {
            overlay.run(stands.pid, words);
        }
    }
    let mut facts = seaworthy_collect::collect(&overlay, node.catalogue, node.platform, node.collect);
    // The API tells of the node as it is, so it is no witness of what it would be.
    facts.api = None;
    seaworthy_engine::judge(&facts, node.catalogue, node.options).map_err(|error| error.to_string())
}

/// Findings of two reports that differ in their verdict.
pub(crate) fn differences(before: &Report, after: &Report) -> Vec<Difference> {
    let pairs = before.findings.iter().filter_map(|old| {
        let new = after.findings.iter().find(|new| new.identity == old.identity)?;
        (old.verdict != new.verdict).then(|| Difference {
            id: old.id.clone(),
            before: old.verdict,
            after: new.verdict,
            reason: new.reason.clone(),
        })
    });
    pairs.collect()
}

/// Whether a verdict is worse than another.
pub fn worse(difference: &Difference) -> bool {
    let rank = |verdict: Verdict| match verdict {
        Verdict::Pass | Verdict::NotApplicable => 0,
        Verdict::Manual => 1,
        Verdict::Unknown => 2,
        Verdict::Fail => 3,
    };
    rank(difference.after) > rank(difference.before)
}
