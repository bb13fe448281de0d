//! A text with what its parsed tree says about it: where the scalars are, and so where the comments are.

use std::ops::Range;

use seaworthy_yaml::{Document, Node, Span, Value};
use serde_json::Value as Json;

use super::EditError;

/// A text to edit, without a byte order mark.
pub(super) struct Source<'t> {
    pub(super) text: &'t str,
    pub(super) document: Document,
    /// Where the first document ends: behind its last value and the comments there.
    pub(super) end: usize,
    /// What ends a line.
    pub(super) newline: &'static str,
    /// The text is JSON in the strict sense.
    pub(super) json: bool,
    /// Keys and scalars, in order.
    scalars: Vec<Range<usize>>,
    /// Lists and maps in brackets, in order, only the outermost.
    flows: Vec<Range<usize>>,
    /// Comments from `#` to the end of the line, in order.
    pub(super) comments: Vec<Range<usize>>,
}

impl<'t> Source<'t> {
    pub(super) fn read(text: &'t str) -> Result<Self, EditError> {
        if let Some(at) = lone_return(text) {
            return Err(EditError::LineEnding { line: line_number(text, at) });
        }
        let document = seaworthy_yaml::parse(text)?;
        let mut source = Self {
            text,
            end: 0,
            newline: if text.contains("\r\n") { "\r\n" } else { "\n" },
            json: text.trim_start().starts_with('{') && serde_json::from_str::<Json>(text).is_ok(),
            scalars: Vec::new(),
            flows: Vec::new(),
            comments: Vec::new(),
            document,
        };
        source.end = match source.document.root.span.end {
            0 => 0,
            // A block scalar ends with its line break.
            end if text.as_bytes().get(end - 1) == Some(&b'\n') => end,
            end => source.line_end(end).1,
        };
        while source.end > 0 && source.end < text.len() && source.is_bare(source.end) {
            source.end = source.line_end(source.end).1;
        }
        let (mut scalars, mut flows) = (Vec::new(), Vec::new());
        collect(text, &source.document.root, &mut scalars, &mut flows);
        // What an alias names comes once for each alias.
        scalars.sort_unstable_by_key(|range| (range.start, range.end));
        scalars.dedup();
        flows.sort_unstable_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
        flows.dedup_by(|inner, outer| inner.end <= outer.end);
        (source.scalars, source.flows) = (scalars, flows);
        source.comments = source.find_comments();
        Ok(source)
    }

    /// The first document as a plain value.
    pub(super) fn tree(&self) -> Result<Json, EditError> {
        tree(&self.document.root)
    }

    fn find_comments(&self) -> Vec<Range<usize>> {
        let bytes = self.text.as_bytes();
        let mut comments: Vec<Range<usize>> = Vec::new();
        let mut scalars = self.scalars.iter().peekable();
        for (at, _) in self.text.get(..self.end).unwrap_or_default().match_indices('#') {
            let begins = at == 0 || bytes.get(at - 1).is_some_and(u8::is_ascii_whitespace);
            while scalars.next_if(|scalar| scalar.end <= at).is_some() {}
            let in_scalar = scalars.peek().is_some_and(|scalar| scalar.start <= at);
            let in_comment = comments.last().is_some_and(|last| at < last.end);
            if begins && !in_scalar && !in_comment {
                comments.push(at..self.line_end(at).0);
            }
        }
        comments
    }

    /// Whether the line that begins at `at` is blank or a comment.
    fn is_bare(&self, at: usize) -> bool {
        let line = self.slice(at..self.line_end(at).0).trim_start();
        line.is_empty() || line.starts_with('#')
    }

    /// The start of the line that `at` is in.
    pub(super) fn line_start(&self, at: usize) -> usize {
        self.text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |found| found + 1)
    }

    /// Where the line that `at` is in ends, without and with its line break.
    pub(super) fn line_end(&self, at: usize) -> (usize, usize) {
        let rest = self.text.get(at..).unwrap_or_default();
        match rest.find('\n') {
            Some(found) if found > 0 && rest.as_bytes().get(found - 1) == Some(&b'\r') => {
                (at + found - 1, at + found + 1)
            }
            Some(found) => (at + found, at + found + 1),
            None => (self.text.len(), self.text.len()),
        }
    }

    /// The blanks at the start of the line that `at` is in.
    pub(super) fn indent(&self, at: usize) -> &'t str {
        let line = self.text.get(self.line_start(at)..).unwrap_or_default();
        let blanks = line.find(|letter| letter != ' ' && letter != '\t').unwrap_or(line.len());
        line.get(..blanks).unwrap_or_default()
    }

    /// Whether nothing but blanks stands before `at` in its line.
    pub(super) fn begins_line(&self, at: usize) -> bool {
        self.line_start(at) + self.indent(at).len() == at
    }

    /// How far `at` is from the start of its line.
    pub(super) fn column(&self, at: usize) -> usize {
        at - self.line_start(at)
    }

    pub(super) fn span(&self, at: usize) -> Span {
        let line = line_number(self.text, at);
        let before = self.text.get(self.line_start(at)..at).unwrap_or_default();
        let column = u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX);
        Span { line, column, start: at, end: at }
    }

    pub(super) fn slice(&self, range: Range<usize>) -> &'t str {
        self.text.get(range).unwrap_or_default()
    }

    /// The comment that `at` is in.
    pub(super) fn comment_at(&self, at: usize) -> Option<&Range<usize>> {
        let index = self.comments.partition_point(|comment| comment.end <= at);
        self.comments.get(index).filter(|comment| comment.start <= at)
    }

    /// Whether there is a comment in a part of the text.
    pub(super) fn has_comment(&self, range: Range<usize>) -> bool {
        let index = self.comments.partition_point(|comment| comment.end <= range.start);
        self.comments.get(index).is_some_and(|comment| comment.start < range.end)
    }

    /// The scalar or key that `at` is in.
    pub(super) fn scalar_at(&self, at: usize) -> Option<&Range<usize>> {
        let index = self.scalars.partition_point(|scalar| scalar.end <= at);
        self.scalars.get(index).filter(|scalar| scalar.start <= at)
    }

    /// Whether `at` is within a scalar or between brackets, behind its first byte.
    pub(super) fn is_inside(&self, at: usize) -> bool {
        let index = self.flows.partition_point(|flow| flow.end <= at);
        self.scalar_at(at).is_some_and(|scalar| scalar.start < at)
            || self.flows.get(index).is_some_and(|flow| flow.start < at)
    }

    /// Where a block scalar ends that has its last line in front of `end`, if the blank lines behind it are its own.
    pub(super) fn kept_breaks(&self, end: usize, limit: usize) -> Option<usize> {
        let scalar = self.scalar_at(end.checked_sub(1)?)?;
        let blanks = self.slice(end..scalar.end.max(end));
        let keeps = || {
            let header = self.slice(0..self.content_end(0..scalar.start));
            header
                .rsplit(char::is_whitespace)
                .next()
                .is_some_and(|word| word.starts_with(['|', '>']) && word.contains('+'))
        };
        let at = if self.begins_line(scalar.end) { self.line_start(scalar.end) } else { scalar.end };
        (at <= limit && blanks.matches('\n').count() > 1 && keeps()).then_some(at)
    }

    /// The first byte from `at` that is no blank, line break or comment.
    pub(super) fn skip(&self, mut at: usize) -> usize {
        loop {
            let rest = self.text.get(at..).unwrap_or_default();
            at += rest.len() - rest.trim_start().len();
            match self.comment_at(at) {
                Some(comment) => at = comment.end,
                None => return at,
            }
        }
    }

    /// Behind the last byte of `range` that is no blank, line break or comment; its start if there is none.
    pub(super) fn content_end(&self, range: Range<usize>) -> usize {
        let mut end = range.end;
        loop {
            let trimmed = range.start + self.slice(range.start..end).trim_end().len();
            match trimmed.checked_sub(1).and_then(|last| self.comment_at(last)) {
                Some(comment) if comment.start >= range.start => end = comment.start,
                _ => return trimmed,
            }
        }
    }
}

/// Keys and scalars, and what stands in brackets.
fn collect(text: &str, node: &Node, scalars: &mut Vec<Range<usize>>, flows: &mut Vec<Range<usize>>) {
    let range = node.span.start..node.span.end;
    let bracket = |open: u8, close: u8| {
        let bytes = text.as_bytes();
        bytes.get(range.start) == Some(&open) && range.end.checked_sub(1).and_then(|at| bytes.get(at)) == Some(&close)
    };
    match &node.value {
        Value::List(list) => {
            // A block list may begin with its first item's bracket; then the range covers only what is no entry's start.
            let first = list.first().is_none_or(|item| item.span.start != range.start);
            if bracket(b'[', b']') && first {
                flows.push(range);
            }
            list.iter().for_each(|item| collect(text, item, scalars, flows));
        }
        Value::Map(map) => {
            if bracket(b'{', b'}') {
                flows.push(range);
            }
            for entry in map {
                scalars.push(entry.key_span.start..entry.key_span.end);
                collect(text, &entry.value, scalars, flows);
            }
        }
        _ if range.is_empty() => {}
        _ => scalars.push(range),
    }
}

fn lone_return(text: &str) -> Option<usize> {
    text.match_indices('\r').map(|(at, _)| at).find(|at| text.as_bytes().get(at + 1) != Some(&b'\n'))
}

pub(super) fn line_number(text: &str, at: usize) -> u32 {
    let breaks = text.as_bytes().iter().take(at).filter(|&&byte| byte == b'\n').count();
    u32::try_from(breaks + 1).unwrap_or(u32::MAX)
}

/// A node as a plain value.
pub(super) fn tree(node: &Node) -> Result<Json, EditError> {
    Ok(match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(number) => Json::from(*number),
        Value::Uint(number) => Json::from(*number),
        Value::Float(number) if number.is_finite() => Json::from(*number),
        Value::Float(_) => return Err(EditError::NotFinite { line: node.span.line, column: node.span.column }),
        Value::Text(text) => Json::String(text.clone()),
        Value::List(list) => Json::Array(list.iter().map(tree).collect::<Result<_, _>>()?),
        Value::Map(map) => Json::Object(
            map.iter().map(|entry| Ok((entry.key.clone(), tree(&entry.value)?))).collect::<Result<_, EditError>>()?,
        ),
    })
}
