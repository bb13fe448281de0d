//! Flags in files of variables.

use seaworthy_fix::edit::{EditError, remove_flag, set_flag};

use crate::support::{kubelet, same};

#[track_caller]
fn removed(before: &str, flag: &str, after: &str) {
    let edited = remove_flag(before, &kubelet(), flag).unwrap();
    same(&edited.text, after);
    assert_eq!(edited.changed, before != after);
}

#[test]
fn a_flag_goes_with_its_value_and_the_blank_beside_it() {
    removed(
        "KUBELET_KUBEADM_ARGS=\"--v=2 --secure-port 1 --profiling\"\n",
        "v",
        "KUBELET_KUBEADM_ARGS=\"--secure-port 1 --profiling\"\n",
    );
    removed("A=\"--v=2 --secure-port 1 --profiling\"\n", "secure_port", "A=\"--v=2 --profiling\"\n");
    removed("A=\"--v=2 --secure-port 1 --profiling\"", "profiling", "A=\"--v=2 --secure-port 1\"");
    removed("A='--v=2'\r\nB=--v=3\r\n", "v", "A=''\r\nB=\r\n");
    removed("A=\"--v=1 --x --v=2 --v 3\"\n", "v", "A=\"--x\"\n");
    removed("A=\"--x --v=1 --v=2\"\n", "v", "A=\"--x\"\n");
    removed("# A=\"--v=1\"\n\n; B=--v=1\nnothing\n", "v", "# A=\"--v=1\"\n\n; B=--v=1\nnothing\n");
    removed("export A=--v=1 --profiling\nB=\"--a\n --v=2\n --b\"\n", "v", "export A=--profiling\nB=\"--a\n --b\"\n");
    removed("A=\"--audit_log_path=/x --v=1\"", "audit-log-path", "A=\"--v=1\"");
    // Another flag whose name begins the same.
    removed("A=\"--verbose=1 --secure-ports=1\"", "secure-port", "A=\"--verbose=1 --secure-ports=1\"");
}

#[test]
fn a_flag_is_set_where_it_stands_in_its_own_form() {
    let set = |text: &str, flag: &str, value: &str| set_flag(text, &kubelet(), flag, value).map(|edited| edited.text);
    same(&set("A=\"--v=2 --secure-port 1\"\n", "v", "3").unwrap(), "A=\"--v=3 --secure-port 1\"\n");
    same(&set("A=\"--v=2 --secure-port 1\"\n", "secure-port", "2").unwrap(), "A=\"--v=2 --secure-port 2\"\n");
    same(
        &set("A=--profiling\nB=--profiling=1\n", "profiling", "false").unwrap(),
        "A=--profiling=false\nB=--profiling=false\n",
    );
    same(&set("A=--audit_log_path=/a\n", "audit-log-path", "/a=b").unwrap(), "A=--audit_log_path=/a=b\n");
    assert_eq!(set("A=--v=2\n", "data-dir", "3"), Err(EditError::NoFlag { flag: "data-dir".into() }));
    for value in ["a b", "$X", "a\"", "", "a\\"] {
        assert!(matches!(set("A=--v=2\n", "v", value), Err(EditError::Request(_))), "{value}");
    }
}

#[test]
fn what_the_shell_and_systemd_read_differently_is_refused() {
    for text in [
        "A=\"--v=2 \\\n --x\"\n",
        "A=\"--x='a b' --v=2\"\n",
        "A=--v=2 # why\n",
        "A=\"--v=2\n",
        "A=\"--v=2\" --x\n",
        "Environment=\"A=--v=2 --x\"\n",
        "A=\"--x $B --v=1\"\n",
    ] {
        let text = format!("# first\n{text}");
        let error = remove_flag(&text, &kubelet(), "v").expect_err(&text);
        assert_eq!(error.line(), Some(2), "{error}");
    }
    removed("A=\"it's \\ odd\"\nB=--v=1\n", "v", "A=\"it's \\ odd\"\nB=\n");
}
