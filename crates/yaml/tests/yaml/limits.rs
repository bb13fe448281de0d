//! Hostile sizes.

use seaworthy_yaml::{Error, Limits, parse, parse_with};

#[test]
fn too_large() {
    let limits = Limits { bytes: 10, ..Limits::default() };
    assert_eq!(parse_with("a: 1234567890", limits).unwrap_err(), Error::TooLarge { bytes: 13, limit: 10 });
}

#[test]
fn too_deep() {
    for text in ["[".repeat(200_000), "- ".repeat(150), (0..150).map(|at| format!("{}a:\n", " ".repeat(at))).collect()]
    {
        assert!(matches!(parse(&text), Err(Error::TooDeep { .. })), "{}", &text[..20]);
    }
    assert!(parse(&format!("{}{}", "[".repeat(100), "]".repeat(100))).is_ok());
    assert!(matches!(parse(&format!("{}{}", "[".repeat(101), "]".repeat(101))), Err(Error::TooDeep { .. })));
    let most = Limits { depth: usize::MAX, ..Limits::default() };
    assert!(parse_with(&format!("{}{}", "[".repeat(250), "]".repeat(250)), most).is_ok());
    // Aliases nest what stands side by side.
    let chain: String = (1..60).map(|at| format!("- &a{at} [[*a{}]]\n", at - 1)).collect();
    assert!(matches!(parse(&format!("- &a0 x\n{chain}")), Err(Error::TooDeep { .. })));
}

#[test]
fn too_many_nodes() {
    let laughs: String =
        (1..10).map(|at| format!("a{at}: &a{at} [{}]\n", vec![format!("*a{}", at - 1); 9].join(","))).collect();
    let merges: String = (1..40).map(|at| format!("a{at}: &a{at} {{<<: [*a{0}, *a{0}]}}\n", at - 1)).collect();
    for text in [format!("a0: &a0 [lol]\n{laughs}"), format!("a0: &a0 {{b: c}}\n{merges}")] {
        assert!(matches!(parse(&text), Err(Error::TooManyNodes { .. })));
    }
    let limits = Limits { nodes: 3, ..Limits::default() };
    assert!(parse_with("[a, b]", limits).is_ok());
    assert!(matches!(parse_with("[a, b, c]", limits), Err(Error::TooManyNodes { .. })));
}

#[test]
fn aliases_that_contain_themselves() {
    for text in ["&a [*a]", "a: &a {b: *a}", "&a {<<: *a}", "a: &a [&b [*a, *b]]"] {
        assert!(matches!(parse(text), Err(Error::Syntax { .. })), "{text}");
    }
}

#[test]
fn many_keys_are_not_quadratic() {
    let text: String = (0..90_000).map(|at| format!("k{at}: 1\n")).collect();
    assert_eq!(parse(&text).unwrap().root.as_map().unwrap().len(), 90_000);
    let text = "a: 1\n".repeat(90_000);
    let document = parse(&text).unwrap();
    assert_eq!((document.root.as_map().unwrap().len(), document.duplicates.len()), (1, 89_999));
}
