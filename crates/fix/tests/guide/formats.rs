//! Every format has the same items, in the same order.

use seaworthy_fix::guide::{self, Kind};

use crate::{general, guide_after, titles};

/// The titles are in the text, each as `wanted` writes it, one behind the other.
#[track_caller]
fn in_order(text: &str, titles: &[String], wanted: impl Fn(&str) -> String) {
    let mut at = 0;
    for title in titles {
        let line = wanted(title);
        let found = text[at..].find(&line).unwrap_or_else(|| panic!("{line:?} is not where it should be"));
        at += found + line.len();
    }
}

#[test]
fn the_same_items_in_the_same_order() {
    for document in [guide_after(|_| {}), general(&seaworthy_engine::embedded())] {
        let items = titles(&document, Kind::Item);
        assert!(items.len() > 20, "{items:?}");
        in_order(&guide::text(&document), &items, |title| format!("\n{title}\n"));
        // Titles hold nothing that has to be escaped.
        in_order(&guide::markdown(&document), &items, |title| format!("# {title}\n"));
        in_order(&guide::html(&document), &items, |title| format!(">{title}</h"));
    }
}

#[test]
fn every_aspect_is_in_every_format() {
    let document = guide_after(|_| {});
    for kind in [Kind::Aspect, Kind::Aside] {
        let aspects = titles(&document, kind);
        in_order(&guide::text(&document), &aspects, |title| format!("\n  {title}:\n"));
        in_order(&guide::markdown(&document), &aspects, |title| format!("# {title}\n"));
        in_order(&guide::html(&document), &aspects, |title| format!(">{}</", title.replace('\'', "&#39;")));
    }
}

#[test]
fn text_is_no_wider_than_a_terminal_unless_a_word_or_code_is() {
    for line in guide::text(&guide_after(|_| {})).lines() {
        let words = line.trim_start();
        let code = line.starts_with("      ");
        let table = words.split("  ").count() > 3;
        let long = words.split(' ').any(|word| word.chars().count() > 40);
        assert!(line.chars().count() <= 100 || code || table || long, "{line}");
        assert_eq!(line, line.trim_end());
    }
}
