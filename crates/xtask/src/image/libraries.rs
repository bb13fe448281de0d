//! The C libraries that the linker puts into a static program: an SBOM without them would hide what is in it.

use std::path::Path;
use std::process::Command;

use memchr::memmem;

use super::platform::Platform;
use super::sbom::Library;
use super::workspace::{self, Rustc};

const BANNER: &[u8] = b"GNU C Library (";

/// The standard library and what it is linked with.
pub(crate) fn linked(rustc: &Rustc, platform: Platform) -> Vec<Library> {
    let linker = workspace::linker(platform);
    let ask = |word: &str| {
        let answer = workspace::output(Command::new(&linker).arg(word)).ok()?;
        Some(answer.trim().to_owned()).filter(|answer| !answer.is_empty())
    };
    let archive = ask("-print-file-name=libc.a").and_then(|path| std::fs::read(Path::new(&path)).ok());
    let (version, description) = archive.as_deref().and_then(glibc).unzip();
    vec![
        Library {
            name: "rust-std",
            version: Some(rustc.release.clone()),
            description: rustc.commit.as_ref().map(|commit| format!("commit {commit}")),
            license: "MIT OR Apache-2.0",
            cpe: "rust-lang:rust",
        },
        Library { name: "glibc", version, description, license: "LGPL-2.1-or-later", cpe: "gnu:glibc" },
        Library {
            name: "libgcc",
            version: ask("-dumpfullversion"),
            description: None,
            license: "GPL-3.0-or-later WITH GCC-exception-3.1",
            cpe: "gnu:gcc",
        },
    ]
}

/// The version of a `libc.a` and the name of its build: `GNU C Library (BUILD) stable release version 2.36.`
fn glibc(archive: &[u8]) -> Option<(String, String)> {
    let rest = &archive[memmem::find(archive, BANNER)? + BANNER.len()..];
    let line = std::str::from_utf8(rest.get(..rest.iter().take(200).position(|byte| *byte == b'\n')?)?).ok()?;
    let (build, rest) = line.split_once(')')?;
    let version = rest.rsplit_once(' ')?.1.trim_end_matches('.');
    version.starts_with(|c: char| c.is_ascii_digit()).then(|| (version.to_owned(), build.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_libc_tells_its_version() {
        let archive = b"!<arch>\n\0GNU C Library (Some GLIBC 2.36-9+x1) stable release version 2.36.\nCopyright";
        assert_eq!(glibc(archive), Some(("2.36".to_owned(), "Some GLIBC 2.36-9+x1".to_owned())));
        assert_eq!(glibc(b"!<arch>\n"), None);
        assert_eq!(glibc(b"GNU C Library (x"), None);
    }
}
