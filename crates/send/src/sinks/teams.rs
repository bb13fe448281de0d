//! Microsoft Teams, by the webhook of a Workflow ("When a Teams webhook request is received"): one adaptive card a report. A Workflow
//! answers 202: it took the message, and posts it later. The connectors of Office 365 and their MessageCard are no more.
//!
//! Texts on a card are Markdown, so what a node holds is escaped: it makes no link, no heading and no date.

use serde_json::{Value, json};

use super::chat;
use crate::settings::Settings;

/// What all lines may have in JSON. A message may have 28 kB, and nobody says in which unit: this holds in UTF-16 too.
const LINES: usize = 9_000;
/// What the lines of one group may have, in characters.
const GROUP: usize = 4_000;

/// A Teams channel, from its settings.
///
/// # Errors
/// A sentence that names the setting.
pub(super) fn channel(settings: &Settings) -> Result<chat::Channel, String> {
    chat::Channel::new(settings, card, &[])
}

fn card(message: &chat::Message) -> Value {
    let block = |text: &str| json!({"type": "TextBlock", "text": text, "wrap": true});
    let fat = |text: &str, size: &str| json!({"type": "TextBlock", "text": text, "wrap": true, "weight": "bolder", "size": size});
    let facts = message.facts.iter().map(|(label, text)| json!({"title": label, "value": escape(text)}));
    let mut body =
        vec![fat(&escape(&message.title), "large"), json!({"type": "FactSet", "facts": facts.collect::<Vec<_>>()})];
    for (group, lines) in message.groups.iter().zip(chat::fit(&message.groups, LINES, GROUP, escape)) {
        body.push(fat(&format!("{} ({})", group.heading, group.count), "medium"));
        body.push(block(&lines));
    }
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "msteams": {"width": "Full"},
                "body": body,
            },
        }],
    })
}

/// A backslash in front of whatever Markdown or a card has a meaning for; braces are those of `{{DATE(…)}}`. At the beginning a dash
/// and a numbered list's stop mean something too, and a colon before slashes makes a link by itself.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut begins = true;
    let mut digits = false;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let special = "\\`*_[]{}()<>#~|&!+@".contains(c)
            || (c == '-' && begins)
            || (c == '.' && digits && !rest.as_str().starts_with(|c: char| c.is_ascii_digit()))
            || (c == ':' && rest.as_str().starts_with("//"))
            || (c == '.' && out.ends_with("www"));
        if special {
            out.push('\\');
        }
        out.push(c);
        digits = c.is_ascii_digit() && (begins || digits);
        begins = false;
    }
    out
}
