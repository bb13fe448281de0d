//! A node as it would be: what changes is seen by everybody who would see it, and nothing else is.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use seaworthy_collect::{Changed, Directory, Links, Overlay, Tree, Trouble};
use seaworthy_model::{FileKind, View};

use super::support::{Maker, archive_bytes, facts};
use seaworthy_collect::Archive;

const FILE: &str = "/etc/app/config.yaml";

/// A directory with one file, which process 7 sees by a hard link below its own root, as a bind mount shows it.
fn node() -> (tempfile::TempDir, Directory) {
    let directory = tempfile::tempdir().unwrap();
    let at = |path: &str| directory.path().join(path);
    for path in ["etc/app", "proc/7/root/etc/other"] {
        std::fs::create_dir_all(at(path)).unwrap();
    }
    std::fs::write(at("etc/app/config.yaml"), "old\n").unwrap();
    std::fs::set_permissions(at("etc/app/config.yaml"), std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::hard_link(at("etc/app/config.yaml"), at("proc/7/root/etc/other/name.yaml")).unwrap();
    std::fs::write(at("etc/app/beside.yaml"), "beside\n").unwrap();
    std::os::unix::fs::symlink("config.yaml", at("etc/app/link.yaml")).unwrap();
    std::fs::write(at("proc/7/cmdline"), "app\0--old\0").unwrap();
    std::fs::write(at("proc/7/comm"), "app\n").unwrap();
    let tree = Directory::open(directory.path()).unwrap();
    (directory, tree)
}

fn text(tree: &dyn Tree, view: View, path: &str) -> Result<String, Trouble> {
    let seen = tree.look(view, path.as_bytes(), Links::Follow)?;
    let mut bytes = Vec::new();
    tree.read(&seen, 1 << 20, &mut bytes)?;
    Ok(String::from_utf8(bytes).unwrap())
}

fn content(text: &str) -> Changed {
    Changed { content: Some(text.as_bytes().to_vec()), ..Changed::default() }
}

#[test]
fn nothing_changed_is_the_node_itself() {
    let (_directory, tree) = node();
    let overlay = Overlay::new(&tree);
    assert_eq!(text(&overlay, View::Host, FILE).unwrap(), "old\n");
    assert_eq!(overlay.processes().unwrap(), [7]);
    let archive = Archive::read(&archive_bytes("default")).unwrap();
    assert_eq!(facts(&Overlay::new(&archive)), facts(&archive));
}

#[test]
fn a_content_is_seen_under_every_name_of_the_file() {
    let (_directory, tree) = node();
    let mut overlay = Overlay::new(&tree);
    overlay.change(FILE, content("new text\n"));
    for (view, path) in [
        (View::Host, FILE),
        (View::Host, "/etc/app/link.yaml"),
        (View::Host, "/etc/../etc/app/./config.yaml"),
        (View::Process(7), "/etc/other/name.yaml"),
    ] {
        assert_eq!(text(&overlay, view, path).unwrap(), "new text\n", "{view:?} {path}");
        let seen = overlay.look(view, path.as_bytes(), Links::Follow).unwrap();
        assert_eq!((seen.size, seen.mode), (9, 0o644), "{path}");
        assert_eq!((seen.modified, seen.changed), (Some(0), Some(0)), "who reads it starts anew");
    }
    assert_eq!(text(&overlay, View::Host, "/etc/app/beside.yaml").unwrap(), "beside\n");
    assert_eq!(text(&tree, View::Host, FILE).unwrap(), "old\n", "nothing is written");
    // By the link, it is the same file that is changed.
    let mut by_link = Overlay::new(&tree);
    by_link.change("/etc/app/link.yaml", content("by link\n"));
    assert_eq!(text(&by_link, View::Host, FILE).unwrap(), "by link\n");
    assert_eq!(text(&by_link, View::Process(7), "/etc/other/name.yaml").unwrap(), "by link\n");
}

#[test]
fn mode_and_owner_change_without_the_content() {
    let (_directory, tree) = node();
    let before = tree.look(View::Host, FILE.as_bytes(), Links::Follow).unwrap();
    let mut overlay = Overlay::new(&tree);
    overlay.change(FILE, Changed { mode: Some(0o600), ..Changed::default() });
    let seen = overlay.look(View::Process(7), b"/etc/other/name.yaml", Links::Follow).unwrap();
    assert_eq!((seen.mode, seen.uid, seen.gid), (0o600, before.uid, before.gid));
    assert_eq!((seen.modified, seen.size), (before.modified, before.size));
    overlay.change(FILE, Changed { owner: Some((5, 6)), ..Changed::default() });
    let seen = overlay.look(View::Host, FILE.as_bytes(), Links::Follow).unwrap();
    assert_eq!((seen.mode, seen.uid, seen.gid), (0o644, 5, 6), "the last word counts as a whole");
    assert_eq!(text(&overlay, View::Host, FILE).unwrap(), "old\n");
}

#[test]
fn a_new_file_is_seen_by_the_host_and_by_who_has_it_mounted() {
    let (_directory, tree) = node();
    let mut overlay = Overlay::new(&tree);
    let directory = Changed { mode: Some(0o700), directory: true, ..Changed::default() };
    overlay.change("/etc/new", directory);
    overlay.change("/etc/new/file.yaml", Changed { owner: Some((1, 2)), ..content("new\n") });
    let seen = overlay.look(View::Host, b"/etc/new", Links::Follow).unwrap();
    assert_eq!((seen.kind, seen.mode), (FileKind::Directory, 0o700));
    let seen = overlay.look(View::Host, b"/etc/new/file.yaml", Links::Follow).unwrap();
    assert_eq!((seen.kind, seen.mode, seen.uid, seen.gid), (FileKind::Regular, 0o600, 1, 2));
    assert_eq!(text(&overlay, View::Host, "/etc//new/file.yaml").unwrap(), "new\n");
    assert!(matches!(text(&overlay, View::Process(7), "/etc/new/file.yaml"), Err(Trouble::Absent)));
    overlay.mount(7, "/etc/new", "/inside/it");
    assert_eq!(text(&overlay, View::Process(7), "/inside/it/file.yaml").unwrap(), "new\n");
    let seen = overlay.look(View::Process(7), b"/inside/it", Links::Follow).unwrap();
    assert_eq!(seen.kind, FileKind::Directory);
    // A beginning of a name is no directory.
    overlay.mount(7, "/etc/ne", "/side");
    for path in ["/inside/item/file.yaml", "/inside/it/other.yaml", "/etc/new/file.yaml", "/sidew/file.yaml"] {
        assert!(text(&overlay, View::Process(7), path).is_err(), "{path}");
    }
    assert!(text(&overlay, View::Process(8), "/inside/it/file.yaml").is_err(), "it is mounted for another");
}

#[test]
fn what_is_in_a_new_directory_is_listed() {
    let (_directory, tree) = node();
    let mut overlay = Overlay::new(&tree);
    overlay.change("/etc/new", Changed { directory: true, ..Changed::default() });
    overlay.change("/etc/new/b.yaml", content("b"));
    overlay.change("/etc/new/a.yaml", content("a"));
    overlay.change("/etc/app/new.yaml", content("n"));
    let names = |path: &str| {
        let seen = overlay.look(View::Host, path.as_bytes(), Links::Follow).unwrap();
        let names = overlay.list(&seen).unwrap();
        names.into_iter().map(|name| String::from_utf8(name).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(names("/etc/new"), ["a.yaml", "b.yaml"]);
    assert_eq!(names("/etc/app"), ["beside.yaml", "config.yaml", "link.yaml", "new.yaml"]);
    assert_eq!(names("/etc"), ["app", "new"]);
}

#[test]
fn a_file_that_is_there_is_seen_where_it_becomes_mounted() {
    let (_directory, tree) = node();
    let mut overlay = Overlay::new(&tree);
    assert!(text(&overlay, View::Process(7), "/mnt/beside.yaml").is_err());
    overlay.mount(7, "/etc/app", "/mnt");
    assert_eq!(text(&overlay, View::Process(7), "/mnt/beside.yaml").unwrap(), "beside\n");
    let seen = overlay.look(View::Process(7), b"/mnt", Links::Follow).unwrap();
    assert_eq!(overlay.list(&seen).unwrap().len(), 3);
    overlay.change(FILE, content("new\n"));
    assert_eq!(text(&overlay, View::Process(7), "/mnt/config.yaml").unwrap(), "new\n");
    let seen = overlay.look(View::Process(7), b"/mnt/config.yaml", Links::Follow).unwrap();
    assert_eq!((seen.mode, seen.target.as_slice()), (0o644, b"/mnt/config.yaml".as_slice()), "its mode stays");
}

#[test]
fn a_process_runs_by_other_words_and_is_else_the_same() {
    let (_directory, tree) = node();
    let mut overlay = Overlay::new(&tree);
    let mut bytes = Vec::new();
    overlay.process_file(7, "cmdline", 100, &mut bytes).unwrap();
    assert_eq!(bytes, b"app\0--old\0");
    overlay.run(7, &["app".to_owned(), "--new=a b".to_owned(), String::new()]);
    overlay.process_file(7, "cmdline", 100, &mut bytes).unwrap();
    assert_eq!(bytes, b"app\0--new=a b\0\0");
    overlay.process_file(7, "comm", 100, &mut bytes).unwrap();
    assert_eq!(bytes, b"app\n");
    assert!(overlay.process_file(8, "cmdline", 100, &mut bytes).is_err());
}

#[test]
fn a_limit_holds_for_what_is_new_too() {
    let (_directory, tree) = node();
    let mut overlay = Overlay::new(&tree);
    overlay.change(FILE, content("12345"));
    let seen = overlay.look(View::Host, FILE.as_bytes(), Links::Follow).unwrap();
    let mut bytes = b"rest".to_vec();
    assert!(matches!(overlay.read(&seen, 4, &mut bytes), Err(Trouble::TooLarge(4))));
    overlay.read(&seen, 5, &mut bytes).unwrap();
    assert_eq!(bytes, b"12345");
}

#[test]
fn in_an_archive_the_same_path_is_taken_for_the_same_file() {
    let mut maker = Maker::new();
    maker.file(FILE, "old\n").file("/proc/7/root/etc/app/config.yaml", "old\n").file("/proc/7/root/etc/mine", "mine\n");
    let tree = maker.process(7, "/app", &["app"], "/").tree();
    let mut overlay = Overlay::new(&tree);
    overlay.change(FILE, content("new\n"));
    assert_eq!(text(&overlay, View::Host, FILE).unwrap(), "new\n");
    assert_eq!(text(&overlay, View::Process(7), FILE).unwrap(), "new\n");
    assert_eq!(text(&overlay, View::Process(7), "/etc/mine").unwrap(), "mine\n");
    assert_eq!(text(&tree, View::Host, FILE).unwrap(), "old\n");
}

#[test]
fn the_nature_of_the_tree_is_that_of_the_node() {
    let (directory, tree) = node();
    assert_eq!(Overlay::new(&tree).nature(), tree.nature());
    assert!(Path::new(directory.path()).is_dir());
}
