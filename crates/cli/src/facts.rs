//! From a node, or a file, to facts; and the catalogue.

use std::io::Read;
use std::path::Path;

use seaworthy_catalogue::{Catalogue, Platform, TextFile, nearest};
use seaworthy_collect::cluster::{self, Access, Server};
use seaworthy_collect::{Archive, Tree};
use seaworthy_model::{FACTS_SCHEMA, Facts, Tool, check_schema};

use crate::arguments::{Collect, Place};
use crate::exit::{Exit, Failure};
use crate::{demo, output};

/// The largest file of facts that is read: far above what a node gives.
const MAX_FACTS: u64 = 256 << 20;

/// Who we are.
pub(crate) fn tool() -> Tool {
    Tool { name: "seaworthy".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
}

/// Now, in RFC 3339 and UTC, in whole seconds.
pub(crate) fn now() -> String {
    let now = jiff::Timestamp::now();
    jiff::Timestamp::from_second(now.as_second()).unwrap_or(now).to_string()
}

/// The embedded catalogue, or the one of `--catalogue`.
pub(crate) fn catalogue(dir: Option<&Path>) -> Result<Catalogue, Failure> {
    let Some(dir) = dir else { return Ok(seaworthy_engine::embedded()) };
    let texts = seaworthy_collect::load_catalogue(dir).map_err(|error| Failure::usage(error.to_string()))?;
    let files: Vec<TextFile<'_>> = texts.iter().map(|(path, text)| TextFile { path, text }).collect();
    match seaworthy_catalogue::load(&files) {
        Ok(loaded) if loaded.catalogue.benchmarks.is_empty() => {
            Err(Failure::usage(format!("{} holds no catalogue", dir.display()))
                .hint("a catalogue has components/, platforms/, rules/ and benchmarks/"))
        }
        Ok(loaded) => Ok(loaded.catalogue),
        Err(problems) => {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            let count = problems.len();
            Err(Failure::usage(format!(
                "the catalogue in {} has {count} mistakes:\n{}",
                dir.display(),
                lines.join("\n")
            )))
        }
    }
}

/// The platform of this name; the first if none is given.
pub(crate) fn platform<'c>(catalogue: &'c Catalogue, asked: Option<&str>) -> Result<&'c Platform, Failure> {
    let names = || catalogue.platforms.iter().map(|p| p.name.as_str());
    match asked {
        None => catalogue.platforms.first().ok_or_else(|| Failure::usage("the catalogue holds no platform")),
        Some(name) => catalogue.platform(name).ok_or_else(|| {
            let near = nearest(name, names()).map_or_else(String::new, |n| format!(", did you mean {n:?}?"));
            let all: Vec<&str> = names().collect();
            Failure::usage(format!("there is no platform {name:?}{near}"))
                .hint(format!("there are: {}", all.join(", ")))
        }),
    }
}

/// How a collector is told what it cannot know.
pub(crate) fn options(cluster_name: Option<String>) -> seaworthy_collect::Options {
    seaworthy_collect::Options { time: Some(now()), tool: tool(), cluster_name }
}

/// A way to the cluster's API. Nothing is asked yet.
pub(crate) fn server(kubeconfig: Option<&Path>, context: Option<&str>) -> Result<Server, Failure> {
    let access = Access { kubeconfig: kubeconfig.map(Path::to_owned), context: context.map(str::to_owned) };
    Server::connect(&access).map_err(|error| {
        Failure::usage(format!("there is no way to the cluster's API: {error}"))
            .hint("give --kubeconfig FILE, set KUBECONFIG, or run in a pod with a service account")
    })
}

/// Reads what the arguments name: a node, a cluster through its API, or both.
pub(crate) fn read(place: &Place, catalogue: &Catalogue, asked: Option<&str>) -> Result<Facts, Failure> {
    let server = || server(place.kubeconfig.as_deref(), place.context.as_deref());
    if place.cluster {
        // A name that is none is a mistake here too, though no node is laid out by it.
        let platform = asked.map(|_| platform(catalogue, asked)).transpose()?;
        let mut facts = cluster::ask(&server()?, &options(place.cluster_name.clone()));
        facts.platform = platform.map(|p| p.name.clone());
        return Ok(facts);
    }
    let mut facts = read_node(place, catalogue, asked)?;
    if place.kubeconfig.is_some() || place.context.is_some() {
        cluster::ask_for(&server()?, &options(place.cluster_name.clone()), &mut facts);
    }
    Ok(facts)
}

/// Reads the node that the arguments name, by the layout of the platform that was asked for or that shows.
pub(crate) fn read_node(place: &Place, catalogue: &Catalogue, asked: Option<&str>) -> Result<Facts, Failure> {
    let tree: Box<dyn Tree> = if place.demo {
        Box::new(Archive::read(demo::ARCHIVE).map_err(|error| Failure::usage(error.to_string()))?)
    } else {
        let root = place.root.as_deref().unwrap_or(Path::new("/"));
        seaworthy_collect::open(root).map_err(|error| {
            Failure::usage(error.to_string())
                .hint("--root takes a folder or a tar archive, plain or compressed by gzip")
        })?
    };
    let platform = match asked {
        None => seaworthy_collect::recognise(tree.as_ref(), catalogue).map_or_else(|| platform(catalogue, None), Ok)?,
        Some(_) => platform(catalogue, asked)?,
    };
    Ok(seaworthy_collect::collect(tree.as_ref(), catalogue, platform, &options(place.cluster_name.clone())))
}

/// Reads facts that `collect` wrote.
pub(crate) fn read_facts(path: &Path) -> Result<Facts, Failure> {
    let named = |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", path.display()));
    // Bytes and not text: the collector reads them so too, and the code for both forms is large.
    let mut text = Vec::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().lock().take(MAX_FACTS).read_to_end(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(MAX_FACTS).read_to_end(&mut text))
    };
    read.map_err(|error| named(&error).hint("facts are what seaworthy collect writes"))?;
    parse(&text, path)
}

/// Facts from the bytes of a file; `path` is for errors.
pub(crate) fn parse(text: &[u8], path: &Path) -> Result<Facts, Failure> {
    let named = |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", path.display()));
    // The schema first: what a newer collector wrote may have any form.
    #[derive(serde::Deserialize)]
    struct Head {
        schema: u32,
    }
    let head: Head =
        serde_json::from_slice(text).map_err(|e| named(&e).hint("facts are what seaworthy collect writes"))?;
    check_schema("facts", head.schema, FACTS_SCHEMA).map_err(|error| named(&error))?;
    let mut facts: Facts =
        serde_json::from_slice(text).map_err(|e| named(&e).hint("facts are what seaworthy collect writes"))?;
    // The order of files is what looking them up rests on, and a file is anybody's word.
    if let Some(node) = &mut facts.node {
        node.sort();
    }
    Ok(facts)
}

pub(crate) fn collect(arguments: &Collect) -> Result<Exit, Failure> {
    let catalogue = catalogue(arguments.catalogue.as_deref())?;
    let facts = read(&arguments.place, &catalogue, arguments.platform.as_deref())?;
    let failed = |error: std::io::Error| Failure::usage(format!("the facts could not be written: {error}"));
    let json = if arguments.sealed {
        seaworthy_fleet::seal(&facts).map_err(failed)?
    } else {
        let mut json = serde_json::to_vec(&facts).map_err(|error| failed(error.into()))?;
        json.push(b'\n');
        json
    };
    match &arguments.outputfile {
        Some(path) => output::to_file(path, &json)?,
        None => output::to_stdout(&json)?,
    }
    Ok(Exit::Done)
}
