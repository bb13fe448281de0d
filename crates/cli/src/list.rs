//! `list`: what there is.

use std::fmt::Write as _;

use seaworthy_catalogue::Catalogue;

use crate::arguments::{List, Listed};
use crate::exit::{Exit, Failure};
use crate::{facts, output};

pub(crate) fn list(words: &List) -> Result<Exit, Failure> {
    let catalogue = facts::catalogue(words.catalogue.as_deref())?;
    let rows = match words.what {
        Listed::Benchmarks => benchmarks(&catalogue),
        Listed::Rules => rules(&catalogue),
        Listed::Platforms => platforms(&catalogue),
        Listed::Components => components(&catalogue),
    };
    output::to_stdout(table(&rows).as_bytes())?;
    Ok(Exit::Done)
}

fn benchmarks(catalogue: &Catalogue) -> Vec<Vec<String>> {
    let mut rows = vec![header(["BENCHMARK", "CHOSEN FOR", "PUBLISHED FOR", "CHECKS", "TITLE"])];
    for b in &catalogue.benchmarks {
        let row = [
            b.id.clone(),
            b.kubernetes.to_string(),
            b.published.to_string(),
            b.items.len().to_string(),
            b.title.clone(),
        ];
        rows.push(row.to_vec());
    }
    rows
}

fn rules(catalogue: &Catalogue) -> Vec<Vec<String>> {
    let mut head: Vec<String> = catalogue.benchmarks.iter().map(|b| b.id.to_uppercase()).collect();
    head.extend(header(["RULE", "SEVERITY", "TITLE"]));
    let mut rows = Vec::new();
    for rule in &catalogue.rules {
        let mut row: Vec<String> = catalogue
            .benchmarks
            .iter()
            .map(|b| b.items.iter().find(|i| i.rule == rule.name).map_or_else(|| "-".to_owned(), |i| i.id.clone()))
            .collect();
        row.extend([rule.name.clone(), rule.severity.as_str().to_owned(), rule.title.clone()]);
        rows.push(row);
    }
    let number = |id: &String| id.split('.').map(|p| p.parse::<u32>().unwrap_or(u32::MAX)).collect::<Vec<_>>();
    let newest = catalogue.benchmarks.len().saturating_sub(1);
    rows.sort_by_key(|row| row.get(newest).map(number));
    rows.insert(0, head);
    rows
}

fn platforms(catalogue: &Catalogue) -> Vec<Vec<String>> {
    let mut rows = vec![header(["PLATFORM", "ROLES", "TITLE"])];
    for p in &catalogue.platforms {
        let roles: Vec<&str> = p.roles.iter().map(|r| r.name.as_str()).collect();
        rows.push(vec![p.name.clone(), roles.join(", "), p.title.clone()]);
    }
    rows
}

fn components(catalogue: &Catalogue) -> Vec<Vec<String>> {
    let mut rows = vec![header(["COMPONENT", "ROLE", "SETTINGS", "FLAGS", "TITLE"])];
    for c in &catalogue.components {
        let flags = c.switches.len() + c.flags.len();
        rows.push(vec![
            c.name.clone(),
            c.role.clone(),
            c.settings.len().to_string(),
            flags.to_string(),
            c.title.clone(),
        ]);
    }
    rows
}

fn header<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

/// Columns as wide as their widest entry; the last one is free.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().filter_map(|r| r.get(column)).map(|t| t.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        for (column, entry) in row.iter().enumerate() {
            if column + 1 == row.len() {
                let _ = writeln!(text, "{entry}");
            } else {
                let _ = write!(text, "{entry:<width$}  ", width = widths[column]);
            }
        }
    }
    text
}
