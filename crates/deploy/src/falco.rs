//! Rules for Falco that watch the files which the catalogue names.
//!
//! They stand alone: no macro or list of Falco's own rules is used. Conditions are by `pmatch`, which takes a path for itself and for all
//! that is below it, and for nothing that only begins like it.

use seaworthy_catalogue::{Catalogue, Platform};
use seaworthy_model::Severity;
use serde_json::{Value, json};

use crate::document::{Document, to_yaml};
use crate::watch::{Watched, left_out, watched};

/// Where the rules are shipped, below `deploy/`.
pub const FALCO_RULES: &str = "falco/seaworthy_rules.yaml";

/// The oldest engine that has every field used here: that of Falco 0.37.
const ENGINE: &str = "0.31.0";

const HEAD: &str = "Falco rules that say when somebody changes a file that a CIS check rests on, or its mode or owner. Written by seaworthy \
                    from its catalogue; do not edit it here, but write it anew: cargo run -p seaworthy-deploy --example write_deploy. To \
                    change it for one cluster, load a file after it that overrides its lists, exceptions and rules; the book's page \
                    \"Falco\" shows how. Tags and output name the checks by the numbers of the newest benchmark. Every process of the \
                    host with one of the names of an exception is excepted: a name is no proof.";

/// What opens a file for writing. Falco's `evt.is_open_write` says nothing about creat, which always does.
const OPENED: &str =
    "((evt.type in (open, openat, openat2, open_by_handle_at) and evt.is_open_write=true and fd.num>=0)
 or (evt.type=creat and fd.num>=0))
";
const MADE_OR_REMOVED: &str = "evt.type in (mkdir, mkdirat, rmdir, unlink, unlinkat)";
const MOVED: &str = "evt.type in (rename, renameat, renameat2, link, linkat)";
const POINTED: &str = "evt.type in (symlink, symlinkat)";
const ACCESS: &str = "evt.type in (chmod, fchmod, fchmodat, chown, lchown, fchown, fchownat)";

/// What every alert says of the process.
const WHO: &str = "event=%evt.type process=%proc.name exe=%proc.exepath command=%proc.cmdline parent=%proc.pname user=%user.name \
                   uid=%user.uid loginuid=%user.loginuid container=%container.id";

/// The rules, as the YAML that Falco reads.
pub fn falco_rules(catalogue: &Catalogue, platform: &Platform) -> String {
    let all = watched(catalogue, platform);
    let mut entries = vec![json!({"required_engine_version": ENGINE})];
    let mut document = Document::new(Value::Null, "");
    for watched in &all {
        let at = format!("/{}", entries.len());
        document.comments.insert(at, format!("{}.", sentence(&watched.title)));
        entries.push(json!({"list": list(watched), "items": watched.paths}));
    }
    for (name, condition) in [
        ("seaworthy_opened_to_write", OPENED),
        ("seaworthy_made_or_removed", MADE_OR_REMOVED),
        ("seaworthy_moved_or_linked", MOVED),
        ("seaworthy_made_symlink", POINTED),
        ("seaworthy_access_changed", ACCESS),
    ] {
        entries.push(json!({"macro": name, "condition": condition}));
    }
    let benchmark = catalogue.benchmarks.last();
    let order: Vec<&str> = benchmark.iter().flat_map(|b| &b.items).map(|item| item.id.as_str()).collect();
    for watched in &all {
        if !watched.state {
            entries.push(written(watched, &order));
        }
        entries.push(access(watched, &order));
    }
    document.value = Value::Array(entries);
    let left: Vec<String> = left_out(catalogue, platform).iter().map(|l| format!("{}: {}", l.what, l.reason)).collect();
    let newest = benchmark.map_or("", |b| b.title.as_str());
    let head =
        format!("{HEAD}\n\nBenchmark: {newest}. Platform: {}.\n\nNot watched:\n{}", platform.title, left.join("\n"));
    to_yaml(&head, &[document])
}

fn written(watched: &Watched, order: &[&str]) -> Value {
    let list = list(watched);
    let condition = format!(
        "(seaworthy_opened_to_write and fd.name pmatch ({list}))\n\
         or (seaworthy_made_or_removed and fs.path.name pmatch ({list}))\n\
         or (seaworthy_moved_or_linked and (fs.path.source pmatch ({list}) or fs.path.target pmatch ({list})))\n\
         or (seaworthy_made_symlink and fs.path.source pmatch ({list}))\n"
    );
    let numbers: Vec<&str> = order
        .iter()
        .copied()
        .filter(|id| watched.access.iter().chain(&watched.content).any(|known| known == id))
        .collect();
    let state = format!("Somebody writes, makes, renames, links or removes {}, or something below.", watched.title);
    let output = format!(
        "{} changed (file=%fd.name path=%fs.path.name from=%fs.path.source to=%fs.path.target {WHO} cis={})",
        sentence(&watched.title),
        ranges(&numbers, order)
    );
    rule(&format!("Seaworthy - change of {}", watched.title), &state, &condition, &output, watched, &numbers)
}

fn access(watched: &Watched, order: &[&str]) -> Value {
    let condition = format!("seaworthy_access_changed and fs.path.name pmatch ({})\n", list(watched));
    // Where no check asks for mode and owner, whoever may write there still decides what the others find.
    let numbers = if watched.access.is_empty() { &watched.content } else { &watched.access };
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let state = format!("Somebody changes mode or owner of {}, or of something below.", watched.title);
    let output = format!(
        "Mode or owner changed: {} (path=%fs.path.name mode=%evt.arg.mode new_uid=%evt.arg.uid new_gid=%evt.arg.gid {WHO} cis={})",
        watched.title,
        ranges(&numbers, order)
    );
    let name = format!("Seaworthy - mode or owner of {}", watched.title);
    rule(&name, &state, &condition, &output, watched, &numbers)
}

fn rule(name: &str, desc: &str, condition: &str, output: &str, watched: &Watched, numbers: &[&str]) -> Value {
    let mut tags = vec!["seaworthy".to_owned(), "cis".to_owned(), "host".to_owned(), "filesystem".to_owned()];
    tags.extend(numbers.iter().map(|number| format!("cis_{number}")));
    json!({
        "rule": name,
        "desc": desc,
        "condition": condition,
        "exceptions": [{
            "name": "known_writers_on_host",
            "fields": ["container.id", "proc.name"],
            "comps": ["=", "in"],
            "values": [["host", watched.writers]],
        }],
        "output": output,
        "priority": priority(watched.severity),
        "source": "syscall",
        "tags": tags,
    })
}

fn list(watched: &Watched) -> String {
    format!("seaworthy_{}", watched.name.replace('-', "_"))
}

fn priority(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "NOTICE",
        Severity::Medium => "WARNING",
        Severity::High => "ERROR",
        Severity::Critical => "CRITICAL",
    }
}

/// A phrase with a capital letter.
fn sentence(phrase: &str) -> String {
    let mut letters = phrase.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Numbers for an output, those that follow one another in a group of the benchmark as a range. Tags have every single one.
fn ranges(numbers: &[&str], order: &[&str]) -> String {
    let place = |id: &str| order.iter().position(|known| *known == id);
    let group = |id: &str| id.rsplit_once('.').map(|(group, _)| group.to_owned());
    let follows = |last: &str, next: &str| place(last).map(|at| at + 1) == place(next) && group(last) == group(next);
    let mut parts: Vec<(&str, &str)> = Vec::new();
    for number in numbers {
        match parts.last_mut() {
            Some((_, last)) if follows(last, number) => *last = number,
            _ => parts.push((number, number)),
        }
    }
    let part =
        |(first, last): &(&str, &str)| if first == last { (*first).to_owned() } else { format!("{first}-{last}") };
    if parts.is_empty() { "none".to_owned() } else { parts.iter().map(part).collect::<Vec<_>>().join(",") }
}
