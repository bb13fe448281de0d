//! A guide: the document that a node's owner works through, or hands to an auditor. Made of the node's own values, files and lines, the
//! plan of each single repair, and the rules' pages. Nothing is written to the node.
//!
//! [`for_node`] and [`general`] make a [`Document`]; [`text`], [`markdown`] and [`html`] write it. What comes from a node is hostile text,
//! and is cleaned where it is written, so that no way around it exists.

mod document;
mod finding;
mod general;
mod html;
mod item;
mod markdown;
mod node;
mod page;
mod rest;
mod shell;
mod text;
mod work;

pub use document::{Block, Document, Entry, Kind, Section, Span, Tone, Words, anchor};
pub use general::general;
pub use html::render as html;
pub use markdown::render as markdown;
pub use node::for_node;
pub use text::render as text;
