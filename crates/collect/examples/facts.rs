//! Prints the facts of a node, and how long it took: `facts ROOT CATALOGUE [TIMES]`. The catalogue's rules are not looked at.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool for us, and no part of the binary"
)]

use std::path::Path;

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let (root, catalogue) = (arguments.next().unwrap(), arguments.next().unwrap());
    let texts = seaworthy_collect::load_catalogue(Path::new(&catalogue)).unwrap();
    let texts: Vec<_> = texts
        .iter()
        .filter(|(path, _)| path.starts_with("components/") || path.starts_with("platforms/"))
        .map(|(path, text)| seaworthy_catalogue::TextFile { path, text })
        .collect();
    let catalogue = seaworthy_catalogue::load(&texts).unwrap().catalogue;
    let options = seaworthy_collect::Options {
        time: None,
        tool: seaworthy_model::Tool { name: "facts".into(), version: "0".into() },
        cluster_name: None,
    };
    let once = || {
        let start = std::time::Instant::now();
        let tree = seaworthy_collect::open(Path::new(&root)).unwrap();
        let facts = seaworthy_collect::collect(&*tree, &catalogue, &catalogue.platforms[0], &options);
        (start.elapsed(), facts)
    };
    let (first, facts) = once();
    let best = (0..arguments.next().map_or(0, |n| n.to_str().unwrap().parse().unwrap())).map(|_| once().0).min();
    eprintln!("first {first:?}, best of the others {best:?}");
    println!("{}", serde_json::to_string_pretty(&facts).unwrap());
}
