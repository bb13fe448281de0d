//! Configuration files of components.

use seaworthy_catalogue::ConfigFile;
use seaworthy_yaml::Node as Yaml;

use super::Problem;

/// What is wrong with a configuration file.
pub fn config(path: &str, text: &str, description: &ConfigFile) -> Vec<Problem> {
    let at = |line: u32, column: u32, text: String| Problem { path: path.to_owned(), line, column, text };
    let document = match seaworthy_yaml::parse(text) {
        Ok(document) => document,
        Err(error) => {
            return vec![at(
                error.place().map_or(0, |(line, _)| line),
                error.place().map_or(1, |(_, column)| column),
                format!("it does not parse: {error}"),
            )];
        }
    };
    let mut problems: Vec<Problem> = document
        .duplicates
        .iter()
        .map(|twice| {
            let text = format!("{:?} is set twice; the first time in line {}", twice.key, twice.first.line);
            at(twice.second.line, twice.second.column, text)
        })
        .collect();
    let root = &document.root;
    if let Some(kind) = &description.kind
        && root.get("kind").and_then(Yaml::as_str) != Some(kind)
    {
        problems.push(at(root.span.line, 1, format!("the kind is not {kind}")));
    }
    let group = root.get("apiVersion").and_then(Yaml::as_str).and_then(|version| version.split('/').next());
    if let Some(wanted) = &description.group
        && group != Some(wanted)
    {
        problems.push(at(root.span.line, 1, format!("the apiVersion is not one of {wanted}")));
    }
    problems
}
