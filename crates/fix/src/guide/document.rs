//! What a guide says, before it is written in any format. All formats are made of this and nothing else, so all say the same.

/// A guide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// What stands before the first part.
    pub head: Vec<Block>,
    /// Its parts, in order.
    pub parts: Vec<Section>,
}

/// A part, group, item or aspect of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it is called in links; not set where nothing links to it.
    pub anchor: Option<String>,
    /// Its title.
    pub title: Words,
    /// What it is.
    pub kind: Kind,
    /// What it says.
    pub blocks: Vec<Block>,
    /// What is within.
    pub sections: Vec<Section>,
}

/// What a section is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A part of the document.
    Part,
    /// Several items that belong together.
    Group,
    /// One item of the benchmark.
    Item,
    /// One side of an item: why it matters, how to go back.
    Aspect,
    /// The same, of words that can be folded away on a screen.
    Aside,
}

/// A run of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// Words.
    Text(String),
    /// A value, path or command.
    Code(String),
    /// The item of this number; its section's anchor is [`anchor`] of it.
    Item(String),
}

/// Text on one line.
pub type Words = Vec<Span>;

/// A piece of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Text(Words),
    /// Labels and values.
    Facts(Vec<(&'static str, Words)>),
    /// Short words about an item.
    Tags(Vec<(Tone, String)>),
    /// A list.
    List(Vec<Entry>),
    /// A list of many short entries.
    Compact(Vec<Words>),
    /// A table.
    Table {
        /// The heads of its columns.
        head: Vec<&'static str>,
        /// Its rows.
        rows: Vec<Vec<Words>>,
    },
    /// Commands for a shell, or the text of a file.
    Code(String),
    /// A difference, as `diff -u` writes it.
    Diff(String),
    /// Markdown of a rule's page.
    Page(String),
}

/// An entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it says.
    pub words: Words,
    /// What stands below it.
    pub below: Vec<Words>,
}

/// How good or bad something is. Formats with colours use them; the words say it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Neither.
    Plain,
    /// Good.
    Good,
    /// Deserves care.
    Care,
    /// Bad.
    Bad,
}

/// The anchor of the item of this number.
pub fn anchor(id: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
    format!("item-{}", id.chars().map(plain).collect::<String>())
}

impl Section {
    pub(super) fn new(kind: Kind, title: impl Into<String>, blocks: Vec<Block>) -> Self {
        Section { anchor: None, title: vec![text(title)], kind, blocks, sections: Vec::new() }
    }

    pub(super) fn at(mut self, anchor: impl Into<String>) -> Self {
        self.anchor = Some(anchor.into());
        self
    }

    pub(super) fn with(mut self, sections: Vec<Section>) -> Self {
        self.sections = sections;
        self
    }
}

impl Entry {
    pub(super) fn of(words: Words) -> Self {
        Entry { words, below: Vec::new() }
    }
}

pub(super) fn text(words: impl Into<String>) -> Span {
    Span::Text(words.into())
}

pub(super) fn code(words: impl Into<String>) -> Span {
    Span::Code(short(&words.into()))
}

/// A paragraph of nothing but words.
pub(super) fn paragraph(words: impl Into<String>) -> Block {
    Block::Text(vec![Span::Text(short(&words.into()))])
}

/// A process chooses how long its arguments are. Nobody reads more than this of one.
const LIMIT: usize = 2000;

pub(super) fn short(words: &str) -> String {
    match words.char_indices().nth(LIMIT) {
        None => words.to_owned(),
        Some((end, _)) => format!("{} … ({} more characters)", &words[..end], words[end..].chars().count()),
    }
}
