//! Reads a catalogue from a folder and prints what is wrong with it: `cargo run -p seaworthy-catalogue --example lint -- catalogue`.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a tool for people who write rules; not part of the library"
)]

use std::path::Path;

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            files.push((name.to_string_lossy().replace('\\', "/"), std::fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

fn main() -> std::io::Result<()> {
    let root = std::env::args().nth(1).unwrap_or_else(|| "catalogue".to_owned());
    let mut texts = Vec::new();
    collect(Path::new(&root), Path::new(&root), &mut texts)?;
    let files: Vec<_> = texts.iter().map(|(path, text)| seaworthy_catalogue::TextFile { path, text }).collect();
    match seaworthy_catalogue::load(&files) {
        Ok(loaded) => {
            println!("{} rules, {} benchmarks: well", loaded.catalogue.rules.len(), loaded.catalogue.benchmarks.len())
        }
        Err(problems) => problems.iter().for_each(|problem| println!("{problem}")),
    }
    Ok(())
}
