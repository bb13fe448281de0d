//! Whether the objects of one YAML file are those of others: `compare_manifests RENDERED WANTED…`. Order does not matter, nor do the
//! accounts called `default`, which a chart cannot own. Used by `charts/test.sh`.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a tool of the repository: it reads files and speaks"
)]

use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;

use serde_json::Value;

type Objects = BTreeMap<String, Value>;

fn read(path: &str, into: &mut Objects) -> Result<(), Box<dyn Error>> {
    let text = format!("\n{}", std::fs::read_to_string(path)?);
    for document in text.split("\n---\n") {
        let document = seaworthy_yaml::parse(document).map_err(|error| format!("{path}: {error}"))?;
        let value: Value = serde_json::from_str(&document.root.to_json())?;
        let part = |at: &str| value.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (kind, space, name) = (part("/kind"), part("/metadata/namespace"), part("/metadata/name"));
        if !kind.is_empty() && (kind.as_str(), name.as_str()) != ("ServiceAccount", "default") {
            into.insert(format!("{kind} {space}/{name}"), value);
        }
    }
    Ok(())
}

/// The places at which two values differ.
fn differences(at: &str, got: &Value, want: &Value, out: &mut Vec<String>) {
    match (got, want) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                let (x, y) = (a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null));
                differences(&format!("{at}/{key}"), x, y, out);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            (0..).zip(a.iter().zip(b)).for_each(|(i, (x, y))| differences(&format!("{at}/{i}"), x, y, out));
        }
        _ if got != want => out.push(format!("{at}: {got}, not {want}")),
        _ => {}
    }
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let (rendered, wanted) = paths.split_first().ok_or("usage: compare_manifests RENDERED WANTED…")?;
    let (mut got, mut want) = (Objects::new(), Objects::new());
    read(rendered, &mut got)?;
    wanted.iter().try_for_each(|path| read(path, &mut want))?;
    let mut wrong = Vec::new();
    for name in got.keys().chain(want.keys().filter(|name| !got.contains_key(*name))) {
        match (got.get(name), want.get(name)) {
            (Some(got), Some(want)) => differences(name, got, want, &mut wrong),
            (Some(_), None) => wrong.push(format!("{name} is not wanted")),
            (None, _) => wrong.push(format!("{name} is missing")),
        }
    }
    wrong.iter().for_each(|line| eprintln!("{line}"));
    if want.is_empty() {
        return Err("nothing was compared".into());
    }
    Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
