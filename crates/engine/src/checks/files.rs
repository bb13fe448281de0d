//! Modes and owners of files.

use std::cell::OnceCell;

use seaworthy_catalogue::Files;
use seaworthy_model::{
    Evidence, Fact, File, FileKind, FileRecord, Grant, GrantKind, Kind, Node, Permissions, Resource, Verdict,
};

use super::select::{self, Selected, Target};
use super::{Judge, Outcome};
use crate::settings::Resolver;
use crate::why::Why;

/// What is wanted of each file.
pub(super) enum Wanted<'w> {
    /// No permission bit beyond these.
    Within(u32),
    /// This owner and group, by name.
    Owner(&'w str, &'w str),
}

impl Wanted<'_> {
    fn phrase(&self) -> String {
        match self {
            Wanted::Within(mode) => format!("mode {mode:04o} or tighter"),
            Wanted::Owner(owner, group) => format!("owner {owner}:{group}"),
        }
    }

    fn holds(&self, permissions: &Permissions) -> bool {
        match self {
            Wanted::Within(mode) => permissions.mode & !mode == 0,
            Wanted::Owner(owner, group) => {
                is(owner, permissions.uid, permissions.owner.as_deref())
                    && is(group, permissions.gid, permissions.group.as_deref())
            }
        }
    }

    /// Why it cannot be told whether the owner is the one that is wanted: his number is there, and nobody's name.
    fn nameless(&self, permissions: &Permissions, names: &impl Fn() -> Names) -> Option<Why> {
        let Wanted::Owner(owner, group) = self else { return None };
        let may_be = |wanted: &str, id: u32, name: Option<&str>, known: bool| {
            is(wanted, id, name) || (wanted != "root" && id != 0 && name.is_none() && !known)
        };
        let user = may_be(owner, permissions.uid, permissions.owner.as_deref(), names().users);
        let both = user && may_be(group, permissions.gid, permissions.group.as_deref(), names().groups);
        both.then(|| {
            let file =
                if is(owner, permissions.uid, permissions.owner.as_deref()) { "/etc/group" } else { "/etc/passwd" };
            let grant = if names().live {
                Grant::new(GrantKind::Mount, file)
            } else {
                Grant::new(GrantKind::Recording, format!("the recording does not hold {file}"))
            };
            let text = format!("whose number {} is cannot be told: {grant}", permissions.ownership());
            Why { kind: Kind::NeedsGrant, text, grant: Some(grant) }
        })
    }

    fn found(&self, permissions: &Permissions) -> String {
        match self {
            Wanted::Within(_) => format!("mode {:04o}", permissions.mode),
            Wanted::Owner(..) => format!("owner {}", permissions.ownership()),
        }
    }
}

/// Whether the node's own names were read. A container or a recording may lack them; where they were read, root's files bear his.
#[derive(Clone, Copy, Default)]
struct Names {
    users: bool,
    groups: bool,
    /// Whether it is a running node.
    live: bool,
}

impl Names {
    fn of(node: &Node) -> Names {
        let known = |bears: fn(&Permissions) -> bool| {
            node.files.iter().filter_map(|record| record.fact.known()).any(|file| bears(&file.permissions))
        };
        let seen = node.visibility.live && !node.visibility.container;
        let users = seen || known(|p| p.owner.is_some());
        let groups = seen || known(|p| p.group.is_some());
        Names { users, groups, live: node.visibility.live }
    }
}

/// Root is number 0, whatever the name file says; everybody else goes by name.
fn is(wanted: &str, id: u32, name: Option<&str>) -> bool {
    if wanted == "root" { id == 0 } else { id != 0 && name == Some(wanted) }
}

pub(super) fn judge(
    judge: &Judge<'_, '_>,
    files: &Files,
    resolver: Option<&Resolver<'_, '_>>,
    wanted: &Wanted<'_>,
) -> Outcome {
    let selected = match files {
        Files::ManifestOf(component) => select::manifests(judge, component),
        Files::Named { component, setting, otherwise } => {
            select::named(judge, component, setting, otherwise.as_deref(), resolver)
        }
        Files::Platform { set, suffix, directories } => select::platform(judge, set, suffix.as_deref(), *directories),
    };
    match selected {
        Selected::Targets(targets) => weigh(targets, wanted, judge.context.node()).expecting(wanted.phrase()),
        Selected::Done(outcome) => outcome.expecting(wanted.phrase()),
    }
}

fn weigh(targets: Vec<Target<'_>>, wanted: &Wanted<'_>, node: Option<&Node>) -> Outcome {
    let names = OnceCell::new();
    let names = || *names.get_or_init(|| node.map_or_else(Names::default, Names::of));
    let mut outcome = Outcome::tested(Verdict::Pass, String::new());
    let mut fails = Vec::new();
    let mut unknowns: Vec<Why> = Vec::new();
    let mut good: Vec<&File> = Vec::new();
    let mut absent = Vec::new();
    for target in &targets {
        let missing = |outcome: &mut Outcome, why: Why, unknowns: &mut Vec<Why>| {
            outcome.evidence.push(evidence(&target.path, why.text.clone(), target.record.as_ref().ok().copied(), &[]));
            unknowns.push(why);
        };
        let record = match &target.record {
            Ok(record) => *record,
            Err(why) => {
                missing(&mut outcome, why.clone(), &mut unknowns);
                continue;
            }
        };
        let Fact::Known { value: file, .. } = &record.fact else {
            if record.fact.is_absent() && target.optional {
                absent.push(target.path.as_str());
            } else if let Some(why) = record.fact.missing() {
                missing(&mut outcome, Why::missing(why), &mut unknowns);
            }
            continue;
        };
        outcome.evidence.push(evidence(&target.path, wanted.found(&file.permissions), Some(record), &file.links));
        if wanted.holds(&file.permissions) {
            good.push(file);
        } else if let Some(why) = wanted.nameless(&file.permissions, &names) {
            unknowns.push(why);
        } else {
            outcome.resources.push(Resource {
                kind: if file.kind == FileKind::Directory { "Directory" } else { "File" }.to_owned(),
                namespace: None,
                name: target.path.clone(),
                detail: wanted.found(&file.permissions),
            });
            fails.push(format!("{} has {}", target.path, wanted.found(&file.permissions)));
        }
    }
    outcome.resources.sort();
    outcome.resources.dedup();
    if !fails.is_empty() {
        outcome.verdict = Verdict::Fail;
        outcome.reason = format!("{}; wanted {}", first_few(&fails), wanted.phrase());
    } else if let Some(why) = unknowns.first() {
        outcome.verdict = Verdict::Unknown;
        outcome.kind = why.kind;
        outcome.reason = match unknowns.len() {
            1 => why.text.clone(),
            n => format!("{}, and {} more", why.text, n - 1),
        };
    } else if !good.is_empty() {
        outcome.reason = match (good.as_slice(), targets.as_slice()) {
            ([file], [target]) => format!("{} has {}", target.path, wanted.found(&file.permissions)),
            _ => format!("all {} files have {}", good.len(), wanted.phrase()),
        };
    } else if absent.is_empty() {
        outcome.verdict = Verdict::Unknown;
        outcome.kind = Kind::Error;
        outcome.reason = "no file was looked at".to_owned();
    } else {
        outcome.verdict = Verdict::NotApplicable;
        let list: Vec<String> = absent.iter().map(|p| (*p).to_owned()).collect();
        outcome.reason = format!("there is no {}", first_few(&list).replace("; ", ", "));
    }
    outcome
}

fn first_few(list: &[String]) -> String {
    match list {
        [] => String::new(),
        [one] => one.clone(),
        [a, b] => format!("{a}; {b}"),
        [a, b, rest @ ..] => format!("{a}; {b}; and {} more", rest.len()),
    }
}

fn evidence(path: &str, value: String, record: Option<&FileRecord>, links: &[String]) -> Evidence {
    Evidence {
        what: path.to_owned(),
        value,
        source: record.map(|r| r.fact.source().clone()),
        candidates: Vec::new(),
        notes: if links.is_empty() { Vec::new() } else { vec![format!("through {}", links.join(", "))] },
    }
}
