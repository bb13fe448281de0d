//! XML as our formats write it: elements that are cleaned and escaped as they go in, so that no caller can forget it.

use std::io::Result;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::hostile::clean;

/// A document that is being written.
pub(crate) type Xml = Writer<Vec<u8>>;

/// A whole document, ended by a newline. `form` names the format, should it ever fail.
pub(crate) fn document(form: &str, write: impl FnOnce(&mut Xml) -> Result<()>) -> String {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    let result =
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None))).and_then(|()| write(&mut xml));
    match result.map(|()| String::from_utf8(xml.into_inner())) {
        Ok(Ok(mut text)) => {
            text.push('\n');
            text
        }
        // Writing into memory does not fail. Should it ever, no reader may take the answer for a report.
        Ok(Err(error)) => format!("this report has no {form} form: {error}\n"),
        Err(error) => format!("this report has no {form} form: {error}\n"),
    }
}

/// An element that holds others.
pub(crate) fn node(
    xml: &mut Xml,
    name: &str,
    attributes: &[(&str, &str)],
    inner: impl FnOnce(&mut Xml) -> Result<()>,
) -> Result<()> {
    let attributes: Vec<(&str, String)> =
        attributes.iter().map(|(name, value)| (*name, clean(value).into_owned())).collect();
    let element =
        xml.create_element(name).with_attributes(attributes.iter().map(|(name, value)| (*name, value.as_str())));
    element.write_inner_content(inner)?;
    Ok(())
}

/// An element with one line of text; an empty one if there is none.
pub(crate) fn leaf(xml: &mut Xml, name: &str, attributes: &[(&str, &str)], text: &str) -> Result<()> {
    lines(xml, name, attributes, &clean(text))
}

/// An element with text whose line breaks stay: only for words of our own, or lines that were cleaned one by one.
pub(crate) fn lines(xml: &mut Xml, name: &str, attributes: &[(&str, &str)], text: &str) -> Result<()> {
    let attributes: Vec<(&str, String)> =
        attributes.iter().map(|(name, value)| (*name, clean(value).into_owned())).collect();
    let element =
        xml.create_element(name).with_attributes(attributes.iter().map(|(name, value)| (*name, value.as_str())));
    if text.is_empty() {
        element.write_empty()?
    } else {
        element.write_text_content(BytesText::new(text))?
    };
    Ok(())
}
