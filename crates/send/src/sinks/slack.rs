//! Slack, by an incoming webhook: one message a report. Slack answers 200 and `ok`.
//!
//! Texts are escaped as Slack wants it (`&`, `<`, `>`), so that nobody can be notified and no link be made by what a node holds, and are
//! marked as verbatim, so that Slack makes no links of its own.

use serde_json::{Value, json};

use super::chat;
use crate::settings::Settings;

/// The longest header, in characters.
const HEADER: usize = 150;
/// The longest text of a section is 3000 characters: its heading takes some.
const SECTION: usize = 2800;
/// The longest text of a field, in characters.
const FIELD: usize = 2000;
/// What all lines may have in JSON: messages of more than some 13 kB are answered with `msg_blocks_too_long`, and what stands around the
/// lines has less than 5 kB.
const LINES: usize = 8_000;

/// Answers of a webhook that was taken back, or whose channel is gone.
const GONE: [&str; 6] =
    ["no_service", "no_team", "channel_not_found", "channel_is_archived", "action_prohibited", "token"];

/// A Slack channel, from its settings.
///
/// # Errors
/// A sentence that names the setting.
pub(super) fn channel(settings: &Settings) -> Result<chat::Channel, String> {
    chat::Channel::new(settings, blocks, &GONE)
}

fn blocks(message: &chat::Message) -> Value {
    // Text that is shown as it is has no markup to escape, and what is cut of it cannot end in the middle of an escape.
    let title = chat::cut(&message.title, HEADER);
    let mut blocks = vec![json!({"type": "header", "text": {"type": "plain_text", "text": title, "emoji": false}})];
    let facts = message.facts.iter().take(10);
    let facts = facts.map(|(label, text)| verbatim(&chat::cut(&format!("*{label}*\n{}", escape(text)), FIELD)));
    blocks.push(json!({"type": "section", "fields": facts.collect::<Vec<_>>()}));
    for (group, lines) in message.groups.iter().zip(chat::fit(&message.groups, LINES, SECTION, escape)) {
        let heading = format!("*{} ({})*", group.heading, group.count);
        blocks.push(json!({"type": "section", "text": verbatim(&format!("{heading}\n{lines}"))}));
    }
    json!({"text": escape(&title), "blocks": blocks, "unfurl_links": false, "unfurl_media": false})
}

fn verbatim(text: &str) -> Value {
    json!({"type": "mrkdwn", "text": text, "verbatim": true})
}

/// The three characters that Slack has a meaning for. An asterisk or underscore can make a word fat, and no more.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
