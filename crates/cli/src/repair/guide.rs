//! `guide`: what is wrong with this node and how to mend it, as a document.

use seaworthy_catalogue::Item;
use seaworthy_collect::Archive;
use seaworthy_engine::Selection;
use seaworthy_fix::guide::{self, Document};

use super::Site;
use crate::arguments::{Guide, GuideFormat, Which};
use crate::exit::{Exit, Failure};
use crate::{demo, facts, judged, output};

pub(crate) fn guide(arguments: &Guide) -> Result<Exit, Failure> {
    let document = if arguments.general { general(arguments)? } else { of_node(arguments)? };
    let text = match arguments.format {
        GuideFormat::Text => guide::text(&document),
        GuideFormat::Markdown => guide::markdown(&document),
        GuideFormat::Html => guide::html(&document),
    };
    match &arguments.outputfile {
        Some(path) => output::to_file(path, text.as_bytes())?,
        None => output::to_stdout(text.as_bytes())?,
    }
    Ok(Exit::Done)
}

fn of_node(arguments: &Guide) -> Result<Document, Failure> {
    let site = if arguments.demo {
        let archive = Archive::read(demo::ARCHIVE).map_err(|error| Failure::usage(error.to_string()))?;
        Site::of(Box::new(archive), &arguments.node)?
    } else {
        Site::open(&arguments.node)?
    };
    let items = site.items(&arguments.which)?;
    Ok(guide::for_node(&site.node(), &items, &asked(&arguments.which)))
}

fn general(arguments: &Guide) -> Result<Document, Failure> {
    let node = &arguments.node;
    let catalogue = facts::catalogue(node.catalogue.as_deref())?;
    let platform = facts::platform(&catalogue, node.platform.as_deref())?;
    let selection = Selection {
        checks: judged::words(&arguments.which.check),
        groups: judged::words(&arguments.which.section),
        ..Selection::default()
    };
    let chosen = seaworthy_engine::chosen(&catalogue, node.benchmark.as_deref(), node.kubernetes_version, &selection);
    let (benchmark, items): (_, Vec<&Item>) = chosen.map_err(|error| Failure::usage(error.to_string()))?;
    Ok(guide::general(&catalogue, platform, benchmark, &items, &asked(&arguments.which)))
}

/// What is asked for, in words.
fn asked(which: &Which) -> String {
    let (checks, sections) = (judged::words(&which.check), judged::words(&which.section));
    let named = |one: &str, list: &[String]| match list {
        [only] => format!("{one} {only}"),
        list => format!("{one}s {}", list.join(", ")),
    };
    match (checks.is_empty(), sections.is_empty()) {
        (false, _) => named("check", &checks),
        (true, false) => named("section", &sections),
        (true, true) => "every item".to_owned(),
    }
}
