//! What is in the program: the crates, the standard library, and the C libraries that it is linked with, as CycloneDX 1.5 JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::oci;
use super::platform::Platform;
use super::workspace::{Metadata, Package};
use crate::failure::{Failure, On};

/// `Cargo.lock`, as far as it is used here.
#[derive(Debug, Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Debug, Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

/// What is linked in and is no crate.
#[derive(Debug)]
pub(crate) struct Library {
    pub(crate) name: &'static str,
    /// Not set where it could not be found out.
    pub(crate) version: Option<String>,
    /// Where its build comes from, in its own words.
    pub(crate) description: Option<String>,
    /// SPDX expression.
    pub(crate) license: &'static str,
    /// `VENDOR:PRODUCT`, by which lists of vulnerabilities name it.
    pub(crate) cpe: &'static str,
}

/// The document. `tree` is what [`Metadata::tree`] gives, `lock` the text of `Cargo.lock`, `created` the time by RFC 3339.
pub(crate) fn document(
    metadata: &Metadata,
    tree: &str,
    lock: &str,
    libraries: &[Library],
    program: &[u8],
    platform: Platform,
    created: &str,
) -> Result<Vec<u8>, Failure> {
    let lock: Lock = toml::from_str(lock).on(|| "Cargo.lock was not understood".to_owned())?;
    let sums: BTreeMap<_, _> = lock
        .package
        .iter()
        .filter_map(|p| Some(((p.name.as_str(), p.version.as_str()), p.checksum.as_deref()?)))
        .collect();
    let root = metadata.program()?;
    let packages = inside(metadata, tree)?;
    if !packages.iter().any(|package| package.id == root.id) {
        return Err(Failure::new(format!("cargo tree does not list {} itself", root.name)));
    }
    let mut components = Vec::new();
    for package in packages.iter().filter(|package| package.id != root.id) {
        let checksum = sums.get(&(package.name.as_str(), package.version.as_str()));
        if package.source.is_some() && checksum.is_none() {
            return Err(Failure::new(format!("Cargo.lock has no checksum of {} {}", package.name, package.version)));
        }
        components.push(component(package, "library", checksum.copied()));
    }
    components.extend(libraries.iter().map(library));
    let mut main = component(root, "application", None);
    main["hashes"] = hashes(oci::digest(program).trim_start_matches("sha256:"));
    let mut bom = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": created,
            "tools": { "components": [{ "type": "application", "name": "cargo xtask image", "version": root.version }] },
            "component": main,
            "properties": [{ "name": "seaworthy:target", "value": platform.target() }],
        },
        "components": components,
        "dependencies": dependencies(metadata, &packages, root, libraries),
    });
    // By content, so that the same program has the same number.
    bom["serialNumber"] = serial(bom.to_string().as_bytes()).into();
    serde_json::to_vec_pretty(&bom).on(|| "the SBOM could not be written".to_owned())
}

/// The packages of the tree, sorted by name and version, each once.
fn inside<'a>(metadata: &'a Metadata, tree: &str) -> Result<Vec<&'a Package>, Failure> {
    let mut found = BTreeMap::new();
    for line in tree.lines().filter(|line| !line.is_empty()) {
        let mut words = line.split(' ');
        let name = words.next().unwrap_or_default();
        let version = words.next().and_then(|word| word.strip_prefix('v')).unwrap_or_default();
        let package =
            metadata.packages.iter().find(|p| p.name == name && p.version == version).ok_or_else(|| {
                Failure::new(format!("cargo metadata does not know {line:?}, which cargo tree lists"))
            })?;
        found.insert((name, version), package);
    }
    Ok(found.into_values().collect())
}

/// A name that is unique in the document.
fn reference(package: &Package) -> String {
    purl(package).unwrap_or_else(|| format!("workspace:{}@{}", package.name, package.version))
}

/// The address in the registry. The workspace's own crates are in none, and somebody else's crate of that name there is not meant.
fn purl(package: &Package) -> Option<String> {
    // A + is a separator in URLs.
    let version = package.version.replace('+', "%2B");
    package.source.is_some().then(|| format!("pkg:cargo/{}@{version}", package.name))
}

fn component(package: &Package, kind: &str, checksum: Option<&str>) -> Value {
    let mut value = json!({
        "type": kind,
        "bom-ref": reference(package),
        "name": package.name,
        "version": package.version,
    });
    if let Some(purl) = purl(package) {
        value["purl"] = purl.into();
    }
    if let Some(license) = &package.license {
        // The older way to say OR.
        value["licenses"] = json!([{ "expression": license.replace(" / ", " OR ").replace('/', " OR ") }]);
    }
    if let Some(checksum) = checksum {
        value["hashes"] = hashes(checksum);
    }
    value
}

fn library(library: &Library) -> Value {
    let mut value = json!({
        "type": "library",
        "bom-ref": format!("linked:{}", library.name),
        "name": library.name,
        "licenses": [{ "expression": library.license }],
    });
    if let Some(version) = &library.version {
        value["version"] = version.as_str().into();
        value["cpe"] = format!("cpe:2.3:a:{}:{version}:*:*:*:*:*:*:*", library.cpe).into();
    }
    if let Some(description) = &library.description {
        value["description"] = description.as_str().into();
    }
    value
}

fn hashes(sha256: &str) -> Value {
    json!([{ "alg": "SHA-256", "content": sha256 }])
}

/// Who needs whom. What is no crate is the program's own.
fn dependencies(metadata: &Metadata, packages: &[&Package], root: &Package, libraries: &[Library]) -> Vec<Value> {
    let by_id: BTreeMap<&str, &Package> = packages.iter().map(|package| (package.id.as_str(), *package)).collect();
    let mut list = Vec::new();
    for package in packages {
        let node = metadata.resolve.nodes.iter().find(|node| node.id == package.id);
        let normal =
            node.iter().flat_map(|node| &node.deps).filter(|dep| dep.dep_kinds.iter().any(|k| k.kind.is_none()));
        let mut needs: BTreeSet<String> =
            normal.filter_map(|dep| by_id.get(dep.pkg.as_str())).map(|package| reference(package)).collect();
        if package.id == root.id {
            needs.extend(libraries.iter().map(|library| format!("linked:{}", library.name)));
        }
        list.push(json!({ "ref": reference(package), "dependsOn": needs }));
    }
    list
}

/// A UUID of the version that is for private schemes (8).
fn serial(content: &[u8]) -> String {
    let hex = oci::digest(content).trim_start_matches("sha256:").to_owned();
    format!("urn:uuid:{}-{}-8{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}
