//! What of a benchmark is asked for. A word that names nothing is a mistake, never an empty result.

use seaworthy_catalogue::{Benchmark, Catalogue, Item, nearest};
use seaworthy_model::{Label, Version};

use crate::{JudgeError, choose};

/// The benchmark and those of its items that are asked for, before there are any facts. Without a word for the benchmark it is the one
/// for that Kubernetes version, or the newest.
///
/// # Errors
/// [`JudgeError`] for words that name nothing.
pub fn chosen<'c>(
    catalogue: &'c Catalogue,
    benchmark: Option<&str>,
    version: Option<Version>,
    selection: &Selection,
) -> Result<(&'c Benchmark, Vec<&'c Item>), JudgeError> {
    let (benchmark, _) = choose::benchmark(catalogue, benchmark, version)?;
    selection.check(benchmark)?;
    let taken = |item: &&Item| selection.takes(benchmark, item) && selection.skips(item).is_none();
    Ok((benchmark, benchmark.items.iter().filter(taken).collect()))
}

/// What of a benchmark is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Targets: `master`, `node`, `etcd`, `controlplane`, `policies`. Empty: all.
    pub targets: Vec<String>,
    /// Numbers or rule names. Empty: all.
    pub checks: Vec<String>,
    /// Groups or sections: `1.2`, `4`. Empty: all.
    pub groups: Vec<String>,
    /// Numbers, rule names, groups or sections to leave out: their findings say so.
    pub skip: Vec<String>,
    /// `Some(true)`: only scored items; `Some(false)`: only the others.
    pub scored: Option<bool>,
}

impl Selection {
    /// Refuses words that name nothing in this benchmark.
    pub(crate) fn check(&self, benchmark: &Benchmark) -> Result<(), JudgeError> {
        let targets: Vec<&str> = benchmark.sections.iter().map(|s| s.target.as_str()).collect();
        let groups: Vec<&str> = benchmark
            .sections
            .iter()
            .flat_map(|s| std::iter::once(s.id.as_str()).chain(s.groups.iter().map(|g| g.id.as_str())))
            .collect();
        let checks: Vec<&str> = benchmark.items.iter().flat_map(|i| [i.id.as_str(), i.rule.as_str()]).collect();
        let both: Vec<&str> = checks.iter().chain(&groups).copied().collect();
        for (what, asked, known, list) in [
            ("target", &self.targets, &targets, true),
            ("check", &self.checks, &checks, false),
            ("group", &self.groups, &groups, true),
            ("check or group", &self.skip, &both, false),
        ] {
            for word in asked {
                if !known.contains(&word.as_str()) {
                    return Err(JudgeError::NoSuchItem {
                        what,
                        asked: word.clone(),
                        benchmark: benchmark.id.clone(),
                        nearest: nearest(word, known.iter().copied()).map(str::to_owned),
                        all: if list { known.iter().map(|k| (*k).to_owned()).collect() } else { Vec::new() },
                    });
                }
            }
        }
        Ok(())
    }

    /// Whether the item is asked for.
    pub(crate) fn takes(&self, benchmark: &Benchmark, item: &Item) -> bool {
        let target = benchmark.section_of(&item.id).map_or("", |s| s.target.as_str());
        let scored = item.label == Label::Automated;
        (self.targets.is_empty() || self.targets.iter().any(|t| t == target))
            && (self.checks.is_empty() || self.checks.iter().any(|c| *c == item.id || *c == item.rule))
            && (self.groups.is_empty() || self.groups.iter().any(|g| within(&item.id, g)))
            && self.scored.is_none_or(|wanted| wanted == scored)
    }

    /// Whether nothing was chosen: all that there is is asked for.
    pub(crate) fn is_everything(&self) -> bool {
        self.targets.is_empty() && self.checks.is_empty() && self.groups.is_empty()
    }

    /// The word by which the item is to be left out.
    pub(crate) fn skips(&self, item: &Item) -> Option<&str> {
        self.skip.iter().find(|s| **s == item.rule || within(&item.id, s)).map(String::as_str)
    }
}

/// Whether `1.2.15` is `1.2.15`, or in `1.2` or `1`.
pub(crate) fn within(id: &str, group: &str) -> bool {
    id.strip_prefix(group).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
