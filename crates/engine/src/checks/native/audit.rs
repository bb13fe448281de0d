//! What an audit policy logs: its rules are asked in order, as the API server does, for requests that matter.

use seaworthy_model::{Evidence, Kind, Resource, Source, Verdict};
use seaworthy_yaml::Node as Yaml;

use super::super::{Form, Judge, Outcome, at, expect_form, named_path};
use crate::context::Parsed;
use crate::settings::{Resolver, changed_since};
use crate::through_api;
use crate::why::Why;

/// How much is logged, in order.
const LEVELS: [&str; 4] = ["None", "Metadata", "Request", "RequestResponse"];

/// A kind of request that must be logged.
struct Demand {
    /// `pods/exec`.
    name: &'static str,
    group: &'static str,
    verbs: &'static [&'static str],
    /// Whether more than Metadata would write secrets into the log.
    exact: bool,
}

const ALL_VERBS: &[&str] = &["get", "list", "watch", "create", "update", "patch", "delete"];
const WRITES: &[&str] = &["create", "update", "patch", "delete"];

const DEMANDS: [Demand; 11] = [
    Demand { name: "secrets", group: "", verbs: ALL_VERBS, exact: true },
    Demand { name: "configmaps", group: "", verbs: ALL_VERBS, exact: true },
    Demand { name: "tokenreviews", group: "authentication.k8s.io", verbs: &["create"], exact: true },
    Demand { name: "pods", group: "", verbs: WRITES, exact: false },
    Demand { name: "deployments", group: "apps", verbs: WRITES, exact: false },
    Demand { name: "pods/exec", group: "", verbs: &["create", "get"], exact: false },
    Demand { name: "pods/portforward", group: "", verbs: &["create", "get"], exact: false },
    Demand { name: "pods/proxy", group: "", verbs: &["create", "get"], exact: false },
    Demand { name: "services/proxy", group: "", verbs: &["create", "get"], exact: false },
    Demand { name: "certificatesigningrequests", group: "certificates.k8s.io", verbs: WRITES, exact: false },
    Demand { name: "serviceaccounts/token", group: "", verbs: &["create"], exact: false },
];

const FORM: Form = Form { kind: "Policy", group: "audit.k8s.io", versions: &["v1"], strict: false };

pub(super) fn present(_: &Judge<'_, '_>, resolver: &Resolver<'_, '_>, _: &[String]) -> Outcome {
    let expected = "a Policy that logs something";
    with_policy(resolver, expected, |policy, source, outcome| {
        let rules = rules(policy);
        let logging = rules.iter().filter(|rule| level(rule).is_some_and(|level| level > 0)).count();
        outcome.verdict = if logging > 0 { Verdict::Pass } else { Verdict::Fail };
        outcome.reason = match (rules.len(), logging) {
            (0, _) => format!("{source} has no rules, so nothing is logged"),
            (_, 0) => format!("every rule of {source} says None, so nothing is logged"),
            (n, _) => format!("{source} is a policy of {n} rules"),
        };
    })
}

pub(super) fn coverage(_: &Judge<'_, '_>, resolver: &Resolver<'_, '_>, with: &[String]) -> Outcome {
    let expected = format!("these are logged: {}", with.join(", "));
    with_policy(resolver, &expected, |policy, source, outcome| {
        let rules = rules(policy);
        let omitted = texts(policy, "omitStages").unwrap_or_default();
        let mut short = Vec::new();
        for name in with {
            let Some(demand) = DEMANDS.iter().find(|d| d.name == name) else {
                *outcome = Outcome::unknown(Why::error(format!("there is no way to ask an audit policy for {name}")));
                return;
            };
            for verb in demand.verbs {
                match level_of(rules, &omitted, demand, verb) {
                    Err(text) => {
                        *outcome = Outcome::unknown(Why::error(format!("{source}: {text}")));
                        return;
                    }
                    Ok(0) => short.push((demand, *verb, "is not logged".to_owned())),
                    Ok(level) if demand.exact && level > 1 => {
                        short.push((
                            demand,
                            *verb,
                            format!("is logged at {}, which writes its content into the log", LEVELS[level]),
                        ));
                    }
                    Ok(_) => {}
                }
            }
        }
        outcome.verdict = if short.is_empty() { Verdict::Pass } else { Verdict::Fail };
        outcome.reason = match short.first() {
            None => format!("{source} covers {}", with.join(", ")),
            Some((demand, verb, what)) => {
                let names: Vec<&str> = short.iter().map(|(d, _, _)| d.name).collect();
                let mut others: Vec<&str> = names.iter().copied().filter(|n| *n != demand.name).collect();
                others.dedup();
                let rest =
                    if others.is_empty() { String::new() } else { format!("; also short: {}", others.join(", ")) };
                format!("{verb} on {} {what} by {source}{rest}", demand.name)
            }
        };
        for (demand, verb, what) in short {
            outcome.resources.push(Resource {
                kind: "AuditRule".to_owned(),
                namespace: None,
                name: demand.name.to_owned(),
                detail: format!("{verb} {what}"),
            });
        }
        outcome.resources.sort();
    })
}

/// Reads the policy that the API server was started with and hands it on.
fn with_policy(
    resolver: &Resolver<'_, '_>,
    expected: &str,
    decide: impl FnOnce(&Yaml, &Source, &mut Outcome),
) -> Outcome {
    let setting = "audit-policy-file";
    let mut outcome = match named_path(resolver, setting) {
        Err(why) => Outcome::unknown(why),
        Ok(None) => Outcome::tested(Verdict::Fail, format!("{setting} is not set, so the API server logs nothing")),
        Ok(Some(path)) => read(resolver, &path, decide),
    };
    outcome.show(&resolver.instance.component.name, setting, &resolver.effective(setting));
    if let Some(log) = resolver.effective("audit-log-path").set() {
        outcome.evidence.push(Evidence {
            what: "kube-apiserver audit-log-path".to_owned(),
            value: log.to_string(),
            source: Some(resolver.effective("audit-log-path").source),
            candidates: Vec::new(),
            notes: Vec::new(),
        });
    }
    outcome.evidence.extend(counted(resolver, outcome.verdict));
    outcome.expecting(expected)
}

/// How many requests were recorded at which level since the API server that answered had started, as it counts itself. No verdict: what
/// was asked of it need not be what the policy logs.
fn counted(resolver: &Resolver<'_, '_>, verdict: Verdict) -> Option<Evidence> {
    let (metrics, source) = through_api::metrics(resolver.context.facts)?;
    let words: Vec<String> = metrics.audit_levels.iter().map(|(level, count)| format!("{count} at {level}")).collect();
    let value = if words.is_empty() { "none were counted".to_owned() } else { words.join(", ") };
    let logged: u64 = metrics.audit_levels.iter().filter(|(level, _)| level != "None").map(|(_, count)| *count).sum();
    let mut notes = vec!["counted by the API server that answered, since it had started".to_owned()];
    if verdict == Verdict::Pass && logged == 0 {
        notes.push(
            "it has recorded no request, though the file says otherwise: look whether it runs with this policy"
                .to_owned(),
        );
    }
    Some(Evidence {
        what: "requests by audit level".to_owned(),
        value,
        source: Some(source.clone()),
        candidates: Vec::new(),
        notes,
    })
}

fn read(resolver: &Resolver<'_, '_>, path: &str, decide: impl FnOnce(&Yaml, &Source, &mut Outcome)) -> Outcome {
    let document =
        resolver.named_file(path).and_then(|(view, record)| Ok((resolver.context.document(view, path)?, record)));
    let (parsed, record) = match document {
        Ok(found) => found,
        Err(why) => return Outcome::unknown(why),
    };
    if let Err(why) = expect_form(&parsed, &FORM).and_then(|()| decodes(&parsed)) {
        return Outcome::unknown(why);
    }
    let mut outcome = Outcome::tested(Verdict::Unknown, String::new());
    decide(&parsed.document.root, &parsed.source, &mut outcome);
    if let Some(rules) = parsed.document.root.get("rules") {
        outcome.evidence.push(Evidence {
            what: "audit policy".to_owned(),
            value: format!("{} rules", rules.as_list().map_or(0, <[Yaml]>::len)),
            source: Some(at(&parsed, rules)),
            candidates: Vec::new(),
            notes: Vec::new(),
        });
    }
    if let (Verdict::Pass, Some(stale)) = (outcome.verdict, changed_since(&resolver.instance.process, record)) {
        outcome.verdict = Verdict::Unknown;
        outcome.kind = Kind::Error;
        outcome.reason = stale;
    }
    outcome
}

/// Refuses a policy that the API server would not load: it ends with an error then.
fn decodes(parsed: &Parsed) -> Result<(), Why> {
    let policy = &parsed.document.root;
    let refused = |what: String| Err(Why::error(format!("{} {what}, which the API server refuses", parsed.source)));
    if let Err(text) = texts(policy, "omitStages") {
        return refused(format!("is no policy ({text})"));
    }
    let rules = policy.get("rules").and_then(Yaml::as_list).unwrap_or_default();
    if rules.is_empty() {
        return refused("has no rules".to_owned());
    }
    match rules.iter().find(|rule| level(rule).is_none()) {
        Some(rule) => refused(format!("has a rule in line {} without a level that there is", rule.span.line)),
        None => Ok(()),
    }
}

fn rules(policy: &Yaml) -> &[Yaml] {
    policy.get("rules").and_then(Yaml::as_list).unwrap_or_default()
}

fn level(rule: &Yaml) -> Option<usize> {
    let word = rule.get("level")?.as_str()?;
    LEVELS.iter().position(|level| *level == word)
}

fn texts<'y>(rule: &'y Yaml, key: &str) -> Result<Vec<&'y str>, String> {
    match rule.get(key) {
        None => Ok(Vec::new()),
        Some(node) if node.is_null() => Ok(Vec::new()),
        Some(node) => node
            .as_list()
            .and_then(|list| list.iter().map(Yaml::as_str).collect::<Option<Vec<_>>>())
            .ok_or_else(|| format!("{key} of the rule in line {} is no list of texts", rule.span.line)),
    }
}

/// The level at which the request is logged: that of the first rule that matches everybody's request. A rule for certain users,
/// namespaces or names is passed over: somebody else's request goes on to the next.
fn level_of(rules: &[Yaml], omitted: &[&str], demand: &Demand, verb: &str) -> Result<usize, String> {
    for rule in rules {
        let groups = texts(rule, "userGroups")?;
        let everybody = groups.is_empty() || groups.contains(&"system:authenticated");
        let verbs = texts(rule, "verbs")?;
        let particular = !texts(rule, "users")?.is_empty() || !texts(rule, "namespaces")?.is_empty() || !everybody;
        let urls = !texts(rule, "nonResourceURLs")?.is_empty();
        if particular || urls || !(verbs.is_empty() || verbs.contains(&verb)) {
            continue;
        }
        let resources = rule.get("resources").filter(|node| !node.is_null());
        let matches = match resources {
            None => true,
            Some(node) => {
                let list = node.as_list().ok_or_else(|| format!("resources in line {} is no list", node.span.line))?;
                list.is_empty() || any_resource(list, demand)?
            }
        };
        if matches {
            let level =
                level(rule).ok_or_else(|| format!("the rule in line {} has no level that there is", rule.span.line))?;
            let stages = texts(rule, "omitStages")?;
            // A finished request is logged at one of these; what policy and rule leave out adds up.
            let silent =
                ["RequestReceived", "ResponseComplete"].iter().all(|s| stages.contains(s) || omitted.contains(s));
            return Ok(if silent { 0 } else { level });
        }
    }
    Ok(0)
}

fn any_resource(list: &[Yaml], demand: &Demand) -> Result<bool, String> {
    let (resource, sub) = demand.name.split_once('/').map_or((demand.name, None), |(r, s)| (r, Some(s)));
    for entry in list {
        let group = entry.get("group").and_then(Yaml::as_str).unwrap_or_default();
        if group != demand.group || !texts(entry, "resourceNames")?.is_empty() {
            continue;
        }
        let names = texts(entry, "resources")?;
        let hit = |name: &str| {
            name == "*"
                || name == demand.name
                || sub.is_some_and(|sub| name.strip_prefix("*/") == Some(sub))
                || name.strip_suffix("/*") == Some(resource)
        };
        if names.is_empty() || names.into_iter().any(hit) {
            return Ok(true);
        }
    }
    Ok(false)
}
