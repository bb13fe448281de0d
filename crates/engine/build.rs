//! Reads and checks `catalogue/` once, so that the binary holds it in a form that needs no parsing. A mistake in it stops the build.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a build script reads files and speaks to cargo through stdout"
)]

use std::error::Error;
use std::path::{Path, PathBuf};

use seaworthy_catalogue::{TextFile, load};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("../../catalogue");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut texts = Vec::new();
    read(&root, &root, &mut texts)?;
    let files: Vec<TextFile<'_>> = texts.iter().map(|(path, text)| TextFile { path, text }).collect();
    let loaded = load(&files).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        format!("the catalogue is broken:\n{}", lines.join("\n"))
    })?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("catalogue.bin"), loaded.catalogue.to_bytes()?)?;
    Ok(())
}

fn read(root: &Path, folder: &Path, texts: &mut Vec<(String, String)>) -> Result<(), Box<dyn Error>> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read(root, &path, texts)?;
        } else {
            let name = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            texts.push((name, std::fs::read_to_string(&path)?));
        }
    }
    Ok(())
}
