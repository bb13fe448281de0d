//! A hostile tree on disk: nothing outside it is touched.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use proptest::prelude::*;
use seaworthy_collect::{Directory, Links, Tree, Trouble};
use seaworthy_model::{FileKind, View};

use crate::support::*;

struct Outside {
    _holder: tempfile::TempDir,
    root: std::path::PathBuf,
}

/// A root with a secret beside it.
fn outside() -> Outside {
    let holder = tempfile::tempdir().unwrap();
    let root = holder.path().join("root");
    std::fs::create_dir_all(root.join("etc")).unwrap();
    std::fs::write(holder.path().join("secret"), "outside").unwrap();
    std::fs::write(root.join("secret"), "inside").unwrap();
    Outside { _holder: holder, root }
}

fn read(root: &Path, path: &[u8]) -> Result<String, Trouble> {
    let tree = Directory::open(root).unwrap();
    let seen = tree.look(View::Host, path, Links::Follow)?;
    let mut text = Vec::new();
    tree.read(&seen, 1 << 20, &mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn no_link_leads_out_of_the_root() {
    let outside = outside();
    let root = &outside.root;
    symlink("/secret", root.join("etc/absolute")).unwrap();
    symlink("../../../../../secret", root.join("etc/up")).unwrap();
    symlink(root.parent().unwrap().join("secret"), root.join("etc/full")).unwrap();
    symlink("absolute", root.join("etc/chain")).unwrap();
    symlink("/", root.join("etc/top")).unwrap();
    for path in ["/etc/absolute", "/etc/up", "/etc/chain", "/../secret", "/etc/../../secret", "/etc/top/secret"] {
        assert_eq!(read(root, path.as_bytes()).unwrap(), "inside", "{path}");
    }
    assert!(matches!(read(root, b"/etc/full"), Err(Trouble::Dangling { .. })));
}

#[test]
fn loops_and_dangling_links_are_told_from_nothing() {
    let outside = outside();
    let root = &outside.root;
    symlink("b", root.join("etc/a")).unwrap();
    symlink("/etc/a", root.join("etc/b")).unwrap();
    symlink("/nowhere", root.join("etc/dangling")).unwrap();
    symlink("etc", root.join("lib")).unwrap();
    assert_eq!(read(root, b"/etc/a").unwrap_err(), Trouble::Loop);
    assert!(matches!(read(root, b"/etc/dangling"), Err(Trouble::Dangling { target, .. }) if target == "/nowhere"));
    assert_eq!(read(root, b"/etc/none").unwrap_err(), Trouble::Absent);
    assert_eq!(read(root, b"/lib/none").unwrap_err(), Trouble::Absent, "a link on the way does not make a file dangle");
    assert_eq!(read(root, b"/secret/none").unwrap_err(), Trouble::Absent);
    let mut path = root.join("etc/l0");
    symlink("/secret", &path).unwrap();
    for index in 1..=50 {
        path = root.join(format!("etc/l{index}"));
        symlink(format!("l{}", index - 1), &path).unwrap();
    }
    assert_eq!(read(root, b"/etc/l30").unwrap(), "inside");
    assert_eq!(read(root, b"/etc/l50").unwrap_err(), Trouble::Loop);
}

#[test]
fn a_processs_root_in_a_copy_stays_in_the_copy() {
    let outside = outside();
    let root = &outside.root;
    for (pid, target) in [(7, "/"), (8, "../../.."), (9, "/../../..")] {
        std::fs::create_dir_all(root.join(format!("proc/{pid}"))).unwrap();
        symlink(target, root.join(format!("proc/{pid}/root"))).unwrap();
    }
    std::fs::create_dir_all(root.join("proc/10/root/etc")).unwrap();
    symlink("/secret", root.join("proc/10/root/etc/link")).unwrap();
    let tree = Directory::open(root).unwrap();
    assert!(!tree.nature().live);
    for pid in [7, 8, 9] {
        let seen = tree.look(View::Process(pid), b"/secret", Links::Follow).unwrap();
        let mut text = Vec::new();
        tree.read(&seen, 64, &mut text).unwrap();
        assert_eq!(text, b"inside", "{pid}");
    }
    // Inside the container there is no /secret: the host's is not taken for it.
    let look = tree.look(View::Process(10), b"/etc/link", Links::Follow);
    assert!(matches!(look, Err(Trouble::Dangling { .. })), "{look:?}");
}

#[test]
fn pipes_and_sockets_are_seen_and_never_opened() {
    let outside = outside();
    let root = &outside.root;
    std::os::unix::net::UnixListener::bind(root.join("etc/socket")).unwrap();
    rustix_fifo(&root.join("etc/pipe"));
    symlink("/etc/pipe", root.join("etc/config")).unwrap();
    let tree = Directory::open(root).unwrap();
    for path in [&b"/etc/socket"[..], b"/etc/pipe", b"/etc/config"] {
        let seen = tree.look(View::Host, path, Links::Follow).unwrap();
        assert_eq!(seen.kind, FileKind::Other);
        assert!(matches!(tree.read(&seen, 64, &mut Vec::new()), Err(Trouble::Other(_))));
    }
}

fn rustix_fifo(path: &Path) {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
}

#[test]
fn a_file_that_is_replaced_between_two_looks_is_not_taken_for_the_first() {
    let outside = outside();
    let root = &outside.root;
    let tree = Directory::open(root).unwrap();
    let seen = tree.look(View::Host, b"/secret", Links::Follow).unwrap();
    std::fs::write(root.join("new"), "other").unwrap();
    std::fs::rename(root.join("new"), root.join("secret")).unwrap();
    assert!(matches!(tree.read(&seen, 64, &mut Vec::new()), Err(Trouble::Other(_))));
    std::fs::remove_file(root.join("secret")).unwrap();
    symlink("etc", root.join("secret")).unwrap();
    assert!(tree.read(&seen, 64, &mut Vec::new()).is_err());
}

#[test]
fn names_with_newlines_and_bytes_that_are_no_text_survive() {
    let outside = outside();
    let root = &outside.root;
    let pki = root.join("etc/kubernetes/pki");
    std::fs::create_dir_all(&pki).unwrap();
    let odd = std::ffi::OsStr::from_bytes(b"a\nb\xff");
    std::fs::write(pki.join(odd), "x").unwrap();
    std::fs::set_permissions(pki.join(odd), std::fs::Permissions::from_mode(0o640)).unwrap();
    let node = node(&Directory::open(root).unwrap());
    assert_eq!(node.known(View::Host, "/etc/kubernetes/pki/a\nb\u{fffd}").permissions.mode, 0o640);
}

#[test]
fn large_files_are_not_read() {
    let outside = outside();
    let root = &outside.root;
    std::fs::create_dir_all(root.join("etc/kubernetes")).unwrap();
    let file = std::fs::File::create(root.join("etc/kubernetes/admin.conf")).unwrap();
    file.set_len(1 << 40).unwrap();
    let node = node(&Directory::open(root).unwrap());
    let admin = node.known(View::Host, "/etc/kubernetes/admin.conf");
    assert_eq!(admin.size, 1 << 40);
    let error = admin.text.as_ref().unwrap().missing().unwrap().to_string();
    assert!(error.contains("larger than 1048576 bytes"), "{error}");
}

#[test]
fn what_the_kernel_denies_is_denied() {
    if rustix::process::geteuid().is_root() {
        return;
    }
    let outside = outside();
    let root = &outside.root;
    std::fs::create_dir_all(root.join("etc/kubernetes")).unwrap();
    std::fs::write(root.join("etc/kubernetes/admin.conf"), "kind: Config\n").unwrap();
    std::fs::set_permissions(root.join("etc/kubernetes/admin.conf"), std::fs::Permissions::from_mode(0o000)).unwrap();
    let facts = facts(&Directory::open(root).unwrap());
    assert_eq!(facts.notes.len(), 1);
    let text = facts.node.unwrap().known(View::Host, "/etc/kubernetes/admin.conf").text.clone().unwrap();
    assert!(text.missing().unwrap().to_string().contains("run as root"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever links say and whatever is asked: only what is inside is read.
    #[test]
    fn links_of_any_kind_stay_inside(targets in prop::collection::vec("(/|\\.\\./){0,4}(a|b|c|etc|secret|\\.\\.)(/(a|b|c|secret|\\.\\.)){0,3}", 3), path in "/(a|b|c|etc|\\.\\.)(/(a|b|c|secret|\\.\\.)){0,4}") {
        let outside = outside();
        for (name, target) in ["a", "b", "c"].iter().zip(&targets) {
            symlink(target, outside.root.join(name)).unwrap();
        }
        if let Ok(text) = read(&outside.root, path.as_bytes()) {
            prop_assert_eq!(text, "inside");
        }
    }
}
