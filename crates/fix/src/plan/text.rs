//! A plan as people read it.

use std::fmt::Write;

use super::{Action, How, Plan, Reason, Risk};

/// Colours of a terminal.
struct Paint(bool);

impl Paint {
    fn put(&self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn diff(&self, diff: &str) -> String {
        let mut out = String::new();
        for line in diff.lines() {
            let code = match line.as_bytes().first() {
                Some(b'+') => "32",
                Some(b'-') => "31",
                Some(b'@') => "36",
                _ => "",
            };
            let line = seaworthy_report::clean(line);
            let line = if code.is_empty() { line.into_owned() } else { self.put(code, &line) };
            let _ = writeln!(out, "    {line}");
        }
        out
    }
}

/// The plan as text. Evidence and file names are cleaned of what would steer a terminal.
pub fn render(plan: &Plan, color: bool) -> String {
    let paint = Paint(color);
    let mut out = String::new();
    let clean = |text: &str| seaworthy_report::clean(text).into_owned();
    let version = plan.kubernetes.as_deref().map_or_else(String::new, |v| format!(", Kubernetes {}", clean(v)));
    let _ = writeln!(out, "Plan for {} ({}, {}{version})", clean(&plan.node), plan.benchmark, plan.platform);
    for fix in &plan.fixes {
        let risk = match fix.risk {
            Risk::None => paint.put("32", "none"),
            Risk::RestartsComponent => paint.put("33", "restarts-component"),
            Risk::MayBreak => paint.put("31", "may-break"),
        };
        let _ = writeln!(out, "\n{} {}", paint.put("1", &fix.id), clean(&fix.title));
        let _ = writeln!(out, "  now:    {}", clean(&fix.reason));
        for step in &fix.steps {
            let _ = writeln!(out, "  change: {}", clean(step));
        }
        let _ = writeln!(out, "  risk:   {risk}");
        if let Some(breaks) = &fix.breaks {
            let _ = writeln!(out, "  breaks: {}", clean(breaks));
        }
        for tested in &fix.tested {
            let _ = writeln!(out, "  tested: {}", clean(tested));
        }
    }
    if !plan.changes.is_empty() {
        let _ = writeln!(out, "\n{}", paint.put("1", "Changes"));
    }
    for change in &plan.changes {
        let what = match change.action {
            Action::MakeDirectory => "make the directory",
            Action::Create => "write",
            Action::Edit => "edit",
            Action::Attributes => "change",
        };
        let mode = change.mode.as_ref().map_or_else(String::new, |mode| format!(", mode {mode}"));
        let owner = change.owner.as_ref().map_or_else(String::new, |owner| format!(", owner {owner}"));
        let _ = writeln!(out, "  {what} {}{mode}{owner}", clean(&change.path));
        out.push_str(&paint.diff(&change.diff));
    }
    if !plan.restarts.is_empty() {
        let _ = writeln!(out, "\n{}", paint.put("1", "Restarts"));
    }
    for restart in &plan.restarts {
        let how = match restart.how {
            How::Manifest => "the kubelet makes its pod anew",
            How::Process => "its process is ended and started again",
            How::Kubelet => "it is restarted",
        };
        let note = restart.note.as_ref().map_or_else(String::new, |note| format!("; {note}"));
        let _ = writeln!(out, "  {}: {how}, away for about {} s{note}", restart.component, restart.away);
    }
    if !plan.control_plane.is_empty() && !plan.restarts.is_empty() {
        let others = clean(&plan.control_plane.join(", "));
        let _ = writeln!(
            out,
            "  Other nodes of the control plane: {others}. Repair one after the other, each when the last is well."
        );
    }
    if !plan.preview.is_empty() {
        let _ = writeln!(out, "\n{}", paint.put("1", "Verdicts then"));
    }
    for difference in &plan.preview {
        let word = |verdict| format!("{verdict:?}").to_lowercase();
        let (before, after) = (word(difference.before), word(difference.after));
        // What passes then is what the plan is made for; of the rest the reason is told.
        let why = match difference.after {
            seaworthy_model::Verdict::Pass => String::new(),
            _ => format!(" ({})", clean(&difference.reason)),
        };
        let _ = writeln!(out, "  {}: {before} -> {after}{why}", difference.id);
    }
    left_out(plan, &paint, &mut out);
    if !plan.afterwards.is_empty() && !plan.fixes.is_empty() {
        let _ = writeln!(out, "\n{}", paint.put("1", "Afterwards"));
        for what in &plan.afterwards {
            let _ = writeln!(out, "  {}", clean(what));
        }
    }
    if !plan.changes.is_empty() {
        let _ = writeln!(
            out,
            "\nVerified then: new processes with the new arguments, their probes as the kubelet asks them, a time without trouble, \
             and the checks from fresh facts; else all is put back.\nPlan {}",
            paint.put("1", &plan.hash)
        );
    }
    out
}

fn left_out(plan: &Plan, paint: &Paint, out: &mut String) {
    if plan.left_out.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", paint.put("1", "Not part of the plan"));
    for left in &plan.left_out {
        let kind = match left.kind {
            Reason::Passes => "passes",
            Reason::NotApplicable => "not applicable",
            Reason::Unknown => "not known",
            Reason::NoFix => "no machine fix",
            Reason::Managed => "managed",
            Reason::Risk => "risk not accepted",
            Reason::Refused => "refused",
        };
        let why = seaworthy_report::clean(&left.why).into_owned();
        let _ = writeln!(out, "  {} {}\n    {kind}: {why}", left.id, seaworthy_report::clean(&left.title));
    }
}
