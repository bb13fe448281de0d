//! The texts of `--catalogue DIR`.

use std::path::{Path, PathBuf};

/// The largest text.
const TEXT_LIMIT: u64 = 1 << 20;
/// The most texts.
const MOST_TEXTS: usize = 10_000;
/// How deep directories may be.
const DEEPEST: usize = 8;

/// Why a catalogue could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or directory cannot be read.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// The system's words.
        error: std::io::Error,
    },
    /// A file is too large for a page.
    #[error("{}: larger than {TEXT_LIMIT} bytes", path.display())]
    TooLarge {
        /// The path.
        path: PathBuf,
    },
    /// There are too many files, or directories in one another.
    #[error("{}: more than {MOST_TEXTS} files, or more than {DEEPEST} directories in one another", path.display())]
    TooMany {
        /// The path.
        path: PathBuf,
    },
    /// A name or text is no UTF-8.
    #[error("{}: no UTF-8", path.display())]
    NoText {
        /// The path.
        path: PathBuf,
    },
}

/// The texts below `dir`, each with its path relative to it, sorted: files that end in `.toml` or `.md` and are not hidden.
///
/// # Errors
/// If something there cannot be read, is too large or is no text.
pub fn load_catalogue(dir: &Path) -> Result<Vec<(String, String)>, LoadError> {
    let mut texts = Vec::new();
    read(dir, "", 0, &mut texts)?;
    texts.sort();
    Ok(texts)
}

fn read(dir: &Path, above: &str, depth: usize, texts: &mut Vec<(String, String)>) -> Result<(), LoadError> {
    let unreadable = |path: &Path, error| LoadError::Unreadable { path: path.to_owned(), error };
    for entry in std::fs::read_dir(dir).map_err(|error| unreadable(dir, error))? {
        let path = entry.map_err(|error| unreadable(dir, error))?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(name) = name else { return Err(LoadError::NoText { path }) };
        if name.starts_with('.') {
            continue;
        }
        let relative = if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") };
        let found = std::fs::metadata(&path).map_err(|error| unreadable(&path, error))?;
        if found.is_dir() {
            if depth == DEEPEST {
                return Err(LoadError::TooMany { path });
            }
            read(&path, &relative, depth + 1, texts)?;
        } else if found.is_file() && (name.ends_with(".toml") || name.ends_with(".md")) {
            if texts.len() == MOST_TEXTS {
                return Err(LoadError::TooMany { path });
            }
            if found.len() > TEXT_LIMIT {
                return Err(LoadError::TooLarge { path });
            }
            let bytes = std::fs::read(&path).map_err(|error| unreadable(&path, error))?;
            let Ok(text) = String::from_utf8(bytes) else { return Err(LoadError::NoText { path }) };
            texts.push((relative, text));
        }
    }
    Ok(())
}
