//! Judges facts: every item of a benchmark, in its order, into one report.

use seaworthy_catalogue::{Benchmark, Catalogue, Check, Item, Platform};
use seaworthy_model::{
    Counts, Evidence, Fact, Facts, Finding, Header, Kind, Label, REPORT_SCHEMA, Report, Resource, RoleState,
    SectionSummary, Source, Status, Subject, SubjectKind, Tool, Verdict, Version,
};
use sha2::{Digest, Sha256};

use crate::checks::{Judge, Outcome};
use crate::context::Context;
use crate::instances::Instances;
use crate::roles::{Presence, Roles};
use crate::select::within;
use crate::settings::Resolver;
use crate::through_api;
use crate::{JudgeError, Selection, Waivers, choose, remediation};

/// How facts are to be judged.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The benchmark's id; the one that fits the Kubernetes version if not given.
    pub benchmark: Option<String>,
    /// The platform's name; the one by whose layout the facts were read if not given.
    pub platform: Option<String>,
    /// The Kubernetes version, in spite of what was found out.
    pub kubernetes_version: Option<Version>,
    /// What of the benchmark is asked for.
    pub selection: Selection,
    /// Waivers to lay over the findings.
    pub waivers: Waivers,
    /// Today's date, as `YYYY-MM-DD`; that of the facts if not given. Waivers end by it.
    pub today: Option<String>,
    /// Who judges.
    pub tool: Option<Tool>,
}

/// Judges facts by a catalogue. Pure: the same input gives the same report.
///
/// # Errors
/// [`JudgeError`] for words that name nothing: a benchmark, platform, target, group or check.
pub fn judge(facts: &Facts, catalogue: &Catalogue, options: &Options) -> Result<Report, JudgeError> {
    let platform = platform(catalogue, options.platform.as_deref().or(facts.platform.as_deref()))?;
    let version = choose::version(facts, options.kubernetes_version);
    let (benchmark, choice) =
        choose::benchmark(catalogue, options.benchmark.as_deref(), version.as_ref().map(|v| v.version))?;
    options.selection.check(benchmark)?;
    let context = Context::new(facts, catalogue, platform, options.kubernetes_version);
    let roles = Roles::find(&context);
    let resolvers = resolvers(&context);
    let judge = Judge { context: &context, roles: &roles, resolvers: &resolvers };
    let scribe = Scribe { judge, benchmark, options, facts };
    let mut findings: Vec<Finding> = benchmark
        .items
        .iter()
        .filter(|item| options.selection.takes(benchmark, item))
        .filter_map(|item| scribe.finding(item))
        .collect();
    let today = options.today.as_deref().or(facts.time.as_deref().and_then(|t| t.get(..10)));
    let node = facts.node.as_ref().map_or("", |n| n.identity.name());
    let subjects = subjects(facts);
    let waivers = options.waivers.apply(&mut findings, node, today);
    let mut totals = Counts::default();
    findings.iter().for_each(|finding| totals.add(finding));
    let header = Header {
        benchmark: choice,
        platform: platform.name.clone(),
        kubernetes: version.as_ref().map(|v| v.text.clone()),
        kubernetes_source: version.map(|v| v.source),
        catalogue: catalogue.digest.clone(),
    };
    let mut report = Report {
        schema: REPORT_SCHEMA,
        tool: options.tool.clone().unwrap_or_else(|| facts.tool.clone()),
        scan_id: String::new(),
        time: facts.time.clone(),
        header,
        subjects,
        expected: 1,
        received: 1,
        roles: roles
            .iter()
            .filter(|_| facts.node.is_some())
            .map(|(role, presence, why)| RoleState {
                role: role.to_owned(),
                present: presence != Presence::Absent,
                certain: presence != Presence::Unknown,
                why: why.to_owned(),
            })
            .collect(),
        sections: sections_of(benchmark, &findings.iter().collect::<Vec<_>>()),
        findings,
        totals,
        waivers,
        missing: Vec::new(),
        also_seen: context.all_instances().flat_map(|i| i.also_seen.iter().cloned()).collect(),
        notes: notes(facts, &roles),
    };
    report.scan_id = scan_id(&report);
    Ok(report)
}

/// Whether there is nothing to judge: no role is here, or none was seen in a recording, which has nothing that a grant could show.
pub fn nothing_here(facts: &Facts, report: &Report) -> bool {
    let Some(node) = &facts.node else { return facts.api.is_none() };
    if facts.api.is_some() {
        return false;
    }
    let seen = |role: &RoleState| role.present && (role.certain || node.visibility.live);
    !report.roles.iter().any(seen)
}

/// What decides the settings of each component's processes.
pub(crate) fn resolvers<'c, 'a>(context: &'c Context<'a>) -> Vec<(String, Vec<Resolver<'c, 'a>>)> {
    let of = |name: &str| context.instances(name).map(|i: &Instances<'_>| i.judged.as_slice()).unwrap_or_default();
    let components = context.catalogue.components.iter();
    components
        .map(|c| (c.name.clone(), of(&c.name).iter().map(|instance| Resolver::new(context, instance)).collect()))
        .collect()
}

pub(crate) fn platform<'c>(catalogue: &'c Catalogue, asked: Option<&str>) -> Result<&'c Platform, JudgeError> {
    match asked {
        None => catalogue.platforms.first().ok_or(JudgeError::NoPlatforms),
        Some(name) => catalogue.platform(name).ok_or_else(|| JudgeError::NoSuchPlatform {
            asked: name.to_owned(),
            nearest: seaworthy_catalogue::nearest(name, catalogue.platforms.iter().map(|p| p.name.as_str()))
                .map(str::to_owned),
            all: catalogue.platforms.iter().map(|p| p.name.clone()).collect(),
        }),
    }
}

/// Where only a cluster was read.
const NO_NODE: &str =
    "no node was read: seaworthy run reads the one that it runs on, seaworthy scan-cluster all of them";

struct Scribe<'c, 'a> {
    judge: Judge<'c, 'a>,
    benchmark: &'c Benchmark,
    options: &'c Options,
    facts: &'a Facts,
}

impl Scribe<'_, '_> {
    fn finding(&self, item: &Item) -> Option<Finding> {
        let rule = self.judge.context.catalogue.rule(&item.rule)?;
        let check = item.check.as_ref().unwrap_or(&rule.check);
        let section = self.benchmark.section_of(&item.id)?;
        let skipped = self.options.selection.skips(item);
        let cluster = matches!(check, Check::Api { .. });
        let no_node = !cluster && self.facts.node.is_none();
        // Nobody asked for what is about nodes where only a cluster was read; a note says where it is to be had.
        if no_node && self.options.selection.is_everything() {
            return None;
        }
        let absent = section.role.as_ref().filter(|_| !cluster).and_then(|role| self.judge.roles.of(role));
        let outcome = match (skipped, absent) {
            (Some(_), _) => Outcome::unknown(crate::why::Why::error("it was left out of this scan")),
            (None, _) if no_node => Outcome::unknown(crate::why::Why::error(NO_NODE)),
            (None, Some((_, Presence::Absent, why))) => Outcome::role_absent(why),
            (None, _) => self.judge.check(check, rule.applies.as_ref()),
        };
        let scored = item.label == Label::Automated;
        let status = Status::of(outcome.verdict, scored, skipped.is_some());
        // What is not known cannot be mended: its reason says what would make it known.
        let remediation = (matches!(outcome.verdict, Verdict::Fail | Verdict::Manual) && skipped.is_none())
            .then(|| remediation::remediation(&self.judge, rule, &outcome));
        let subject = subject(self.facts, if cluster { SubjectKind::Cluster } else { SubjectKind::Node });
        Some(Finding {
            id: item.id.clone(),
            rule: rule.name.clone(),
            title: rule.title.clone(),
            section: self.benchmark.group_of(&item.id),
            target: section.target.clone(),
            level: item.level,
            label: item.label,
            scored,
            severity: rule.severity,
            status,
            verdict: outcome.verdict,
            kind: match outcome.verdict {
                _ if skipped.is_some() => Kind::Skipped,
                Verdict::Fail if !scored => Kind::Unscored,
                _ => outcome.kind,
            },
            reason: skipped.map_or(outcome.reason, |word| format!("left out by --skip {word}")),
            expected: outcome.expected,
            locations: locations(&outcome.evidence),
            evidence: outcome.evidence,
            resources: sorted(outcome.resources),
            remediation,
            waiver: None,
            identity: identity(self.facts, &subject, &self.benchmark.id, &item.id),
            subject,
        })
    }
}

/// The places of the evidence, each once.
fn locations(evidence: &[Evidence]) -> Vec<Source> {
    let mut locations: Vec<Source> = Vec::new();
    for source in evidence.iter().filter_map(|e| e.source.as_ref()) {
        if !locations.contains(source) {
            locations.push(source.clone());
        }
    }
    locations
}

fn sorted(mut resources: Vec<Resource>) -> Vec<Resource> {
    resources.sort();
    resources.dedup();
    resources
}

fn identity(facts: &Facts, subject: &Subject, benchmark: &str, item: &str) -> String {
    let cluster = facts.cluster.as_ref().and_then(|c| c.id.known()).map_or("-", String::as_str);
    let node = match subject.kind {
        SubjectKind::Node => subject.id.as_deref().unwrap_or("-"),
        SubjectKind::Cluster => "*",
    };
    format!("{cluster}/{node}/{benchmark}/{item}")
}

fn subject(facts: &Facts, kind: SubjectKind) -> Subject {
    let cluster = facts.cluster.as_ref();
    match kind {
        SubjectKind::Node => {
            let node = facts.node.as_ref();
            Subject {
                kind,
                id: node.and_then(|n| n.identity.certificate.known().or(n.identity.hostname.known())).cloned(),
                name: node.map_or_else(|| "node".to_owned(), |n| n.identity.name().to_owned()),
            }
        }
        SubjectKind::Cluster => Subject {
            kind,
            id: cluster.and_then(|c| c.id.known()).cloned(),
            name: cluster
                .and_then(|c| c.name.clone().or_else(|| short(c.id.known()?)))
                .unwrap_or_else(|| "cluster".to_owned()),
        },
    }
}

/// Enough of an identity to tell clusters apart by eye.
fn short(id: &str) -> Option<String> {
    id.get(..12).map(str::to_owned)
}

fn subjects(facts: &Facts) -> Vec<Subject> {
    let node = facts.node.iter().map(|_| subject(facts, SubjectKind::Node));
    node.chain(facts.api.iter().map(|_| subject(facts, SubjectKind::Cluster))).collect()
}

/// What became of every section, by the findings that are counted.
pub(crate) fn sections_of(benchmark: &Benchmark, findings: &[&Finding]) -> Vec<SectionSummary> {
    let mut list = Vec::new();
    for section in &benchmark.sections {
        let parts =
            std::iter::once((&section.id, &section.title)).chain(section.groups.iter().map(|g| (&g.id, &g.title)));
        for (id, title) in parts {
            let mine: Vec<&Finding> = findings.iter().copied().filter(|f| within(&f.id, id)).collect();
            if mine.is_empty() {
                continue;
            }
            let mut counts = Counts::default();
            mine.iter().for_each(|finding| counts.add(finding));
            let absent = mine.iter().all(|f| f.kind == Kind::Role && f.verdict == Verdict::NotApplicable);
            let absent = absent.then(|| mine[0].reason.clone());
            list.push(SectionSummary {
                id: id.clone(),
                title: title.clone(),
                target: section.target.clone(),
                counts,
                absent,
            });
        }
    }
    list
}

fn notes(facts: &Facts, roles: &Roles) -> Vec<String> {
    let mut notes = facts.notes.clone();
    if facts.node.is_none() {
        notes.push(format!("{NO_NODE}, so only what the API tells is judged"));
        return notes;
    }
    notes.extend(through_api::note(facts));
    if let Some(node) = &facts.node
        && !node.visibility.times
    {
        notes.push("this recording holds no times, so whether a file was changed after its process had started could not be checked".to_owned());
    }
    if let Some(Fact::Broken { error, source }) = facts.node.as_ref().map(|n| &n.processes) {
        notes.push(format!("the processes could not be read: {source}: {error}"));
    }
    notes.extend(
        roles.iter().filter(|(_, presence, _)| *presence == Presence::Unknown).map(|(_, _, why)| why.to_owned()),
    );
    notes
}

/// Names this very judgement: whom, when, by what, and what came of it.
pub(crate) fn scan_id(report: &Report) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    add(&report.header.catalogue);
    add(&report.header.benchmark.id);
    add(report.time.as_deref().unwrap_or_default());
    for finding in &report.findings {
        for text in [finding.identity.as_str(), finding.verdict.as_str(), finding.status.as_str(), &finding.reason] {
            add(text);
        }
    }
    data_encoding::HEXLOWER.encode(&hash.finalize()[..16])
}
