//! Lines, columns and bytes.

use seaworthy_yaml::{Node, Span, parse};

fn at<'a>(text: &'a str, node: &Node) -> (u32, u32, &'a str) {
    (node.span.line, node.span.column, &text[node.span.start..node.span.end])
}

#[test]
fn values_have_places() {
    let text =
        "\u{feff}é: 'x'\r\nlist:\r\n- a: 0644 # c\r\n  b: &n !!str {c: [d]}\r\n- >\r\n  text\r\nnone:\r\nalias: *n\r\n";
    let document = parse(text).unwrap();
    let node = |path: &str| document.root.path(path).unwrap();
    assert_eq!(at(text, node("é")), (1, 4, "'x'"));
    let list = node("list").as_list().unwrap();
    assert_eq!(at(text, list[0].get("a").unwrap()), (3, 6, "0644"));
    assert_eq!(at(text, list[0].get("b").unwrap()), (4, 15, "{c: [d]}"));
    assert_eq!(at(text, list[0].path("b.c").unwrap()), (4, 19, "[d]"));
    assert_eq!(at(text, &list[0]), (3, 3, "a: 0644 # c\r\n  b: &n !!str {c: [d]}"));
    // A block scalar's place is its content, not its header.
    assert_eq!((list[1].span.line, list[1].span.column), (6, 3));
    assert_eq!(node("none").raw.as_deref(), Some(""));
    assert_eq!(node("none").span.line, 7);
    assert_eq!(at(text, node("alias")), (4, 15, "{c: [d]}"));
    let key = document.root.as_map().unwrap().entry("list").unwrap().key_span;
    assert_eq!((key.line, key.column, &text[key.start..key.end]), (2, 1, "list"));
}

#[test]
fn errors_have_places() {
    for (text, place) in [
        ("a: 1\nb: [", Some((2, 4))),
        ("a: '1'\n\t\nb: 2", Some((2, 1))),
        ("a: 1\nb: \u{1}", Some((2, 4))),
        ("é: *x", Some((1, 4))),
        ("é: !!int x", Some((1, 10))),
    ] {
        assert_eq!(parse(text).unwrap_err().place(), place, "{text}");
    }
}

#[test]
fn empty_text() {
    let root = parse("").unwrap().root;
    assert!(root.is_null());
    assert_eq!(root.span, Span { line: 1, column: 1, start: 0, end: 0 });
}
