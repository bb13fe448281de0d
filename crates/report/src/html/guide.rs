//! A rule page's own words on how to fix something. They are Markdown of a small kind: paragraphs, lists, code and headings. Whatever
//! else stands there is shown as it is written.

use super::escape;

/// What is being collected.
enum Open {
    Nothing,
    Paragraph(Vec<String>),
    /// The element, `ul` or `ol`, and its entries.
    List(&'static str, Vec<String>),
}

/// The guide as elements.
pub(super) fn html(guide: &str) -> String {
    let mut out = String::new();
    let mut open = Open::Nothing;
    let mut lines = guide.lines();
    while let Some(line) = lines.next() {
        let words = line.trim();
        if words.starts_with("```") {
            close(&mut open, &mut out);
            let code: Vec<&str> = lines.by_ref().take_while(|line| !line.trim().starts_with("```")).collect();
            out.push_str(&format!("<pre><code>{}</code></pre>\n", escape::lines(&code.join("\n"))));
        } else if words.is_empty() {
            // A list goes on after an empty line, a paragraph does not.
            if matches!(open, Open::Paragraph(_)) {
                close(&mut open, &mut out);
            }
        } else if let Some(heading) = heading(words) {
            close(&mut open, &mut out);
            out.push_str(&format!("<p><strong>{}</strong></p>\n", escape::prose(heading)));
        } else if let Some((element, entry)) = entry(words) {
            match &mut open {
                Open::List(of, entries) if *of == element => entries.push(entry.to_owned()),
                _ => {
                    close(&mut open, &mut out);
                    open = Open::List(element, vec![entry.to_owned()]);
                }
            }
        } else {
            match &mut open {
                Open::Paragraph(lines) => lines.push(words.to_owned()),
                // What is indented goes on with the entry.
                Open::List(_, entries) if line.starts_with(' ') => {
                    if let Some(entry) = entries.last_mut() {
                        entry.push(' ');
                        entry.push_str(words);
                    }
                }
                _ => {
                    close(&mut open, &mut out);
                    open = Open::Paragraph(vec![words.to_owned()]);
                }
            }
        }
    }
    close(&mut open, &mut out);
    out
}

fn close(open: &mut Open, out: &mut String) {
    match std::mem::replace(open, Open::Nothing) {
        Open::Nothing => {}
        Open::Paragraph(lines) => out.push_str(&format!("<p>{}</p>\n", escape::prose(&lines.join(" ")))),
        Open::List(element, entries) => {
            let entries = entries.iter().map(|entry| format!("<li>{}</li>\n", escape::prose(entry)));
            out.push_str(&format!("<{element}>\n{}</{element}>\n", entries.collect::<String>()));
        }
    }
}

fn heading(words: &str) -> Option<&str> {
    let heading = words.trim_start_matches('#');
    (heading.len() < words.len()).then(|| heading.strip_prefix(' ')).flatten()
}

fn entry(words: &str) -> Option<(&'static str, &str)> {
    if let Some(entry) = words.strip_prefix("- ").or_else(|| words.strip_prefix("* ")) {
        return Some(("ul", entry));
    }
    let rest = words.trim_start_matches(|c: char| c.is_ascii_digit());
    let entry = rest.strip_prefix(". ").filter(|_| rest.len() < words.len())?;
    Some(("ol", entry))
}
