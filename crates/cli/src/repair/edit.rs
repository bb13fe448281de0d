//! `edit`: an editor on a copy, then the same way as a repair.

use std::io::{BufRead, IsTerminal, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use seaworthy_fix::plan::{self, How, Plan};
use seaworthy_fix::transaction::{self, Work};

use super::Site;
use super::carry_out::{Desk, about, carry_out, refused};
use super::fix::color;
use crate::arguments::Edit;
use crate::exit::{Exit, Failure};
use crate::output;

pub(crate) fn edit(arguments: &Edit) -> Result<Exit, Failure> {
    let desk = Desk::free(&arguments.node)?;
    let site = Site::open(&arguments.node)?;
    let (path, how) = file(&site, &arguments.component)?;
    let snapshot = desk.root.snapshot(&path).map_err(|error| Failure::usage(error.to_string()))?;
    let text = snapshot.bytes().and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
    let text = text.ok_or_else(|| Failure::usage(format!("{path} is no text")))?;
    let copy = Copy::make(&path, &text)?;
    let plan = loop {
        run_editor(&copy.path)?;
        let edited = std::fs::read_to_string(&copy.path)
            .map_err(|error| Failure::usage(format!("the edited copy cannot be read: {error}")))?;
        if edited == text {
            return output::to_stdout(b"Nothing was changed.\n").map(|()| Exit::Done);
        }
        match plan::edited(&site.node(), &arguments.component, how, &path, edited) {
            Ok(plan) => break plan,
            Err(problems) => {
                let lines: String = problems
                    .iter()
                    .map(|problem| format!("  {}\n", seaworthy_report::clean(&problem.to_string())))
                    .collect();
                if !ask(&format!("{} would not start by that:\n{lines}Edit again?", arguments.component), true) {
                    return Err(Failure::of(
                        Exit::Refused,
                        format!("{} would not start by that:\n{lines}nothing was changed", arguments.component),
                    ));
                }
            }
        }
    };
    output::to_stdout(plan::render(&plan, color(arguments.color)).as_bytes())?;
    worse(&plan)?;
    transaction::guard(&plan.restarts, site.around.as_ref(), &plan.node).map_err(refused)?;
    let work = Work::of(&plan, &site.report, about(vec![format!("edited {path}")]), false);
    carry_out(&site, work, &arguments.node, arguments.patience, None)
}

/// The file that a component is configured by on this node.
fn file(site: &Site, component: &str) -> Result<(String, How), Failure> {
    let names = || site.catalogue.components.iter().map(|component| component.name.as_str());
    if site.catalogue.component(component).is_none() {
        let near = seaworthy_catalogue::nearest(component, names());
        let near = near.map_or_else(String::new, |near| format!(", did you mean {near:?}?"));
        return Err(Failure::usage(format!("there is no component {component:?}{near}"))
            .hint(format!("there are: {}", names().collect::<Vec<_>>().join(", "))));
    }
    let stands =
        seaworthy_engine::settings(&site.facts, &site.catalogue, &site.options, |settings| settings.stands(component));
    let stands = stands.map_err(|error| Failure::usage(error.to_string()))?;
    let stands = stands.ok_or_else(|| {
        Failure::nothing(format!("no process of {component} is seen on this node"))
            .hint("seaworthy rescue says why a component is gone")
    })?;
    match (stands.manifests.as_slice(), &stands.config_file) {
        ([manifest], _) => Ok((manifest.clone(), How::Manifest)),
        ([], Some(config)) if component == "kubelet" => Ok((config.clone(), How::Kubelet)),
        ([], _) => {
            Err(Failure::usage(format!("{component} has neither a manifest nor a configuration file on this node")))
        }
        (several, _) => {
            Err(Failure::usage(format!("{} manifests run {component}: {}", several.len(), several.join(", ")))
                .hint("seaworthy rescue says which one to move away"))
        }
    }
}

/// What gets worse is not carried out unasked.
fn worse(plan: &Plan) -> Result<(), Failure> {
    let worse: Vec<&str> = plan.preview.iter().filter(|d| plan::worse(d)).map(|d| d.id.as_str()).collect();
    if worse.is_empty() || ask(&format!("{} would get worse. Go on?", worse.join(", ")), false) {
        return Ok(());
    }
    Err(Failure::of(Exit::Refused, format!("{} would get worse; nothing was changed", worse.join(", "))))
}

/// Asks on a terminal; elsewhere the answer is no.
fn ask(question: &str, default: bool) -> bool {
    if !std::io::stdin().is_terminal() {
        return false;
    }
    let choice = if default { "[Y/n]" } else { "[y/N]" };
    output::raw_to_stderr(&format!("{question} {choice} "));
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer).unwrap_or(0);
    match answer.trim().to_ascii_lowercase().as_str() {
        "" => default && read > 0,
        answer => answer == "y" || answer == "yes",
    }
}

/// The editor of $VISUAL or $EDITOR, with whatever arguments stand there; vi if neither is set.
#[expect(clippy::disallowed_types, reason = "an editor is a program, and the only one that is started")]
fn run_editor(path: &Path) -> Result<(), Failure> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".to_owned());
    let status = std::process::Command::new("/bin/sh")
        .arg("-c")
        .arg(format!("{editor} \"$1\""))
        .arg("seaworthy edit")
        .arg(path)
        .status()
        .map_err(|error| Failure::usage(format!("the editor {editor:?} could not be started: {error}")))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::usage(format!("the editor {editor:?} ended with {status}; nothing was changed"))
        .hint("set EDITOR to the one that you use"))
}

/// A copy for the editor, for root alone and outside of every directory that a kubelet reads. It goes away with the value.
struct Copy {
    directory: PathBuf,
    path: PathBuf,
}

impl Copy {
    fn make(original: &str, text: &str) -> Result<Copy, Failure> {
        let failed =
            |error: std::io::Error| Failure::usage(format!("a copy for the editor could not be made: {error}"));
        let name = original.rsplit('/').next().unwrap_or("manifest.yaml");
        let base = std::env::temp_dir();
        // Never one that is there already: it could be somebody else's.
        let made = (0..100).find_map(|n| {
            let directory = base.join(format!("seaworthy-edit-{}-{n}", std::process::id()));
            std::fs::DirBuilder::new().mode(0o700).create(&directory).ok().map(|()| directory)
        });
        let directory = made.ok_or_else(|| failed(std::io::Error::other(format!("no place in {}", base.display()))))?;
        let copy = Copy { path: directory.join(name), directory };
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(&copy.path).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
