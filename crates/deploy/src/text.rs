//! Privileges in words: for the terminal, and for comments in manifests.

use std::fmt::Write as _;

use seaworthy_model::{Grant, GrantKind};
use serde_json::{Value, json};

use crate::privileges::{Bought, Granted, Privileges, Reason};

/// What a privilege is, in words of a manifest.
fn name(grant: &Grant) -> String {
    match grant.kind {
        GrantKind::Mount => format!("mount {} read-only, at the same path", grant.name),
        GrantKind::Capability => format!("capability {}", grant.name),
        GrantKind::Namespace => format!("{}: true", grant.name),
        GrantKind::User => "runAsUser: 0".to_owned(),
        GrantKind::Api => format!("API: {}", right(&grant.name)),
        GrantKind::Recording => grant.name.clone(),
    }
}

/// `list roles.rbac.authorization.k8s.io` with where it holds.
fn right(ask: &str) -> String {
    match ask.split_once(" in ") {
        Some((what, namespace)) => format!("{what}, in the namespace {namespace}"),
        None => format!("{ask}, cluster-wide"),
    }
}

/// What a privilege is for.
fn purpose(granted: &Granted) -> String {
    let grant = &granted.grant;
    match grant.kind {
        GrantKind::Mount if granted.file => "To know whose number is whose.".to_owned(),
        GrantKind::Mount if granted.stands_for.is_empty() => "To look at files there.".to_owned(),
        GrantKind::Mount => format!(
            "To look at files in {}. Not each of these is on every node, and a pod that insists on a missing one never starts.",
            granted.stands_for.join(", ")
        ),
        GrantKind::Capability if grant.name == "SYS_PTRACE" => {
            "To read the environment of processes, the program behind them, and files as their containers see them. With hostPID \
             it is as good as root on the node."
                .to_owned()
        }
        GrantKind::Capability => "To read files of others.".to_owned(),
        GrantKind::Namespace => "To see the node's processes and their arguments.".to_owned(),
        GrantKind::User => "To read files, and enter directories, that are root's alone.".to_owned(),
        GrantKind::Api if grant.name.contains("configmaps") => {
            "It is the right to read every ConfigMap; a right in the namespace default alone would be an object there, and so a \
             finding of 5.6.4 itself."
                .to_owned()
        }
        GrantKind::Api if grant.name.contains("secrets") => "It is the right to read every Secret.".to_owned(),
        GrantKind::Api if grant.name.contains("nodes/") => {
            "To ask kubelets what they run by. Before Kubernetes 1.36 it takes nodes/proxy, which is the right to run programs in \
             every pod."
                .to_owned()
        }
        GrantKind::Api | GrantKind::Recording => String::new(),
    }
}

/// A privilege's reason and what is unknown without it, as a comment.
pub(crate) fn reason(granted: &Granted) -> String {
    let mut text = purpose(granted);
    for line in lost(&granted.buys) {
        let _ = write!(text, "\n{line}");
    }
    if granted.buys.is_empty() && granted.grant.kind != GrantKind::Api {
        text.push_str("\nEvery check is decided without it, too: another privilege shows the same.");
    }
    text.trim_start().to_owned()
}

/// `Unknown without it: 1.1.1 to 1.1.8`, and a line for each condition.
fn lost(buys: &[Bought]) -> Vec<String> {
    let mut conditions: Vec<Option<&str>> = buys.iter().map(|b| b.unless).collect();
    conditions.sort_unstable();
    conditions.dedup();
    let line = |condition: &Option<&str>| {
        let ids: Vec<&str> = buys.iter().filter(|b| b.unless == *condition).map(|b| b.id.as_str()).collect();
        let ids = numbers(&ids);
        match condition {
            None => format!("Unknown without it: {ids}."),
            Some(condition) => format!("Unknown without it, unless {condition}: {ids}."),
        }
    };
    conditions.iter().map(line).collect()
}

/// `1.2.1 to 1.2.4, 1.2.7`: numbers in their order, runs of three and more as one.
pub(crate) fn numbers(ids: &[&str]) -> String {
    let parts = |id: &str| -> Option<(String, u32)> {
        let (group, last) = id.rsplit_once('.')?;
        Some((group.to_owned(), last.parse().ok()?))
    };
    let follows = |a: &str, b: &str| match (parts(a), parts(b)) {
        (Some((group, last)), Some((next, number))) => group == next && last + 1 == number,
        _ => false,
    };
    let mut runs: Vec<Vec<&str>> = Vec::new();
    for id in ids {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|last| follows(last, id)) => run.push(id),
            _ => runs.push(vec![id]),
        }
    }
    let words = runs.iter().flat_map(|run| match run.as_slice() {
        [first, _, .., last] => vec![format!("{first} to {last}")],
        few => few.iter().map(|id| (*id).to_owned()).collect(),
    });
    words.collect::<Vec<_>>().join(", ")
}

fn withheld(grant: &Grant, reason: Reason) -> String {
    let resource = grant.name.split([' ', '.']).nth(1).unwrap_or_default();
    match reason {
        Reason::Asked => "as asked".to_owned(),
        Reason::TooMuch => {
            format!("it gives far more than a scan uses; grant it with --with {resource}")
        }
        Reason::NotEverywhere => format!(
            "it is not on every node, a pod that insists on it waits for ever where it is missing, and what is above it gives too \
             much; where your nodes have it, grant it with --with {}",
            grant.name
        ),
    }
}

/// A comment, with what is not granted and what that costs.
pub(crate) fn with_withheld(what: &str, privileges: &Privileges) -> String {
    let mut text = what.to_owned();
    for held in &privileges.withheld {
        let costs: Vec<&str> = held.costs.iter().map(|b| b.id.as_str()).collect();
        let why = withheld(&held.grant, held.reason);
        let _ = write!(text, "\nNot granted: {} ({why}). Unknown therefore: {}.", name(&held.grant), numbers(&costs));
    }
    text
}

/// Privileges for people.
pub fn text(privileges: &Privileges, benchmark: &str, platform: &str) -> String {
    let checks = match privileges.checks {
        1 => "1 check".to_owned(),
        n => format!("{n} checks"),
    };
    let mut text = format!("{checks} of {benchmark} on {platform}. A pod needs, beside its image, nothing but this:\n");
    for granted in &privileges.granted {
        let _ = writeln!(text, "\n{}", name(&granted.grant));
        for line in reason(granted).lines() {
            let _ = writeln!(text, "{}", wrapped(line));
        }
    }
    if privileges.granted.is_empty() {
        text.push_str("\n(nothing)\n");
    }
    if !privileges.withheld.is_empty() {
        text.push_str("\nNot granted:\n");
    }
    for held in &privileges.withheld {
        let _ = writeln!(text, "\n{}", name(&held.grant));
        let _ = writeln!(text, "{}", wrapped(&format!("Withheld: {}.", withheld(&held.grant, held.reason))));
        for line in lost(&held.costs) {
            let _ = writeln!(text, "{}", wrapped(&line.replacen("Unknown without it", "Unknown therefore", 1)));
        }
    }
    text
}

/// Privileges for programs. Each check is an object with `id`, `rule` and, if it may be decided all the same, `unless`.
pub fn json(privileges: &Privileges, benchmark: &str, platform: &str) -> Value {
    json!({
        "schema": 1,
        "benchmark": benchmark,
        "platform": platform,
        "checks": privileges.checks,
        "granted": privileges.granted,
        "withheld": privileges.withheld,
        "rights": privileges.rights(),
    })
}

/// A paragraph below a heading.
fn wrapped(line: &str) -> String {
    let mut out = String::new();
    let mut width = 0;
    for word in line.split_whitespace() {
        if width == 0 || width + 1 + word.chars().count() > 98 {
            out.push_str(if width == 0 { "  " } else { "\n  " });
            width = 0;
        } else {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += word.chars().count();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_numbers_are_one_word() {
        assert_eq!(
            numbers(&["1.2.1", "1.2.2", "1.2.3", "1.2.5", "2.1", "2.2", "3"]),
            "1.2.1 to 1.2.3, 1.2.5, 2.1, 2.2, 3"
        );
        assert_eq!(numbers(&[]), "");
    }
}
