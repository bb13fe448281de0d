//! Sends what changed between two reports: `changes BEFORE.json AFTER.json SETTINGS.toml`, where the settings are a table `[sink.a]`.
//! `changes access` prints the roles that the Kubernetes sink needs, as a JSON list for `kubectl apply`.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::disallowed_methods)] // a program, and not ours to install

use std::process::ExitCode;

use seaworthy_send::deliver::{Outcome, Patience, deliver};
use seaworthy_send::outgoing::{Outgoing, When};
use seaworthy_send::settings::Config;
use seaworthy_send::sinks::{self, kubernetes::ACCESS};
use serde_json::json;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words[..] {
        ["access"] => {
            println!("{}", access());
            return ExitCode::SUCCESS;
        }
        [before, after, settings] => send(before, after, settings),
        _ => Err("changes BEFORE.json AFTER.json SETTINGS.toml, or changes access".to_owned()),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

fn send(before: &str, after: &str, settings: &str) -> Result<bool, String> {
    let read = |path: &str| std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"));
    let report = |path: &str| seaworthy_report::json::parse(&read(path)?).map_err(|error| error.to_string());
    let (before, after) = (report(before)?, report(after)?);
    let prepared = sinks::prepare(&Config::parse(&read(settings)?)?.settings("a", false)?, None)?;
    let changes = seaworthy_report::changes::compare(&before, &after);
    let outgoing = Outgoing::choose(&after, Some(&changes), When::Changes, None);
    let outcomes = deliver(&[(&prepared, Some(outgoing))], Patience::default());
    println!("{outcomes:#?}");
    Ok(outcomes.iter().all(Outcome::is_complete))
}

/// A role for the whole cluster and one for the namespace of Events, both named `seaworthy-send`.
fn access() -> String {
    let role = |namespace: Option<&str>| {
        let rules = ACCESS.iter().filter(|rule| rule.namespace == namespace);
        let rules: Vec<_> = rules
            .map(|rule| json!({ "apiGroups": [rule.group], "resources": [rule.resource], "verbs": rule.verbs }))
            .collect();
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": if namespace.is_some() { "Role" } else { "ClusterRole" },
            "metadata": { "name": "seaworthy-send", "namespace": namespace },
            "rules": rules,
        })
    };
    json!({ "apiVersion": "v1", "kind": "List", "items": [role(None), role(Some("default"))] }).to_string()
}
