//! Manifests that do not parse, or parse as something that was not meant.

use seaworthy_fix::rescue::{Kind, Proposal, changes, moves, render};

use super::node::{GOOD, MANIFEST, Node, after, edited, is, line};

#[test]
fn of_a_sound_node_nothing_is_found_and_it_is_said_where_to_look() {
    let diagnosis = Node::new().diagnose();
    assert!(diagnosis.findings.is_empty(), "{:#?}", diagnosis.findings);
    let text = render(&diagnosis, false);
    assert!(text.starts_with("Nothing wrong was found"), "{text}");
    assert!(text.contains(&format!("{MANIFEST} and the files that it names: nothing wrong")), "{text}");
    assert!(text.contains("journalctl -u kubelet") && text.contains("kube-system_COMPONENT-n1_"), "{text}");
    assert!(changes(&diagnosis).is_empty() && moves(&diagnosis).is_empty());
}

#[test]
fn one_line_out_of_line_is_put_back_into_it() {
    for (from, to, at, kind) in [
        ("\n  hostNetwork", "\n   hostNetwork", "hostNetwork", Kind::DoesNotParse),
        ("\n    image: ", "\n   image: ", "image: ", Kind::DoesNotParse),
        ("\n    - --secure-port", "\n   - --secure-port", "--secure-port", Kind::DoesNotParse),
        ("\n    - --secure-port", "\n     - --secure-port", "--secure-port", Kind::NotAPod),
        ("\n    - --secure-port", "\n    --secure-port", "--secure-port", Kind::DoesNotParse),
        ("\n    - --secure-port", "\n      --secure-port", "--secure-port", Kind::NotAPod),
        ("\n    - --secure-port", "\n    ---secure-port", "--secure-port", Kind::DoesNotParse),
        ("\n    name: kube-apiserver\n", "\n\tname: kube-apiserver\n", "    name: kube-apiserver", Kind::DoesNotParse),
        ("\n    image: ", "\n    image:", "image: ", Kind::DoesNotParse),
        ("\n  containers:\n", "\n  containers\n", "  containers:", Kind::DoesNotParse),
    ] {
        let node = Node::changed(from, to);
        let finding = node.finding();
        is(&finding, kind, MANIFEST, line(at), "");
        assert_eq!(finding.component.as_deref(), Some("kube-apiserver"));
        assert_eq!(after(&finding), GOOD, "{to:?}");
        assert!(finding.evidence.iter().any(|text| text.starts_with(&format!("{} | ", line(at)))), "{finding:#?}");
        let diagnosis = node.diagnose();
        let [change] = &changes(&diagnosis)[..] else { panic!() };
        assert_eq!((change.path.as_str(), change.wanted.content.as_deref()), (MANIFEST, Some(GOOD)));
        assert!(change.wanted.manifest && change.wanted.component.as_deref() == Some("kube-apiserver"));
        let text = render(&diagnosis, false);
        assert!(text.starts_with(&format!("{MANIFEST}:{}", line(at))), "{text}");
        assert!(text.contains("\n    --- ") && text.contains("seaworthy rescue --apply"), "{text}");
    }
}

#[test]
fn line_endings_of_windows_stay() {
    let broken = edited("\n  hostNetwork", "\n   hostNetwork").replace('\n', "\r\n");
    let finding = Node::with(&broken).finding();
    is(&finding, Kind::DoesNotParse, MANIFEST, line("hostNetwork"), "does not parse");
    assert_eq!(after(&finding), GOOD.replace('\n', "\r\n"));
    assert!(Node::with(&GOOD.replace('\n', "\r\n")).diagnose().findings.is_empty());
}

#[test]
fn what_is_not_certain_is_not_proposed() {
    // A whole block out of line, and a file that ends in its midst.
    let shifted = GOOD.replace("\n  volumes:", "\n   volumes:").replace("\n  - hostPath", "\n     - hostPath");
    let cut = &GOOD[..GOOD.find("startupProbe").unwrap() + 8];
    for text in [shifted.as_str(), cut] {
        let finding = Node::with(text).finding();
        assert!(matches!(finding.kind, Kind::DoesNotParse | Kind::NotAPod), "{finding:#?}");
        assert_eq!(finding.file.as_deref(), Some(MANIFEST));
        assert!(finding.line > 0 && finding.proposals.is_empty(), "{finding:#?}");
    }
}

#[test]
fn nested_faults_are_corrected_together_or_not_at_all() {
    let two = edited("--secure-port", "--profilling=false\n    - --secure-port")
        .replace("\n  hostNetwork", "\n   hostNetwork");
    let finding = Node::with(&two).finding();
    is(&finding, Kind::DoesNotParse, MANIFEST, line("hostNetwork") + 1, "does not parse");
    assert_eq!(after(&finding), GOOD.replace("--secure-port", "--profiling=false\n    - --secure-port"));
    // The second one is a file that is not there, which no text mends.
    let node = Node::with(&two);
    node.remove("/etc/kubernetes/pki/sa.pub");
    assert!(!node.finding().proposals.iter().any(|proposal| matches!(proposal, Proposal::Correct { .. })));
}

#[test]
fn a_field_of_the_wrong_type_or_name_is_told_with_its_line() {
    let node = Node::changed("hostNetwork: true", "hostNetwork: maybe");
    is(&node.finding(), Kind::NotAPod, MANIFEST, line("hostNetwork"), "no pod as it was meant");
    let node = Node::changed("periodSeconds: 1\n", "periodSeconds: often\n");
    is(&node.finding(), Kind::NotAPod, MANIFEST, 66, "expected i32");
    let node = Node::changed("hostNetwork: true", "hostNetworks: true");
    is(&node.finding(), Kind::NotAPod, MANIFEST, line("hostNetwork"), "no field hostNetworks");
    let node = Node::changed("    - kube-apiserver\n", "    - sleep\n    - \"9\"\n    - x\n");
    let found = node.diagnose().findings;
    assert!(found.iter().any(|f| f.kind == Kind::NotAPod && f.cause.contains("runs kube-apiserver")), "{found:#?}");
}

#[test]
fn a_manifest_that_is_empty_or_no_text_is_told_so() {
    for (text, cause) in [("", "it has 0 bytes"), ("# nothing\n\n", "nothing but comments")] {
        let finding = Node::with(text).finding();
        is(&finding, Kind::Empty, MANIFEST, 0, cause);
        let [Proposal::ByHand { what }] = &finding.proposals[..] else { panic!("{finding:#?}") };
        assert!(what.contains("kubeadm init phase control-plane apiserver"), "{what}");
    }
    let node = Node::new();
    node.put(MANIFEST, b"a: b\nc: \xff\xfe\n");
    is(&node.finding(), Kind::DoesNotParse, MANIFEST, 0, "a byte in line 2");
}
