//! `privileges`: what the chosen checks need, what each of it buys, and the manifest with exactly that.

use seaworthy_catalogue::{Catalogue, Check, Item, Platform, nearest};
use seaworthy_deploy::{Kind, Once, Privileges, Request, once, to_yaml};
use seaworthy_engine::Selection;

use crate::arguments::{Privileges as Words, PrivilegesFormat, Starts};
use crate::exit::{Exit, Failure};
use crate::{facts, judged, output};

pub(crate) fn privileges(words: &Words) -> Result<Exit, Failure> {
    let catalogue = facts::catalogue(words.catalogue.as_deref())?;
    let platform = facts::platform(&catalogue, words.platform.as_deref())?;
    let selection = Selection {
        targets: judged::words(&words.targets),
        checks: judged::words(&words.check),
        groups: judged::words(&words.group),
        ..Selection::default()
    };
    let (benchmark, items) =
        seaworthy_engine::chosen(&catalogue, words.benchmark.as_deref(), words.kubernetes_version, &selection)
            .map_err(|error| Failure::usage(error.to_string()))?;
    check_words(&catalogue, platform, &items, words)?;
    let of = |items: &[&Item]| {
        Privileges::of(&Request { catalogue: &catalogue, platform, items, with: &words.with, without: &words.without })
    };
    let text = match words.format {
        PrivilegesFormat::Text => seaworthy_deploy::text(&of(&items), &benchmark.id, &platform.name),
        PrivilegesFormat::Json => format!("{}\n", seaworthy_deploy::json(&of(&items), &benchmark.id, &platform.name)),
        PrivilegesFormat::Yaml => {
            let asks_api = |item: &&&Item| {
                let check = item.check.as_ref().or_else(|| catalogue.rule(&item.rule).map(|rule| &rule.check));
                matches!(check, Some(Check::Api { .. }))
            };
            let cluster: Vec<&Item> = items.iter().filter(asks_api).copied().collect();
            let node: Vec<&Item> = items.iter().filter(|item| !asks_api(item)).copied().collect();
            let (for_node, for_cluster) = (of(&node), of(&cluster));
            let documents = once(&Once {
                node: (!node.is_empty()).then_some(&for_node),
                cluster: (!cluster.is_empty()).then_some(&for_cluster),
                kind: kind(words.kind),
                namespace: &words.namespace,
                image: &words.image.name,
                pull_policy: &words.image.pull_policy,
                choice: &choice(words),
            });
            let head = format!(
                "Exactly the privileges of {} checks of {} on {}. Written by seaworthy privileges.",
                items.len(),
                benchmark.id,
                platform.name
            );
            to_yaml(&head, &documents)
        }
    };
    output::to_stdout(text.as_bytes())?;
    Ok(Exit::Done)
}

pub(crate) fn kind(starts: Starts) -> Kind {
    match starts {
        Starts::Job => Kind::Job,
        Starts::Cronjob => Kind::CronJob,
        Starts::Daemonset => Kind::DaemonSet,
    }
}

/// The arguments of `run` that choose the same checks.
fn choice(words: &Words) -> Vec<String> {
    let mut arguments = Vec::new();
    let version = words.kubernetes_version.map(|version| version.to_string());
    for (flag, value) in [
        ("--benchmark", words.benchmark.clone()),
        ("--platform", words.platform.clone()),
        ("--kubernetes-version", version),
        ("--targets", joined(&words.targets)),
        ("--check", joined(&words.check)),
        ("--group", joined(&words.group)),
    ] {
        if let Some(value) = value {
            arguments.push(format!("{flag}={value}"));
        }
    }
    arguments
}

fn joined(list: &[String]) -> Option<String> {
    let list = judged::words(list);
    (!list.is_empty()).then(|| list.join(","))
}

/// Refuses words of `--with` and `--without` that name nothing that these checks need.
fn check_words(catalogue: &Catalogue, platform: &Platform, items: &[&Item], words: &Words) -> Result<(), Failure> {
    let all = Privileges::of(&Request { catalogue, platform, items, with: &words.with, without: &[] });
    let short = |grant: &seaworthy_model::Grant| match grant.kind {
        seaworthy_model::GrantKind::User => "root".to_owned(),
        _ => grant.name.clone(),
    };
    let granted: Vec<String> = all.granted.iter().map(|granted| short(&granted.grant)).collect();
    refuse("--without", &words.without, &granted)?;
    let none = Privileges::of(&Request { catalogue, platform, items, with: &[], without: &[] });
    let mut more: Vec<String> = none.withheld.iter().map(|held| held.grant.name.clone()).collect();
    more.extend(none.withheld.iter().filter_map(|h| Some(h.grant.name.split(' ').nth(1)?.to_owned())));
    more.extend(none.granted.iter().flat_map(|granted| granted.stands_for.clone()));
    more.extend(seaworthy_deploy::EXTRA.map(str::to_owned));
    refuse("--with", &words.with, &more)
}

fn refuse(flag: &str, asked: &[String], known: &[String]) -> Result<(), Failure> {
    for word in asked {
        if !known.contains(word) {
            let near = nearest(word, known.iter().map(String::as_str));
            let near = near.map_or_else(String::new, |near| format!(", did you mean {near:?}?"));
            return Err(Failure::usage(format!("{flag} {word}: these checks need nothing of that name{near}"))
                .hint(format!("there are: {}", known.join(", "))));
        }
    }
    Ok(())
}
