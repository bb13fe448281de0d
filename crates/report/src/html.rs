//! The report as one HTML page that needs nothing else: no file, no font, no network. A policy in the page itself allows its own style
//! and its own script only, by their digests.
//!
//! Without the script everything is there to read; the script adds filters and an order. An item stands once, however many nodes there
//! are, and says who differs. Every text goes through [`escape::text`].

mod changes;
mod escape;
mod guide;
mod head;
mod items;
mod outcome;
mod rest;
mod tools;

use data_encoding::BASE64;
use seaworthy_model::Report;
use sha2::{Digest, Sha256};

use crate::format::Context;
pub use escape::text;

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");

/// The page. Ends with a newline.
pub fn render(report: &Report, context: &Context<'_>) -> String {
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    );
    let title = escape::text(&head::title(report));
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    );
    let items = items::of(report);
    head::write(report, &items, &mut out);
    out.push_str("<main>\n");
    if let Some(changes) = context.changes {
        changes::write(changes, &items, &mut out);
    }
    tools::write(report, &items, &mut out);
    items::write(&items, head::alone(report), &mut out);
    rest::write(report, &mut out);
    out.push_str("</main>\n");
    rest::foot(report, &mut out);
    out.push_str(&format!("<script>{SCRIPT}</script>\n</body>\n</html>\n"));
    out
}

/// How a policy names a text that the page holds.
fn digest(text: &str) -> String {
    format!("sha256-{}", BASE64.encode(&Sha256::digest(text.as_bytes())))
}
