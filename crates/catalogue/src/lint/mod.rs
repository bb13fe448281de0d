//! From raw to resolved: every name is looked up, every word checked.

mod benchmarks;
mod checks;
mod components;
mod fixes;
mod known;
mod platforms;
mod rules;

use std::collections::BTreeMap;

use crate::load::Draft;
use crate::{Case, Catalogue, Component, Loaded, Platform, Problem, nearest};

/// Resolves a draft as far as it goes; what does not is in `problems`.
pub(crate) fn resolve(draft: &Draft<'_>, digest: String, problems: &mut Vec<Problem>) -> Loaded {
    let components: Vec<Component> =
        draft.components.iter().map(|(name, raw)| components::resolve(name, raw, problems)).collect();
    let platforms: Vec<Platform> =
        draft.platforms.iter().map(|(name, raw)| platforms::resolve(name, raw, &components, problems)).collect();
    let names = Names { components: &components, platforms: &platforms };
    let rules = draft.rules.iter().filter_map(|(name, raw)| rules::resolve(name, raw, &names, problems)).collect();
    rules::cases(draft, problems);
    let mut benchmarks: Vec<_> =
        draft.benchmarks.iter().map(|(id, raw)| benchmarks::resolve(id, raw, draft, &names, problems)).collect();
    benchmarks.sort_by(|a, b| (a.kubernetes.from, &a.id).cmp(&(b.kubernetes.from, &b.id)));
    let known = draft.known.as_ref().map(|raw| known::resolve(raw, problems)).unwrap_or_default();
    let cases: BTreeMap<String, Vec<Case>> =
        draft.cases.iter().map(|(name, parsed)| (name.clone(), parsed.value.cases.clone())).collect();
    Loaded { catalogue: Catalogue { digest, components, platforms, rules, known, benchmarks }, cases }
}

/// What names can refer to.
pub(crate) struct Names<'a> {
    pub(crate) components: &'a [Component],
    pub(crate) platforms: &'a [Platform],
}

impl Names<'_> {
    pub(crate) fn component(&self, name: &str) -> Result<&Component, String> {
        self.components
            .iter()
            .find(|c| c.name == name)
            .ok_or_else(|| suggestion(name, self.components.iter().map(|c| c.name.as_str())))
    }
}

/// `did you mean X?`, or the list of what there is.
pub(crate) fn suggestion<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> String {
    let candidates: Vec<&str> = candidates.collect();
    nearest(word, candidates.iter().copied())
        .map_or_else(|| format!("there are: {}", candidates.join(", ")), |near| format!("write {near:?} instead?"))
}
