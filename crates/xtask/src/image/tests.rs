//! The archive over a program that is none: what it promises, byte by byte, and what its check refuses.

use std::io::Read;

use serde_json::Value;

use super::check::{self, check};
use super::elf::tests::program;
use super::layout::{About, Part, archive};
use super::platform::Platform;
use super::sbom::{Library, document};
use super::workspace::Metadata;
use super::{layer, oci};

const TIME: u64 = 1_800_000_000;

/// A program with two dependencies, one of which has a macro and a build script's helper; a crate that only tests use.
const METADATA: &str = r#"{
  "workspace_root": "/w", "target_directory": "/w/target",
  "packages": [
    {"id": "w#seaworthy", "name": "seaworthy", "version": "0.1.0", "description": "judges", "license": "Apache-2.0", "source": null, "manifest_path": "/w/crates/cli/Cargo.toml"},
    {"id": "w#seaworthy-model", "name": "seaworthy-model", "version": "0.1.0", "description": "m", "license": "Apache-2.0", "source": null, "manifest_path": "/w/crates/model/Cargo.toml"},
    {"id": "r#known", "name": "known", "version": "1.2.0+x", "description": null, "license": "MIT/Apache-2.0", "source": "registry+https://registry.example/index", "manifest_path": "/h/known-1.2.0/Cargo.toml"},
    {"id": "r#macros", "name": "macros", "version": "1.0.0", "description": null, "license": "MIT", "source": "registry+https://registry.example/index", "manifest_path": "/h/macros-1.0.0/Cargo.toml"},
    {"id": "r#trial", "name": "trial", "version": "3.0.0", "description": null, "license": "MIT", "source": "registry+https://registry.example/index", "manifest_path": "/h/trial-3.0.0/Cargo.toml"}
  ],
  "resolve": {"nodes": [
    {"id": "w#seaworthy", "deps": [
      {"pkg": "r#known", "dep_kinds": [{"kind": null}, {"kind": "dev"}]},
      {"pkg": "w#seaworthy-model", "dep_kinds": [{"kind": null}]},
      {"pkg": "r#trial", "dep_kinds": [{"kind": "dev"}]}]},
    {"id": "w#seaworthy-model", "deps": [{"pkg": "r#known", "dep_kinds": [{"kind": null}]}, {"pkg": "r#macros", "dep_kinds": [{"kind": null}]},
      {"pkg": "w#seaworthy", "dep_kinds": [{"kind": "dev"}]}]},
    {"id": "r#known", "deps": []}, {"id": "r#macros", "deps": []}, {"id": "r#trial", "deps": []}
  ]}
}"#;
const TREE: &str =
    "seaworthy v0.1.0 (/w/crates/cli)\nknown v1.2.0+x\nseaworthy-model v0.1.0 (/w/crates/model)\nknown v1.2.0+x (*)\n";
const LOCK: &str = "version = 4\n[[package]]\nname = \"known\"\nversion = \"1.2.0+x\"\nchecksum = \"ab12\"\n[[package]]\nname = \"seaworthy\"\nversion = \"0.1.0\"\n";

fn sbom(program: &[u8], tree: &str, lock: &str) -> Result<Vec<u8>, crate::failure::Failure> {
    let metadata: Metadata = serde_json::from_str(METADATA).unwrap();
    let version = Some("2.36".to_owned());
    let libc = Library { name: "glibc", version, description: None, license: "LGPL-2.1-or-later", cpe: "gnu:glibc" };
    document(&metadata, tree, lock, &[libc], program, Platform::Amd64, "2027-01-15T08:00:00Z")
}

fn about() -> About {
    let labels = ["title", "description", "version", "licenses", "created"];
    About {
        name: "localhost/seaworthy:0.1.0".parse().unwrap(),
        labels: labels.map(|key| (format!("org.opencontainers.image.{key}"), format!("a {key}"))).into(),
        time: TIME,
    }
}

fn part(platform: Platform, tail: &[u8]) -> Part {
    let program = program(platform.machine(), 1, tail);
    let sbom = sbom(&program, TREE, LOCK).unwrap();
    Part { platform, program, sbom }
}

fn small() -> Vec<u8> {
    archive(&[part(Platform::Amd64, b"x")], &about()).unwrap()
}

/// The files of an archive, with the content as text where it is text.
fn files(tar: &[u8]) -> Vec<(String, tar::Header, Vec<u8>)> {
    let mut archive = tar::Archive::new(tar);
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        (entry.path().unwrap().to_str().unwrap().to_owned(), entry.header().clone(), content)
    });
    entries.collect()
}

/// The archive with the content of each file as `change` gives it; `None` leaves it out.
fn changed(archive: &[u8], change: impl Fn(&str, Vec<u8>) -> Option<Vec<u8>>) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, mut header, content) in files(archive) {
        let Some(content) = change(&path, content) else { continue };
        header.set_size(content.len() as u64);
        header.set_cksum();
        tar.append(&header, content.as_slice()).unwrap();
    }
    tar.into_inner().unwrap()
}

fn refused(archive: &[u8], why: &str) {
    let failure = check(archive, &[]).expect_err(why).to_string();
    assert!(failure.contains(why), "{failure:?} does not say {why:?}");
}

#[test]
fn every_digest_and_size_is_right() {
    let checked = check(&archive(&Platform::ALL.map(|platform| part(platform, b"x")), &about()).unwrap(), &[]).unwrap();
    assert_eq!(checked.name, "localhost/seaworthy:0.1.0");
    assert_eq!(checked.images.iter().map(|image| image.platform).collect::<Vec<_>>(), Platform::ALL);
    // Without the check's own code: every descriptor anywhere in the layout.
    let all = files(&small());
    let blob = |digest: &str| {
        let path = digest.replace("sha256:", "blobs/sha256/");
        all.iter().find(|(name, ..)| *name == path).map(|(.., content)| content.clone()).expect("a blob")
    };
    let mut seen = 0;
    let mut todo = vec![all.iter().find(|(name, ..)| name == "index.json").unwrap().2.clone()];
    while let Some(text) = todo.pop() {
        let Ok(document) = serde_json::from_slice::<Value>(&text) else { continue };
        let lists = [&document["manifests"], &document["layers"]].into_iter().filter_map(Value::as_array).flatten();
        for descriptor in lists.chain([&document["config"]]).filter(|descriptor| descriptor["digest"].is_string()) {
            let content = blob(descriptor["digest"].as_str().unwrap());
            assert_eq!(descriptor["size"].as_u64(), Some(content.len() as u64));
            assert_eq!(descriptor["digest"], oci::digest(&content));
            seen += 1;
            todo.push(content);
        }
    }
    // The index of platforms, two manifests, two configurations, the layer, the SBOM.
    assert_eq!(seen, 7);
}

#[test]
fn the_same_parts_give_the_same_bytes_and_others_do_not() {
    assert_eq!(small(), small());
    let digest = |archive: &[u8]| check(archive, &[]).unwrap().images[0].digest.clone();
    assert_ne!(digest(&small()), digest(&archive(&[part(Platform::Amd64, b"y")], &about()).unwrap()));
    let mut later = about();
    later.time += 1;
    assert_ne!(digest(&small()), digest(&archive(&[part(Platform::Amd64, b"x")], &later).unwrap()));
}

#[test]
fn nothing_tells_who_packed_it_and_when() {
    let tar = layer::tar(&program(62, 1, b"x"), TIME).unwrap();
    let found: Vec<_> = files(&tar)
        .into_iter()
        .map(|(path, header, _)| {
            assert_eq!((header.uid().unwrap(), header.gid().unwrap(), header.mtime().unwrap()), (0, 0, TIME), "{path}");
            assert_eq!((header.username(), header.groupname()), (Ok(Some("")), Ok(Some(""))), "{path}");
            let link = header.link_name().unwrap().map(|link| link.to_str().unwrap().to_owned());
            (path, header.mode().unwrap(), link)
        })
        .collect();
    let link = || Some("usr/local/bin/seaworthy".to_owned());
    assert_eq!(
        found,
        [
            ("tmp/".to_owned(), 0o1777, None),
            ("usr/".to_owned(), 0o755, None),
            ("usr/local/".to_owned(), 0o755, None),
            ("usr/local/bin/".to_owned(), 0o755, None),
            ("usr/local/bin/seaworthy".to_owned(), 0o755, None),
            ("usr/local/bin/kube-bench".to_owned(), 0o755, link()),
            ("usr/local/bin/kubectl-seaworthy".to_owned(), 0o755, link()),
        ]
    );
    // The header of gzip: method, no name, no time, unknown system.
    assert_eq!(layer::gzip(&tar).unwrap()[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
    assert!(files(&small()).iter().all(|(_, header, _)| header.mtime().unwrap() == TIME && header.uid().unwrap() == 0));
}

#[test]
fn pods_with_a_command_with_arguments_and_with_neither_start() {
    let all = files(&small());
    let configs: Vec<Value> = all.iter().filter_map(|(.., content)| serde_json::from_slice(content).ok()).collect();
    let config = &configs.iter().find(|document| document["rootfs"].is_object()).unwrap()["config"];
    assert_eq!(config["Env"], serde_json::json!(["PATH=/usr/local/bin"]));
    assert_eq!(config["Entrypoint"], serde_json::json!(["/usr/local/bin/seaworthy"]));
    assert_eq!(config["Cmd"], serde_json::json!(["run"]));
    assert_eq!(config["User"], "0:0");
}

#[test]
fn a_damaged_archive_is_refused() {
    let good = small();
    let blob = |path: &str| path.starts_with("blobs/sha256/") && path.len() > 20;
    // One bit of any blob.
    for (path, _, content) in files(&good).into_iter().filter(|(path, _, content)| blob(path) && !content.is_empty()) {
        let bad = changed(&good, |name, mut bytes| {
            if name == path {
                let last = content.len() - 1;
                bytes[last] ^= 1;
            }
            Some(bytes)
        });
        refused(&bad, &format!("the content of {path} has the digest"));
    }
    let first = files(&good).into_iter().find(|(path, ..)| blob(path)).unwrap().0;
    refused(&changed(&good, |name, bytes| (name != first).then_some(bytes)), "lacks the blob");
    refused(&changed(&good, |name, bytes| (name != "index.json").then_some(bytes)), "no index.json");
    refused(
        &changed(&good, |name, bytes| Some(if name == "oci-layout" { b"{}".to_vec() } else { bytes })),
        "oci-layout",
    );
    // A byte more or less that nobody promised.
    let size = changed(&good, |name, bytes| {
        let text = String::from_utf8(bytes.clone()).unwrap_or_default();
        Some(if name == "index.json" { text.replace("\"size\":", "\"size\":1").into_bytes() } else { bytes })
    });
    refused(&size, "are promised");
    refused(&good[..good.len() / 2], "the archive");
    refused(b"", "oci-layout");
}

#[test]
fn an_archive_with_more_than_the_program_is_refused() {
    let stray = |path: &str, mode: u32| {
        let mut tar = tar::Builder::new(Vec::new());
        for (_, header, content) in files(&small()) {
            tar.append(&header, content.as_slice()).unwrap();
        }
        let header = layer::header(path, tar::EntryType::Regular, mode, 5, TIME).unwrap();
        tar.append(&header, b"stray".as_slice()).unwrap();
        tar.into_inner().unwrap()
    };
    let blob = oci::digest(b"stray").replace("sha256:", "blobs/sha256/");
    refused(&stray(&blob, 0o644), "nothing in the archive refers to");
    refused(&stray("manifest.json", 0o644), "the content of manifest.json");
    refused(&stray(&blob, 0o666), "another mode");
    refused(&stray("index.json", 0o644), "index.json twice");
}

#[test]
fn a_program_that_could_not_start_or_is_another_is_refused() {
    for (bad, why) in [(program(62, 3, b""), "dynamically"), (program(183, 1, b""), "machine 183")] {
        let sbom = sbom(&bad, TREE, LOCK).unwrap();
        let part = Part { platform: Platform::Amd64, program: bad, sbom };
        refused(&archive(&[part], &about()).unwrap(), why);
    }
    let mixed = Part { program: program(62, 1, b"y"), ..part(Platform::Amd64, b"x") };
    refused(&archive(&[mixed], &about()).unwrap(), "of another program");
    let places = [("/home/me/.cargo".into(), "/cargo".to_owned())];
    let told = archive(&[part(Platform::Amd64, b"/home/me/.cargo/registry/src/x.rs")], &about()).unwrap();
    assert!(check(&told, &places).unwrap_err().to_string().contains("names /home/me/.cargo"));
}

#[test]
fn too_large_is_refused() {
    let small = small().len() as u64;
    check::size(small, small).unwrap();
    let failure = check::size(12_000_001, 12_000_000).unwrap_err().to_string();
    assert!(failure.contains("12000001 bytes (12.1 MB), 12 MB are allowed"), "{failure}");
}

#[test]
fn the_sbom_lists_what_is_linked_and_nothing_that_only_builds_or_tests() {
    let text = sbom(b"program", TREE, LOCK).unwrap();
    let bom: Value = serde_json::from_slice(&text).unwrap();
    let list = bom["components"].as_array().unwrap();
    let names: Vec<_> = list.iter().map(|component| component["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["known", "seaworthy-model", "glibc"]);
    assert_eq!(list[0]["version"], "1.2.0+x");
    assert_eq!(list[0]["purl"], "pkg:cargo/known@1.2.0%2Bx");
    assert_eq!(list[0]["licenses"][0]["expression"], "MIT OR Apache-2.0");
    assert_eq!(list[0]["hashes"][0]["content"], "ab12");
    assert!(list[1]["purl"].is_null(), "a crate of the workspace is in no registry");
    assert_eq!(list[2]["cpe"], "cpe:2.3:a:gnu:glibc:2.36:*:*:*:*:*:*:*");
    assert_eq!(bom["metadata"]["component"]["name"], "seaworthy");
    assert_eq!(bom["metadata"]["component"]["hashes"][0]["content"], oci::digest(b"program")["sha256:".len()..]);
    let needs = |name: &str| {
        let all = bom["dependencies"].as_array().unwrap();
        all.iter().find(|entry| entry["ref"].as_str().unwrap().contains(name)).unwrap()["dependsOn"].clone()
    };
    let all = ["linked:glibc", "pkg:cargo/known@1.2.0%2Bx", "workspace:seaworthy-model@0.1.0"];
    assert_eq!(needs("workspace:seaworthy@"), serde_json::json!(all));
    assert_eq!(needs("seaworthy-model"), serde_json::json!(["pkg:cargo/known@1.2.0%2Bx"]));
    assert_eq!(text, sbom(b"program", TREE, LOCK).unwrap());
    let serial = |program: &[u8]| {
        let bom: Value = serde_json::from_slice(&sbom(program, TREE, LOCK).unwrap()).unwrap();
        bom["serialNumber"].as_str().unwrap().to_owned()
    };
    assert_ne!(serial(b"program"), serial(b"another"));
}

#[test]
fn an_sbom_that_would_have_holes_is_refused() {
    for (tree, lock, why) in [
        ("seaworthy v0.1.0 (/w)\nunheard v1.0.0\n", LOCK, "does not know"),
        ("known v1.2.0+x\n", LOCK, "does not list seaworthy itself"),
        (TREE, "version = 4\npackage = []\n", "no checksum of known"),
    ] {
        let failure = sbom(b"", tree, lock).unwrap_err().to_string();
        assert!(failure.contains(why), "{failure}");
    }
}
