//! Checks: from facts to a verdict with its reason.

pub(crate) mod cluster;
mod expect;
mod files;
pub(crate) mod native;
mod outcome;
mod select;
mod setting;

use seaworthy_catalogue::{Applies, Check};
use seaworthy_model::{Kind, Source, Span, Verdict};
use seaworthy_yaml::Node as Yaml;

use crate::context::{Context, Parsed};
use crate::roles::{Presence, Roles};
use crate::settings::{Resolver, State};
use crate::why::Why;

pub(crate) use outcome::Outcome;

/// What a rule is judged with.
pub(crate) struct Judge<'c, 'a> {
    pub(crate) context: &'c Context<'a>,
    pub(crate) roles: &'c Roles,
    /// One for each process of each component, by the component's name.
    pub(crate) resolvers: &'c [(String, Vec<Resolver<'c, 'a>>)],
}

impl<'c, 'a> Judge<'c, 'a> {
    /// The processes of a component.
    pub(crate) fn resolvers(&self, component: &str) -> &'c [Resolver<'c, 'a>] {
        self.resolvers.iter().find(|(name, _)| name == component).map_or(&[], |(_, list)| list.as_slice())
    }

    /// Decides a check, and whether it applies at all. Of several processes of its component the worst counts.
    pub(crate) fn check(&self, check: &Check, applies: Option<&Applies>) -> Outcome {
        let components = check.components();
        let Some(first) = components.first().copied() else { return self.one(check, None) };
        if let Some(absent) = self.role_absent(first) {
            return absent;
        }
        let resolvers = self.resolvers(first);
        if resolvers.is_empty() {
            return self.one(check, None);
        }
        let outcomes = resolvers.iter().map(|resolver| self.with_condition(check, applies, resolver));
        Outcome::worst(outcomes)
    }

    fn with_condition(&self, check: &Check, applies: Option<&Applies>, resolver: &Resolver<'_, 'a>) -> Outcome {
        let Some(applies) = applies else { return self.one(check, Some(resolver)) };
        // A condition about a component that is not here cannot exclude anything.
        let condition = if applies.when.component == resolver.instance.component.name {
            Some(setting::judge(&applies.when, resolver))
        } else {
            let others = self.resolvers(&applies.when.component);
            (!others.is_empty())
                .then(|| Outcome::worst(others.iter().map(|other| setting::judge(&applies.when, other))))
        };
        match condition {
            Some(condition) if condition.verdict == Verdict::Fail => Outcome {
                verdict: Verdict::NotApplicable,
                kind: Kind::Tested,
                reason: applies.otherwise.clone(),
                ..condition
            },
            // A condition that is not known excludes nothing: the check itself decides.
            _ => self.one(check, Some(resolver)),
        }
    }

    fn one(&self, check: &Check, resolver: Option<&Resolver<'_, 'a>>) -> Outcome {
        match check {
            Check::Setting(check) => match self.resolver_for(&check.component, resolver) {
                Ok(resolver) => setting::judge(check, resolver),
                Err(outcome) => *outcome,
            },
            Check::FileMode { files, within } => files::judge(self, files, resolver, &files::Wanted::Within(*within)),
            Check::FileOwner { files, owner, group } => {
                files::judge(self, files, resolver, &files::Wanted::Owner(owner, group))
            }
            Check::All(checks) => Outcome::worst(checks.iter().map(|check| self.one(check, resolver))),
            Check::Any(checks) => Outcome::best(checks.iter().map(|check| self.one(check, resolver)).collect()),
            Check::Manual { question, show } => self.manual(question, show),
            Check::Native { name, component, with } => match self.resolver_for(component, resolver) {
                Ok(resolver) => native::judge(name, self, resolver, with),
                Err(outcome) => *outcome,
            },
            Check::Api { name, with, asks } => cluster::judge(name, self, asks, with),
        }
    }

    /// The process to ask: the one at hand if it is of this component, else the component's first.
    fn resolver_for<'r>(
        &self,
        component: &str,
        at_hand: Option<&'r Resolver<'c, 'a>>,
    ) -> Result<&'r Resolver<'c, 'a>, Box<Outcome>>
    where
        'c: 'r,
    {
        match at_hand.filter(|resolver| resolver.instance.component.name == component) {
            Some(resolver) => Ok(resolver),
            None => self.resolvers(component).first().ok_or_else(|| Box::new(self.not_running(component))),
        }
    }

    fn manual(&self, question: &str, show: &[(String, String)]) -> Outcome {
        let mut outcome = Outcome::manual(question);
        for (component, setting) in show {
            let Some(resolver) = self.resolvers(component).first() else {
                return self.not_running(component);
            };
            let effective = resolver.effective(setting);
            outcome.show(component, setting, &effective);
            if let State::Unknown(why) = effective.state {
                return Outcome { evidence: outcome.evidence, ..Outcome::unknown(why) };
            }
            outcome.reason = format!("{setting} is {} ({}). {}", effective.shown(), effective.source, outcome.reason);
        }
        outcome
    }

    /// The outcome for a component whose role this node does not have.
    pub(crate) fn role_absent(&self, component: &str) -> Option<Outcome> {
        let component = self.context.component(component)?;
        match self.roles.of(&component.role) {
            Some((_, Presence::Absent, why)) => Some(Outcome::role_absent(why)),
            _ => None,
        }
    }

    /// The outcome for a component that is asked about and does not run.
    pub(crate) fn not_running(&self, component: &str) -> Outcome {
        if let Some(absent) = self.role_absent(component) {
            return absent;
        }
        let unknown = self.context.instances(component).and_then(|i| i.unknown.clone());
        let why = unknown.unwrap_or_else(|| Why::error(self.roles.not_running(self.context, component)));
        Outcome::unknown(why)
    }
}

/// The place of a value in a document.
pub(crate) fn at(parsed: &Parsed, node: &Yaml) -> Source {
    let span = Span { line: node.span.line, start: node.span.start as u64, end: node.span.end as u64 };
    parsed.source.clone().at(span)
}

/// What a document must be for the API server to read it.
pub(crate) struct Form {
    pub(crate) kind: &'static str,
    pub(crate) group: &'static str,
    pub(crate) versions: &'static [&'static str],
    /// Whether it refuses a document with a key that stands twice.
    pub(crate) strict: bool,
}

/// Refuses a document that the component would refuse: it runs by something else, then.
pub(crate) fn expect_form(parsed: &Parsed, form: &Form) -> Result<(), Why> {
    let root = &parsed.document.root;
    let text = |key: &str| root.get(key).and_then(Yaml::as_str).unwrap_or_default();
    let (kind, version) = (text("kind"), text("apiVersion"));
    if kind != form.kind {
        let what = if kind.is_empty() { "does not say its kind".to_owned() } else { format!("is a {kind}") };
        return Err(Why::error(format!("{} {what}; it should be a {}", parsed.source, form.kind)));
    }
    let known =
        form.versions.iter().any(|v| version.strip_prefix(form.group).and_then(|r| r.strip_prefix('/')) == Some(v));
    if !known {
        let versions = form.versions.join(" or ");
        return Err(Why::error(format!(
            "{} is of version {version:?}; it should be {}/{versions}",
            parsed.source, form.group
        )));
    }
    match parsed.document.duplicates.first().filter(|_| form.strict) {
        Some(duplicate) => {
            Err(Why::error(format!("{} sets {:?} twice, which the API server refuses", parsed.source, duplicate.key)))
        }
        None => Ok(()),
    }
}

/// The path that a setting names, for checks that read the file behind it.
pub(crate) fn named_path(resolver: &Resolver<'_, '_>, setting: &str) -> Result<Option<String>, Why> {
    let effective = resolver.effective(setting);
    match &effective.state {
        State::Unknown(why) => Err(why.clone()),
        _ => Ok(effective.text().map(str::to_owned)),
    }
}
