//! What cargo and rustc say about the workspace and themselves.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::platform::Platform;
use crate::failure::{Failure, On};

/// The package that holds the program.
pub(crate) const PACKAGE: &str = "seaworthy";

/// `cargo metadata`, as far as it is used here.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) resolve: Resolve,
    pub(crate) workspace_root: PathBuf,
    pub(crate) target_directory: PathBuf,
    /// Where cargo keeps what is between source and program; older ones have no such directory of its own.
    pub(crate) build_directory: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) description: Option<String>,
    pub(crate) license: Option<String>,
    /// Where it comes from; not set for the workspace's own.
    pub(crate) source: Option<String>,
    pub(crate) manifest_path: PathBuf,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Resolve {
    pub(crate) nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) deps: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) pkg: String,
    pub(crate) dep_kinds: Vec<DependencyKind>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct DependencyKind {
    /// `dev` or `build`; not set for what goes into the program.
    pub(crate) kind: Option<String>,
}

impl Metadata {
    /// Of the workspace that the current directory is in, with the dependencies that `platform` has.
    pub(crate) fn of(platform: Platform) -> Result<Self, Failure> {
        let mut cargo = Command::new(cargo());
        cargo.args(["metadata", "--format-version", "1", "--locked", "--filter-platform", platform.target()]);
        let text = output(&mut cargo)?;
        serde_json::from_str(&text).on(|| "the answer of cargo metadata was not understood".to_owned())
    }

    /// The package that holds the program.
    pub(crate) fn program(&self) -> Result<&Package, Failure> {
        let found = self.packages.iter().find(|package| package.source.is_none() && package.name == PACKAGE);
        found.ok_or_else(|| {
            Failure::new(format!("there is no package {PACKAGE:?} in the workspace {}", self.workspace_root.display()))
                .hint("run this inside of Seaworthy's checkout")
        })
    }

    /// The crates that go into the program on `platform`, as `cargo tree` lists them: it alone decides features as the build does.
    pub(crate) fn tree(platform: Platform) -> Result<String, Failure> {
        let mut cargo = Command::new(cargo());
        cargo.args(["tree", "--locked", "--package", PACKAGE, "--target", platform.target()]);
        output(cargo.args(["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"]))
    }
}

/// The compiler.
pub(crate) struct Rustc {
    pub(crate) release: String,
    pub(crate) commit: Option<String>,
    pub(crate) sysroot: PathBuf,
}

impl Rustc {
    pub(crate) fn ask() -> Result<Self, Failure> {
        let version = output(Command::new(rustc()).arg("-vV"))?;
        let word = |key: &str| version.lines().find_map(|line| line.strip_prefix(key)).map(str::to_owned);
        Ok(Rustc {
            release: word("release: ").unwrap_or_else(|| "unknown".to_owned()),
            commit: word("commit-hash: ").filter(|hash| hash != "unknown"),
            sysroot: output(Command::new(rustc()).args(["--print", "sysroot"]))?.trim().into(),
        })
    }

    /// Whether the standard library for a platform is installed.
    pub(crate) fn has(&self, platform: Platform) -> bool {
        let libraries = self.sysroot.join("lib/rustlib").join(platform.target()).join("lib");
        let Ok(entries) = std::fs::read_dir(libraries) else { return false };
        entries.flatten().any(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            name.starts_with("libstd-") && name.ends_with(".rlib")
        })
    }
}

/// Directories of this machine, and what stands for them in the program. Of two that fit a path the later one counts, for rustc and gcc.
pub(crate) fn places(metadata: &Metadata, rustc: &Rustc) -> Vec<(PathBuf, String)> {
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo"));
    let std = rustc.commit.as_ref().map_or_else(|| "/rust/src".to_owned(), |commit| format!("/rustc/{commit}"));
    let mut places = Vec::new();
    places.extend(
        std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home).map(|path| (path, "/cargo".to_owned())),
    );
    places.push((rustc.sysroot.clone(), "/rust".to_owned()));
    places.push((rustc.sysroot.join("lib/rustlib/src/rust"), std));
    places.push((metadata.workspace_root.clone(), "/seaworthy".to_owned()));
    places.push((metadata.target_directory.clone(), "/target".to_owned()));
    let build = metadata.build_directory.iter().filter(|path| **path != metadata.target_directory);
    places.extend(build.map(|path| (path.clone(), "/target".to_owned())));
    // The registry's directory has a name that differs by cargo's version and by mirror.
    let foreign = metadata.packages.iter().filter(|package| package.source.is_some());
    let parents: BTreeSet<&Path> = foreign.filter_map(|package| package.manifest_path.parent()?.parent()).collect();
    places.extend(parents.into_iter().map(|path| (path.to_owned(), "/crates".to_owned())));
    // The compiler may see the same directory without the links that lead there.
    let real: Vec<_> =
        places.iter().filter_map(|(path, name)| Some((path.canonicalize().ok()?, name.clone()))).collect();
    let links: Vec<_> = real.into_iter().filter(|(real, _)| !places.iter().any(|(path, _)| path == real)).collect();
    [links, places].concat()
}

/// The program that links for a platform, as cargo finds it.
pub(crate) fn linker(platform: Platform) -> OsString {
    let key = format!("CARGO_TARGET_{}_LINKER", platform.target().replace('-', "_").to_ascii_uppercase());
    std::env::var_os(key).unwrap_or_else(|| "cc".into())
}

pub(crate) fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn rustc() -> OsString {
    std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

/// What a program prints.
pub(crate) fn output(command: &mut Command) -> Result<String, Failure> {
    let called = || {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    };
    let name = called();
    let output = command.output().on(|| format!("{name} could not be started"))?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!("{name} failed: {}", why.trim())));
    }
    String::from_utf8(output.stdout).on(|| format!("the answer of {name} was not understood"))
}
