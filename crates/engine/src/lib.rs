//! Judges facts by the catalogue. Pure: no file, no clock, no environment; the same facts give the same report.

pub mod cases;
mod checks;
mod choose;
mod context;
mod derive;
mod grants;
mod instances;
mod judge;
mod merge;
mod phrase;
mod remediation;
mod roles;
mod select;
mod settings;
mod standing;
mod through_api;
mod value;
mod waivers;
mod why;
mod witness;

use seaworthy_catalogue::Catalogue;

pub use grants::{Need, grants, needs};
pub use judge::{Options, judge, nothing_here};
pub use merge::{CONTROL_PLANE, judge_cluster};
pub use select::{Selection, chosen};
pub use standing::{Decided, Settings, Standing, Stands, settings};
pub use waivers::{WaiverError, Waivers};

/// The catalogue that this build holds.
pub fn embedded() -> Catalogue {
    let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/catalogue.bin"));
    // The build script wrote these bytes with the same types; a test reads them.
    #[expect(clippy::expect_used, reason = "written by our own build script, and read by a test")]
    Catalogue::from_bytes(bytes).expect("the embedded catalogue is whole")
}

/// Whether a selection takes nothing but what only the Kubernetes API can tell, in the benchmark that was asked for or else the newest.
pub fn only_cluster(catalogue: &Catalogue, options: &Options) -> bool {
    let asked = options.benchmark.as_deref().and_then(|id| catalogue.benchmark(id));
    let Some(benchmark) = asked.or(catalogue.benchmarks.last()) else { return false };
    let mut taken = benchmark.items.iter().filter(|item| options.selection.takes(benchmark, item)).peekable();
    taken.peek().is_some()
        && taken.all(|item| {
            let check = item.check.as_ref().or(catalogue.rule(&item.rule).map(|rule| &rule.check));
            matches!(check, Some(seaworthy_catalogue::Check::Api { .. }))
        })
}

/// The names of the engine's own functions that the catalogue may use: native checks, then derivations, then checks of the cluster.
pub fn functions() -> (Vec<&'static str>, Vec<&'static str>, Vec<&'static str>) {
    let natives = checks::native::ALL.iter().map(|(name, _)| *name).collect();
    let derivations = derive::ALL.iter().map(|(name, _)| *name).collect();
    let mut cluster: Vec<&str> = checks::cluster::all().map(|(name, _)| *name).collect();
    cluster.sort_unstable();
    (natives, derivations, cluster)
}

/// Why facts were not judged at all. Each is a word that names nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JudgeError {
    /// `--benchmark` names none. Choose one of the list.
    #[error("there is no benchmark {asked:?}{}; there are: {}", did_you_mean(nearest.as_deref()), all.join(", "))]
    NoSuchBenchmark {
        /// The word that was given.
        asked: String,
        /// The nearest that there is.
        nearest: Option<String>,
        /// All that there are.
        all: Vec<String>,
    },
    /// `--platform` names none. Choose one of the list.
    #[error("there is no platform {asked:?}{}; there are: {}", did_you_mean(nearest.as_deref()), all.join(", "))]
    NoSuchPlatform {
        /// The word that was given.
        asked: String,
        /// The nearest that there is.
        nearest: Option<String>,
        /// All that there are.
        all: Vec<String>,
    },
    /// `--targets`, `--check`, `--group` or `--skip` names nothing in this benchmark.
    #[error("there is no {what} {asked:?} in {benchmark}{}{}", did_you_mean(nearest.as_deref()), there_are(all))]
    NoSuchItem {
        /// What it should have been.
        what: &'static str,
        /// The word that was given.
        asked: String,
        /// The benchmark.
        benchmark: String,
        /// The nearest that there is.
        nearest: Option<String>,
        /// All that there are, where they are few.
        all: Vec<String>,
    },
    /// The catalogue holds no benchmark. It was replaced by one that is empty.
    #[error("the catalogue holds no benchmark")]
    NoBenchmarks,
    /// The catalogue holds no platform. It was replaced by one that is empty.
    #[error("the catalogue holds no platform")]
    NoPlatforms,
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |near| format!(", did you mean {near:?}?"))
}

fn there_are(all: &[String]) -> String {
    if all.is_empty() { "; see seaworthy list rules".to_owned() } else { format!("; there are: {}", all.join(", ")) }
}
