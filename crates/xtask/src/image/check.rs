//! Checks an archive from its bytes alone: that it is what the build promises, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde_json::Value;
use tar::EntryType;

use super::compile::named;
use super::elf;
use super::layer::{self, DIRECTORIES, NAMES, PROGRAM, PROGRAM_MODE};
use super::oci::{
    self, CONFIG, CONTAINERD_NAME, Config, Descriptor, EMPTY, Execution, INDEX, Index, LAYER, LAYOUT, MANIFEST,
    Manifest, PlatformWords, REF_NAME, SBOM, Words,
};
use super::platform::Platform;
use crate::failure::{Failure, On};

/// A layer is not unpacked beyond this many bytes.
const UNPACKED_LIMIT: u64 = 256_000_000;

/// Labels that every image has.
const LABELS: [&str; 5] = ["title", "description", "version", "licenses", "created"];

/// What an archive turned out to hold.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) name: String,
    pub(crate) labels: Words,
    pub(crate) images: Vec<Image>,
}

/// One platform's image.
#[derive(Debug)]
pub(crate) struct Image {
    pub(crate) platform: Platform,
    /// The digest of its manifest.
    pub(crate) digest: String,
    /// Bytes of the program.
    pub(crate) program: usize,
    /// The program's SHA-256, hexadecimal.
    sum: String,
    /// Bytes of the compressed layer.
    pub(crate) layer: u64,
    /// Components that the SBOM lists.
    pub(crate) components: usize,
}

/// Refuses an archive above `limit` bytes.
pub(crate) fn size(bytes: u64, limit: u64) -> Result<(), Failure> {
    if bytes <= limit {
        return Ok(());
    }
    let mega = |bytes: u64| bytes.div_ceil(100_000) as f64 / 10.0;
    Err(Failure::new(format!("the archive has {bytes} bytes ({} MB), {} MB are allowed", mega(bytes), mega(limit)))
        .hint("find out what made it grow (cargo bloat, cargo tree), or allow more by --max-size"))
}

/// Checks an archive. `places` are directories of this machine that no program in it may name.
pub(crate) fn check(archive: &[u8], places: &[(PathBuf, String)]) -> Result<Checked, Failure> {
    let mut layout = Layout::read(archive)?;
    let index: Index = json(&layout.index, "index.json")?;
    let [image] = index.manifests.as_slice() else {
        return Err(Failure::new(format!("index.json names {} things instead of one image", index.manifests.len())));
    };
    let name = image.annotations.get(REF_NAME).cloned().unwrap_or_default();
    expect(!name.is_empty() && image.annotations.get(CONTAINERD_NAME) == Some(&name), || {
        format!("index.json gives the image no name, or two that differ ({REF_NAME}, {CONTAINERD_NAME})")
    })?;
    let platforms: Index = json(&layout.blob(image, INDEX)?, "the index of platforms")?;
    for label in LABELS {
        let key = format!("org.opencontainers.image.{label}");
        expect(platforms.annotations.get(&key).is_some_and(|v| !v.is_empty()), || {
            format!("the image has no label {key}")
        })?;
    }
    let (attached, manifests): (Vec<_>, Vec<_>) = platforms.manifests.iter().partition(|d| d.artifact_type.is_some());
    expect(!manifests.is_empty(), || "the image has no platform".to_owned())?;
    let mut images = Vec::new();
    let mut time = None;
    for descriptor in &manifests {
        images.push(image_of(&mut layout, descriptor, &platforms.annotations, places, &mut time)?);
    }
    for descriptor in &attached {
        sbom(&mut layout, descriptor, &manifests, &mut images)?;
    }
    if let Some(image) = images.iter().find(|image| image.components == 0) {
        return Err(Failure::new(format!("{} has no SBOM attached", image.platform)));
    }
    if let Some((digest, _)) = layout.blobs.iter().find(|(digest, _)| !layout.used.contains(*digest)) {
        return Err(Failure::new(format!("nothing in the archive refers to the blob {digest}")));
    }
    expect(layout.times == time.into_iter().collect(), || "times in the archive differ".to_owned())?;
    Ok(Checked { name, labels: platforms.annotations, images })
}

/// The parts of an archive.
struct Layout {
    blobs: BTreeMap<String, Vec<u8>>,
    index: Vec<u8>,
    /// Digests that something referred to.
    used: BTreeSet<String>,
    /// All times of entries.
    times: BTreeSet<u64>,
}

impl Layout {
    fn read(archive: &[u8]) -> Result<Self, Failure> {
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut times = BTreeSet::new();
        for entry in entries(archive, "the archive")? {
            expect(!files.contains_key(&entry.path), || format!("the archive has {} twice", entry.path))?;
            let mode = if entry.kind == EntryType::Directory { 0o755 } else { 0o644 };
            expect(entry.mode == mode && entry.owner == (0, 0), || {
                format!("{} has another mode or owner", entry.path)
            })?;
            times.insert(entry.time);
            match (entry.kind, entry.path.as_str()) {
                (EntryType::Directory, "blobs/" | "blobs/sha256/") => {}
                (EntryType::Regular, _) => {
                    files.insert(entry.path, entry.content);
                }
                _ => return Err(Failure::new(format!("{} does not belong into the archive", entry.path))),
            }
        }
        let layout: Value = json(&files.remove("oci-layout").unwrap_or_default(), "oci-layout")?;
        let version = serde_json::from_str::<Value>(LAYOUT).on(|| "the version of the layout".to_owned())?;
        expect(layout == version, || "oci-layout has another version than 1.0.0".to_owned())?;
        let index = files.remove("index.json").ok_or_else(|| Failure::new("the archive has no index.json"))?;
        let mut blobs = BTreeMap::new();
        for (path, bytes) in files {
            let digest = oci::digest(&bytes);
            expect(path.strip_prefix("blobs/sha256/") == digest.strip_prefix("sha256:"), || {
                format!("the content of {path} has the digest {digest}")
            })?;
            blobs.insert(digest, bytes);
        }
        Ok(Layout { blobs, index, used: BTreeSet::new(), times })
    }

    fn blob(&mut self, descriptor: &Descriptor, media_type: &str) -> Result<Vec<u8>, Failure> {
        let digest = &descriptor.digest;
        expect(descriptor.media_type == media_type, || {
            format!("{digest} is named as {}, not as {media_type}", descriptor.media_type)
        })?;
        let Some(bytes) = self.blobs.get(digest) else {
            return Err(Failure::new(format!("the archive lacks the blob {digest}")));
        };
        expect(bytes.len() as u64 == descriptor.size, || {
            format!("{digest} has {} bytes, {} are promised", bytes.len(), descriptor.size)
        })?;
        self.used.insert(digest.clone());
        Ok(bytes.clone())
    }
}

fn image_of(
    layout: &mut Layout,
    descriptor: &Descriptor,
    labels: &Words,
    places: &[(PathBuf, String)],
    time: &mut Option<u64>,
) -> Result<Image, Failure> {
    let platform = Platform::ALL.into_iter().find(|p| descriptor.platform.as_ref() == Some(&PlatformWords::from(*p)));
    let platform = platform.ok_or_else(|| Failure::new(format!("{} is for no known platform", descriptor.digest)))?;
    let manifest: Manifest = json(&layout.blob(descriptor, MANIFEST)?, "an image's manifest")?;
    let config: Config = json(&layout.blob(&manifest.config, CONFIG)?, "an image's configuration")?;
    let words = PlatformWords { architecture: config.architecture, os: config.os, variant: config.variant };
    expect(descriptor.platform == Some(words), || format!("the configuration of {platform} is for another platform"))?;
    expect(config.config == Execution::with(labels.clone()), || {
        format!("{platform} starts otherwise than it should, or has other labels: {:?}", config.config)
    })?;
    let [packed] = manifest.layers.as_slice() else {
        return Err(Failure::new(format!("{platform} has {} layers instead of one", manifest.layers.len())));
    };
    let bytes = layout.blob(packed, LAYER)?;
    let tar = layer::gunzip(&bytes, UNPACKED_LIMIT).on(|| format!("the layer of {platform} could not be unpacked"))?;
    expect(config.rootfs.diff_ids == [oci::digest(&tar)], || format!("the layer of {platform} has another digest"))?;
    let program = contents(&tar, platform, time)?;
    elf::check_static(&program, platform.machine()).map_err(|why| Failure::new(format!("/{PROGRAM}: {why}")))?;
    if let Some(path) = named(&program, places).first() {
        return Err(Failure::new(format!("/{PROGRAM} names {} of this machine", path.display())));
    }
    let sum = oci::digest(&program).trim_start_matches("sha256:").to_owned();
    let (digest, program) = (descriptor.digest.clone(), program.len());
    Ok(Image { platform, digest, program, sum, layer: packed.size, components: 0 })
}

/// Checks that a layer holds what it should, and gives the program.
fn contents(tar: &[u8], platform: Platform, time: &mut Option<u64>) -> Result<Vec<u8>, Failure> {
    let directories = DIRECTORIES.iter().map(|(path, mode)| (*path, EntryType::Directory, *mode, ""));
    let program = [(PROGRAM, EntryType::Regular, PROGRAM_MODE, "")];
    let wanted: Vec<_> = directories
        .chain(program)
        .chain(NAMES.iter().map(|name| (*name, EntryType::Link, PROGRAM_MODE, PROGRAM)))
        .collect();
    let found = entries(tar, "the layer")?;
    let shape: Vec<_> = found.iter().map(|e| (e.path.as_str(), e.kind, e.mode, e.link.as_str())).collect();
    expect(shape == wanted, || format!("{platform} holds other files than it should: {shape:?}"))?;
    for entry in &found {
        let same = *time.get_or_insert(entry.time) == entry.time;
        expect(entry.owner == (0, 0) && same, || format!("{platform}: /{} has another owner or time", entry.path))?;
    }
    let program = found.into_iter().find(|entry| entry.path == PROGRAM).map(|entry| entry.content);
    program.ok_or_else(|| Failure::new(format!("{platform} has no program")))
}

fn sbom(
    layout: &mut Layout,
    descriptor: &Descriptor,
    manifests: &[&Descriptor],
    images: &mut [Image],
) -> Result<(), Failure> {
    let manifest: Manifest = json(&layout.blob(descriptor, MANIFEST)?, "the manifest of an SBOM")?;
    layout.blob(&manifest.config, EMPTY)?;
    let subject = manifest.subject.ok_or_else(|| Failure::new("an SBOM is attached to nothing"))?;
    let known = manifests.iter().any(|image| image.digest == subject.digest && image.size == subject.size);
    let image = images.iter_mut().find(|image| known && image.digest == subject.digest);
    let image =
        image.ok_or_else(|| Failure::new(format!("an SBOM is attached to {}, which is not here", subject.digest)))?;
    expect(
        manifest.artifact_type.as_deref() == Some(SBOM) && descriptor.artifact_type == manifest.artifact_type,
        || format!("what is attached to {} is no SBOM", image.platform),
    )?;
    let [document] = manifest.layers.as_slice() else {
        return Err(Failure::new(format!("{} has {} SBOMs instead of one", image.platform, manifest.layers.len())));
    };
    let document: Value = json(&layout.blob(document, SBOM)?, "an SBOM")?;
    let components = document["components"].as_array().map(Vec::as_slice).unwrap_or_default();
    let told = document["bomFormat"] == "CycloneDX" && components.iter().all(|c| c["name"].is_string());
    expect(told && !components.is_empty() && image.components == 0, || {
        format!("the SBOM of {} is no CycloneDX document, lists nothing, or is there twice", image.platform)
    })?;
    expect(document["metadata"]["component"]["hashes"][0]["content"] == image.sum.as_str(), || {
        format!("the SBOM of {} is of another program", image.platform)
    })?;
    image.components = components.len();
    Ok(())
}

struct Entry {
    path: String,
    kind: EntryType,
    mode: u32,
    owner: (u64, u64),
    time: u64,
    link: String,
    content: Vec<u8>,
}

fn entries(tar: &[u8], what: &str) -> Result<Vec<Entry>, Failure> {
    let broken = || format!("{what} could not be read");
    let mut entries = Vec::new();
    for entry in tar::Archive::new(tar).entries().on(broken)? {
        let mut entry = entry.on(broken)?;
        let mut content = Vec::new();
        entry.read_to_end(&mut content).on(broken)?;
        let header = entry.header();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        entries.push(Entry {
            path: text(&entry.path_bytes()),
            kind: header.entry_type(),
            mode: header.mode().on(broken)?,
            owner: (header.uid().on(broken)?, header.gid().on(broken)?),
            time: header.mtime().on(broken)?,
            link: entry.link_name_bytes().map(|bytes| text(&bytes)).unwrap_or_default(),
            content,
        });
    }
    Ok(entries)
}

fn json<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T, Failure> {
    serde_json::from_slice(bytes).on(|| format!("{what} was not understood"))
}

fn expect(holds: bool, what: impl FnOnce() -> String) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(Failure::new(what())) }
}
