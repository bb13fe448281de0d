//! Which benchmark fits.

use seaworthy_catalogue::{Benchmark, Catalogue, nearest};
use seaworthy_model::{BenchmarkChoice, Facts, KubernetesVersion, Source, Version};

use crate::JudgeError;

/// The Kubernetes version of the node: the user's word, else the API server's, the kubelet's, anybody's.
pub(crate) fn version(facts: &Facts, stated: Option<Version>) -> Option<KubernetesVersion> {
    if let Some(version) = stated {
        return Some(KubernetesVersion {
            component: None,
            version,
            text: version.to_string(),
            source: Source::stated("the user's word"),
        });
    }
    let by = |name: Option<&str>| facts.versions.iter().find(|v| v.component.as_deref() == name);
    by(None)
        .or_else(|| by(Some("kube-apiserver")))
        .or_else(|| by(Some("kubelet")))
        .or_else(|| facts.versions.first())
        .cloned()
}

/// Chooses the benchmark, and says why.
pub(crate) fn benchmark<'c>(
    catalogue: &'c Catalogue,
    asked: Option<&str>,
    version: Option<Version>,
) -> Result<(&'c Benchmark, BenchmarkChoice), JudgeError> {
    let choice = |benchmark: &'c Benchmark, why: String| {
        (benchmark, BenchmarkChoice { id: benchmark.id.clone(), title: benchmark.title.clone(), why })
    };
    if let Some(asked) = asked {
        let found = catalogue.benchmark(asked).ok_or_else(|| JudgeError::NoSuchBenchmark {
            asked: asked.to_owned(),
            nearest: nearest(asked, catalogue.benchmarks.iter().map(|b| b.id.as_str())).map(str::to_owned),
            all: catalogue.benchmarks.iter().map(|b| b.id.clone()).collect(),
        })?;
        return Ok(choice(found, "it was asked for".to_owned()));
    }
    let newest = catalogue.benchmarks.last().ok_or(JudgeError::NoBenchmarks)?;
    let Some(version) = version else {
        let why = "the Kubernetes version could not be found out, so the newest one is taken; give --kubernetes-version or --benchmark";
        return Ok(choice(newest, why.to_owned()));
    };
    let release = version.release();
    let Some(found) = catalogue.benchmarks.iter().rev().find(|b| b.kubernetes.holds(version)) else {
        let oldest = catalogue.benchmarks.first().ok_or(JudgeError::NoBenchmarks)?;
        let older = oldest.kubernetes.from.is_some_and(|from| release < from);
        let taken = if older { oldest } else { newest };
        return Ok(choice(taken, format!("no benchmark is for Kubernetes {release}, and this one is nearest")));
    };
    let why = if found.published.holds(version) {
        format!("it covers Kubernetes {release} (published for {})", found.published)
    } else if found.published.to.is_some_and(|to| release > to) {
        format!(
            "Kubernetes {release} is newer than every benchmark here; this is the newest, published for {}",
            found.published
        )
    } else {
        format!(
            "Kubernetes {release} is older than every benchmark here; this is the nearest, published for {}",
            found.published
        )
    };
    Ok(choice(found, why))
}
