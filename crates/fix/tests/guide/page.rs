//! The HTML page is well-formed, holds nothing that is loaded or run, and its links and headings are sound. It is written so that it is
//! XML too, which makes a strict check possible without a browser.

use std::collections::BTreeSet;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use seaworthy_fix::guide;

use crate::{general, guide_after};

const ELEMENTS: &str = "html head meta title style body header main nav section article div details summary h1 h2 h3 h4 h5 h6 p ul ol li dl \
                        dt dd table thead tbody tr th td pre code ins del span a strong em br";
const ATTRIBUTES: &str = "lang charset http-equiv content name class id href scope open aria-labelledby start";

#[derive(Default)]
struct Seen {
    ids: BTreeSet<String>,
    links: Vec<String>,
    level: u8,
    inside: Vec<String>,
}

impl Seen {
    fn element(&mut self, element: &BytesStart<'_>) {
        let name = String::from_utf8(element.name().as_ref().to_vec()).unwrap();
        assert!(ELEMENTS.split_whitespace().any(|known| known == name), "<{name}>");
        if let Some(level) = name.strip_prefix('h').and_then(|n| n.parse::<u8>().ok()) {
            assert!(level <= self.level + 1, "<{name}> below a heading of level {}", self.level);
            self.level = level;
        }
        for attribute in element.attributes() {
            let attribute = attribute.expect("an attribute");
            let key = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
            let value = String::from_utf8(attribute.value.to_vec()).unwrap();
            assert!(ATTRIBUTES.split_whitespace().any(|known| known == key), "{key} of <{name}>");
            match key.as_str() {
                "id" => assert!(self.ids.insert(value.clone()), "two of the id {value}"),
                "href" => self.links.push(value),
                _ => {}
            }
        }
    }
}

/// Parses the page as strictly as XML is.
#[track_caller]
pub(crate) fn well_formed(page: &str) {
    let mut reader = Reader::from_str(page);
    reader.config_mut().check_end_names = true;
    let mut seen = Seen::default();
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("at byte {}: {error}", reader.error_position())) {
            Event::Start(element) => {
                seen.element(&element);
                seen.inside.push(String::from_utf8(element.name().as_ref().to_vec()).unwrap());
            }
            Event::Empty(element) => seen.element(&element),
            Event::End(_) => drop(seen.inside.pop()),
            Event::GeneralRef(name) => {
                let name = name.decode().unwrap();
                assert!(["amp", "lt", "gt", "quot", "#39"].contains(&name.as_ref()), "&{name};");
            }
            Event::Text(text) => assert!(!text.contains(&b'<'), "{text:?}"),
            Event::DocType(_) => {}
            Event::Eof => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(seen.inside.is_empty(), "open at the end: {:?}", seen.inside);
    for link in &seen.links {
        match link.strip_prefix('#') {
            Some(id) => assert!(seen.ids.contains(id), "no {id} in the page"),
            None => assert!(link.starts_with("https://kubernetes.io/") || link.starts_with("https://"), "{link}"),
        }
    }
    assert!(seen.links.len() > 5 && page.matches("<h1>").count() == 1);
}

#[test]
fn pages_are_well_formed() {
    well_formed(&guide::html(&guide_after(|_| {})));
    well_formed(&guide::html(&general(&seaworthy_engine::embedded())));
}

#[test]
fn nothing_is_loaded_or_run() {
    let page = guide::html(&guide_after(|_| {}));
    assert!(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""));
    let style = &page[page.find("<style>").unwrap()..page.find("</style>").unwrap()];
    for word in ["url(", "@import", "expression", "<!--"] {
        assert!(!style.contains(word), "{word}");
    }
}

/// Ratios of the colours that text has on what is behind it, by WCAG 2.
#[test]
fn colours_can_be_read() {
    let style = include_str!("../../src/guide/style.css");
    let themes: Vec<&str> = style.split(":root {").skip(1).map(|rest| &rest[..rest.find('}').unwrap()]).collect();
    assert_eq!(themes.len(), 3, "light, dark, print");
    for theme in themes {
        let light = |name: &str| {
            let at = theme.find(&format!("--{name}: #")).unwrap_or_else(|| panic!("no {name}")) + name.len() + 5;
            let part = |n: usize| f64::from(u8::from_str_radix(&theme[at + n..at + n + 2], 16).unwrap()) / 255.0;
            let line = |c: f64| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
            0.2126 * line(part(0)) + 0.7152 * line(part(2)) + 0.0722 * line(part(4))
        };
        for (ink, paper) in [
            ("ink", "paper"),
            ("ink", "sheet"),
            ("quiet", "paper"),
            ("quiet", "sheet"),
            ("link", "paper"),
            ("link", "sheet"),
            ("good", "good-paper"),
            ("care", "care-paper"),
            ("bad", "bad-paper"),
        ] {
            let (a, b) = (light(ink), light(paper));
            let ratio = (a.max(b) + 0.05) / (a.min(b) + 0.05);
            assert!(ratio >= 4.5, "{ink} on {paper} has {ratio:.2}");
        }
    }
}
