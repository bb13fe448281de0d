//! Commands that repair a node, or say how.

mod carry_out;
pub(crate) mod edit;
pub(crate) mod fix;
pub(crate) mod guide;
pub(crate) mod history;
mod node;
mod recovery;
pub(crate) mod rescue;
pub(crate) mod undo;

pub(crate) use carry_out::warn_of_interruption;
pub(crate) use node::Site;
