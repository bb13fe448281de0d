//! `fix`: the plan, and its transaction.

use seaworthy_fix::plan::{self, Plan, PlanError, Reason};
use seaworthy_fix::transaction::{self, Work};

use super::carry_out::{self, Desk, about, carry_out, refused, told, with_site};
use super::{Site, recovery};
use crate::arguments::{Color, Fix, PlanFormat, Shown};
use crate::exit::{Exit, Failure};
use crate::output;

pub(crate) fn fix(arguments: &Fix) -> Result<Exit, Failure> {
    if arguments.install_recovery {
        return recovery::install(&arguments.node);
    }
    if arguments.recover {
        return recover(arguments);
    }
    if arguments.which.check.is_empty() && arguments.which.section.is_empty() {
        return Err(Failure::usage("nothing was named to repair").hint(
            "--check 1.2.15 for one finding, --section 4 for all of a section; seaworthy guide says what there is",
        ));
    }
    if arguments.apply {
        // Said before anything is read: a plan that cannot be carried out is no use to whoever asked for it.
        Desk::free(&arguments.node)?;
    }
    let site = Site::open(&arguments.node)?;
    let asked = site.asked(&arguments.which, arguments.accept_risk, arguments.new_key)?;
    let plan = plan::make(&site.node(), &asked).map_err(|error| {
        let exit = if matches!(error, PlanError::Managed(_)) { Exit::Managed } else { Exit::NoFix };
        Failure::of(exit, error.to_string()).hint("nothing was touched")
    })?;
    if let Some(wanted) = arguments.plan.as_ref().filter(|wanted| **wanted != plan.hash) {
        return Err(Failure::of(Exit::Changed, format!("the plan is {} now, and not {wanted}", plan.hash))
            .hint("nothing was changed; look at the plan again: the same command without --apply and --plan"));
    }
    if let Some(failure) = empty(&plan) {
        // That nothing of a section is to be done is no mistake of whoever only looks.
        if !arguments.apply && !asked.named {
            return show(&plan, &arguments.shown).map(|()| Exit::Done);
        }
        // One reason is said once.
        if plan.left_out.len() > 1 || arguments.shown.format == PlanFormat::Json {
            show(&plan, &arguments.shown)?;
        }
        return Err(failure);
    }
    if !arguments.apply {
        return show(&plan, &arguments.shown).map(|()| Exit::Done);
    }
    let json = arguments.shown.format == PlanFormat::Json;
    if !json {
        show(&plan, &arguments.shown)?;
    }
    transaction::guard(&plan.restarts, site.around.as_ref(), &plan.node).map_err(refused)?;
    let reason = plan.fixes.iter().map(|fix| format!("{} {}", fix.id, fix.rule)).collect();
    let work = Work::of(&plan, &site.report, about(reason), false);
    let json = json.then(|| serde_json::json!({ "plan": plan }));
    carry_out(&site, work, &arguments.node, arguments.patience, json)
}

/// Why a plan is empty, as an exit status.
fn empty(plan: &Plan) -> Option<Failure> {
    if !plan.fixes.is_empty() {
        return None;
    }
    let Some(first) = plan.left_out.first() else {
        return Some(
            Failure::of(Exit::Passes, "there is nothing to repair: all of it passes").hint("nothing was touched"),
        );
    };
    let exit = match first.kind {
        Reason::Passes | Reason::NotApplicable => Exit::Passes,
        Reason::NoFix => Exit::NoFix,
        Reason::Managed => Exit::Managed,
        Reason::Unknown | Reason::Risk | Reason::Refused => Exit::Refused,
    };
    let why = match plan.left_out.len() {
        1 => format!("{} is not repaired: {}", first.id, seaworthy_report::clean(&first.why)),
        n => format!("none of {n} findings is repaired; the reasons are above"),
    };
    Some(Failure::of(exit, why).hint("nothing was touched"))
}

fn recover(arguments: &Fix) -> Result<Exit, Failure> {
    let desk = Desk::open(&arguments.node)?;
    let site = Site::bare(&arguments.node)?;
    let end = with_site(&site, &desk, &arguments.node, arguments.patience, transaction::recover)?;
    match end {
        Ok(None) | Err(transaction::Refused::Journal(seaworthy_fix::journal::JournalError::Absent { .. })) => {
            output::to_stdout(b"No repair was interrupted on this node.\n").map(|()| Exit::Done)
        }
        Ok(Some(transaction::End::RolledBack { id, why, notes, .. })) => {
            let notes: String = notes.iter().map(|note| format!("  {note}\n")).collect();
            let text =
                format!("Repair {id} had not come to its end ({why}). All was put back as it was before.\n{notes}");
            output::to_stdout(text.as_bytes()).map(|()| Exit::Done)
        }
        Ok(Some(end)) => told(&end),
        Err(error) => Err(carry_out::refused(error)),
    }
}

fn show(plan: &Plan, shown: &Shown) -> Result<(), Failure> {
    let text = match shown.format {
        PlanFormat::Json => {
            let mut json = serde_json::to_string_pretty(plan).map_err(|error| Failure::usage(error.to_string()))?;
            json.push('\n');
            json
        }
        PlanFormat::Text => plan::render(plan, color(shown.color)),
    };
    output::to_stdout(text.as_bytes())
}

pub(crate) fn color(when: Color) -> bool {
    match when {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => output::stdout_color(),
    }
}
