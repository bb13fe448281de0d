//! The texts of a catalogue on disk.

use seaworthy_collect::{LoadError, load_catalogue};

#[test]
fn texts_are_sorted_and_hidden_ones_and_others_are_left_out() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    std::fs::create_dir_all(root.join("rules/b")).unwrap();
    std::fs::create_dir_all(root.join(".git")).unwrap();
    for (name, text) in [
        ("rules/b/x.md", "2"),
        ("rules/a.toml", "1"),
        (".git/config.toml", "no"),
        ("rules/.x.md", "no"),
        ("notes.txt", "no"),
    ] {
        std::fs::write(root.join(name), text).unwrap();
    }
    let texts = load_catalogue(root).unwrap();
    assert_eq!(texts, [("rules/a.toml".into(), "1".into()), ("rules/b/x.md".into(), "2".into())]);
}

#[test]
fn what_cannot_be_a_page_is_refused_with_its_path() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    assert!(
        matches!(load_catalogue(&root.join("none")), Err(LoadError::Unreadable { path, .. }) if path.ends_with("none"))
    );
    std::fs::write(root.join("big.toml"), vec![b' '; (1 << 20) + 1]).unwrap();
    assert!(matches!(load_catalogue(root), Err(LoadError::TooLarge { path }) if path.ends_with("big.toml")));
    std::fs::write(root.join("big.toml"), [0xff]).unwrap();
    assert!(matches!(load_catalogue(root), Err(LoadError::NoText { path }) if path.ends_with("big.toml")));
}
