//! `undo`: a repair taken back, exactly.

use seaworthy_fix::transaction;

use super::Site;
use super::carry_out::{Desk, about, refused, told, with_site};
use crate::arguments::Undo;
use crate::exit::{Exit, Failure};

pub(crate) fn undo(arguments: &Undo) -> Result<Exit, Failure> {
    let desk = Desk::free(&arguments.node)?;
    let site = Site::open(&arguments.node)?;
    let name = site.node().name().to_owned();
    let guard = |restarts: &[seaworthy_fix::plan::Restart]| transaction::guard(restarts, site.around.as_ref(), &name);
    let about = about(vec![format!("undo {}", arguments.id)]);
    let end = with_site(&site, &desk, &arguments.node, arguments.patience, |inner| {
        transaction::undo(&arguments.id, about, &guard, inner)
    })?;
    end.map_err(refused).and_then(|end| told(&end))
}
