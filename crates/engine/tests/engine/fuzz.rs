//! Hostile input to the engine: nothing panics, and what makes no sense passes nothing.

use proptest::prelude::*;
use seaworthy_engine::{Options, Waivers, cases, judge};
use seaworthy_model::{Facts, Verdict};

use crate::support::{load_texts, loaded, texts};

/// A node with a process of each component, as JSON.
fn json() -> String {
    let loaded = loaded();
    let rule = loaded.catalogue.rule("kubelet-anonymous-auth").unwrap();
    let case = loaded.cases[&rule.name].iter().find(|c| !c.files.is_empty()).unwrap();
    serde_json::to_string(&cases::facts(&loaded.catalogue, rule, case).unwrap()).unwrap()
}

thread_local! {
    static CATALOGUE: seaworthy_catalogue::Catalogue = loaded().catalogue;
    static JSON: String = json();
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Facts come from files that anybody may have written.
    #[test]
    fn fuzz_facts(at in any::<prop::sample::Index>(), length in 0_usize..12, insert in "[\\x00-\\x7f]{0,8}") {
        JSON.with(|json| CATALOGUE.with(|catalogue| {
            let start = at.index(json.len());
            let end = (start + length).min(json.len());
            if !json.is_char_boundary(start) || !json.is_char_boundary(end) {
                return Ok(());
            }
            let mutated = format!("{}{insert}{}", &json[..start], &json[end..]);
            if let Ok(facts) = serde_json::from_str::<Facts>(&mutated) {
                // Facts of a platform that there is not are refused.
                let Ok(report) = judge(&facts, catalogue, &Options::default()) else {
                    prop_assert!(facts.platform.as_deref() != Some("kubeadm"));
                    return Ok(());
                };
                prop_assert_eq!(report.findings.len(), 131);
                prop_assert!(report.findings.iter().all(|f| f.verdict == Verdict::Pass || !f.reason.is_empty()));
            }
            Ok(())
        }))?;
    }

    /// A process may be given any arguments.
    #[test]
    fn fuzz_arguments(arguments in prop::collection::vec("(--?[a-z_-]{0,24}=?)?[\\PC\\n\"',=]{0,16}", 0..12)) {
        CATALOGUE.with(|catalogue| {
            let mut facts: Facts = JSON.with(|json| serde_json::from_str(json).unwrap());
            let node = facts.node.as_mut().unwrap();
            let seaworthy_model::Fact::Known { value: processes, .. } = &mut node.processes else { return Ok(()) };
            for process in processes {
                let seaworthy_model::Fact::Known { value, .. } = &mut process.arguments else { continue };
                value.truncate(1);
                value.extend(arguments.iter().cloned());
            }
            let report = judge(&facts, catalogue, &Options::default()).unwrap();
            prop_assert_eq!(report.findings.len(), 131);
            Ok(())
        })?;
    }

    /// Waivers are files that people write.
    #[test]
    fn fuzz_waivers(text in "\\PC{0,64}|(\\[\\[waiver\\]\\]\n(item|reason|owner|expires|where) = \"[^\"\\n]{0,12}\"\n){0,6}") {
        let _ = Waivers::parse(&text);
    }

}

proptest! {
    // Each reads the whole catalogue.
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// So are catalogues.
    #[test]
    fn fuzz_catalogue(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), insert in "[\\PC\\n]{0,6}", length in 0_usize..20) {
        thread_local! {
            static TEXTS: Vec<(String, String)> = texts();
        }
        TEXTS.with(|all| {
            let mut texts = all.clone();
            let index = which.index(texts.len());
            let text = &mut texts[index].1;
            let start = text.floor_char_boundary(at.index(text.len().max(1)));
            let end = text.ceil_char_boundary((start + length).min(text.len()));
            text.replace_range(start..end, &insert);
            if let Err(problems) = load_texts(&texts) {
                prop_assert!(problems.iter().all(|p| !p.file.is_empty() && !p.message.is_empty()));
            }
            Ok(())
        })?;
    }
}
