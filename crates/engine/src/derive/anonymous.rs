//! Who may send requests without credentials.

use seaworthy_catalogue::Setting;
use seaworthy_model::Source;

use super::{derived, loser};
use crate::checks::{Form, expect_form};
use crate::settings::{Effective, Resolver, State};
use crate::value::Value;
use crate::why::Why;

/// The paths that only say whether the API server is well.
const HEALTH: [&str; 3] = ["/livez", "/readyz", "/healthz"];

pub(super) fn requests(_: &Setting, resolver: &Resolver<'_, '_>) -> Effective {
    let flag = resolver.effective("anonymous-auth");
    let file = resolver.effective("authentication-config");
    if let State::Unknown(why) = &file.state {
        return derived(State::Unknown(why.clone()), file.source.clone(), &[&file]);
    }
    if let Some(path) = file.text() {
        match section(resolver, path) {
            Ok(Some((word, source, note))) => {
                let mut effective = derived(State::Set(Value::Text(word.to_owned())), source, &[&file]);
                effective.candidates.extend(loser(&flag, "the anonymous section of the file excludes it"));
                effective.notes.extend(note);
                return effective;
            }
            // Without an `anonymous` section the flag holds.
            Ok(None) => {}
            Err(why) => return derived(State::Unknown(why), file.source.clone(), &[&file]),
        }
    }
    let state = match &flag.state {
        State::Set(Value::Bool(true)) => State::Set(Value::Text("everybody".to_owned())),
        State::Set(Value::Bool(false)) => State::Set(Value::Text("nobody".to_owned())),
        State::Unknown(why) => State::Unknown(why.clone()),
        _ => State::Unknown(Why::error("--anonymous-auth has no value")),
    };
    let mut effective = derived(state, flag.source.clone(), &[&flag, &file]);
    effective.notes.push(format!("--anonymous-auth is {}", flag.shown()));
    effective
}

const FORM: Form = Form {
    kind: "AuthenticationConfiguration",
    group: "apiserver.config.k8s.io",
    versions: &["v1", "v1beta1", "v1alpha1"],
    strict: true,
};

type Section = (&'static str, Source, Option<String>);

fn section(resolver: &Resolver<'_, '_>, path: &str) -> Result<Option<Section>, Why> {
    let (view, _) = resolver.named_file(path)?;
    let parsed = resolver.context.document(view, path)?;
    expect_form(&parsed, &FORM)?;
    let Some(anonymous) = parsed.document.root.get("anonymous").filter(|node| !node.is_null()) else { return Ok(None) };
    let source = crate::checks::at(&parsed, anonymous);
    // What it does not know the API server refuses, and goes on with what it had before.
    let known = |key: &str| matches!(key, "enabled" | "conditions");
    if anonymous.as_map().is_none_or(|map| map.iter().any(|entry| !known(&entry.key))) {
        return Err(Why::error(format!("{source} is no section that the API server understands")));
    }
    let enabled = match anonymous.get("enabled").map(|node| node.as_bool()) {
        Some(Some(enabled)) => enabled,
        None => false,
        Some(None) => return Err(Why::error(format!("{source} says neither true nor false to anonymous.enabled"))),
    };
    if !enabled {
        return Ok(Some(("nobody", source, None)));
    }
    let conditions = match anonymous.get("conditions").filter(|node| !node.is_null()) {
        None => &[],
        Some(node) => node.as_list().ok_or_else(|| Why::error(format!("{source}: anonymous.conditions is no list")))?,
    };
    let paths: Option<Vec<&str>> = conditions.iter().map(|c| c.get("path").and_then(|p| p.as_str())).collect();
    let paths = paths.ok_or_else(|| Why::error(format!("{source} has a condition without a path")))?;
    Ok(Some(if paths.is_empty() {
        ("everybody", source, None)
    } else if paths.iter().all(|path| HEALTH.contains(path)) {
        ("health-checks", source, Some(format!("anonymous requests are admitted to {} only", paths.join(", "))))
    } else {
        ("everybody", source, Some(format!("anonymous requests are admitted to {}", paths.join(", "))))
    }))
}
