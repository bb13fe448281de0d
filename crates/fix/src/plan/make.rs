//! Makes a plan: each fix on its own first, then all together, and both judged.

use seaworthy_catalogue::{Fix, Risk as Stated, Rule};
use seaworthy_engine::Settings;
use seaworthy_model::{Finding, Report, Verdict};
use sha2::{Digest, Sha256};

use super::breakages::{self, Outcome};
use super::draft::{Draft, Draught};
use super::node::digest;
use super::operations::{At, carry_out};
use super::write_file::KEY;
use super::{Action, Change, How, LeftOut, Node, Plan, PlannedFix, Reason, Restart, Risk, Wanted, simulate};
use crate::{edit, validate};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The items, by number.
    pub items: Vec<String>,
    /// Whether they were named one by one: then what passes already, or has no fix, is told too.
    pub named: bool,
    /// The highest risk that is accepted.
    pub accept: Risk,
    /// Whether to make a key although other API servers need the same.
    pub new_key: bool,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The platform's description says nothing about repairs. Repair by hand: `seaworthy guide`.
    #[error("how a node of the platform {0} is repaired is not known to this program")]
    NoRepair(String),
    /// Nobody but the provider can change the components.
    #[error("{0} manages this component: nothing of it can be repaired on the node")]
    Managed(String),
    /// The facts could not be judged.
    #[error("{0}")]
    Judge(String),
}

/// Makes a plan. Nothing is written.
///
/// # Errors
/// See [`PlanError`]. What cannot be repaired is no error: it is [left out](Plan::left_out) with the reason.
pub fn make(node: &Node<'_>, asked: &Asked) -> Result<Plan, PlanError> {
    if let Some(provider) = &node.platform.managed_by {
        return Err(PlanError::Managed(provider.clone()));
    }
    if node.platform.repair.is_none() {
        return Err(PlanError::NoRepair(node.platform.name.clone()));
    }
    let made = seaworthy_engine::settings(node.facts, node.catalogue, node.options, |settings| {
        Maker { node: *node, settings, asked, fixes: Vec::new(), left_out: Vec::new() }.plan()
    });
    made.map_err(|error| PlanError::Judge(error.to_string()))
}

/// A plan of one file that somebody edited by hand. Nothing is written.
///
/// # Errors
/// What is wrong with the text: the component would not start by it.
pub fn edited(
    node: &Node<'_>,
    component: &str,
    how: How,
    path: &str,
    text: String,
) -> Result<Plan, Vec<validate::Problem>> {
    let problem = |text: String| vec![validate::Problem { path: path.to_owned(), line: 0, column: 0, text }];
    let asked = Asked { items: Vec::new(), named: false, accept: Risk::None, new_key: false };
    let made = seaworthy_engine::settings(node.facts, node.catalogue, node.options, |settings| {
        let mut draft = Draft::new(*node);
        let written = draft.write(path, text, None).map_err(problem)?;
        written.manifest = how == How::Manifest;
        draft.restart(component, how, path);
        let problems = validate::draft(&draft, settings);
        if !problems.is_empty() {
            return Err(problems);
        }
        let after = simulate::judge(&draft, settings).map_err(problem)?;
        let maker = Maker { node: *node, settings, asked: &asked, fixes: Vec::new(), left_out: Vec::new() };
        Ok(maker.finish(&draft, Some(&after)))
    });
    made.unwrap_or_else(|error| Err(problem(error.to_string())))
}

struct Maker<'m, 's, 'c, 'f> {
    node: Node<'m>,
    settings: &'m Settings<'s, 'c, 'f>,
    asked: &'m Asked,
    fixes: Vec<(PlannedFix, &'m Finding, &'m Rule)>,
    left_out: Vec<LeftOut>,
}

impl<'m> Maker<'m, '_, '_, '_> {
    fn plan(mut self) -> Plan {
        let findings: &'m [Finding] = &self.node.report.findings;
        for finding in findings.iter().filter(|finding| self.asked.items.contains(&finding.id)) {
            match self.fix(finding) {
                Ok(Some(fix)) => self.fixes.push(fix),
                Ok(None) => {}
                Err((kind, why)) => self.leave_out(finding, kind, why),
            }
        }
        let (draft, after) = self.together();
        self.finish(&draft, after.as_ref())
    }

    fn leave_out(&mut self, finding: &Finding, kind: Reason, why: String) {
        let (id, rule, title) = (finding.id.clone(), finding.rule.clone(), finding.title.clone());
        self.left_out.push(LeftOut { id, rule, title, kind, why });
    }

    /// One fix, tried alone.
    #[expect(clippy::type_complexity, reason = "a fix, nothing to say, or why not")]
    fn fix(&self, finding: &'m Finding) -> Result<Option<(PlannedFix, &'m Finding, &'m Rule)>, (Reason, String)> {
        let named = |kind, why: String| if self.asked.named { Err((kind, why)) } else { Ok(None) };
        match finding.verdict {
            Verdict::Pass => return named(Reason::Passes, format!("it passes already: {}", finding.reason)),
            Verdict::NotApplicable => return named(Reason::NotApplicable, finding.reason.clone()),
            Verdict::Unknown => {
                return Err((Reason::Unknown, format!("whether it fails is not known: {}", finding.reason)));
            }
            Verdict::Manual | Verdict::Fail => {}
        }
        if let Some(waiver) = &finding.waiver {
            return named(Reason::Passes, format!("a waiver covers it until {}: {}", waiver.expires, waiver.reason));
        }
        let rule = self.node.catalogue.rule(&finding.rule).ok_or((Reason::NoFix, "its rule is gone".to_owned()))?;
        let Fix::Machine { risk: stated, tests, .. } = &rule.fix else {
            let Fix::None { reason } = &rule.fix else { return Ok(None) };
            return Err((Reason::NoFix, reason.clone()));
        };
        let (risk, tested) = self.tested(rule, stated, tests)?;
        if risk > self.asked.accept {
            let breaks = match stated {
                Stated::MayBreak(what) if risk == Risk::MayBreak => format!("it may break something: {what}"),
                _ => "it restarts a component".to_owned(),
            };
            let tested = if tested.is_empty() { String::new() } else { format!(" ({})", tested.join("; ")) };
            return Err((Reason::Risk, format!("{breaks}{tested}: accept that by --accept-risk {risk}")));
        }
        let mut draft = Draft::new(self.node);
        self.carry_out(finding, rule, &mut draft).map_err(|why| (Reason::Refused, why))?;
        let after = self.judged(&draft).map_err(|why| (Reason::Refused, why))?;
        self.passes(finding, &after).map_err(|why| (Reason::Refused, why))?;
        if let Some(worse) = self.differences(&after).iter().find(|difference| simulate::worse(difference)) {
            let why = format!("it would make {} worse: {}", worse.id, worse.reason);
            return Err((Reason::Refused, why));
        }
        let fix = PlannedFix {
            id: finding.id.clone(),
            rule: finding.rule.clone(),
            title: finding.title.clone(),
            reason: finding.reason.clone(),
            risk,
            breaks: match stated {
                Stated::MayBreak(what) if risk == Risk::MayBreak => Some(what.clone()),
                _ => None,
            },
            tested,
            steps: draft.steps,
        };
        Ok(Some((fix, finding, rule)))
    }

    /// The risk that is left after the rule's tests, and what they said.
    fn tested(&self, rule: &Rule, stated: &Stated, tests: &[String]) -> Result<(Risk, Vec<String>), (Reason, String)> {
        let cx = breakages::Cx { node: self.node, settings: self.settings, rule, asked: self.asked };
        let mut said = Vec::new();
        let mut excluded = !tests.is_empty();
        for name in tests {
            let outcome = breakages::test(name, &cx);
            excluded &= matches!(outcome, Outcome::Excluded(_));
            match outcome {
                Outcome::Hits(why) => return Err((Reason::Refused, why)),
                Outcome::Excluded(why) | Outcome::Absent(why) | Outcome::CannotTell(why) => said.push(why),
            }
        }
        let risk = match stated {
            Stated::None => Risk::None,
            Stated::RestartsComponent => Risk::RestartsComponent,
            Stated::MayBreak(_) if excluded && rule_restarts(rule) => Risk::RestartsComponent,
            Stated::MayBreak(_) if excluded => Risk::None,
            Stated::MayBreak(_) => Risk::MayBreak,
        };
        Ok((risk, said))
    }

    fn carry_out(&self, finding: &Finding, rule: &Rule, draft: &mut Draft<'m>) -> Result<(), String> {
        let Fix::Machine { operations, .. } = &rule.fix else { return Ok(()) };
        let at = At { settings: self.settings, finding };
        let before = draft.clone();
        for operation in operations {
            if let Err(why) = carry_out(operation, &at, draft) {
                *draft = before;
                return Err(why);
            }
        }
        Ok(())
    }

    fn judged(&self, draft: &Draft<'_>) -> Result<Report, String> {
        let problems = validate::draft(draft, self.settings);
        if let Some(problem) = problems.first() {
            return Err(problem.to_string());
        }
        simulate::judge(draft, self.settings)
    }

    fn passes(&self, finding: &Finding, after: &Report) -> Result<(), String> {
        match after.findings.iter().find(|new| new.identity == finding.identity) {
            Some(new) if new.verdict == Verdict::Pass => Ok(()),
            Some(new) => Err(format!("even with the change the check would say: {}", new.reason)),
            None => Err("the check is gone with the change".to_owned()),
        }
    }

    fn differences(&self, after: &Report) -> Vec<super::Difference> {
        simulate::differences(self.node.report, after)
    }

    /// All fixes in one draft. What does not go with the others is left out.
    fn together(&mut self) -> (Draft<'m>, Option<Report>) {
        loop {
            let mut draft = Draft::new(self.node);
            let mut clash = None;
            for (index, (_, finding, rule)) in self.fixes.iter().enumerate() {
                if let Err(why) = self.carry_out(finding, rule, &mut draft) {
                    clash = Some((index, why));
                    break;
                }
            }
            if clash.is_none() && !self.fixes.is_empty() {
                match self.judged(&draft) {
                    Ok(after) => {
                        let failing = self.fixes.iter().enumerate().find_map(|(index, (_, finding, _))| {
                            self.passes(finding, &after).err().map(|why| (index, why))
                        });
                        let worse = self.differences(&after).into_iter().find(simulate::worse);
                        clash = failing.or_else(|| {
                            let why = |d: super::Difference| format!("it would make {} worse: {}", d.id, d.reason);
                            worse.map(|difference| (self.fixes.len() - 1, why(difference)))
                        });
                        if clash.is_none() {
                            return (draft, Some(after));
                        }
                    }
                    Err(why) => clash = Some((self.fixes.len() - 1, why)),
                }
            }
            match clash {
                Some((index, why)) => {
                    let (_, finding, _) = self.fixes.remove(index);
                    self.leave_out(finding, Reason::Refused, format!("together with the others: {why}"));
                }
                None => return (draft, None),
            }
        }
    }

    fn finish(self, draft: &Draft<'_>, after: Option<&Report>) -> Plan {
        let report = self.node.report;
        let preview = after.map(|after| self.differences(after)).unwrap_or_default();
        let restarts = self.restarts(draft);
        let mut afterwards = draft.afterwards.clone();
        if let Some(repair) = &self.node.platform.repair {
            let said =
                repair.upgrades.iter().filter(|(component, _)| restarts.iter().any(|r| r.component == *component));
            afterwards.extend(said.map(|(_, what)| what.clone()));
        }
        let mut plan = Plan {
            schema: 1,
            node: self.node.name().to_owned(),
            platform: self.node.platform.name.clone(),
            benchmark: report.header.benchmark.id.clone(),
            kubernetes: report.header.kubernetes.clone(),
            fixes: self.fixes.into_iter().map(|(fix, ..)| fix).collect(),
            left_out: self.left_out,
            changes: changes(draft),
            restarts,
            preview,
            afterwards,
            control_plane: Vec::new(),
            hash: String::new(),
        };
        plan.hash = hash(&plan);
        let members = self.node.around.and_then(|around| around.members.as_ref().ok()).map_or(&[][..], Vec::as_slice);
        let others = members.iter().map(|member| member.node.clone()).filter(|name| *name != plan.node);
        plan.control_plane = others.collect();
        plan
    }

    fn restarts(&self, draft: &Draft<'_>) -> Vec<Restart> {
        let mut restarts: Vec<Restart> = Vec::new();
        for (component, how) in &draft.restarts {
            // A new pod reads its files anew too.
            let anew = draft.restarts.contains(&(component.clone(), How::Manifest)) && *how == How::Process;
            if anew {
                continue;
            }
            let grace = self.settings.stands(component).and_then(|s| draft.text(s.manifests.first()?).ok()?);
            let grace = grace.and_then(|text| {
                let document = seaworthy_yaml::parse(&text).ok()?;
                u32::try_from(document.root.path("spec.terminationGracePeriodSeconds")?.as_int()?).ok()
            });
            let (away, note) = match (component.as_str(), how) {
                // Measured on a default node: the old process is given its grace, and the new one needs a few seconds.
                ("kube-apiserver", How::Manifest) => (grace.unwrap_or(30) + 10, Some(LEASES)),
                ("kube-apiserver", _) => (15, Some(LEASES)),
                ("etcd", _) => (20, Some("the API server of this node waits for it, and may restart")),
                ("kubelet", _) => {
                    (5, Some("containers go on; no pod starts meanwhile, and kubectl logs does not answer"))
                }
                _ => (10, None),
            };
            restarts.push(Restart { component: component.clone(), how: *how, away, note: note.map(str::to_owned) });
        }
        restarts.sort_by_key(|restart| order(&restart.component));
        restarts
    }
}

const LEASES: &str = "controller manager and scheduler lose their lease meanwhile, and restart once";

/// What is least missed restarts first; the kubelet last, since the others need it.
pub(crate) fn order(component: &str) -> usize {
    let known = ["kube-scheduler", "kube-controller-manager", "etcd", "kube-apiserver", "kubelet"];
    known.iter().position(|name| *name == component).unwrap_or(0)
}

/// Whether any operation of the fix changes more than modes and owners.
fn rule_restarts(rule: &Rule) -> bool {
    use seaworthy_catalogue::FixOperation::{Mode, Owner};
    let Fix::Machine { operations, .. } = &rule.fix else { return false };
    !operations.iter().all(|operation| matches!(operation, Mode(_) | Owner { .. }))
}

fn changes(draft: &Draft<'_>) -> Vec<Change> {
    let mut changes: Vec<Change> = draft.files.iter().filter_map(|(path, file)| change(path, file)).collect();
    // Directories before what is in them, manifests last: each starts its component at once.
    changes.sort_by_key(|change| {
        let component = change.wanted.component.as_deref().map(order);
        (component, change.action != Action::MakeDirectory, change.path.clone())
    });
    changes
}

fn change(path: &str, file: &Draught) -> Option<Change> {
    let before = file.before.as_ref();
    let old = before.and_then(|found| found.text.as_deref()).unwrap_or_default();
    let content = file.content.as_ref().filter(|text| before.is_none() || text.as_str() != old);
    let mode = file.mode.filter(|mode| before.is_none_or(|found| found.mode != *mode));
    let owner = file.owner.filter(|owner| before.is_none_or(|found| found.owner != *owner));
    let action = match (before, content) {
        (None, _) if file.directory => Action::MakeDirectory,
        (None, _) => Action::Create,
        (Some(_), Some(_)) => Action::Edit,
        (Some(_), None) if mode.is_some() || owner.is_some() => Action::Attributes,
        (Some(_), None) => return None,
    };
    let diff = match (content, file.secret) {
        (None, _) => String::new(),
        (Some(new), true) => edit::masked_diff(path, old, new),
        (Some(new), false) => edit::unified_diff(path, old, new),
    };
    Some(Change {
        path: path.to_owned(),
        action,
        mode: mode.map(|mode| format!("{mode:04o}")),
        owner: owner.map(|(uid, gid)| format!("{uid}:{gid}")),
        before: before.and_then(|found| found.digest.clone()),
        after: content.filter(|text| !text.contains(KEY)).map(|text| digest(text.as_bytes())),
        diff,
        secret: file.secret,
        component: file.component.clone(),
        wanted: Wanted {
            content: content.cloned(),
            mode,
            owner,
            manifest: file.manifest,
            component: file.component.clone(),
        },
    })
}

/// Names a plan by what it would do. When it was made does not count.
fn hash(plan: &Plan) -> String {
    let text = serde_json::to_vec(plan).unwrap_or_default();
    let sum: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
    sum[..16].to_owned()
}
