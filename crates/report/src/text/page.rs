//! The only way for text to reach the page. Everything is cleaned here, so no caller can forget it; colours are put around it here, so
//! no text can bring its own.

use anstyle::{AnsiColor, Style};
use seaworthy_model::Status;

use crate::hostile;

/// How far lines below a finding are indented: as wide as `[PASS] `.
pub(super) const INDENT: usize = 7;

/// The text so far.
pub(super) struct Page {
    out: String,
    color: bool,
}

impl Page {
    pub(super) fn new(color: bool) -> Self {
        Page { out: String::new(), color }
    }

    /// One line.
    pub(super) fn line(&mut self, indent: usize, text: &str) {
        let text = hostile::clean(text);
        self.push(&format!("{:indent$}{text}", ""));
    }

    /// One line that is cut if the text is very long.
    pub(super) fn short_line(&mut self, indent: usize, text: &str) {
        const LIMIT: usize = 400;
        let text = hostile::cut(text, LIMIT);
        self.push(&format!("{:indent$}{text}", ""));
    }

    /// A line with one of the four words in front.
    pub(super) fn status(&mut self, status: Status, text: &str) {
        let style = self.style(match status {
            Status::Pass => AnsiColor::Green,
            Status::Fail => AnsiColor::Red,
            Status::Warn => AnsiColor::Yellow,
            Status::Info => AnsiColor::Blue,
        });
        let text = hostile::clean(text);
        self.push(&format!("{style}[{status}] {style:#}{text}"));
    }

    /// `== text ==`, after an empty line.
    pub(super) fn title(&mut self, color: AnsiColor, text: &str) {
        let style = self.style(color);
        let text = hostile::clean(text);
        self.blank();
        self.push(&format!("{style}== {text} =={style:#}"));
    }

    /// An empty line.
    pub(super) fn blank(&mut self) {
        self.out.push('\n');
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    fn push(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    /// A style that prints nothing where colours are off.
    fn style(&self, color: AnsiColor) -> Style {
        if self.color { color.on_default() } else { Style::new() }
    }
}
