//! Archives: forms, limits and hostile entries.

use seaworthy_collect::{Archive, Links, OpenError, Tree, Trouble, open};
use seaworthy_model::View;

use crate::support::*;

fn read(tree: &dyn Tree, path: &str) -> Result<String, Trouble> {
    let mut text = Vec::new();
    let seen = tree.look(View::Host, path.as_bytes(), Links::Follow)?;
    tree.read(&seen, 1 << 20, &mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn both_forms_are_read() {
    let plain = Maker::new().file("etc/passwd", "root:x:0:0::/:\n").bytes();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, &plain).unwrap();
    for bytes in [plain, packed.finish().unwrap()] {
        assert_eq!(read(&Archive::read(&bytes).unwrap(), "/etc/passwd").unwrap(), "root:x:0:0::/:\n");
    }
}

#[test]
fn what_is_no_archive_is_refused_with_its_path() {
    for bytes in [&b""[..], b"hello", &[0x1f, 0x8b, 1, 2, 3], &[0; 1024]] {
        assert!(matches!(Archive::read(bytes), Err(OpenError::NoArchive { .. })), "{bytes:?}");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "hello").unwrap();
    let error = open(file.path()).err().unwrap().to_string();
    assert!(error.starts_with(&file.path().display().to_string()), "{error}");
    assert!(open(std::path::Path::new("/does/not/exist")).is_err());
}

#[test]
fn an_archive_that_blows_up_is_refused() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let mut header = tar::Header::new_gnu();
    header.set_path("etc/bomb").unwrap();
    header.set_size(8 << 30);
    header.set_cksum();
    std::io::Write::write_all(&mut packed, header.as_bytes()).unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..65 {
        std::io::Write::write_all(&mut packed, &zeros).unwrap();
    }
    assert!(matches!(Archive::read(&packed.finish().unwrap()), Err(OpenError::TooLarge { .. })));
}

#[test]
fn entries_that_lead_out_are_left_out() {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    let name = b"etc/../../outside";
    header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name);
    header.set_size(1);
    header.set_cksum();
    builder.append(&header, &b"x"[..]).unwrap();
    let tree = Maker::new().file("etc/passwd", "a").tree();
    assert!(read(&tree, "/../../etc/passwd").is_ok(), "nothing is above the root");
    assert!(matches!(Archive::read(&builder.into_inner().unwrap()), Err(OpenError::NoArchive { .. })));
}

#[test]
fn later_entries_replace_earlier_ones_and_directories_keep_what_they_have() {
    let tree = Maker::new().file("etc/a", "old").directory("etc", 0o700).file("etc/a", "new").tree();
    assert_eq!(read(&tree, "/etc/a").unwrap(), "new");
    assert_eq!(tree.look(View::Host, b"/etc", Links::Follow).unwrap().mode, 0o700);
}

#[test]
fn a_directory_that_was_not_recorded_has_no_mode_to_judge() {
    let tree = Maker::new().file("etc/kubernetes/pki/ca.crt", "x").tree();
    assert_eq!(tree.look(View::Host, b"/etc/kubernetes/pki", Links::Follow).unwrap_err(), Trouble::Unrecorded);
    let node = node(&tree);
    let record = node.record(View::Host, "/etc/kubernetes/pki");
    assert!(record.fact.known().is_none() && !record.fact.is_absent(), "{:?}", record.fact);
}

#[test]
fn hard_links_and_devices_are_what_they_are() {
    let tree = Maker::new()
        .file("etc/passwd", "root:x:0:0::/:\n")
        .special("etc/hard", tar::EntryType::Link)
        .special("dev/null", tar::EntryType::Char)
        .special("run/pipe", tar::EntryType::Fifo)
        .tree();
    assert_eq!(read(&tree, "/etc/hard").unwrap(), "root:x:0:0::/:\n");
    assert!(matches!(read(&tree, "/dev/null"), Err(Trouble::Other(_))));
    assert!(matches!(read(&tree, "/run/pipe"), Err(Trouble::Other(_))));
}
