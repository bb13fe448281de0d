//! Components, short forms of edits, and a comparison that shows both texts.

use seaworthy_catalogue::{ArgumentStyle, Component};
use seaworthy_fix::edit::{ConfigEdit, EditError, PodEdit, edit_config, edit_pod};
use serde_json::Value as Json;

fn component(name: &str, arguments: ArgumentStyle) -> Component {
    let all = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Component {
        name: name.to_owned(),
        title: name.to_owned(),
        role: "control-plane".to_owned(),
        programs: vec![name.to_owned()],
        places: Vec::new(),
        daemon_set: None,
        arguments,
        switches: all(&["profiling", "anonymous-auth", "client-cert-auth"]),
        flags: all(&["audit-log-path", "secure-port", "data-dir", "audit-log-maxage", "tls-cert-file", "v"]),
        flag_versions: Vec::new(),
        config: None,
        settings: Vec::new(),
    }
}

/// Reads its flags as Kubernetes' components do.
pub(crate) fn api_server() -> Component {
    component("kube-apiserver", ArgumentStyle::Pflag)
}

/// Reads its flags as Go's own package does.
pub(crate) fn etcd() -> Component {
    component("etcd", ArgumentStyle::GoFlag)
}

pub(crate) fn kubelet() -> Component {
    component("kubelet", ArgumentStyle::Pflag)
}

pub(crate) fn set(flag: &str, value: &str) -> PodEdit {
    PodEdit::SetArgument { container: "c".into(), flag: flag.into(), value: Some(value.into()) }
}

pub(crate) fn switch(flag: &str) -> PodEdit {
    PodEdit::SetArgument { container: "c".into(), flag: flag.into(), value: None }
}

pub(crate) fn unset(flag: &str) -> PodEdit {
    PodEdit::RemoveArgument { container: "c".into(), flag: flag.into() }
}

pub(crate) fn volume(name: &str, path: &str, kind: &str) -> PodEdit {
    PodEdit::AddVolume { name: name.into(), host_path: path.into(), kind: kind.into() }
}

pub(crate) fn mount(volume: &str, path: &str, read_only: bool) -> PodEdit {
    PodEdit::AddMount { container: "c".into(), volume: volume.into(), path: path.into(), read_only }
}

pub(crate) fn give(path: &str, value: Json) -> ConfigEdit {
    ConfigEdit::Set { path: keys(path), value }
}

pub(crate) fn take(path: &str) -> ConfigEdit {
    ConfigEdit::Remove { path: keys(path) }
}

fn keys(path: &str) -> Vec<String> {
    path.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect()
}

/// The text after the edits, which must not change it a second time.
#[track_caller]
pub(crate) fn pod(before: &str, edits: &[PodEdit], after: &str) {
    let component = api_server();
    let edited = edit_pod(before, &component, edits).unwrap_or_else(|error| panic!("{error}\n{before}"));
    same(&edited.text, after);
    assert_eq!(edited.changed, before != after);
    let again = edit_pod(&edited.text, &component, edits).unwrap();
    assert!(!again.changed, "a second time it changes to\n{}", again.text);
}

#[track_caller]
pub(crate) fn config(before: &str, edits: &[ConfigEdit], after: &str) {
    let edited = edit_config(before, edits).unwrap_or_else(|error| panic!("{error}\n{before}"));
    same(&edited.text, after);
    assert_eq!(edited.changed, before != after);
    let again = edit_config(&edited.text, edits).unwrap();
    assert!(!again.changed, "a second time it changes to\n{}", again.text);
}

#[track_caller]
pub(crate) fn same(got: &str, want: &str) {
    assert!(got == want, "got\n{got}\nwant\n{want}\ngot {got:?}");
}

#[track_caller]
pub(crate) fn no_pod(text: &str, edit: PodEdit) -> EditError {
    edit_pod(text, &api_server(), &[edit]).expect_err("this edit is refused")
}

#[track_caller]
pub(crate) fn no_config(text: &str, edit: ConfigEdit) -> EditError {
    edit_config(text, &[edit]).expect_err("this edit is refused")
}
