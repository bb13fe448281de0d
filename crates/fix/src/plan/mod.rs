//! Makes plans: what a repair would do on this node, tested against the rules themselves before anything is written. Pure but for
//! reading the node's files through a [`Tree`](seaworthy_collect::Tree).

mod breakages;
mod certificates;
pub(crate) mod draft;
mod kubelet;
mod make;
mod node;
mod operations;
mod pod;
mod simulate;
mod text;
mod types;
mod write_file;

pub(crate) use make::order;
pub use make::{Asked, PlanError, edited, make};
pub use node::Node;
pub(crate) use pod::Seen;
pub use seaworthy_collect::cluster::{Member, Surroundings};
pub(crate) use simulate::differences;
pub use simulate::worse;
pub use text::render;
pub use types::{Action, Change, Difference, How, LeftOut, Plan, PlannedFix, Reason, Restart, Risk, Wanted};
pub(crate) use write_file::KEY;
