//! Whole nodes, from what is on them to what is said about them: the recordings of real ones, the situations in which scanners go wrong,
//! and the program itself.

#[path = "nodes/node.rs"]
mod node;
#[path = "nodes/recordings.rs"]
mod recordings;
