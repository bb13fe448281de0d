//! A command line, read by the component's own grammar.

use crate::{ArgumentStyle, Component};

/// A flag that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// Its name, as the component knows it.
    pub flag: String,
    /// Its value; `None` where it was written alone.
    pub value: Option<String>,
    /// The argument's index; the program's name is 0.
    pub index: usize,
}

/// Where a component's own arguments begin: after its name, which of a multi-call program is the second word.
fn start(component: &Component, arguments: &[String]) -> usize {
    let is = |argument: Option<&String>| argument.is_some_and(|a| component.programs.iter().any(|p| p == base_name(a)));
    if !is(arguments.first()) && is(arguments.get(1)) { 2 } else { 1 }
}

/// The last part of a path.
pub fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// All flags of a command line, in order.
pub fn occurrences(component: &Component, arguments: &[String]) -> Vec<Occurrence> {
    let mut found = Vec::new();
    let mut index = start(component, arguments);
    let go = component.arguments == ArgumentStyle::GoFlag;
    while let Some(argument) = arguments.get(index) {
        let Some(body) = flag_body(argument, go) else {
            // Go's own package reads nothing behind the first word that is no flag; pflag goes on, except after `--`.
            if go || argument == "--" {
                break;
            }
            index += shorthand(argument);
            continue;
        };
        let (name, value) = match body.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (body, None),
        };
        let name = if go { name.to_owned() } else { name.replace('_', "-") };
        let here = index;
        let value = value.or_else(|| {
            let next = arguments.get(index + 1)?;
            let takes = if component.switches.contains(&name) {
                false
            } else if component.flags.contains(&name) {
                true
            } else {
                !next.starts_with('-')
            };
            takes.then(|| {
                index += 1;
                next.clone()
            })
        });
        found.push(Occurrence { flag: name, value, index: here });
        index += 1;
    }
    found
}

/// The flag behind its dashes; `None` if the argument is no long flag.
fn flag_body(argument: &str, go: bool) -> Option<&str> {
    let body = match argument.strip_prefix("--") {
        Some(body) => body,
        None if go => argument.strip_prefix('-')?,
        None => return None,
    };
    (!body.is_empty() && !body.starts_with(['-', '='])).then_some(body)
}

/// How many arguments a word without two dashes takes: `-v 2` two, all else one.
fn shorthand(argument: &str) -> usize {
    if argument == "-v" { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(style: ArgumentStyle) -> Component {
        Component {
            name: "x".into(),
            title: "x".into(),
            role: "r".into(),
            programs: vec!["x".into()],
            places: Vec::new(),
            daemon_set: None,
            arguments: style,
            switches: vec!["on".into(), "profiling".into()],
            flags: vec!["path".into(), "mode".into()],
            flag_versions: Vec::new(),
            config: None,
            settings: Vec::new(),
        }
    }

    fn read(style: ArgumentStyle, arguments: &[&str]) -> Vec<(String, Option<String>)> {
        let arguments: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
        occurrences(&component(style), &arguments).into_iter().map(|o| (o.flag, o.value)).collect()
    }

    fn flag(name: &str, value: Option<&str>) -> (String, Option<String>) {
        (name.to_owned(), value.map(str::to_owned))
    }

    #[test]
    fn values_follow_with_a_space_or_an_equals_sign() {
        let got = read(ArgumentStyle::Pflag, &["/bin/x", "--path", "/a", "--mode=b=c", "--on", "--path=", "--mode"]);
        let want = [
            flag("path", Some("/a")),
            flag("mode", Some("b=c")),
            flag("on", None),
            flag("path", Some("")),
            flag("mode", None),
        ];
        assert_eq!(got, want);
    }

    #[test]
    fn a_boolean_never_takes_the_next_word() {
        assert_eq!(
            read(ArgumentStyle::Pflag, &["x", "--on", "false", "--profiling"]),
            [flag("on", None), flag("profiling", None)]
        );
    }

    #[test]
    fn a_value_may_look_like_a_flag() {
        assert_eq!(
            read(ArgumentStyle::Pflag, &["x", "--path", "--profiling=false"]),
            [flag("path", Some("--profiling=false"))]
        );
    }

    #[test]
    fn underscores_are_dashes_except_for_etcd() {
        assert_eq!(read(ArgumentStyle::Pflag, &["x", "--audit_log=1"]), [flag("audit-log", Some("1"))]);
        assert_eq!(read(ArgumentStyle::GoFlag, &["x", "--audit_log=1"]), [flag("audit_log", Some("1"))]);
    }

    #[test]
    fn one_dash_is_enough_for_go_s_own_package_only() {
        assert_eq!(
            read(ArgumentStyle::GoFlag, &["x", "-on", "-path", "/a"]),
            [flag("on", None), flag("path", Some("/a"))]
        );
        assert_eq!(read(ArgumentStyle::Pflag, &["x", "-v", "--on", "-path=/a"]), []);
    }

    #[test]
    fn nothing_counts_behind_the_end_of_flags() {
        assert_eq!(read(ArgumentStyle::Pflag, &["x", "--", "--on"]), []);
        assert_eq!(read(ArgumentStyle::GoFlag, &["x", "word", "--on"]), []);
    }

    #[test]
    fn a_multi_call_program_names_the_component_second() {
        assert_eq!(read(ArgumentStyle::Pflag, &["/hyperkube", "x", "--on"]), [flag("on", None)]);
    }
}
