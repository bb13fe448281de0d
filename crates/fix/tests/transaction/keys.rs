//! Keys are made when a plan is carried out, and never lost by taking one back.

use seaworthy_fix::plan::{Change, Plan};

use super::bench::{Bench, change, done};

const PATH: &str = "/etc/kubernetes/encryption/config.yaml";

/// What the first plan of encryption writes, without the manifest.
fn first(bench: &Bench) -> Plan {
    let plan = bench.plan(&["1.2.27"]);
    assert_eq!(plan.fixes.len(), 1, "{:?}", plan.left_out);
    let group = rustix::process::getegid().as_raw();
    let mine = |mut change: Change| {
        change.wanted.owner = Some((super::bench::owner(), group));
        change.wanted.component = None;
        change
    };
    let changes = plan.changes.into_iter().filter(|change| change.path.contains("/encryption")).map(mine).collect();
    bench.plan_of(changes)
}

fn key(text: &str) -> &str {
    let (_, rest) = text.split_once("secret: ").unwrap();
    rest.lines().next().unwrap()
}

#[test]
fn each_key_is_new_whole_and_in_no_plan() {
    let mut keys = Vec::new();
    for _ in 0..2 {
        let bench = Bench::new();
        let plan = first(&bench);
        let id = done(bench.apply(&plan));
        let text = bench.text(PATH);
        assert!(!text.contains("@KEY@"), "{text}");
        let key = key(&text).to_owned();
        assert_eq!(key.len(), 44);
        assert_eq!(data_encoding::BASE64.decode(key.as_bytes()).unwrap().len(), 32);
        assert_eq!((bench.mode(PATH), bench.mode("/etc/kubernetes/encryption")), (0o600, 0o700));
        let kept = bench.journal().entry(&id).unwrap().plan().unwrap().to_string();
        assert!(!kept.contains(&key) && !kept.contains("@KEY@"), "{kept}");
        keys.push(key);
    }
    assert_ne!(keys[0], keys[1]);
}

#[test]
fn what_is_put_back_leaves_no_key_behind() {
    let bench = Bench::new();
    let before = bench.everything();
    let mut plan = first(&bench);
    plan.fixes = bench.plan(&["1.1.9"]).fixes;
    let end = bench.apply(&plan).unwrap();
    assert!(matches!(end, seaworthy_fix::transaction::End::RolledBack { .. }), "{end:?}");
    assert_eq!(bench.everything(), before);
}

#[test]
fn a_key_that_was_put_to_use_is_not_taken_back() {
    let bench = Bench::new();
    let one = done(bench.apply(&first(&bench)));
    let text = bench.text(PATH);
    let secret = key(&text).to_owned();
    let mut second = change(&bench, PATH, &text.replace("  - identity: {}\n", ""));
    second.secret = true;
    let two = done(bench.apply(&bench.plan_of(vec![second])));
    let refused = bench.undo(&one).unwrap_err().to_string();
    assert!(refused.contains(PATH) && !refused.contains(&secret), "{refused}");
    // Back to the key behind identity, and no further.
    done(bench.undo(&two));
    assert_eq!(bench.text(PATH), text);
    let refused = bench.undo(&one).unwrap_err().to_string();
    assert!(refused.contains("without the key nobody could read them"), "{refused}");
    assert_eq!(bench.text(PATH), text);
}

#[test]
fn a_key_that_was_never_used_goes_with_its_plan() {
    let bench = Bench::new();
    let before = bench.everything();
    let id = done(bench.apply(&first(&bench)));
    done(bench.undo(&id));
    assert_eq!(bench.everything(), before);
}

#[test]
fn a_diff_of_a_file_with_a_key_shows_none() {
    let bench = Bench::new();
    let id = done(bench.apply(&first(&bench)));
    let text = bench.text(PATH);
    std::fs::write(bench.path(PATH), text.replace("seaworthy", "mine")).unwrap();
    let refused = bench.undo(&id).unwrap_err().to_string();
    assert!(refused.contains("was changed since the repair"), "{refused}");
    assert!(!refused.contains(key(&text)), "{refused}");
}
