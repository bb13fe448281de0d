//! Which privileges the chosen checks need, what each of them buys, and what is withheld.

use std::collections::BTreeMap;

use seaworthy_catalogue::{Catalogue, Item, Platform};
use seaworthy_engine::Need;
use seaworthy_model::{Grant, GrantKind};
use serde::Serialize;

use crate::pod::Mounted;
use crate::rights::Right;

/// Rights that no check insists on, and that show a scan through the API what kubelets run by. Granted when they are asked for.
pub const EXTRA: [&str; 2] = ["nodes/configz", "nodes/proxy"];

/// What to work out privileges for.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The catalogue.
    pub catalogue: &'a Catalogue,
    /// The platform: which mount shows what.
    pub platform: &'a Platform,
    /// The checks.
    pub items: &'a [&'a Item],
    /// What is withheld unless it is asked for, and is asked for: `secrets`, `nodes/configz`, `nodes/proxy`, a path.
    pub with: &'a [String],
    /// What is not to be granted: a path, a capability, `hostPID`, `root`, or an ask such as `list pods`.
    pub without: &'a [String],
}

/// The privileges of a scan. What it does not hold it does not see; whatever rests on that is `unknown`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Privileges {
    /// How many checks were chosen.
    pub checks: usize,
    /// What is granted, sorted by kind and name.
    pub granted: Vec<Granted>,
    /// What is not, with what that costs.
    pub withheld: Vec<Withheld>,
}

/// A privilege, and what it buys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Granted {
    /// The privilege.
    pub grant: Grant,
    /// For a mount: whether it is a file, and no directory.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub file: bool,
    /// For a mount: the directories below that are meant, where these are not on every node.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stands_for: Vec<String>,
    /// The checks that are `unknown` without it while all others are held. Empty: something else shows the same.
    pub buys: Vec<Bought>,
}

/// A privilege that is not granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Withheld {
    /// The privilege.
    pub grant: Grant,
    /// Why it is withheld.
    pub reason: Reason,
    /// The checks that are `unknown` for that.
    pub costs: Vec<Bought>,
}

/// Why a privilege is withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It was asked not to be granted.
    Asked,
    /// A right that gives far more than the checks use; granted with `--with secrets`.
    TooMuch,
    /// A directory that is not on every node, with nothing above it that may be mounted; granted with `--with PATH`.
    NotEverywhere,
}

/// A check.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Bought {
    /// Its number.
    pub id: String,
    /// Its rule.
    pub rule: String,
    /// When it is decided all the same, as a phrase; none: it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unless: Option<&'static str>,
}

struct Asked<'a> {
    item: &'a Item,
    needs: Vec<Need>,
}

impl Privileges {
    /// Works them out. Of several ways to see a thing the one is taken that is granted for another reason already; else the first.
    pub fn of(request: &Request<'_>) -> Privileges {
        let asked: Vec<Asked<'_>> = request
            .items
            .iter()
            .filter_map(|item| {
                let rule = request.catalogue.rule(&item.rule)?;
                let check = item.check.as_ref().unwrap_or(&rule.check);
                let applies = rule.applies.as_ref();
                let needs = seaworthy_engine::needs(check, applies, request.catalogue, request.platform);
                Some(Asked { item, needs })
            })
            .collect();
        let mut chooser = Chooser { request, held: BTreeMap::new() };
        // What has one way only comes first: it may show what others could be shown by, too.
        for alone in [true, false] {
            for need in asked.iter().flat_map(|a| &a.needs).filter(|need| (need.any.len() == 1) == alone) {
                chooser.take(need);
            }
        }
        chooser.extra();
        chooser.fold_mounts();
        let held: Vec<Grant> = chooser.held.keys().cloned().collect();
        let granted = chooser.held.iter().map(|(grant, stands_for)| {
            let rest: Vec<Grant> = held.iter().filter(|other| *other != grant).cloned().collect();
            let lost = |need: &Need| shows(need, &held) && !shows(need, &rest);
            let of_platform = request.platform.mounts.iter().find(|mount| mount.path == grant.name);
            let file = grant.kind == GrantKind::Mount && of_platform.is_some_and(|mount| mount.file);
            Granted { grant: grant.clone(), file, stands_for: stands_for.clone(), buys: lost_by(&asked, lost) }
        });
        let granted = granted.collect();
        let mut missing: Vec<Grant> = Vec::new();
        for need in asked.iter().flat_map(|a| &a.needs).filter(|need| !shows(need, &held)) {
            missing.push(need.any[0].clone());
        }
        missing.sort();
        missing.dedup();
        let withheld = missing.into_iter().map(|grant| Withheld {
            reason: chooser.reason(&grant),
            costs: lost_by(&asked, |need| need.any[0] == grant && !shows(need, &held)),
            grant,
        });
        Privileges { checks: asked.len(), granted, withheld: withheld.collect() }
    }

    /// What of the host is mounted.
    pub fn mounts(&self) -> Vec<Mounted> {
        let mounts = self.granted.iter().filter(|g| g.grant.kind == GrantKind::Mount);
        mounts.map(|g| Mounted { path: g.grant.name.clone(), file: g.file }).collect()
    }

    /// The capabilities, without `CAP_`.
    pub fn capabilities(&self) -> Vec<String> {
        self.names(GrantKind::Capability)
    }

    /// Whether the pod shares the node's processes.
    pub fn host_pid(&self) -> bool {
        self.granted.iter().any(|g| g.grant.kind == GrantKind::Namespace)
    }

    /// Whether it runs as root.
    pub fn root(&self) -> bool {
        self.granted.iter().any(|g| g.grant.kind == GrantKind::User)
    }

    /// What of the API it may do.
    pub fn rights(&self) -> Vec<Right> {
        self.names(GrantKind::Api).iter().filter_map(|ask| Right::parse(ask)).collect()
    }

    fn names(&self, kind: GrantKind) -> Vec<String> {
        self.granted.iter().filter(|g| g.grant.kind == kind).map(|g| g.grant.name.clone()).collect()
    }
}

fn lost_by(asked: &[Asked<'_>], lost: impl Fn(&Need) -> bool) -> Vec<Bought> {
    let mut list = Vec::new();
    for Asked { item, needs } in asked {
        let mut gone = needs.iter().filter(|need| lost(need)).peekable();
        let Some(first) = gone.peek().map(|need| need.unless) else { continue };
        let surely = gone.any(|need| need.unless.is_none());
        let unless = if surely { None } else { first };
        list.push(Bought { id: item.id.clone(), rule: item.rule.clone(), unless });
    }
    list
}

/// Whether what is held shows what is needed.
fn shows(need: &Need, held: &[Grant]) -> bool {
    need.any.iter().any(|wanted| held.iter().any(|grant| covers(grant, wanted)))
}

fn covers(held: &Grant, wanted: &Grant) -> bool {
    if held == wanted {
        return true;
    }
    match wanted.kind {
        GrantKind::Mount if held.kind == GrantKind::Mount => {
            wanted.name.strip_prefix(held.name.as_str()).is_some_and(|rest| rest.starts_with('/'))
        }
        _ => false,
    }
}

struct Chooser<'a> {
    request: &'a Request<'a>,
    /// What is granted, with the mounts that each stands for.
    held: BTreeMap<Grant, Vec<String>>,
}

impl Chooser<'_> {
    fn take(&mut self, need: &Need) {
        let held: Vec<Grant> = self.held.keys().cloned().collect();
        if shows(need, &held) {
            // The stand-in for another directory of the same parent stands for this one, too.
            for (wanted, grant) in need.any.iter().flat_map(|wanted| held.iter().map(move |grant| (wanted, grant))) {
                self.note(grant, wanted);
            }
            return;
        }
        let usable = need.any.iter().find_map(|wanted| Some((wanted, self.form(wanted)?)));
        if let Some((wanted, grant)) = usable {
            self.held.entry(grant.clone()).or_default();
            self.note(&grant, wanted);
        }
    }

    /// What was asked for and no check insists on: together with the list of nodes, without which nobody knows whom to ask.
    fn extra(&mut self) {
        let api = self.held.keys().any(|grant| grant.kind == GrantKind::Api);
        for resource in EXTRA.iter().filter(|resource| api && self.request.with.iter().any(|word| word == *resource)) {
            for ask in [format!("get {resource}"), "list nodes".to_owned()] {
                self.held.entry(Grant::new(GrantKind::Api, ask)).or_default();
            }
        }
    }

    fn note(&mut self, grant: &Grant, wanted: &Grant) {
        if grant.kind == GrantKind::Mount && grant != wanted && covers(grant, wanted) {
            let list = self.held.entry(grant.clone()).or_default();
            if !list.contains(&wanted.name) {
                list.push(wanted.name.clone());
                list.sort();
            }
        }
    }

    /// The grant in the form in which it may be given; `None` if it is withheld.
    fn form(&self, wanted: &Grant) -> Option<Grant> {
        if self.refused(wanted) || (self.too_much(wanted) && !self.asked_for(wanted)) {
            return None;
        }
        let mount = self.request.platform.mounts.iter().find(|mount| mount.path == wanted.name);
        match mount.filter(|mount| wanted.kind == GrantKind::Mount && !mount.everywhere) {
            Some(mount) if !self.asked_for(wanted) => {
                let instead = Grant::new(GrantKind::Mount, mount.instead.clone()?);
                (!self.refused(&instead)).then_some(instead)
            }
            _ => Some(wanted.clone()),
        }
    }

    fn refused(&self, grant: &Grant) -> bool {
        let name = if grant.kind == GrantKind::User { "root" } else { grant.name.as_str() };
        self.request.without.iter().any(|word| word == name || word.strip_prefix("CAP_") == Some(name))
    }

    fn too_much(&self, grant: &Grant) -> bool {
        grant.kind == GrantKind::Api && Right::parse(&grant.name).is_some_and(|right| right.gives_too_much())
    }

    fn asked_for(&self, grant: &Grant) -> bool {
        let resource = Right::parse(&grant.name).map(|right| right.resource);
        self.request.with.iter().any(|word| *word == grant.name || resource.as_ref() == Some(word))
    }

    fn reason(&self, grant: &Grant) -> Reason {
        if self.refused(grant) {
            return Reason::Asked;
        }
        if self.too_much(grant) {
            return Reason::TooMuch;
        }
        let mount = self.request.platform.mounts.iter().find(|mount| mount.path == grant.name);
        match mount.filter(|mount| !mount.everywhere) {
            Some(mount) if mount.instead.is_none() => Reason::NotEverywhere,
            _ => Reason::Asked,
        }
    }

    /// What lies below another mount needs none of its own.
    fn fold_mounts(&mut self) {
        let all: Vec<Grant> = self.held.keys().cloned().collect();
        let above = |grant: &Grant| all.iter().find(|other| *other != grant && covers(other, grant)).cloned();
        for grant in &all {
            if let Some(above) = above(grant) {
                let mut below = self.held.remove(grant).unwrap_or_default();
                if grant.kind == GrantKind::Mount {
                    below.push(grant.name.clone());
                }
                let list = self.held.entry(above).or_default();
                list.append(&mut below);
                list.sort();
                list.dedup();
            }
        }
    }
}
