//! Repairs a node: plans, carries out, verifies, rolls back. The only crate that writes to a node.

pub mod edit;
pub mod guide;
pub mod health;
pub mod journal;
pub mod plan;
pub mod recovery;
pub mod rescue;
pub mod transaction;
pub mod validate;
pub mod write;
