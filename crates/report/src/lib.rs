//! Reports: one module for each format, each a pure function from a [`Report`](seaworthy_model::Report) to text.
//!
//! Nothing here judges, counts anew or leaves a finding out: what a format cannot show in full it says in a word. Everything that comes
//! from a node or a cluster is taken for hostile text, see `hostile.rs`.

mod hostile;
pub mod json;
pub mod junit;
pub mod ndjson;
mod outline;
pub mod text;
mod words;
