//! The JSON form: its order, its options, and the way back.

use seaworthy_report::json::{Options, ParseError, parse, render};
use serde_json::json;

use super::sample;

fn all_options() -> [Options; 4] {
    [(false, false), (false, true), (true, false), (true, true)].map(|(pretty, totals)| Options { pretty, totals })
}

#[test]
fn what_is_written_can_be_read_back() {
    for options in all_options() {
        assert_eq!(parse(&render(&sample::report(), &options)).unwrap(), sample::report(), "{options:?}");
    }
}

#[test]
fn the_keys_stand_in_the_models_order_and_the_schema_first() {
    let own: Vec<String> = top_keys(&serde_json::to_string_pretty(&sample::report()).unwrap());
    let written = top_keys(&render(&sample::report(), &Options { pretty: true, totals: true }));
    assert_eq!(written[0], "schema");
    assert_eq!(written, own);
    let without = top_keys(&render(&sample::report(), &Options { pretty: true, totals: false }));
    assert_eq!(without, own.into_iter().filter(|key| key != "totals").collect::<Vec<_>>());
}

/// The keys of the outermost object, in the order of a pretty document.
fn top_keys(pretty: &str) -> Vec<String> {
    let key =
        |line: &str| line.strip_prefix("  \"").and_then(|rest| rest.split_once('"')).map(|(key, _)| key.to_owned());
    pretty.lines().filter_map(key).collect()
}

#[test]
fn it_is_one_line_unless_asked_otherwise() {
    for options in all_options() {
        let text = render(&sample::report(), &options);
        assert!(text.ends_with("}\n"), "{options:?}");
        assert_eq!(text.lines().count() == 1, !options.pretty, "{options:?}");
        assert_eq!(text.contains("\"totals\""), options.totals, "{options:?}");
    }
}

/// A newer document may have any shape: what helps is to hear that it is newer.
#[test]
fn a_newer_schema_is_refused_whatever_its_shape() {
    for newer in [json!({"schema": 2}), json!({"schema": u64::MAX, "findings": "elsewhere"})] {
        let error = parse(&newer.to_string()).unwrap_err();
        assert!(matches!(error, ParseError::Schema(_)), "{error}");
        assert!(error.to_string().contains("use a newer seaworthy"), "{error}");
    }
}

#[test]
fn what_is_no_report_is_refused_without_repeating_its_control_characters() {
    let text = render(&sample::report(), &Options::default());
    let unknown_verdict = text.replacen("\"verdict\":\"pass\"", "\"verdict\":\"\\u001b[2Jfine\"", 1);
    assert_ne!(unknown_verdict, text);
    for damaged in
        ["", "[]", "null", "{}", "{\"schema\":1}", &text[..text.len() / 2], &format!("{text}x"), &unknown_verdict]
    {
        let error = parse(damaged).unwrap_err();
        assert!(matches!(error, ParseError::Syntax(_)), "{error}");
        assert!(!error.to_string().contains(char::is_control), "{error:?}");
    }
    assert!(parse(&unknown_verdict).unwrap_err().to_string().contains("fine"));
}

#[test]
fn what_is_written_piece_by_piece_is_what_is_rendered() {
    let report = super::sample::report();
    for totals in [true, false] {
        let mut written = Vec::new();
        seaworthy_report::json::write(
            &report,
            &seaworthy_report::json::Options { pretty: false, totals },
            &mut written,
        )
        .unwrap();
        assert_eq!(
            String::from_utf8(written).unwrap(),
            seaworthy_report::json::render(&report, &seaworthy_report::json::Options { pretty: false, totals })
        );
        let mut lines = Vec::new();
        let options = seaworthy_report::ndjson::Options { totals };
        seaworthy_report::ndjson::write(&report, &options, &mut lines).unwrap();
        assert_eq!(String::from_utf8(lines).unwrap(), seaworthy_report::ndjson::render(&report, &options));
    }
}
