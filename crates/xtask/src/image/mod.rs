//! `cargo xtask image`: from the checkout to an OCI archive, without a daemon.

mod check;
mod compile;
mod elf;
mod layer;
mod layout;
mod libraries;
mod name;
mod oci;
mod platform;
mod provenance;
mod sbom;
#[cfg(test)]
mod tests;
mod workspace;

use std::path::{Path, PathBuf};

use self::check::{Checked, Image};
use self::layout::{About, Part};
use self::name::Name;
use self::oci::Words;
use self::platform::Platform;
use self::provenance::Provenance;
use self::workspace::{Metadata, Package, Rustc};
use crate::failure::{Failure, On};
use crate::say;

/// Words of `cargo xtask image`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Write the archive there, and the SBOM beside it [default: image/seaworthy.tar in the target directory]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The name that an import gives to the image [default: localhost/seaworthy:VERSION]
    #[arg(long, value_name = "NAME:TAG")]
    load_as: Option<Name>,
    /// Platforms to build for; those whose Rust target is not installed are left out, and named. With --check: platforms that have to be there
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    platform: Vec<Platform>,
    /// The largest archive to accept, in megabytes (1,000,000 bytes)
    #[arg(long, value_name = "MB", default_value = "12")]
    max_size: u32,
    /// Where others get the sources, for the label [default: the git remote origin, if it is no path of this machine]
    #[arg(long, value_name = "URL")]
    source: Option<String>,
    /// Build nothing; check this archive: digests, sizes, contents, SBOM
    #[arg(long, value_name = "FILE", conflicts_with_all = ["output", "load_as", "source"])]
    check: Option<PathBuf>,
}

/// Builds or checks.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let limit = u64::from(arguments.max_size) * 1_000_000;
    match &arguments.check {
        Some(file) => check_file(file, &arguments.platform, limit),
        None => build(arguments, limit),
    }
}

fn check_file(file: &Path, platforms: &[Platform], limit: u64) -> Result<(), Failure> {
    let bytes = std::fs::metadata(file).on(|| format!("{} could not be read", file.display()))?.len();
    check::size(bytes, limit)?;
    let archive = std::fs::read(file).on(|| format!("{} could not be read", file.display()))?;
    let places = workspace::places(&Metadata::of(Platform::Amd64)?, &Rustc::ask()?);
    let checked = check::check(&archive, &places)?;
    if let Some(missing) = platforms.iter().find(|platform| !checked.images.iter().any(|i| i.platform == **platform)) {
        return Err(Failure::new(format!("{} has no image for {missing}", file.display())));
    }
    report(file, &archive, &checked);
    Ok(())
}

fn build(arguments: &Arguments, limit: u64) -> Result<(), Failure> {
    let rustc = Rustc::ask()?;
    let mut wanted = if arguments.platform.is_empty() { Platform::ALL.to_vec() } else { arguments.platform.clone() };
    wanted.sort_unstable();
    wanted.dedup();
    let (there, missing): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|platform| rustc.has(*platform));
    for platform in &missing {
        let target = platform.target();
        say(&format!("{platform} is left out: the Rust target {target} is not installed (rustup target add {target})"));
    }
    let Some(first) = there.first() else {
        return Err(Failure::new("no platform is left to build for").hint("install one of the targets above"));
    };
    let metadata = Metadata::of(*first)?;
    let program = metadata.program()?;
    let provenance = Provenance::of(&metadata.workspace_root)?;
    if provenance.revision.as_ref().is_some_and(|revision| revision.ends_with("-dirty")) {
        say("the checkout has changes that are not committed: the image's revision says so");
    }
    let about = about(arguments, program, &provenance)?;
    let mut parts = Vec::new();
    for platform in there {
        parts.push(part(platform, &rustc, provenance.time)?);
    }
    let archive = layout::archive(&parts, &about).on(|| "the archive could not be put together".to_owned())?;
    check::size(archive.len() as u64, limit)?;
    let checked = check::check(&archive, &[])?;
    let file = arguments.output.clone().unwrap_or_else(|| metadata.target_directory.join("image/seaworthy.tar"));
    for part in &parts {
        // One platform needs no name beside the image's.
        let several = (parts.len() > 1).then(|| part.platform.architecture());
        let end = several.map_or_else(|| "cdx.json".to_owned(), |architecture| format!("{architecture}.cdx.json"));
        write(&file.with_extension(end), &part.sbom)?;
    }
    write(&file, &archive)?;
    report(&file, &archive, &checked);
    Ok(())
}

fn part(platform: Platform, rustc: &Rustc, time: u64) -> Result<Part, Failure> {
    let metadata = Metadata::of(platform)?;
    let program = compile::compile(&metadata, platform, &workspace::places(&metadata, rustc), time)?;
    let lock = metadata.workspace_root.join("Cargo.lock");
    let lock = std::fs::read_to_string(&lock).on(|| format!("{} could not be read", lock.display()))?;
    let created = provenance::timestamp(time).on(|| format!("{time} is no time"))?;
    let libraries = libraries::linked(rustc, platform);
    let tree = Metadata::tree(platform)?;
    let sbom = sbom::document(&metadata, &tree, &lock, &libraries, &program, platform, &created)?;
    Ok(Part { platform, program, sbom })
}

fn about(arguments: &Arguments, program: &Package, provenance: &Provenance) -> Result<About, Failure> {
    let default = || format!("localhost/{}:{}", program.name, program.version).parse();
    let name = arguments.load_as.clone().map_or_else(default, Ok).on(|| "the image's name".to_owned())?;
    let created = provenance::timestamp(provenance.time).on(|| format!("{} is no time", provenance.time))?;
    let source = arguments.source.clone().or_else(|| provenance.source.clone());
    let labels: Words = [
        ("title", Some("Seaworthy".to_owned())),
        ("description", program.description.clone()),
        ("version", Some(program.version.clone())),
        ("licenses", program.license.clone()),
        ("created", Some(created)),
        ("revision", provenance.revision.clone()),
        ("source", source),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some((format!("org.opencontainers.image.{key}"), value?)))
    .collect();
    Ok(About { name, labels, time: provenance.time })
}

/// Writes a file as a whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = || format!("{} could not be written", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).on(failed)?;
    }
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    std::fs::write(&partial, bytes).on(failed)?;
    std::fs::rename(&partial, path).on(failed)
}

fn report(file: &Path, archive: &[u8], checked: &Checked) {
    for image in &checked.images {
        say(&format!("{} {}", image.platform, image.digest));
        let Image { program, layer, components, .. } = image;
        say(&format!("  program {program} bytes, layer {layer} bytes, SBOM {components} components"));
    }
    for (key, value) in &checked.labels {
        say(&format!("{key}={value}"));
    }
    say(&format!("name {}", checked.name));
    say(&format!("{} {} bytes {}", file.display(), archive.len(), oci::digest(archive)));
}
