//! Builds the static program so that nothing of the machine gets into it.

use std::path::{Path, PathBuf};
use std::process::Command;

use memchr::memmem;

use super::elf;
use super::platform::Platform;
use super::workspace::{self, Metadata, PACKAGE};
use crate::failure::{Failure, On};

/// Builds the program for a platform. `places` are the directories of this machine that it may not name, `time` is seconds since 1970.
pub(crate) fn compile(
    metadata: &Metadata,
    platform: Platform,
    places: &[(PathBuf, String)],
    time: u64,
) -> Result<Vec<u8>, Failure> {
    let target = platform.target();
    let mut cargo = Command::new(workspace::cargo());
    cargo.args(["build", "--release", "--locked", "--package", PACKAGE, "--bin", PACKAGE, "--target", target]);
    cargo.current_dir(&metadata.workspace_root);
    // Somebody's own settings would give other bytes for the same commit.
    for (key, _) in std::env::vars_os() {
        let name = key.to_string_lossy();
        let flags = ["CFLAGS", "CXXFLAGS", "RUSTFLAGS"].iter().any(|flags| name.contains(flags));
        if flags || name.starts_with("CARGO_PROFILE_") || name.starts_with("CARGO_BUILD_") && name != "CARGO_BUILD_JOBS"
        {
            cargo.env_remove(&key);
        }
    }
    cargo.env("CARGO_TARGET_DIR", &metadata.target_directory);
    cargo.env("CARGO_INCREMENTAL", "0");
    cargo.env("CARGO_ENCODED_RUSTFLAGS", rust_flags(places));
    // For crates that bring C along. Quoted, since directories may have spaces in their names.
    cargo.env("CC_SHELL_ESCAPED_FLAGS", "1");
    for flags in ["CFLAGS", "CXXFLAGS"] {
        cargo.env(format!("{flags}_{}", target.replace('-', "_")), c_flags(places));
    }
    cargo.env("SOURCE_DATE_EPOCH", time.to_string());
    let status = cargo.status().on(|| "cargo build could not be started".to_owned())?;
    if !status.success() {
        return Err(Failure::new(format!("the program was not built for {platform}: cargo build says why above"))
            .hint("another platform needs its linker too: see docs/src/image.md"));
    }
    let path = metadata.target_directory.join(target).join("release").join(PACKAGE);
    let program = std::fs::read(&path).on(|| format!("{} could not be read", path.display()))?;
    elf::check_static(&program, platform.machine())
        .map_err(|why| Failure::new(format!("{} does not fit into the image: {why}", path.display())))?;
    let named: Vec<&Path> = named(&program, places);
    if let Some(first) = named.first() {
        let hint = format!("find out where: strings {} | grep -F {}", path.display(), first.display());
        return Err(Failure::new(format!("{} names {} of this machine", path.display(), first.display())).hint(hint));
    }
    Ok(program)
}

/// Those of this machine's directories that the program names.
pub(crate) fn named<'a>(program: &[u8], places: &'a [(PathBuf, String)]) -> Vec<&'a Path> {
    let inside = |path: &Path| {
        let path = format!("{}/", path.display());
        // The root directory is in every path.
        path != "//" && memmem::find(program, path.as_bytes()).is_some()
    };
    places.iter().map(|(path, _)| path.as_path()).filter(|path| inside(path)).collect()
}

fn rust_flags(places: &[(PathBuf, String)]) -> String {
    let remap = places.iter().map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
    let words: Vec<String> = std::iter::once("-Ctarget-feature=+crt-static".to_owned()).chain(remap).collect();
    words.join("\u{1f}")
}

fn c_flags(places: &[(PathBuf, String)]) -> String {
    let map = places.iter().map(|(from, to)| format!("-ffile-prefix-map={}={to}", from.display()));
    map.map(|word| format!("'{}'", word.replace('\'', r"'\''"))).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_this_machine_are_found_and_mapped_for_both_compilers() {
        let places = [("/home/me".into(), "/cargo".to_owned()), ("/src/it's here".into(), "/seaworthy".to_owned())];
        assert_eq!(named(b"..\0/src/it's here/lib.rs\0", &places), [Path::new("/src/it's here")]);
        assert!(named(b"/seaworthy/lib.rs /home/men/x", &places).is_empty());
        assert_eq!(
            rust_flags(&places).split('\u{1f}').collect::<Vec<_>>(),
            [
                "-Ctarget-feature=+crt-static",
                "--remap-path-prefix=/home/me=/cargo",
                "--remap-path-prefix=/src/it's here=/seaworthy",
            ]
        );
        let c = r"'-ffile-prefix-map=/home/me=/cargo' '-ffile-prefix-map=/src/it'\''s here=/seaworthy'";
        assert_eq!(c_flags(&places), c);
    }
}
