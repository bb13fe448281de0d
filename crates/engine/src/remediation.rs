//! What to do on this very node: its own file, its own line.

use seaworthy_catalogue::{Fix, FixOperation, Risk, Rule, Setting, SettingKind, WriteFile};
use seaworthy_model::{Remediation, Source, SourcePlace, Span};

use crate::checks::{Judge, Outcome};
use crate::settings::{Origin, Resolver};

pub(crate) fn remediation(judge: &Judge<'_, '_>, rule: &Rule, outcome: &Outcome) -> Remediation {
    let guide = rule.section("How to fix it").to_owned();
    let first = guide.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let mut remediation = Remediation {
        summary: first,
        current: None,
        place: None,
        wanted: None,
        guide,
        risk: None,
        breaks: None,
        no_fix: None,
    };
    match &rule.fix {
        Fix::None { reason } => remediation.no_fix = Some(reason.clone()),
        Fix::Machine { operations, risk, .. } => {
            remediation.risk = Some(risk.as_str().to_owned());
            if let Risk::MayBreak(what) = risk {
                remediation.breaks = Some(what.clone());
            }
            // What goes before only prepares for the one that the check is about.
            let main = operations.iter().rfind(|operation| !matches!(operation, FixOperation::Unset { .. }));
            if let Some(operation) = main.or(operations.last()) {
                specific(judge, operation, outcome, &mut remediation);
            }
        }
    }
    remediation
}

fn specific(judge: &Judge<'_, '_>, operation: &FixOperation, outcome: &Outcome, remediation: &mut Remediation) {
    match operation {
        FixOperation::Mode(mode) => on_files(outcome, &format!("chmod {mode:04o}"), remediation),
        FixOperation::Owner { owner, group } => on_files(outcome, &format!("chown {owner}:{group}"), remediation),
        FixOperation::Set { component, values, .. } => {
            for (setting, value) in values.iter().take(1) {
                on_setting(judge, component, setting, &|_| Some(value.to_string()), remediation);
            }
        }
        FixOperation::Unset { component, setting } => on_setting(judge, component, setting, &|_| None, remediation),
        FixOperation::AddToList { component, setting, value } => {
            let wanted = |now: &[String]| {
                let mut list = now.to_vec();
                list.push(value.clone());
                Some(list.join(","))
            };
            on_setting(judge, component, setting, &wanted, remediation);
        }
        FixOperation::RemoveFromList { component, setting, value } => {
            let wanted = |now: &[String]| {
                let list: Vec<String> = now.iter().filter(|e| *e != value).cloned().collect();
                (!list.is_empty()).then(|| list.join(","))
            };
            on_setting(judge, component, setting, &wanted, remediation);
        }
        FixOperation::WriteFile(file) => on_file_and_setting(judge, file, remediation),
        FixOperation::EncryptFirst { component, setting } => {
            let path = judge.resolvers(component).first().map(|resolver| resolver.effective(setting));
            remediation.place = path.filter(|path| path.set().is_some()).map(|path| path.source);
        }
    }
}

/// A file that a setting names: first the file, then the setting. An argument for a file that the component does not see
/// keeps it from starting, and a file that is named already may hold more than the check asks for (keys, issuers).
fn on_file_and_setting(
    judge: &Judge<'_, '_>,
    WriteFile { component, setting, path, content, .. }: &WriteFile,
    remediation: &mut Remediation,
) {
    let Some(resolver) = judge.resolvers(component).first() else { return };
    let effective = resolver.effective(setting);
    if effective.set().is_some() {
        remediation.summary =
            format!("Make {}, which {component} reads, {content}; keep what else it holds", effective.shown());
        remediation.place = Some(effective.source);
        return;
    }
    on_setting(judge, component, setting, &|_| Some(path.clone()), remediation);
    if resolver.instance.in_static_pod() && remediation.wanted.is_some() {
        remediation.summary = format!(
            "Write {path}, {content}, and mount it into the pod, or {component} does not start. {}",
            remediation.summary
        );
    }
}

/// One command for all files that offend.
fn on_files(outcome: &Outcome, command: &str, remediation: &mut Remediation) {
    let mut files: Vec<String> = outcome.resources.iter().map(|r| quoted(&r.name)).collect();
    files.sort();
    files.dedup();
    if files.is_empty() {
        return;
    }
    remediation.wanted = Some(format!("{command} {}", files.join(" ")));
    remediation.place = outcome
        .evidence
        .iter()
        .find(|e| outcome.resources.iter().any(|r| r.name == e.what))
        .and_then(|e| e.source.clone());
}

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    let plain =
        path.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'-' | b'_' | b'+' | b':' | b'@'));
    if plain { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

fn on_setting(
    judge: &Judge<'_, '_>,
    component: &str,
    setting: &str,
    wanted: &dyn Fn(&[String]) -> Option<String>,
    remediation: &mut Remediation,
) {
    let Some(resolver) = judge.resolvers(component).first() else { return };
    let Some(description) = resolver.instance.component.setting(setting) else { return };
    let effective = resolver.effective(setting);
    let now = effective.list().unwrap_or_default();
    let wanted = wanted(now);
    if in_manifest(judge, resolver, description, wanted.as_deref(), remediation) {
        return;
    }
    if effective.origin != Origin::Running {
        in_config_file(resolver, description, &effective, wanted.as_deref(), remediation);
        return;
    }
    // What runs was read from nowhere that could be edited: the place is where a restart would take it from.
    let written = resolver.told(description);
    in_config_file(resolver, description, &written, wanted.as_deref(), remediation);
    if wanted.is_some_and(|wanted| written.set().is_some_and(|value| value.to_string() == wanted)) {
        remediation.current = None;
        remediation.wanted = None;
        remediation.place = Some(written.source.clone());
        remediation.summary = format!("{} says so already: restart {}", written.source, component);
    }
}

/// The argument's line in the component's manifest.
fn in_manifest(
    judge: &Judge<'_, '_>,
    resolver: &Resolver<'_, '_>,
    setting: &Setting,
    wanted: Option<&str>,
    remediation: &mut Remediation,
) -> bool {
    let component = resolver.instance.component;
    let Some(flag) = &setting.flag else { return false };
    let manifests = judge.context.manifests(&component.name);
    let Some(written) = manifests.first().filter(|_| resolver.instance.in_static_pod()) else {
        return false;
    };
    let (manifest, line) = (written.manifest, written.line(flag));
    let source = Source::host(&manifest.path);
    remediation.wanted = wanted.map(|value| format!("- --{flag}={value}"));
    let done = line.zip(wanted).is_some_and(|((_, text), value)| text == format!("--{flag}={value}"));
    remediation.summary = match (&line, wanted) {
        (Some((line, _)), _) if done => format!(
            "{} says so already in line {line}: wait for the restart, or look into the kubelet's log if there is none",
            manifest.path
        ),
        (Some((line, _)), Some(value)) => format!("In {} change line {line} to --{flag}={value}", manifest.path),
        (None, Some(value)) => format!("In {} add the argument --{flag}={value}", manifest.path),
        (Some((line, _)), None) => format!("In {} take line {line} away", manifest.path),
        (None, None) => return true,
    };
    remediation.current = line.map(|(_, text)| format!("- {text}"));
    remediation.place = Some(match line {
        Some((line, _)) => source.at(Span { line, start: 0, end: 0 }),
        None => source,
    });
    true
}

/// The field's line in the component's configuration file.
fn in_config_file(
    resolver: &Resolver<'_, '_>,
    setting: &Setting,
    effective: &crate::settings::Effective,
    wanted: Option<&str>,
    remediation: &mut Remediation,
) {
    let component = resolver.instance.component;
    let flag = setting.flag.as_deref().unwrap_or(&setting.name);
    if effective.origin == Origin::Argument {
        remediation.current = Some(format!("--{flag}={}", effective.shown()));
        remediation.place = Some(effective.source.clone());
        remediation.summary = format!(
            "Take --{flag} out of the arguments of {}{}",
            component.name,
            wanted.filter(|_| setting.field.is_some()).map_or_else(String::new, |value| format!(
                ", and set {}: {value} in its configuration file",
                setting.field.as_deref().unwrap_or_default()
            ))
        );
        return;
    }
    let (Some(field), Some(main)) = (&setting.field, main_file(resolver)) else { return };
    let (path, text) = main;
    let last = field.rsplit('.').next().unwrap_or(field);
    let key = setting.gate.as_deref().unwrap_or(last);
    let at = effective.source.span.filter(|_| effective.origin == Origin::File);
    let (place, file) = match (&effective.source.place, at) {
        (SourcePlace::File { path, .. }, Some(_)) => (effective.source.clone(), path.clone()),
        _ => (Source::host(&path), path.clone()),
    };
    if let Some(span) = at.filter(|_| file == path) {
        remediation.current = text.lines().nth(span.line.saturating_sub(1) as usize).map(str::to_owned);
    }
    let full = if setting.gate.is_some() { format!("{field}.{key}") } else { field.clone() };
    remediation.wanted = wanted.map(|value| format!("{full}: {}", yaml_value(setting, value)));
    remediation.summary = match (at, wanted) {
        (Some(span), Some(value)) => format!("In {file} line {} set {full}: {}", span.line, yaml_value(setting, value)),
        (None, Some(value)) => format!("In {file} add {full}: {}", yaml_value(setting, value)),
        (_, None) => format!("In {file} take {full} away"),
    };
    remediation.summary.push_str(&format!(", then restart {}", component.name));
    remediation.place = Some(place);
}

/// Path and text of the component's own configuration file.
fn main_file(resolver: &Resolver<'_, '_>) -> Option<(String, String)> {
    let config = resolver.config().ok()?;
    let main = config.main.as_ref()?;
    match &main.parsed.source.place {
        SourcePlace::File { path, .. } => Some((path.clone(), main.parsed.text.clone())),
        _ => None,
    }
}

/// A value as YAML takes it.
fn yaml_value(setting: &Setting, value: &str) -> String {
    match setting.kind {
        SettingKind::List | SettingKind::Paths => format!("[{}]", value.split(',').collect::<Vec<_>>().join(", ")),
        _ => value.to_owned(),
    }
}
