//! Commands that repair a node, or say how.

pub(crate) mod fix;
mod node;
pub(crate) mod rescue;

pub(crate) use node::Site;
