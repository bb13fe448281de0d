//! A container's command line: which words of `command` and `args` are a flag's, as the component itself decides it.

use seaworthy_catalogue::{ArgumentStyle, Component, Occurrence, base_name, occurrences};
use seaworthy_yaml::{Node, Span};
use serde_json::{Value as Json, json};

use super::EditError;
use super::operation::Operation;
use super::place::{Path, Step};
use super::remove::joined;

/// The words of a container, and where each stands.
pub(super) struct CommandLine<'c> {
    component: &'c Component,
    /// A name for the program comes first where the container does not name it.
    words: Vec<String>,
    /// How many words `words` has in front of those of the manifest.
    added: usize,
    /// The lists that there are, `command` first, with the number of their words.
    lists: Vec<(&'static str, usize)>,
}

impl<'c> CommandLine<'c> {
    pub(super) fn read(component: &'c Component, name: &str, container: &Node) -> Result<Self, EditError> {
        let mut words = Vec::new();
        let mut lists = Vec::new();
        let mut first = None;
        for list in ["command", "args"] {
            let Some(node) = container.get(list) else { continue };
            if node.is_null() {
                lists.push((list, 0));
                continue;
            }
            let items = node.as_list().ok_or_else(|| EditError::wrong_type(list, "a list", node.span))?;
            for item in items {
                let word = item
                    .as_str()
                    .ok_or_else(|| EditError::wrong_type(format!("an entry of {list}"), "text", item.span))?;
                words.push(word.to_owned());
                first.get_or_insert(item.span);
            }
            lists.push((list, items.len()));
        }
        let own =
            |word: Option<&String>| word.is_some_and(|word| component.programs.iter().any(|p| p == base_name(word)));
        let named = own(words.first()) || own(words.get(1));
        let has_command = lists.iter().any(|(list, size)| *list == "command" && *size > 0);
        if has_command && !named {
            let Span { line, column, .. } = first.unwrap_or_default();
            let program = words.first().cloned().unwrap_or_default();
            return Err(EditError::OtherProgram { container: name.to_owned(), program, line, column });
        }
        // Without a command the image's own program runs, which is taken to be the component.
        let added = usize::from(!own(words.first()) && !has_command);
        if added == 1 {
            words.insert(0, component.programs.first().unwrap_or(&component.name).clone());
        }
        Ok(Self { component, words, added, lists })
    }

    /// The flag's name as [`occurrences`] has it.
    fn normal(&self, flag: &str) -> String {
        if self.component.arguments == ArgumentStyle::GoFlag { flag.to_owned() } else { flag.replace('_', "-") }
    }

    fn found(&self, flag: &str) -> Vec<Occurrence> {
        let flag = self.normal(flag);
        occurrences(self.component, &self.words).into_iter().filter(|found| found.flag == flag).collect()
    }

    /// The list and index of a word.
    fn place(&self, container: &[Step], word: usize) -> Option<Path> {
        let mut index = word.checked_sub(self.added)?;
        for &(list, size) in &self.lists {
            if index < size {
                return Some(joined(&joined(container, Step::Key(list.to_owned())), Step::Index(index)));
            }
            index -= size;
        }
        None
    }

    /// Takes the flag away; of its words, the first occurrence's first becomes `word`, if there is one.
    pub(super) fn change(
        &self,
        container: &[Step],
        flag: &str,
        word: Option<&str>,
    ) -> Result<Vec<Operation>, EditError> {
        let found = self.found(flag);
        let mut words: Vec<usize> = found.iter().flat_map(|found| indexes(&self.words, found)).collect();
        let mut operations = Vec::new();
        let mut after = self.words.clone();
        if let (Some(word), false) = (word, words.is_empty()) {
            let first = words.remove(0);
            let path = self.place(container, first);
            let path = path.ok_or_else(|| EditError::CommandLine { flag: flag.to_owned() })?;
            operations.push(Operation::Replace { path, value: json!(word) });
            if let Some(old) = after.get_mut(first) {
                word.clone_into(old);
            }
        } else if let Some(word) = word {
            operations.push(self.append(container, word));
            let end = self.words_before_append();
            after.insert(end, word.to_owned());
        }
        for index in words.into_iter().rev() {
            let path = self.place(container, index);
            let path = path.ok_or_else(|| EditError::CommandLine { flag: flag.to_owned() })?;
            operations.push(Operation::Remove { path });
            after.remove(index);
        }
        self.check(flag, word, &after)?;
        Ok(operations)
    }

    /// Whether the flag already has this value, and stands only once.
    pub(super) fn has(&self, flag: &str, value: Option<&str>) -> bool {
        matches!(self.found(flag).as_slice(), [only] if only.value.as_deref() == value)
    }

    /// The list that holds the component's flags.
    fn target(&self) -> Option<(&'static str, usize)> {
        let go = self.component.arguments == ArgumentStyle::GoFlag;
        let flags = |start: usize, size: usize| {
            let words = self.words.get(start..start + size).unwrap_or_default();
            words.iter().any(|word| word.starts_with("--") || go && word.starts_with('-'))
        };
        let command = self.lists.iter().find(|(list, _)| *list == "command").copied();
        let args = self.lists.iter().find(|(list, _)| *list == "args").copied();
        let before = self.added + command.map_or(0, |(_, size)| size);
        match (command.filter(|(_, size)| *size > 0), args) {
            (_, Some((list, size))) if flags(before, size) => Some((list, size)),
            (Some(command), _) => Some(command),
            (None, args) => args,
        }
    }

    fn append(&self, container: &[Step], word: &str) -> Operation {
        let list = |name: &str| joined(container, Step::Key(name.to_owned()));
        match self.target() {
            Some((name, 0)) => Operation::Replace { path: list(name), value: json!([word]) },
            Some((name, size)) => Operation::InsertItem { list: list(name), index: size, value: json!(word) },
            None => Operation::InsertKey { map: container.to_vec(), key: "args".to_owned(), value: json!([word]) },
        }
    }

    fn words_before_append(&self) -> usize {
        let command = self.lists.iter().find(|(list, _)| *list == "command").map_or(0, |(_, size)| *size);
        match self.target() {
            Some(("command", size)) => self.added + size,
            Some((_, size)) => self.added + command + size,
            None => self.words.len(),
        }
    }

    /// The component has to read the new words as the old ones with just this flag changed.
    fn check(&self, flag: &str, word: Option<&str>, after: &[String]) -> Result<(), EditError> {
        let normal = self.normal(flag);
        let all = |words: &[String]| -> Vec<(String, Option<String>)> {
            occurrences(self.component, words).into_iter().map(|found| (found.flag, found.value)).collect()
        };
        let (of_flag, others): (Vec<_>, Vec<_>) = all(after).into_iter().partition(|(name, _)| *name == normal);
        let before: Vec<_> = all(&self.words).into_iter().filter(|(name, _)| *name != normal).collect();
        let value = word.map(|word| word.split_once('=').map(|(_, value)| value.to_owned()));
        let wanted: Vec<_> = value.into_iter().map(|value| (normal.clone(), value)).collect();
        if of_flag == wanted && others == before {
            return Ok(());
        }
        Err(EditError::CommandLine { flag: flag.to_owned() })
    }
}

/// The words of an occurrence: one, or two where the value is a word of its own.
pub(super) fn indexes(words: &[String], found: &Occurrence) -> Vec<usize> {
    let alone = words.get(found.index).is_some_and(|word| !word.contains('='));
    let two = alone && found.value.is_some();
    (found.index..=found.index + usize::from(two)).collect()
}

/// The word `--flag=value`. Refuses what would not be one word, or another flag.
pub(super) fn word(flag: &str, value: Option<&str>) -> Result<String, EditError> {
    let sound = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    if flag.is_empty() || flag.starts_with('-') || !flag.chars().all(sound) {
        return Err(EditError::Request(format!("{flag:?} is no flag's name, which is written without its dashes")));
    }
    if value.is_some_and(|value| value.contains(['\0', '\n', '\r'])) {
        return Err(EditError::Request(format!("the value for --{flag} has a line break in it")));
    }
    Ok(value.map_or_else(|| format!("--{flag}"), |value| format!("--{flag}={value}")))
}

/// A list or map that is missing, null or empty, to be filled.
pub(super) fn add(holder: &Node, path: &[Step], key: &str, value: Json) -> Result<Operation, EditError> {
    let list = joined(path, Step::Key(key.to_owned()));
    Ok(match holder.get(key) {
        None => Operation::InsertKey { map: path.to_vec(), key: key.to_owned(), value: json!([value]) },
        Some(node) if node.is_null() => Operation::Replace { path: list, value: json!([value]) },
        Some(node) => match node.as_list() {
            None => return Err(EditError::wrong_type(key, "a list", node.span)),
            Some([]) => Operation::Replace { path: list, value: json!([value]) },
            Some(items) => Operation::InsertItem { list, index: items.len(), value },
        },
    })
}
