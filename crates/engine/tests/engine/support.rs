//! What the tests share: the catalogue's texts, read from the tree.
#![allow(clippy::disallowed_methods, reason = "tests read the catalogue's own files")]

use std::path::{Path, PathBuf};

use seaworthy_catalogue::{Loaded, Problem, TextFile, load};

/// The catalogue's texts, by their path within it.
pub(crate) fn texts() -> Vec<(String, String)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../catalogue");
    let mut list = Vec::new();
    read(&root, &root, &mut list);
    list.sort();
    list
}

fn read(root: &Path, folder: &Path, list: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(root, &path, list);
        } else {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            list.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Loads texts as a catalogue.
pub(crate) fn load_texts(texts: &[(String, String)]) -> Result<Loaded, Vec<Problem>> {
    let files: Vec<TextFile<'_>> = texts.iter().map(|(path, text)| TextFile { path, text }).collect();
    load(&files)
}

/// The catalogue of the tree.
pub(crate) fn loaded() -> Loaded {
    load_texts(&texts()).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    })
}
