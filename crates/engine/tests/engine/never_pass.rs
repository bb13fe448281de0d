//! No input turns a fact that could not be read, parsed or found into a pass or "does not apply".
//!
//! Every case of the catalogue is a node; each fact of it is taken away in every way in which a collector can fail to have it. What
//! did not pass before must not pass then, and what applied must not stop to apply.
//!
//! Three facts are left out, since the rule for them is another: without a readable program or place a process that is the only one of
//! its name is taken, and the evidence says so; and where the environment cannot be read, arguments are taken at their word, though a
//! variable could name a configuration file that makes them void.

use proptest::prelude::*;
use seaworthy_catalogue::{Case, Catalogue, Rule};
use seaworthy_engine::{Options, cases, judge};
use seaworthy_model::{Fact, Facts, File, Grant, GrantKind, Kind, Source, Text, Verdict};

use crate::support::loaded;

/// The ways in which a fact can be missing.
const WAYS: usize = 3;

fn missing<T>(way: usize, source: &Source) -> Fact<T> {
    let source = source.clone();
    match way % WAYS {
        0 => Fact::Denied { error: "permission denied".into(), grant: Grant::new(GrantKind::User, "root"), source },
        1 => Fact::NotVisible { grant: Grant::new(GrantKind::Mount, "/"), source },
        _ => Fact::Broken { error: "larger than 1 MiB".into(), source },
    }
}

/// Texts that no component could read.
const GARBAGE: [&str; 6] = ["", "{", "a: [", "- 1\n- 2\n", "kind: Pod\napiVersion: v1\n", "\u{0}\u{1}"];

/// How many facts of this node can be taken away.
fn count(facts: &Facts) -> usize {
    let node = facts.node.as_ref().unwrap();
    let processes = node.processes.known().map_or(0, Vec::len);
    2 + processes * 2 + node.files.len() * (3 + GARBAGE.len()) + witnesses(facts)
}

/// How many facts of the API about this node can be taken away: the cluster's authority, and of each kubelet's configuration all, the
/// entry, and its text.
fn witnesses(facts: &Facts) -> usize {
    facts.api.as_ref().map_or(0, |api| 1 + api.kubelets.len() * (2 + GARBAGE.len()))
}

fn degrade_witness(facts: &mut Facts, which: usize, way: usize) -> Option<()> {
    let api = facts.api.as_mut()?;
    let Some(which) = which.checked_sub(1) else {
        api.authority = missing(way, api.authority.source());
        return Some(());
    };
    let kinds = 2 + GARBAGE.len();
    let kubelet = api.kubelets.get_mut(which / kinds)?;
    match which % kinds {
        0 => kubelet.config = missing(way, kubelet.config.source()),
        1 => {
            api.kubelets.remove(which / kinds);
        }
        kind => {
            let Fact::Known { value, .. } = &mut kubelet.config else { return None };
            GARBAGE[kind - 2].clone_into(&mut value.text);
        }
    }
    Some(())
}

/// Takes the fact with this number away. `None` if there is nothing to take.
fn degrade(facts: &Facts, which: usize, way: usize) -> Option<Facts> {
    let mut facts = facts.clone();
    let node = facts.node.as_mut().unwrap();
    let processes = node.processes.known().map_or(0, Vec::len);
    let of_node = 2 + processes * 2 + node.files.len() * (3 + GARBAGE.len());
    match which {
        n if n >= of_node => degrade_witness(&mut facts, n - of_node, way)?,
        0 => node.processes = missing(way, &Source::host("/proc")),
        1 => node.manifests = missing(way, &Source::host("/etc/kubernetes/manifests")),
        n if n < 2 + processes * 2 => {
            let Fact::Known { value, .. } = &mut node.processes else { return None };
            let process = &mut value[(n - 2) / 2];
            if n % 2 == 0 {
                process.arguments = missing(way, process.arguments.source());
            } else if !process.environment.known()?.iter().any(|v| v.name == "ETCD_CONFIG_FILE") {
                process.environment = missing(way, process.environment.source());
            }
        }
        n => {
            let n = n - 2 - processes * 2;
            let kinds = 3 + GARBAGE.len();
            let record = node.files.get_mut(n / kinds)?;
            match n % kinds {
                0 => record.fact = missing(way, record.fact.source()),
                1 => {
                    node.files.remove(n / kinds);
                }
                2 => with_file(&mut record.fact, |file, source| {
                    if file.entries.is_some() {
                        file.entries = Some(missing(way, source));
                    }
                    file.certificates.clear();
                    file.text.is_some().then(|| file.text = Some(missing(way, source)))
                })?,
                kind => with_file(&mut record.fact, |file, source| {
                    // To etcd, whose file has no kind, a map of strange keys is a file that sets nothing.
                    let has_kind = file.text.as_ref()?.known()?.text.contains("kind:");
                    (has_kind || !GARBAGE[kind - 3].contains("kind:")).then(|| {
                        let text = Text { text: GARBAGE[kind - 3].to_owned(), redactions: 0 };
                        file.text = Some(Fact::Known { value: text, source: source.clone() });
                    })
                })?,
            }
        }
    }
    Some(facts)
}

fn with_file(fact: &mut Fact<File>, change: impl FnOnce(&mut File, &Source) -> Option<()>) -> Option<()> {
    match fact {
        Fact::Known { value, source } => {
            let source = source.clone();
            change(value, &source)
        }
        _ => None,
    }
}

/// A catalogue with a benchmark of this one rule.
fn only(catalogue: &Catalogue, rule: &Rule) -> Catalogue {
    let mut catalogue = catalogue.clone();
    let mut benchmark = catalogue.benchmarks.last().unwrap().clone();
    benchmark.items.retain(|item| item.rule == rule.name);
    benchmark.items.iter_mut().for_each(|item| item.check = None);
    catalogue.benchmarks = vec![benchmark];
    catalogue.rules.retain(|r| r.name == rule.name);
    catalogue
}

fn verdict(facts: &Facts, catalogue: &Catalogue) -> (Verdict, Kind, String) {
    let report = judge(facts, catalogue, &Options::default()).unwrap();
    let finding = report.findings.into_iter().next().unwrap();
    (finding.verdict, finding.kind, finding.reason)
}

fn check(rule: &Rule, case: &Case, before: Verdict, after: &(Verdict, Kind, String), what: &str) -> Result<(), String> {
    let (verdict, _, reason) = after;
    let better = matches!(verdict, Verdict::Pass | Verdict::NotApplicable) && *verdict != before;
    if better {
        return Err(format!("{}: {:?}: {before} became {verdict} without {what}: {reason}", rule.name, case.name));
    }
    Ok(())
}

#[test]
fn one_missing_list_makes_nothing_pass_and_nothing_fail() {
    let loaded = loaded();
    let mut wrong = Vec::new();
    let mut tried = 0;
    for rule in &loaded.catalogue.rules {
        let catalogue = only(&loaded.catalogue, rule);
        for case in loaded.cases[&rule.name].iter().filter(|c| c.with.is_none() && c.objects.is_some()) {
            let facts = cases::facts(&loaded.catalogue, rule, case).unwrap();
            let (before, ..) = verdict(&facts, &catalogue);
            for ask in cases::LISTS {
                for way in [cases::refuse, cases::spoil] {
                    let mut less = facts.clone();
                    way(less.api.as_mut().unwrap(), ask);
                    tried += 1;
                    let after = verdict(&less, &catalogue);
                    wrong.extend(check(rule, case, before, &after, ask).err());
                    if after.0 == Verdict::Fail && before != Verdict::Fail {
                        wrong.push(format!(
                            "{}: {:?}: {before} became fail without {ask}: {}",
                            rule.name, case.name, after.2
                        ));
                    }
                }
            }
        }
    }
    assert!(tried > 1000, "only {tried} lists were taken away");
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn one_missing_fact_makes_nothing_pass() {
    let loaded = loaded();
    let mut wrong = Vec::new();
    let mut tried = 0;
    for rule in &loaded.catalogue.rules {
        let catalogue = only(&loaded.catalogue, rule);
        for case in loaded.cases[&rule.name].iter().filter(|c| c.with.is_none()) {
            let facts = cases::facts(&loaded.catalogue, rule, case).unwrap();
            let (before, ..) = verdict(&facts, &catalogue);
            for which in 0..count(&facts) {
                let Some(less) = degrade(&facts, which, which) else { continue };
                tried += 1;
                wrong.extend(check(rule, case, before, &verdict(&less, &catalogue), &format!("fact {which}")).err());
            }
        }
    }
    assert!(tried > 1000, "only {tried} facts were taken away");
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn nothing_passes_on_a_node_of_which_nothing_is_known() {
    let loaded = loaded();
    for rule in &loaded.catalogue.rules {
        let catalogue = only(&loaded.catalogue, rule);
        // What the API answered is known still where a case has objects.
        for case in loaded.cases[&rule.name].iter().filter(|c| c.objects.is_none()) {
            let mut facts = cases::facts(&loaded.catalogue, rule, case).unwrap();
            facts.api = None;
            let node = facts.node.as_mut().unwrap();
            node.processes = missing(0, &Source::host("/proc"));
            node.manifests = missing(1, &Source::host("/etc/kubernetes/manifests"));
            node.files.iter_mut().for_each(|record| record.fact = missing(0, record.fact.source()));
            let (verdict, _, reason) = verdict(&facts, &catalogue);
            assert_eq!(verdict, Verdict::Unknown, "{}: {:?}: {reason}", rule.name, case.name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn several_missing_facts_make_nothing_pass(pick in any::<prop::sample::Index>(), taken in prop::collection::vec((any::<prop::sample::Index>(), 0..WAYS), 1..6)) {
        thread_local! {
            static LOADED: seaworthy_catalogue::Loaded = loaded();
        }
        LOADED.with(|loaded| {
            let all: Vec<(&Rule, &Case)> = loaded.catalogue.rules.iter()
                .flat_map(|rule| loaded.cases[&rule.name].iter().map(move |case| (rule, case)))
                .filter(|(_, case)| case.with.is_none())
                .collect();
            let (rule, case) = all[pick.index(all.len())];
            let catalogue = only(&loaded.catalogue, rule);
            let mut facts = cases::facts(&loaded.catalogue, rule, case).unwrap();
            let (before, ..) = verdict(&facts, &catalogue);
            for (which, way) in &taken {
                let which = which.index(count(&facts));
                facts = degrade(&facts, which, *way).unwrap_or(facts);
            }
            let result = check(rule, case, before, &verdict(&facts, &catalogue), "some facts");
            prop_assert!(result.is_ok(), "{}", result.unwrap_err());
            Ok(())
        })?;
    }
}
