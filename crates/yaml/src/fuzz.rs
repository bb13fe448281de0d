//! An entry for corpora and fuzzers that needs no nightly compiler.

use crate::{Error, Node, Value, parse};

/// Reads `data` as text and looks at everything that comes of it.
pub fn fuzz_target(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match parse(&text) {
        Ok(document) => {
            walk(&document.root);
            std::hint::black_box((document.root.to_json(), document.duplicates));
        }
        Err(error) => {
            std::hint::black_box((Error::place(&error), error.to_string()));
        }
    }
}

fn walk(node: &Node) {
    std::hint::black_box((node.text(), node.converted_text(), node.as_int(), node.as_bool(), node.as_str()));
    match &node.value {
        Value::List(list) => list.iter().for_each(walk),
        Value::Map(map) => {
            for entry in map.iter().take(64) {
                std::hint::black_box((map.get(&entry.key), map.get_ignore_case(&entry.key), node.path(&entry.key)));
            }
            map.iter().for_each(|entry| walk(&entry.value));
        }
        _ => {}
    }
}
