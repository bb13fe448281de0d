//! Where in a document the value is that keeps it from being a Pod: the deepest one without which it would be.

use k8s_openapi::api::core::v1::Pod;
use seaworthy_yaml::Node as Yaml;
use serde_json::Value as Json;

/// The value; `None` if no single one is at fault. `whole` is the document, which is no Pod.
pub(super) fn wrong<'y>(root: &'y Yaml, whole: &Json) -> Option<&'y Yaml> {
    let (mut node, mut pointer) = (root, String::new());
    'deeper: loop {
        let maps = node.as_map().into_iter().flat_map(|map| map.iter()).map(|entry| (entry.key.clone(), &entry.value));
        let lists = node.as_list().into_iter().flatten().enumerate().map(|(index, item)| (index.to_string(), item));
        for (key, child) in maps.chain(lists) {
            if without(whole, &pointer, &key).is_some_and(|pruned| serde_json::from_value::<Pod>(pruned).is_ok()) {
                pointer = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                node = child;
                continue 'deeper;
            }
        }
        return (!pointer.is_empty()).then_some(node);
    }
}

fn without(whole: &Json, pointer: &str, key: &str) -> Option<Json> {
    let mut pruned = whole.clone();
    match pruned.pointer_mut(pointer)? {
        Json::Object(map) => drop(map.remove(key)?),
        Json::Array(list) => drop(list.remove(key.parse().ok()?)),
        _ => return None,
    }
    Some(pruned)
}
