//! Who decides about requests: the flag's modes, or the authorizers of the configuration file.

use seaworthy_catalogue::Setting;

use super::derived;
use crate::checks::{Form, expect_form};
use crate::settings::{Effective, Resolver, State};
use crate::value::Value;
use crate::why::Why;

const FORM: Form = Form {
    kind: "AuthorizationConfiguration",
    group: "apiserver.config.k8s.io",
    versions: &["v1", "v1beta1", "v1alpha1"],
    strict: true,
};

pub(super) fn modes(setting: &Setting, resolver: &Resolver<'_, '_>) -> Effective {
    let file = resolver.effective("authorization-config");
    let flag = resolver.effective("authorization-mode");
    for part in [&file, &flag] {
        if let State::Unknown(why) = &part.state {
            return derived(State::Unknown(why.clone()), part.source.clone(), &[part]);
        }
    }
    if let Some(path) = file.text() {
        return match types(resolver, path) {
            Ok((types, source)) => derived(State::Set(Value::List(types)), source, &[&file]),
            Err(why) => derived(State::Unknown(why), file.source.clone(), &[&file]),
        };
    }
    if flag.is_unset() {
        let mut effective = resolver.default(setting, None);
        if matches!(flag.state, State::Set(_)) {
            effective.notes.push("an empty --authorization-mode means AlwaysAllow".to_owned());
        }
        effective.notes.extend(flag.notes);
        effective.candidates.extend(flag.candidates);
        return effective;
    }
    if let Err(why) = known(flag.list().unwrap_or_default()) {
        return derived(State::Unknown(why), flag.source.clone(), &[&flag]);
    }
    derived(flag.state.clone(), flag.source.clone(), &[&flag])
}

/// The authorizers that there are. The API server refuses other words, these in small letters or with a blank among them.
fn known(modes: &[String]) -> Result<(), Why> {
    const MODES: [&str; 6] = ["AlwaysAllow", "AlwaysDeny", "ABAC", "Webhook", "RBAC", "Node"];
    match modes.iter().find(|mode| !MODES.contains(&mode.as_str())) {
        Some(mode) => Err(Why::error(format!("there is no authorizer {mode:?}, which the API server refuses"))),
        None => Ok(()),
    }
}

fn types(resolver: &Resolver<'_, '_>, path: &str) -> Result<(Vec<String>, seaworthy_model::Source), Why> {
    let (view, _) = resolver.named_file(path)?;
    let parsed = resolver.context.document(view, path)?;
    let root = &parsed.document.root;
    expect_form(&parsed, &FORM)?;
    let list = root.get("authorizers").and_then(|node| node.as_list()).unwrap_or_default();
    if list.is_empty() {
        return Err(Why::error(format!("{} names no authorizers, which the API server refuses", parsed.source)));
    }
    let types: Option<Vec<String>> =
        list.iter().map(|a| a.get("type").and_then(|t| t.as_str()).map(str::to_owned)).collect();
    let types = types.ok_or_else(|| Why::error(format!("{} has an authorizer without a type", parsed.source)))?;
    known(&types)?;
    Ok((types, parsed.source.clone()))
}
