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
    let sections = site.report.sections.iter().map(|section| (section.id.as_str(), section.title.as_str()));
    let asked = asked(&arguments.which, &sections.collect::<Vec<_>>());
    Ok(guide::for_node(&site.node(), &items, &asked))
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
    let titles = benchmark.sections.iter().flat_map(|section| {
        let groups = section.groups.iter().map(|group| (group.id.as_str(), group.title.as_str()));
        std::iter::once((section.id.as_str(), section.title.as_str())).chain(groups)
    });
    let asked = asked(&arguments.which, &titles.collect::<Vec<_>>());
    Ok(guide::general(&catalogue, platform, benchmark, &items, &asked))
}

/// What is asked for, in words. Sections have titles.
fn asked(which: &Which, titles: &[(&str, &str)]) -> String {
    let (checks, sections) = (judged::words(&which.check), judged::words(&which.section));
    let title = |id: &str| titles.iter().find(|(known, _)| *known == id).map(|(_, title)| *title);
    let named = |one: &str, list: &[String]| match list {
        [only] => title(only).map_or_else(|| format!("{one} {only}"), |title| format!("{one} {only} ({title})")),
        list => format!("{one}s {}", list.join(", ")),
    };
    match (checks.is_empty(), sections.is_empty()) {
        (false, _) => named("check", &checks),
        (true, false) => named("section", &sections),
        (true, true) => "every item".to_owned(),
    }
}
