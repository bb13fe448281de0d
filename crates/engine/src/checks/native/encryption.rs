//! By what secrets are encrypted at rest: the first provider of the first group that holds them is the one that writes.

use seaworthy_model::{Evidence, Kind, Verdict};
use seaworthy_yaml::Node as Yaml;

use super::super::{Form, Judge, Outcome, at, expect_form, named_path};
use crate::context::Parsed;
use crate::settings::{Resolver, State, changed_since};
use crate::through_api;
use crate::value::Value;
use crate::why::Why;

const FORM: Form =
    Form { kind: "EncryptionConfiguration", group: "apiserver.config.k8s.io", versions: &["v1"], strict: true };

pub(super) fn providers(_: &Judge<'_, '_>, resolver: &Resolver<'_, '_>, with: &[String]) -> Outcome {
    let setting = "encryption-provider-config";
    let mut outcome = match named_path(resolver, setting) {
        Err(why) => Outcome::unknown(why),
        Ok(None) => Outcome::tested(Verdict::Fail, format!("{setting} is not set, so secrets are stored as they are")),
        Ok(Some(path)) => read(resolver, &path, with),
    };
    outcome.show(&resolver.instance.component.name, setting, &resolver.effective(setting));
    outcome.evidence.extend(counted(resolver, outcome.verdict));
    outcome.expecting(format!("secrets are written by one of {}", with.join(", ")))
}

fn read(resolver: &Resolver<'_, '_>, path: &str, with: &[String]) -> Outcome {
    let document =
        resolver.named_file(path).and_then(|(view, record)| Ok((resolver.context.document(view, path)?, record)));
    let (parsed, record) = match document {
        Ok(found) => found,
        Err(why) => return Outcome::unknown(why),
    };
    let provider = expect_form(&parsed, &FORM).and_then(|()| first(&parsed));
    let mut outcome = match provider {
        Err(why) => return Outcome::unknown(why),
        Ok(None) => Outcome::tested(
            Verdict::Fail,
            format!("no group of {} holds secrets, so they are stored as they are", parsed.source),
        ),
        Ok(Some((name, node))) => {
            let strong = with.iter().any(|w| w == name);
            let place = at(&parsed, node);
            let reason = match (strong, name) {
                (true, _) => format!("secrets are written by {name} ({place})"),
                (false, "identity") => {
                    format!("the first provider for secrets is identity, which does not encrypt ({place})")
                }
                (false, _) => format!("the first provider for secrets is {name}, which is not strong enough ({place})"),
            };
            let mut outcome = Outcome::tested(if strong { Verdict::Pass } else { Verdict::Fail }, reason);
            outcome.evidence.push(Evidence {
                what: "first provider for secrets".to_owned(),
                value: name.to_owned(),
                source: Some(place),
                candidates: Vec::new(),
                notes: vec![
                    "secrets that were written before are encrypted only when they are written anew".to_owned(),
                ],
            });
            outcome
        }
    };
    let reloads = matches!(
        resolver.effective("encryption-provider-config-automatic-reload").state,
        State::Set(Value::Bool(true))
    );
    if let (Verdict::Pass, false, Some(stale)) =
        (outcome.verdict, reloads, changed_since(&resolver.instance.process, record))
    {
        outcome.verdict = Verdict::Unknown;
        outcome.kind = Kind::Error;
        outcome.reason = stale;
    }
    outcome
}

/// By which providers secrets were written since the API server that answered had started, as it counts itself. No verdict: another
/// server, or an earlier configuration, may have written them.
fn counted(resolver: &Resolver<'_, '_>, verdict: Verdict) -> Option<Evidence> {
    let (metrics, source) = through_api::metrics(resolver.context.facts)?;
    let written: Vec<&(String, String, u64)> =
        metrics.written_by.iter().filter(|(resource, ..)| resource == "secrets").collect();
    let plain: u64 = written.iter().filter(|(_, prefix, _)| prefix.is_empty()).map(|(.., count)| *count).sum();
    let words: Vec<String> = written
        .iter()
        .map(|(_, prefix, count)| match prefix.as_str() {
            "" => format!("{count} without encryption"),
            prefix => format!("{count} by {prefix}"),
        })
        .collect();
    let value = if words.is_empty() { "none were counted".to_owned() } else { words.join(", ") };
    let mut notes = vec!["counted by the API server that answered, since it had started".to_owned()];
    if verdict == Verdict::Pass && plain > 0 {
        notes.push(format!(
            "{plain} secrets were written as they are, though the file says otherwise: look whether every API server was restarted with it, and write all secrets anew"
        ));
    }
    Some(Evidence {
        what: "secrets written".to_owned(),
        value,
        source: Some(source.clone()),
        candidates: Vec::new(),
        notes,
    })
}

/// The provider that writes secrets, by name and place. `None` if no group holds them.
fn first(parsed: &Parsed) -> Result<Option<(&str, &Yaml)>, Why> {
    let broken = |what: &str| Why::error(format!("{} {what}", parsed.source));
    let groups = parsed.document.root.get("resources").and_then(Yaml::as_list).unwrap_or_default();
    if groups.is_empty() {
        return Err(broken("has no resources, which the API server refuses"));
    }
    for group in groups {
        let names =
            group.get("resources").and_then(Yaml::as_list).ok_or_else(|| broken("has a group without resources"))?;
        let names: Option<Vec<&str>> = names.iter().map(Yaml::as_str).collect();
        let names = names.ok_or_else(|| broken("has a resource that is no text"))?;
        if !names.iter().any(|name| matches!(*name, "secrets" | "secrets." | "*." | "*.*")) {
            continue;
        }
        let providers = group.get("providers").and_then(Yaml::as_list).unwrap_or_default();
        let first = providers.first().ok_or_else(|| broken("has a group without providers"))?;
        let mut entries = first.as_map().ok_or_else(|| broken("has a provider that is no map"))?.iter();
        return match (entries.next(), entries.next()) {
            (Some(entry), None) if whole(&entry.key, &entry.value) => Ok(Some((entry.key.as_str(), first))),
            (Some(entry), None) => Err(broken(&format!("has a provider {} without what it needs", entry.key))),
            _ => Err(broken("has a provider that is not exactly one")),
        };
    }
    Ok(None)
}

/// Whether a provider has what the API server demands of it: keys with names, or a service to ask.
fn whole(name: &str, provider: &Yaml) -> bool {
    let text = |node: &Yaml, key: &str| node.get(key).and_then(Yaml::as_str).is_some_and(|t| !t.is_empty());
    match name {
        "identity" => provider.as_map().is_some(),
        "kms" => text(provider, "name") && text(provider, "endpoint"),
        _ => {
            let keys = provider.get("keys").and_then(Yaml::as_list).unwrap_or_default();
            !keys.is_empty() && keys.iter().all(|key| text(key, "name") && text(key, "secret"))
        }
    }
}
