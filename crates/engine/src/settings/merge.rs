//! Several files of one configuration, put together as the kubelet does it.
//!
//! It writes the file of `--config`, defaults included, down as JSON, lays each drop-in over it as a merge patch (keys as they are
//! written, null takes away), and reads the result back. Only then do keys match without regard to case: of two keys that differ by case
//! alone the one that sorts later counts, and capitals sort before small letters.

use std::collections::BTreeMap;

use seaworthy_catalogue::{Setting, SettingKind};
use seaworthy_yaml::Node;

use super::config::{Config, Layer};

/// A value and the file that it stands in.
pub(super) type Place<'c> = (&'c Layer, &'c Node);

/// What became of a field.
#[derive(Default)]
pub(super) struct Merged<'c> {
    /// The value that counts; `None` if the default does.
    pub(super) winner: Option<Place<'c>>,
    /// Values that were seen and lost, in order.
    pub(super) losers: Vec<Place<'c>>,
}

/// Puts a field together. `written`: whether the component writes its default down, so that it stands under the key's right name.
pub(super) fn merge<'c>(setting: &Setting, config: &'c Config, field: &str, written: bool) -> Merged<'c> {
    let exact: Vec<&str> = field.split('.').collect();
    let mut merge = Merge { setting, exact: &exact, found: BTreeMap::new(), seen: Vec::new() };
    if written {
        merge.found.insert(merge.own(), None);
    }
    let mut absent = None;
    if let Some(main) = &config.main
        && let Some(node) = main.at(field)
    {
        merge.seen.push((main, node));
        let zero = matches!(node.value, seaworthy_yaml::Value::Int(0) | seaworthy_yaml::Value::Bool(false));
        if zero && setting.zero_is_absent {
            merge.found.remove(&merge.own());
            absent = Some((main, node));
        } else if !node.is_null() || setting.kind == SettingKind::Duration {
            merge.found.insert(merge.own(), Some((main, node)));
        }
    }
    for layer in &config.drop_ins {
        merge.lay(layer, &layer.parsed.document.root, Vec::new(), &mut absent);
    }
    let winner = match merge.found.pop_last() {
        Some((_, winner)) => winner,
        None => absent,
    };
    let same = |a: &Place<'_>| winner.is_some_and(|w| std::ptr::eq(a.1, w.1));
    Merged { winner, losers: merge.seen.into_iter().filter(|place| !same(place)).collect() }
}

struct Merge<'s, 'c> {
    setting: &'s Setting,
    exact: &'s [&'s str],
    found: BTreeMap<Vec<String>, Option<Place<'c>>>,
    seen: Vec<Place<'c>>,
}

impl<'c> Merge<'_, 'c> {
    fn own(&self) -> Vec<String> {
        self.exact.iter().map(|key| (*key).to_owned()).collect()
    }

    /// Lays what is below `node` over what there is. `keys` leads to it.
    fn lay(&mut self, layer: &'c Layer, node: &'c Node, keys: Vec<String>, absent: &mut Option<Place<'c>>) {
        if node.is_null() {
            self.found.retain(|path, _| !path.starts_with(&keys));
            if self.own().starts_with(&keys) {
                *absent = None;
            }
            return;
        }
        if keys.len() == self.exact.len() {
            self.seen.push((layer, node));
            self.found.insert(keys, Some((layer, node)));
            return;
        }
        let wanted = self.exact[keys.len()];
        // The names of feature gates are no fields: they match as they are.
        let gate = self.setting.gate.is_some() && keys.len() + 1 == self.exact.len();
        let Some(map) = node.as_map() else {
            // No map where one is wanted: nobody can read it, and what asks for the value says so.
            self.seen.push((layer, node));
            self.found.insert(self.own(), Some((layer, node)));
            return;
        };
        for entry in map {
            if entry.key == wanted || (!gate && entry.key.eq_ignore_ascii_case(wanted)) {
                let mut below = keys.clone();
                below.push(entry.key.clone());
                self.lay(layer, &entry.value, below, absent);
            }
        }
    }
}
