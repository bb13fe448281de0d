//! Random documents in random styles under random edits: the result says what a model of the edit says, as read by
//! parsers that the edit does not use to write; comments stay; only the lines meant change; nothing ordinary is refused.

use proptest::prelude::*;
use seaworthy_fix::edit::{
    ConfigEdit, EditError, PodEdit, edit_config, edit_pod, masked_diff, remove_flag, set_flag, unified_diff,
};
use serde_json::{Map, Value as Json, json};

use crate::support::{api_server, kubelet, mount, set, switch, unset, volume};
use crate::writer::{Dice, Written, write};

fn read(text: &str, json: bool) -> Json {
    let tree = serde_json::from_str(&seaworthy_yaml::parse(text).unwrap().root.to_json()).unwrap();
    if json {
        assert_eq!(serde_json::from_str::<Json>(text).unwrap(), tree);
    }
    tree
}

/// `# c12`, in order.
fn comments(text: &str) -> Vec<&str> {
    let found = text.match_indices("# c").map(|(at, _)| &text[at..]);
    found.map(|rest| &rest[..3 + rest[3..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - 3)]).collect()
}

/// A path into the value, or one key further.
fn path(root: &Json, dice: &mut Dice) -> Vec<String> {
    let mut path = Vec::new();
    let mut at = root;
    while let Json::Object(map) = at {
        let keys: Vec<&String> = map.keys().collect();
        if keys.is_empty() || dice.one_in(4) {
            path.push("new".to_owned());
            if dice.one_in(2) {
                path.push("deep: er".to_owned());
            }
            return path;
        }
        let key = *dice.pick(&keys);
        path.push(key.clone());
        at = &map[key];
        if dice.one_in(3) {
            break;
        }
    }
    path
}

fn model(root: &mut Json, edit: &ConfigEdit) {
    let (ConfigEdit::Set { path, .. } | ConfigEdit::Remove { path }) = edit;
    let (last, parents) = path.split_last().unwrap();
    let mut at = root;
    for key in parents {
        if let (ConfigEdit::Set { .. }, true) = (edit, at.get(key).is_none_or(Json::is_null)) {
            at[key] = json!({});
        }
        let Some(next) = at.get_mut(key) else { return };
        at = next;
    }
    match edit {
        ConfigEdit::Set { value, .. } => at[last] = value.clone(),
        ConfigEdit::Remove { .. } => {
            if let Json::Object(map) = at {
                map.remove(last);
            }
        }
    }
}

/// The lines of other keys of the root are the same, and in the same order.
fn only_these_lines(before: &Written, after: &str, key: &str) -> bool {
    if before.json {
        return true;
    }
    // Line endings are looked at elsewhere.
    let (old, new) = (before.text.replace("\r\n", "\n"), after.replace("\r\n", "\n"));
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split('\n').collect(), new.split('\n').collect());
    let range = before.lines.iter().find(|(name, ..)| name == key);
    match range {
        Some(&(_, from, to)) => {
            let tail = old.len() - to.min(old.len());
            new.len() >= from + tail && new[..from] == old[..from] && new[new.len() - tail..] == old[old.len() - tail..]
        }
        // A new key: lines were put in at one place.
        None => {
            let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
            let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
            head + tail >= old.len()
        }
    }
}

fn configs(bytes: Vec<u8>) -> Result<(), TestCaseError> {
    let mut dice = Dice::new(bytes);
    let mut root = Map::new();
    for key in ["apiVersion", "authentication", "clusterDNS", "kind", "logging"] {
        root.insert(key.to_owned(), dice.value(3));
    }
    let written = write(&root, &mut dice);
    let mut tree = Json::Object(root);
    prop_assert_eq!(&read(&written.text, written.json), &tree, "the writer is wrong:\n{}", written.text);
    let path = path(&tree, &mut dice);
    let key = path[0].clone();
    let edit =
        if dice.one_in(3) { ConfigEdit::Remove { path } } else { ConfigEdit::Set { path, value: dice.value(2) } };
    let edited = edit_config(&written.text, std::slice::from_ref(&edit));
    let edited = edited.map_err(|error| TestCaseError::fail(format!("{error}\n{edit:?}\n{}", written.text)))?;
    let before = tree.clone();
    model(&mut tree, &edit);
    let shown = format!("{edit:?}\n{}\nbecame\n{}\n{:?}", written.text, edited.text, edited.text);
    prop_assert_eq!(&read(&edited.text, written.json), &tree, "{}", shown);
    prop_assert_eq!(edited.changed, before != tree, "{}", shown);
    prop_assert_eq!(edited.changed, edited.text != written.text, "{}", shown);
    // A second opinion, by a parser that has nothing in common with ours.
    prop_assert!(edited.text.parse::<yaml_edit::YamlFile>().is_ok(), "yaml-edit cannot read {}", shown);
    prop_assert_eq!(comments(&written.text), comments(&edited.text), "{}", shown);
    prop_assert!(only_these_lines(&written, &edited.text, &key), "{}", shown);
    prop_assert_eq!(
        written.text.contains("\r\n"),
        edited.text.contains("\r\n") && edited.text.matches('\n').count() == edited.text.matches("\r\n").count(),
        "{}",
        shown
    );
    prop_assert!(!written.text.ends_with('\n') || edited.text.ends_with('\n'), "{}", shown);
    prop_assert!(!edit_config(&edited.text, &[edit]).unwrap().changed, "a second time: {}", shown);
    Ok(())
}

/// Words in pairs of flag and words, so that the model needs no grammar.
type Flags = Vec<(&'static str, Vec<String>)>;

fn flags(dice: &mut Dice) -> Flags {
    let known = ["v", "secure-port", "audit-log-path", "data-dir"];
    let one = |dice: &mut Dice| {
        let value = *dice.pick(&["1", "/a b", "x: y", "a,b", "a\tb", "it's", "ü", "#"]);
        if dice.one_in(4) {
            let form = *dice.pick(&["--profiling", "--profiling=true"]);
            return ("profiling", vec![form.to_owned()]);
        }
        let flag = *dice.pick(&known);
        match dice.below(3) {
            0 => (flag, vec![format!("--{flag}"), value.to_owned()]),
            1 => (flag, vec![format!("--{}={value}", flag.replace('-', "_"))]),
            _ => (flag, vec![format!("--{flag}={value}")]),
        }
    };
    (0..dice.below(6)).map(|_| one(dice)).collect()
}

fn words(flags: &Flags) -> Vec<Json> {
    flags.iter().flat_map(|(_, words)| words.iter().map(|word| json!(word))).collect()
}

/// The flag's first place gets the word, its others go.
fn replaced(command: &mut Flags, args: &mut Flags, flag: &'static str, word: Option<&str>) {
    let mut word = word.map(str::to_owned);
    let is_args = args.iter().any(|(_, words)| words.iter().any(|word| word.starts_with("--")));
    for list in [&mut *command, &mut *args] {
        list.retain_mut(|(name, words)| {
            if *name != flag {
                return true;
            }
            let new = word.take();
            *words = new.iter().cloned().collect();
            new.is_some()
        });
    }
    if let Some(word) = word {
        if is_args { &mut *args } else { &mut *command }.push((flag, vec![word]));
    }
}

fn pods(bytes: Vec<u8>) -> Result<(), TestCaseError> {
    let mut dice = Dice::new(bytes);
    let (mut command, mut args) = (flags(&mut dice), flags(&mut dice));
    command.insert(0, ("", vec!["/bin/kube-apiserver".to_owned()]));
    let mut container =
        json!({ "name": "c", "command": words(&command), "image": dice.scalar(), "args": words(&args) });
    let mut spec = json!({ "hostNetwork": true });
    if dice.one_in(2) {
        spec["volumes"] =
            dice.pick(&[json!([]), json!([{ "name": "other", "hostPath": { "path": "/o" } }]), json!(null)]).clone();
    }
    if dice.one_in(2) {
        container["volumeMounts"] =
            dice.pick(&[json!([]), json!([{ "name": "other", "mountPath": "/o" }]), json!(null)]).clone();
    }
    spec["containers"] = json!([{ "name": "b", "x": dice.value(2) }, container]);
    let root = json!({ "kind": "Pod", "spec": spec, "status": {} });
    let written = write(root.as_object().unwrap(), &mut dice);
    prop_assert_eq!(&read(&written.text, written.json), &root, "the writer is wrong:\n{}", written.text);
    let mut tree = root.clone();
    let flag = *dice.pick(&["v", "secure-port", "audit-log-path", "profiling", "data-dir"]);
    let value = *dice.pick(&["2", "/new path", "a: b", "c #d", "\"q\"", "a, b", "'"]);
    let only = |command: &Flags, args: &Flags, word: &str| {
        let all: Vec<_> = command.iter().chain(args).filter(|(name, _)| *name == flag).collect();
        matches!(all.as_slice(), [(_, words)] if words.join("=").replace('_', "-") == word.replace('_', "-"))
    };
    let added = |list: &mut Json, item: Json| match list {
        Json::Array(list) => list.push(item),
        other => *other = json!([item]),
    };
    let edit = match dice.below(5) {
        0 => {
            replaced(&mut command, &mut args, flag, None);
            unset(flag)
        }
        1 => {
            added(&mut tree["spec"]["volumes"], json!({ "name": "n", "hostPath": { "path": value, "type": "File" } }));
            volume("n", value, "File")
        }
        2 => {
            added(
                &mut tree["spec"]["containers"][1]["volumeMounts"],
                json!({ "name": "n", "mountPath": value, "readOnly": true }),
            );
            mount("n", value, true)
        }
        3 => {
            if !only(&command, &args, "--profiling") {
                replaced(&mut command, &mut args, "profiling", Some("--profiling"));
            }
            switch("profiling")
        }
        _ => {
            let word = format!("--{flag}={value}");
            if !only(&command, &args, &word) {
                replaced(&mut command, &mut args, flag, Some(&word));
            }
            set(flag, value)
        }
    };
    tree["spec"]["containers"][1]["command"] = Json::Array(words(&command));
    tree["spec"]["containers"][1]["args"] = Json::Array(words(&args));
    let edited = edit_pod(&written.text, &api_server(), std::slice::from_ref(&edit));
    let edited = edited.map_err(|error| TestCaseError::fail(format!("{error}\n{edit:?}\n{}", written.text)))?;
    let shown = format!("{edit:?}\n{}\nbecame\n{}\n{:?}", written.text, edited.text, edited.text);
    if !matches!(edit, PodEdit::SetArgument { .. }) || edited.changed {
        prop_assert_eq!(&read(&edited.text, written.json), &tree, "{}", shown);
    }
    // A second opinion, by a parser that has nothing in common with ours.
    prop_assert!(edited.text.parse::<yaml_edit::YamlFile>().is_ok(), "yaml-edit cannot read {}", shown);
    prop_assert_eq!(comments(&written.text), comments(&edited.text), "{}", shown);
    prop_assert!(only_these_lines(&written, &edited.text, "spec"), "{}", shown);
    let diff = unified_diff("x", &written.text, &edited.text);
    prop_assert_eq!(diff.is_empty(), !edited.changed, "{}", shown);
    prop_assert!(!edit_pod(&edited.text, &api_server(), &[edit]).unwrap().changed, "a second time: {}", shown);
    Ok(())
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..400)
}

/// A text with a piece taken out and another put in.
fn mutated() -> impl Strategy<Value = String> {
    let pieces = "[\\x00-\\x7f]{0,6}|(\n *(- |\\? |: |a: |#|&a |\\*a|<<: \\*a|\\||>\\+|[\\[\\]{},'\"]|---|\\.\\.\\.|\t|\r)){0,3}|\\PC{0,3}";
    (bytes(), any::<prop::sample::Index>(), 0_usize..12, pieces).prop_map(|(bytes, at, length, piece)| {
        let mut dice = Dice::new(bytes);
        let words = words(&flags(&mut dice));
        let root = json!({ "a": dice.value(3), "spec": {
            "containers": [{ "name": "c", "args": words, "x": dice.value(2) }], "volumes": dice.value(1),
        } });
        let text = write(root.as_object().unwrap(), &mut dice).text;
        let cut = |at: usize| (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        let start = cut(at.index(text.len() + 1));
        format!("{}{piece}{}", &text[..start], &text[cut(start + length).max(start)..])
    })
}

fn is_explained(error: &EditError) -> bool {
    !error.to_string().is_empty() && error.line() != Some(0)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn properties_of_configuration_edits(bytes in bytes()) {
        configs(bytes)?;
    }

    #[test]
    fn properties_of_manifest_edits(bytes in bytes()) {
        pods(bytes)?;
    }

    /// Whatever the text is: an edit is right or refused.
    #[test]
    fn fuzz_mutated_text(text in mutated(), choice in bytes()) {
        let mut dice = Dice::new(choice);
        let before = seaworthy_yaml::parse(&text).ok().map(|document| document.root.to_json());
        let tree: Json = before.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
        let path = path(&json!({ "a": tree["a"], "spec": tree["spec"] }), &mut dice);
        let edit = if dice.one_in(3) { ConfigEdit::Remove { path } } else { ConfigEdit::Set { path, value: dice.value(2) } };
        match edit_config(&text, std::slice::from_ref(&edit)) {
            Ok(edited) => {
                let mut tree = tree.clone();
                model(&mut tree, &edit);
                prop_assert_eq!(read(&edited.text, false), tree, "{:?}\n{}\n{}", edit, text, edited.text);
            }
            Err(error) => prop_assert!(is_explained(&error)),
        }
        let edit = dice.pick(&[set("v", "2"), unset("secure-port"), volume("n", "/n", ""), mount("n", "/n", true)]).clone();
        match edit_pod(&text, &api_server(), std::slice::from_ref(&edit)) {
            Ok(edited) => {
                let after = read(&edited.text, false);
                prop_assert_eq!(&after["a"], &tree["a"]);
                prop_assert_eq!(&after["spec"]["containers"][0]["x"], &tree["spec"]["containers"][0]["x"]);
                prop_assert!(!edit_pod(&edited.text, &api_server(), &[edit]).unwrap().changed);
            }
            Err(error) => prop_assert!(is_explained(&error)),
        }
        unified_diff("x", &text, "a: 1\n");
        let masked = masked_diff("x", &text, &format!("{text}\nsecret: c2VjcmV0"));
        prop_assert!(!masked.contains("c2VjcmV0"), "{}", masked);
    }

    /// Files of variables: the words that are left are the others, in order.
    #[test]
    fn fuzz_variables(text in "((A|export B|#|C D)=[\"']?( --v=1| --v 2| --profiling| --data-dir=/x| |\n|\\\\|\\$X|x|\t)*[\"']?\r?\n?){0,4}") {
        for edited in [remove_flag(&text, &kubelet(), "v"), set_flag(&text, &kubelet(), "v", "3")] {
            match edited {
                Ok(edited) => {
                    prop_assert_eq!(edited.changed, edited.text != text);
                    let count = |text: &str, word: &str| text.matches(word).count();
                    for word in ["--profiling", "--data-dir=/x", "A=", "B=", "#", "\\", "$X"] {
                        prop_assert_eq!(count(&edited.text, word), count(&text, word), "{} {:?}\n{:?}", word, text, edited.text);
                    }
                    prop_assert_eq!(count(&edited.text, "\r\n"), count(&text, "\r\n"));
                }
                Err(error) => prop_assert!(is_explained(&error)),
            }
        }
    }
}
