//! The documents of an OCI image, as far as this image has them.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::platform::Platform;

pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(crate) const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
pub(crate) const EMPTY: &str = "application/vnd.oci.empty.v1+json";
pub(crate) const SBOM: &str = "application/vnd.cyclonedx+json";

/// The name by OCI's layout, which podman and skopeo read.
pub(crate) const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// The name by containerd, which ctr and docker read.
pub(crate) const CONTAINERD_NAME: &str = "io.containerd.image.name";
/// The version of the layout: the content of `oci-layout`.
pub(crate) const LAYOUT: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;

pub(crate) type Words = BTreeMap<String, String>;

/// `sha256:` and the digest of some bytes.
pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", HEXLOWER.encode(&Sha256::digest(bytes)))
}

/// Points to a blob and says what to expect there.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    pub(crate) media_type: String,
    pub(crate) digest: String,
    pub(crate) size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) artifact_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) platform: Option<PlatformWords>,
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub(crate) annotations: Words,
}

impl Descriptor {
    pub(crate) fn of(media_type: &str, bytes: &[u8]) -> Self {
        Descriptor {
            media_type: media_type.to_owned(),
            digest: digest(bytes),
            size: bytes.len() as u64,
            artifact_type: None,
            platform: None,
            annotations: Words::new(),
        }
    }
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct PlatformWords {
    pub(crate) architecture: String,
    pub(crate) os: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) variant: Option<String>,
}

impl PlatformWords {
    /// What no machine takes for its own platform: for a manifest that is no image.
    pub(crate) fn none() -> Self {
        PlatformWords { architecture: "unknown".to_owned(), os: "unknown".to_owned(), variant: None }
    }
}

impl From<Platform> for PlatformWords {
    fn from(platform: Platform) -> Self {
        PlatformWords {
            architecture: platform.architecture().to_owned(),
            os: "linux".to_owned(),
            variant: platform.variant().map(str::to_owned),
        }
    }
}

/// An image index: of the layout, or of the platforms.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Index {
    pub(crate) schema_version: u32,
    pub(crate) media_type: String,
    pub(crate) manifests: Vec<Descriptor>,
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub(crate) annotations: Words,
}

/// An image manifest: of an image, or of something attached to one (`subject`).
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest {
    pub(crate) schema_version: u32,
    pub(crate) media_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) artifact_type: Option<String>,
    pub(crate) config: Descriptor,
    pub(crate) layers: Vec<Descriptor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<Descriptor>,
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub(crate) annotations: Words,
}

/// An image's configuration.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Config {
    pub(crate) created: String,
    pub(crate) architecture: String,
    pub(crate) os: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) variant: Option<String>,
    pub(crate) config: Execution,
    pub(crate) rootfs: RootFs,
    pub(crate) history: Vec<History>,
}

/// How a container of the image is started.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Execution {
    pub(crate) user: String,
    pub(crate) env: Vec<String>,
    pub(crate) entrypoint: Vec<String>,
    pub(crate) cmd: Vec<String>,
    pub(crate) working_dir: String,
    pub(crate) labels: Words,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct RootFs {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Digests of the layers as they are unpacked.
    pub(crate) diff_ids: Vec<String>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct History {
    pub(crate) created: String,
    pub(crate) created_by: String,
}

impl Execution {
    /// What the image starts: `command: ["kube-bench", …]` is found by PATH, a pod with `args` only, or with nothing, starts `seaworthy`.
    pub(crate) fn with(labels: Words) -> Self {
        Execution {
            // Most of what a node scan reads is root's alone. A pod may choose another: nothing in the image asks for this one.
            user: "0:0".to_owned(),
            env: vec!["PATH=/usr/local/bin".to_owned()],
            entrypoint: vec![format!("/{}", super::layer::PROGRAM)],
            cmd: vec!["run".to_owned()],
            working_dir: "/".to_owned(),
            labels,
        }
    }
}
