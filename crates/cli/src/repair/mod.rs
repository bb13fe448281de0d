//! Commands that repair a node, or say how.

pub(crate) mod fix;
pub(crate) mod guide;
mod node;

pub(crate) use node::Site;
