//! Turns texts into a catalogue, or into the list of what is wrong with them.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::error::line_of;
use crate::parse::{RawBenchmark, RawCases, RawComponent, RawPlatform, RawRule};
use crate::{Case, Catalogue, Known, Problem, lint};

/// The names that `check.native.name` may have: the engine has a function of each name, and a test holds the two lists equal.
pub const NATIVE_CHECKS: [&str; 4] =
    ["audit-policy-coverage", "audit-policy-present", "encryption-providers", "etcd-unique-ca"];

/// The names that `check.api.judge` may have: the engine has a function of each name, and a test holds the two lists equal.
pub const CLUSTER_CHECKS: [&str; 19] = [
    "access",
    "bootstrap-tokens-for-users",
    "client-certificates-for-users",
    "cluster-admin-bindings",
    "cni-network-policies",
    "default-namespace",
    "default-service-accounts",
    "external-secret-storage",
    "image-provenance",
    "namespace-boundaries",
    "namespace-network-policies",
    "pod-security-policy-mechanism",
    "pods",
    "pods-security-context",
    "role-wildcards",
    "secrets-in-environment",
    "service-account-tokens-for-users",
    "system-masters",
    "token-mounts",
];

/// The words that `with` of the check `pods` may have: the engine has a requirement of each name, and a test holds the two lists equal.
pub const POD_REQUIREMENTS: [&str; 13] = [
    "capabilities",
    "drop-all",
    "host-ipc",
    "host-network",
    "host-path",
    "host-pid",
    "host-port",
    "host-process",
    "net-raw",
    "privilege-escalation",
    "privileged",
    "root",
    "seccomp",
];

/// The names that a setting's `derive` may have: the engine has a function of each name, and a test holds the two lists equal.
pub const DERIVATIONS: [&str; 5] =
    ["admission-plugins", "anonymous-requests", "authorization-modes", "cipher-suites", "etcd-members"];

/// The names that a fix's `tests` may have: `fix` has a function of each name, and a test holds the two lists equal.
pub const BREAKAGES: [&str; 14] = [
    "certificate-key-type",
    "client-authority",
    "clients-without-certificate",
    "encryption-key",
    "etcd-account",
    "images-on-node-only",
    "kubelet-client-certificate",
    "kubelets-self-signed",
    "oidc-flags",
    "probe-address",
    "roles-not-used",
    "service-external-ips",
    "serving-certificate-approval",
    "tokens-in-file",
];

/// One text of a catalogue.
#[derive(Debug, Clone)]
pub struct TextFile<'a> {
    /// Its path, relative to the catalogue, with `/`: `rules/etcd/etcd-auto-tls.md`.
    pub path: &'a str,
    /// Its content.
    pub text: &'a str,
}

/// A catalogue, and what only its tests need.
#[derive(Debug)]
pub struct Loaded {
    /// The catalogue.
    pub catalogue: Catalogue,
    /// The cases of every rule.
    pub cases: BTreeMap<String, Vec<Case>>,
}

/// Reads a catalogue.
///
/// # Errors
/// Everything that is wrong with it, sorted by file and line: TOML that does not parse, unknown keys, components, settings,
/// operators, natives and rules, numbers given twice, rules without page, cases or fix.
pub fn load(files: &[TextFile<'_>]) -> Result<Loaded, Vec<Problem>> {
    let mut files: Vec<&TextFile<'_>> = files.iter().collect();
    files.sort_by_key(|f| f.path);
    let mut problems = Vec::new();
    let mut draft = Draft::default();
    let mut hash = Sha256::new();
    for file in &files {
        for part in [file.path, file.text] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        draft.read(file, &mut problems);
    }
    let digest = data_encoding::HEXLOWER.encode(&hash.finalize());
    let loaded = lint::resolve(&draft, digest, &mut problems);
    if problems.is_empty() {
        Ok(loaded)
    } else {
        problems.sort();
        problems.dedup();
        Err(problems)
    }
}

/// The texts, parsed one by one. Each with its file's name and text, for messages.
#[derive(Default)]
pub(crate) struct Draft<'a> {
    pub(crate) components: BTreeMap<String, Parsed<'a, RawComponent>>,
    pub(crate) platforms: BTreeMap<String, Parsed<'a, RawPlatform>>,
    pub(crate) rules: BTreeMap<String, Parsed<'a, RuleText>>,
    pub(crate) cases: BTreeMap<String, Parsed<'a, RawCases>>,
    pub(crate) benchmarks: BTreeMap<String, Parsed<'a, RawBenchmark>>,
    pub(crate) known: Option<Parsed<'a, Known>>,
}

pub(crate) struct Parsed<'a, T> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
    pub(crate) value: T,
}

impl<T> Parsed<'_, T> {
    /// A problem at the line where `word` first stands.
    pub(crate) fn problem(&self, word: &str, message: impl Into<String>, help: impl Into<String>) -> Problem {
        Problem::new(self.file, line_of(self.text, word), message, help)
    }
}

pub(crate) struct RuleText {
    pub(crate) folder: String,
    pub(crate) head: RawRule,
    pub(crate) page: String,
}

impl<'a> Draft<'a> {
    fn read(&mut self, file: &TextFile<'a>, problems: &mut Vec<Problem>) {
        let parts: Vec<&str> = file.path.split('/').collect();
        let taken = match parts.as_slice() {
            ["known.toml"] => {
                let value: Option<Known> = toml_of(file, file.text, 0, problems);
                self.known = value.map(|value| Parsed { file: file.path, text: file.text, value });
                Some(())
            }
            ["components", name] => name
                .strip_suffix(".toml")
                .map(|name| insert(&mut self.components, name, file, toml_of(file, file.text, 0, problems), problems)),
            ["platforms", name] => name
                .strip_suffix(".toml")
                .map(|name| insert(&mut self.platforms, name, file, toml_of(file, file.text, 0, problems), problems)),
            ["benchmarks", name] => name
                .strip_suffix(".toml")
                .map(|name| insert(&mut self.benchmarks, name, file, toml_of(file, file.text, 0, problems), problems)),
            ["rules", folder, name] => {
                if let Some(name) = name.strip_suffix(".cases.toml") {
                    insert(&mut self.cases, name, file, toml_of(file, file.text, 0, problems), problems);
                    Some(())
                } else {
                    name.strip_suffix(".md")
                        .map(|name| insert(&mut self.rules, name, file, rule_of(file, folder, problems), problems))
                }
            }
            _ => None,
        };
        if taken.is_none() {
            problems.push(Problem::new(
                file.path,
                0,
                "this is no place of a catalogue",
                "a catalogue holds known.toml, components/NAME.toml, platforms/NAME.toml, benchmarks/ID.toml, rules/FOLDER/NAME.md and \
                 rules/FOLDER/NAME.cases.toml",
            ));
        }
    }
}

fn insert<'a, T>(
    map: &mut BTreeMap<String, Parsed<'a, T>>,
    name: &str,
    file: &TextFile<'a>,
    value: Option<T>,
    problems: &mut Vec<Problem>,
) {
    let Some(value) = value else { return };
    if let Some(first) = map.get(name) {
        let message = format!("{name} is already the name of {}", first.file);
        problems.push(Problem::new(file.path, 0, message, "names are unique in the whole catalogue: choose another"));
        return;
    }
    map.insert(name.to_owned(), Parsed { file: file.path, text: file.text, value });
}

fn toml_of<T: serde::de::DeserializeOwned>(
    file: &TextFile<'_>,
    text: &str,
    first_line: u32,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    match toml::from_str(text) {
        Ok(value) => Some(value),
        Err(error) => {
            let start = error.span().map_or(0, |s| s.start.min(text.len()));
            let line = u32::try_from(text.as_bytes()[..start].iter().filter(|b| **b == b'\n').count()).unwrap_or(0);
            problems.push(Problem::new(
                file.path,
                first_line + line + 1,
                error.message(),
                "docs/ has the form of this file",
            ));
            None
        }
    }
}

/// A rule's file: a fenced TOML block, then the page.
fn rule_of(file: &TextFile<'_>, folder: &str, problems: &mut Vec<Problem>) -> Option<RuleText> {
    let rest = file.text.strip_prefix("```toml\n");
    let Some((head, page)) = rest.and_then(|rest| rest.split_once("\n```\n")) else {
        problems.push(Problem::new(
            file.path,
            1,
            "the page has no head",
            "begin it with a block that opens with ```toml and closes with ```",
        ));
        return None;
    };
    let head = toml_of(file, head, 1, problems)?;
    Some(RuleText { folder: folder.to_owned(), head, page: page.trim_start().to_owned() })
}
