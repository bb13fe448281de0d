//! `fix`: the plan, and its transaction.

use seaworthy_fix::plan;

use super::Site;
use crate::arguments::{Color, Fix, PlanFormat, Shown};
use crate::exit::{Exit, Failure};
use crate::output;

pub(crate) fn fix(arguments: &Fix) -> Result<Exit, Failure> {
    let site = Site::open(&arguments.node)?;
    let asked = site.asked(&arguments.which, arguments.accept_risk, arguments.new_key)?;
    let plan = plan::make(&site.node(), &asked).map_err(|error| Failure::usage(error.to_string()))?;
    show(&plan, &arguments.shown)?;
    Ok(Exit::Done)
}

fn show(plan: &plan::Plan, shown: &Shown) -> Result<(), Failure> {
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
