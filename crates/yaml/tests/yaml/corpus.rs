//! Small hostile documents: none may panic, hang or exhaust memory.

use seaworthy_yaml::fuzz::fuzz_target;

const CORPUS: &[(&str, &[u8])] = &[
    ("anchors.yaml", include_bytes!("../corpus/anchors.yaml")),
    ("backslash-end.yaml", include_bytes!("../corpus/backslash-end.yaml")),
    ("bad-escape.yaml", include_bytes!("../corpus/bad-escape.yaml")),
    ("billion-laughs.yaml", include_bytes!("../corpus/billion-laughs.yaml")),
    ("block-headers.yaml", include_bytes!("../corpus/block-headers.yaml")),
    ("bom-inside.yaml", include_bytes!("../corpus/bom-inside.yaml")),
    ("colons.yaml", include_bytes!("../corpus/colons.yaml")),
    ("comment-only.yaml", include_bytes!("../corpus/comment-only.yaml")),
    ("control.yaml", include_bytes!("../corpus/control.yaml")),
    ("cr-only.yaml", include_bytes!("../corpus/cr-only.yaml")),
    ("crlf.yaml", include_bytes!("../corpus/crlf.yaml")),
    ("dashes.yaml", include_bytes!("../corpus/dashes.yaml")),
    ("deep-block.yaml", include_bytes!("../corpus/deep-block.yaml")),
    ("deep-explicit-keys.yaml", include_bytes!("../corpus/deep-explicit-keys.yaml")),
    ("deep-flow-map.yaml", include_bytes!("../corpus/deep-flow-map.yaml")),
    ("deep-flow.yaml", include_bytes!("../corpus/deep-flow.yaml")),
    ("deep-indent.yaml", include_bytes!("../corpus/deep-indent.yaml")),
    ("directives.yaml", include_bytes!("../corpus/directives.yaml")),
    ("duplicate-keys.yaml", include_bytes!("../corpus/duplicate-keys.yaml")),
    ("escapes.yaml", include_bytes!("../corpus/escapes.yaml")),
    ("json-nested.json", include_bytes!("../corpus/json-nested.json")),
    ("json-trailing.json", include_bytes!("../corpus/json-trailing.json")),
    ("key-alias.yaml", include_bytes!("../corpus/key-alias.yaml")),
    ("keys.yaml", include_bytes!("../corpus/keys.yaml")),
    ("latin1.yaml", include_bytes!("../corpus/latin1.yaml")),
    ("line-separators.yaml", include_bytes!("../corpus/line-separators.yaml")),
    ("long-key.yaml", include_bytes!("../corpus/long-key.yaml")),
    ("long-number.yaml", include_bytes!("../corpus/long-number.yaml")),
    ("manifest.yaml", include_bytes!("../corpus/manifest.yaml")),
    ("many-documents.yaml", include_bytes!("../corpus/many-documents.yaml")),
    ("merge-bomb.yaml", include_bytes!("../corpus/merge-bomb.yaml")),
    ("nul.yaml", include_bytes!("../corpus/nul.yaml")),
    ("question-marks.yaml", include_bytes!("../corpus/question-marks.yaml")),
    ("self-alias.yaml", include_bytes!("../corpus/self-alias.yaml")),
    ("self-merge.yaml", include_bytes!("../corpus/self-merge.yaml")),
    ("tabs.yaml", include_bytes!("../corpus/tabs.yaml")),
    ("tags.yaml", include_bytes!("../corpus/tags.yaml")),
    ("unclosed.yaml", include_bytes!("../corpus/unclosed.yaml")),
    ("utf16be.yaml", include_bytes!("../corpus/utf16be.yaml")),
    ("utf16le.yaml", include_bytes!("../corpus/utf16le.yaml")),
    ("utf8-bom.yaml", include_bytes!("../corpus/utf8-bom.yaml")),
    ("yaml12.yaml", include_bytes!("../corpus/yaml12.yaml")),
];

#[test]
fn corpus_is_survived_whole_and_cut_short() {
    for (name, data) in CORPUS {
        println!("{name}");
        fuzz_target(data);
        for end in (0..data.len().min(700)).step_by(3) {
            fuzz_target(&data[..end]);
        }
    }
}
