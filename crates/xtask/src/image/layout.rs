//! From programs to an OCI layout, and from that to an archive.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;
use tar::EntryType;

use super::layer;
use super::name::Name;
use super::oci::{
    self, CONFIG, CONTAINERD_NAME, Config, Descriptor, EMPTY, Execution, History, INDEX, Index, LAYER, LAYOUT,
    MANIFEST, Manifest, PlatformWords, REF_NAME, RootFs, SBOM, Words,
};
use super::platform::Platform;
use super::provenance::timestamp;

/// One platform's part of the image.
pub(crate) struct Part {
    pub(crate) platform: Platform,
    /// The static program.
    pub(crate) program: Vec<u8>,
    /// What is in the program, as CycloneDX JSON.
    pub(crate) sbom: Vec<u8>,
}

/// What the image says about itself.
pub(crate) struct About {
    pub(crate) name: Name,
    /// Labels by their full keys.
    pub(crate) labels: Words,
    /// The time of everything in the archive, in seconds since 1970.
    pub(crate) time: u64,
}

/// The archive's bytes: an OCI layout in a tar, whose `index.json` names one image index, which has for each platform an image manifest
/// and the manifest that attaches its SBOM. The same parts give the same bytes.
///
/// The SBOMs are in the inner index, not in `index.json`: an archive that names several things cannot be read without saying which.
pub(crate) fn archive(parts: &[Part], about: &About) -> io::Result<Vec<u8>> {
    let mut blobs = Blobs::default();
    let mut manifests = Vec::new();
    let mut attached = Vec::new();
    for part in parts {
        let image = blobs.image(part, about)?;
        attached.push(blobs.sbom(part, about, &image)?);
        manifests.push(image);
    }
    manifests.append(&mut attached);
    let index =
        |manifests, annotations| Index { schema_version: 2, media_type: INDEX.to_owned(), manifests, annotations };
    let mut image = blobs.json(INDEX, &index(manifests, about.labels.clone()))?;
    image.annotations = [REF_NAME, CONTAINERD_NAME].map(|key| (key.to_owned(), about.name.to_string())).into();
    blobs.tar(&serde_json::to_vec(&index(vec![image], Words::new()))?, about.time)
}

/// Blobs by the hexadecimal part of their digest.
#[derive(Default)]
struct Blobs(BTreeMap<String, Vec<u8>>);

impl Blobs {
    fn put(&mut self, media_type: &str, bytes: Vec<u8>) -> Descriptor {
        let descriptor = Descriptor::of(media_type, &bytes);
        self.0.insert(descriptor.digest.trim_start_matches("sha256:").to_owned(), bytes);
        descriptor
    }

    fn json(&mut self, media_type: &str, document: &impl Serialize) -> io::Result<Descriptor> {
        Ok(self.put(media_type, serde_json::to_vec(document)?))
    }

    fn image(&mut self, part: &Part, about: &About) -> io::Result<Descriptor> {
        let tar = layer::tar(&part.program, about.time)?;
        let created = timestamp(about.time).map_err(io::Error::other)?;
        let words = PlatformWords::from(part.platform);
        let config = Config {
            created: created.clone(),
            architecture: words.architecture.clone(),
            os: words.os.clone(),
            variant: words.variant.clone(),
            config: Execution::with(about.labels.clone()),
            rootfs: RootFs { kind: "layers".to_owned(), diff_ids: vec![oci::digest(&tar)] },
            history: vec![History { created, created_by: "cargo xtask image".to_owned() }],
        };
        let manifest = Manifest {
            schema_version: 2,
            media_type: MANIFEST.to_owned(),
            artifact_type: None,
            config: self.json(CONFIG, &config)?,
            layers: vec![self.put(LAYER, layer::gzip(&tar)?)],
            subject: None,
            annotations: about.labels.clone(),
        };
        let mut descriptor = self.json(MANIFEST, &manifest)?;
        descriptor.platform = Some(words);
        Ok(descriptor)
    }

    /// Attaches the SBOM to its image by `subject`, which is how registries and tools find it.
    fn sbom(&mut self, part: &Part, about: &About, image: &Descriptor) -> io::Result<Descriptor> {
        let created = timestamp(about.time).map_err(io::Error::other)?;
        let mut subject = image.clone();
        subject.platform = None;
        let manifest = Manifest {
            schema_version: 2,
            media_type: MANIFEST.to_owned(),
            artifact_type: Some(SBOM.to_owned()),
            config: self.put(EMPTY, b"{}".to_vec()),
            layers: vec![self.put(SBOM, part.sbom.clone())],
            subject: Some(subject),
            annotations: [("org.opencontainers.image.created".to_owned(), created)].into(),
        };
        let mut descriptor = self.json(MANIFEST, &manifest)?;
        descriptor.artifact_type = Some(SBOM.to_owned());
        descriptor.platform = Some(PlatformWords::none());
        Ok(descriptor)
    }

    fn tar(&self, index: &[u8], time: u64) -> io::Result<Vec<u8>> {
        let mut tar = tar::Builder::new(Vec::new());
        for path in ["blobs/", "blobs/sha256/"] {
            tar.append(&layer::header(path, EntryType::Directory, 0o755, 0, time)?, io::empty())?;
        }
        let blobs = self.0.iter().map(|(hex, bytes)| (format!("blobs/sha256/{hex}"), bytes.as_slice()));
        let rest = [("index.json".to_owned(), index), ("oci-layout".to_owned(), LAYOUT.as_bytes())];
        for (path, bytes) in blobs.chain(rest) {
            tar.append(&layer::header(&path, EntryType::Regular, 0o644, bytes.len(), time)?, bytes)?;
        }
        tar.into_inner()
    }
}
