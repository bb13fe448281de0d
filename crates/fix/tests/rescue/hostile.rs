//! Damage of any kind: a diagnosis never fails, and what it proposes is sound.

use proptest::prelude::*;
use proptest::test_runner::Config;
use seaworthy_fix::rescue::{Proposal, render};

use super::node::{GOOD, MANIFEST, Node};

fn cases(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// Whatever is written in the manifest's place, nothing is wrong with what a correction would make of it.
fn check(bytes: &[u8]) {
    let node = Node::new();
    node.put(MANIFEST, bytes);
    let diagnosis = node.diagnose();
    let shown = render(&diagnosis, false);
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
    for proposal in diagnosis.findings.iter().flat_map(|finding| &finding.proposals) {
        let Proposal::Correct { path, after, edits, .. } = proposal else { continue };
        node.put(path, after);
        let again = node.diagnose().findings;
        assert!(again.is_empty(), "{edits:?}: {again:#?}");
        node.put(MANIFEST, bytes);
    }
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn bytes_may_be_lost_added_or_changed(
        damage in prop::collection::vec((0..GOOD.len(), 0_u8..3, any::<u8>()), 1..4),
    ) {
        let mut bytes = GOOD.as_bytes().to_vec();
        for (at, how, byte) in damage {
            let at = at % bytes.len();
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
        }
        check(&bytes);
    }

    #[test]
    fn lines_may_move_and_vanish(
        from in 0_usize..124, to in 0_usize..124, blanks in 0_usize..9, drop_it in any::<bool>(),
    ) {
        let mut lines: Vec<String> = GOOD.lines().map(str::to_owned).collect();
        let line = lines.remove(from.min(lines.len() - 1));
        if !drop_it {
            let at = to.min(lines.len());
            lines.insert(at, format!("{}{}", " ".repeat(blanks), line.trim_start()));
        }
        check((lines.join("\n") + "\n").as_bytes());
    }
}

#[test]
fn one_line_out_of_line_is_never_made_another_pod() {
    let lines: Vec<&str> = GOOD.lines().collect();
    let mut mended = 0;
    for index in 0..lines.len() {
        for shift in [-1_i32, 1] {
            let line = lines[index];
            let indent = i32::try_from(line.len() - line.trim_start().len()).unwrap() + shift;
            let Ok(indent) = usize::try_from(indent) else { continue };
            let mut broken: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            broken[index] = format!("{}{}", " ".repeat(indent), line.trim_start());
            let finding = Node::with(&(broken.join("\n") + "\n")).diagnose().findings;
            let Some(Proposal::Correct { after, .. }) = finding.first().and_then(|f| f.proposals.first()) else {
                continue;
            };
            let value = |text: &str| seaworthy_yaml::parse(text).unwrap().root.to_json();
            assert_eq!(value(after), value(GOOD), "line {}", index + 1);
            mended += 1;
        }
    }
    println!("{mended} mended");
    assert!(mended > 100, "{mended}");
}

#[test]
fn deep_long_and_strange_manifests_are_taken() {
    for text in [
        "[".repeat(5000),
        "a:\n".repeat(10_000),
        format!("{GOOD}---\n{GOOD}"),
        format!("\u{feff}{GOOD}"),
        "\0\0\0\0".to_owned(),
        "x: &a [*a]\n".to_owned(),
        "%YAML 9\n---\n".to_owned(),
        format!("{GOOD}{}", "# comment\n".repeat(10_000)),
        "\t\t\t\n".to_owned(),
        "kind: Pod\u{1b}[31m\n".to_owned(),
    ] {
        check(text.as_bytes());
    }
}
