//! Where results go: the configuration, the state directory, and what is said of each sink in the end.

use std::path::Path;

use seaworthy_model::Report;
use seaworthy_report::changes::Changes;
use seaworthy_send::deliver::{self, Outcome, Patience, Prepared};
use seaworthy_send::outgoing::{Outgoing, When};
use seaworthy_send::settings::{Config, Settings};
use seaworthy_send::sinks;
use seaworthy_send::state::State;

use crate::arguments::{Judging, Send, Sending, To, WhenWord};
use crate::exit::{Exit, Failure};
use crate::{facts, judged, output, reporting};

/// Where the configuration is unless another is given.
const CONFIG: &str = "/etc/seaworthy/config.toml";

/// Sinks that are ready, and what is remembered.
pub(crate) struct Sinks {
    state: Option<State>,
    list: Vec<(Prepared, Settings)>,
    when: When,
    to: To,
}

/// Makes everything ready: mistakes in the words or the configuration are said before anything is scanned.
pub(crate) fn open(sending: &Sending) -> Result<Sinks, Failure> {
    let to = &sending.to;
    let when = match to.send_when {
        None | Some(WhenWord::All) => When::All,
        Some(WhenWord::Failures) => When::Failures,
        Some(WhenWord::Changes) => When::Changes,
    };
    let config = if to.send.is_empty() { Config::default() } else { config(to)? };
    let mut list = Vec::new();
    for word in &to.send {
        let settings = settings(&config, word, to)?;
        let when = settings.when.unwrap_or(when);
        if when == When::Changes && sending.state_dir.is_none() && sending.baseline.is_none() {
            return Err(Failure::usage(format!(
                "{}: changes are measured by the last report, and there is none",
                settings.name
            ))
            .hint("give --state-dir DIR, where the last report is kept, or --baseline FILE"));
        }
        list.push(settings);
    }
    let state = sending.state_dir.as_deref().map(State::open).transpose().map_err(|error| {
        Failure::usage(format!("--state-dir: {error}"))
            .hint("it is a folder that this user may write, kept from run to run")
    })?;
    let folder = state.as_ref().map(State::folder);
    let list = list
        .into_iter()
        .map(|settings| match sinks::prepare(&settings, folder) {
            Ok(prepared) => Ok((prepared, settings)),
            Err(error) => Err(Failure::usage(format!("sink {}: {error}", settings.name))),
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    if let Some(twice) = twice(list.iter().map(|(prepared, _)| prepared.name.as_str())) {
        return Err(Failure::usage(format!("--send {twice} is given twice")));
    }
    Ok(Sinks { state, list, when, to: to.clone() })
}

fn twice<'a>(names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = std::collections::BTreeSet::new();
    names.into_iter().find(|name| !seen.insert(*name))
}

fn config(to: &To) -> Result<Config, Failure> {
    let (path, given) = match &to.config {
        Some(path) => (path.as_path(), true),
        None => (Path::new(CONFIG), false),
    };
    let text = match std::fs::read_to_string(path) {
        Err(error) if !given && error.kind() == std::io::ErrorKind::NotFound => return Ok(Config::default()),
        other => other.map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?,
    };
    Config::parse(&text).map_err(|error| {
        Failure::usage(format!("{}: {error}", path.display()))
            .hint("it has a [sink.NAME] table for each sink, with url, url-file or url-env; see the book's page on integrations")
    })
}

/// A sink by its name in the configuration, or by a URL.
fn settings(config: &Config, word: &str, to: &To) -> Result<Settings, Failure> {
    let settings =
        if word.contains(':') { Settings::of_url(word, to.insecure) } else { config.settings(word, to.insecure) };
    // A URL that was refused may hold a secret: it is not repeated.
    settings.map_err(|error| {
        let which = if word.contains(':') { "--send URL" } else { word };
        Failure::usage(format!("{which}: {error}"))
    })
}

/// Whether something waits in a spool of these sinks.
pub(crate) fn anything_waits(words: &Sending) -> bool {
    if words.to.send.is_empty() || words.state_dir.is_none() {
        return false;
    }
    // What cannot be opened now is said when it is sent to.
    open(words).is_ok_and(|sinks| sinks.list.iter().any(|(prepared, _)| prepared.anything_waits()))
}

/// Sends what waits in the spools of these sinks.
pub(crate) fn again(words: &Sending) -> Result<bool, Failure> {
    Ok(open(words)?.send_waiting())
}

impl Sinks {
    /// The last report of the same subjects; none where none is kept. One that cannot be read is said and begun anew.
    pub(crate) fn last(&self, report: &Report, judging: &Judging) -> Option<Report> {
        match self.state.as_ref()?.last(report, &selection(judging)) {
            Ok(last) => last,
            Err(why) => {
                output::warn(&why);
                None
            }
        }
    }

    /// Sends a report, and remembers it. Whether everything arrived.
    pub(crate) fn send(
        &self,
        report: &Report,
        changes: Option<&Changes<'_>>,
        judging: &Judging,
    ) -> Result<bool, Failure> {
        let outgoing = |settings: &Settings| {
            let when = settings.when.unwrap_or(self.when);
            Outgoing::choose(report, changes, when, settings.least.or(self.to.min_severity))
        };
        let mut complete = true;
        if let Some(state) = &self.state {
            let all: Vec<_> = self.list.iter().map(|(prepared, settings)| (prepared, outgoing(settings))).collect();
            let kept = deliver::keep(&all);
            // A report that is not in every spool is not the last one: what it tells is told again.
            match &kept {
                Ok(()) => state.remember(report, &selection(judging)).map_err(Failure::usage)?,
                Err(why) => {
                    complete = false;
                    output::warn(&format!("not everything could be kept for sending: {why}"));
                }
            }
        }
        let spooled = self.state.is_some();
        let all: Vec<_> =
            self.list.iter().map(|(prepared, settings)| (prepared, (!spooled).then(|| outgoing(settings)))).collect();
        Ok(self.tell(&deliver::deliver(&all, self.patience())) && complete)
    }

    /// Sends what waits in the spools. Whether everything arrived.
    pub(crate) fn send_waiting(&self) -> bool {
        let all: Vec<_> = self.list.iter().map(|(prepared, _)| (prepared, None)).collect();
        self.tell(&deliver::deliver(&all, self.patience()))
    }

    fn patience(&self) -> Patience {
        Patience { total: self.to.send_timeout, ..Patience::default() }
    }

    /// One line for each sink.
    fn tell(&self, outcomes: &[Outcome]) -> bool {
        for outcome in outcomes {
            let line = line(outcome);
            if outcome.is_complete() {
                output::raw_to_stderr(&format!("{}\n", seaworthy_report::clean(&line)));
            } else {
                output::warn(&line);
            }
        }
        if self.state.is_none() && !outcomes.is_empty() {
            output::raw_to_stderr("there is no spool: without --state-dir what cannot be sent now is lost\n");
        }
        outcomes.iter().all(Outcome::is_complete)
    }
}

/// `soc: 131 sent, 2 refused (it answered 400), 5 wait in the spool (connection refused)`.
fn line(outcome: &Outcome) -> String {
    let mut parts = vec![format!("{} sent", outcome.sent)];
    if outcome.refused > 0 {
        parts.push(format!("{} refused for good ({})", outcome.refused, outcome.reasons.join("; ")));
    }
    let why = outcome.trouble.as_deref().map_or_else(String::new, |why| format!(": {why}"));
    match (outcome.left, outcome.lost) {
        (0, 0) if !why.is_empty() => parts.push(format!("stopped{why}")),
        (0, 0) => {}
        (0, lost) => parts.push(format!("{lost} lost{why}")),
        (left, _) => parts.push(format!("{left} wait in the spool ({} kB){why}", outcome.left_bytes.div_ceil(1000))),
    }
    if outcome.dropped.events > 0 {
        parts.push(format!("{} dropped since the last time, because the spool was full", outcome.dropped.events));
    }
    if outcome.dropped.damaged > 0 {
        parts.push(format!("{} files of the spool could not be read and were set aside", outcome.dropped.damaged));
    }
    format!("{}: {}", outcome.name, parts.join(", "))
}

/// What was chosen to be judged, as text: a scan of one check says nothing of the others, so it has a last report of its own. Neither
/// the benchmark nor waivers are part of it: what they change is what one wants to see.
fn selection(judging: &Judging) -> String {
    let list = |words: &[String]| {
        let mut words = judged::words(words);
        words.sort();
        words.join(",")
    };
    format!(
        "targets={} checks={} groups={} skip={} scored={:?} unscored={:?}",
        list(&judging.targets),
        list(&judging.check),
        list(&judging.group),
        list(&judging.skip),
        judging.scored,
        judging.unscored
    )
}

/// `send`
pub(crate) fn command(arguments: &Send) -> Result<Exit, Failure> {
    if let Some(word) = &arguments.test {
        return test(word, &arguments.sending.to);
    }
    if arguments.sending.to.send.is_empty() {
        return Err(Failure::usage("it is not said where to").hint("give --send NAME or URL, or --test NAME or URL"));
    }
    let sinks = open(&arguments.sending)?;
    let Some(path) = &arguments.report else {
        if sinks.state.is_none() {
            return Err(Failure::usage("there is nothing to send")
                .hint("give a report, or --state-dir, where unsent ones wait"));
        }
        return Ok(if sinks.send_waiting() { Exit::Done } else { Exit::NotSent });
    };
    let catalogue = facts::catalogue(None)?;
    let judging = Judging::default();
    let options = judged::options(&judging)?;
    let report = reporting::read(path, &catalogue, &options)?;
    let baseline = arguments.sending.baseline.as_deref();
    let baseline = baseline.map(|path| reporting::read(path, &catalogue, &options)).transpose()?;
    let last = sinks.last(&report, &judging);
    let changes = baseline.as_ref().or(last.as_ref()).map(|before| seaworthy_report::changes::compare(before, &report));
    Ok(if sinks.send(&report, changes.as_ref(), &judging)? { Exit::Done } else { Exit::NotSent })
}

/// `send --test`: one event, and what the receiver says.
fn test(word: &str, to: &To) -> Result<Exit, Failure> {
    let settings = settings(&config(to)?, word, to)?;
    let prepared =
        sinks::prepare(&settings, None).map_err(|error| Failure::usage(format!("sink {}: {error}", settings.name)))?;
    let report = seaworthy_send::trial::report(facts::tool(), facts::now());
    let outgoing = Outgoing::choose(&report, None, When::All, None);
    let patience = Patience { total: std::time::Duration::ZERO, ..Patience::default() };
    let outcome = deliver::deliver(&[(&prepared, Some(outgoing))], patience).remove(0);
    let answer = outcome.answer.clone().unwrap_or_default();
    if outcome.is_complete() {
        let said = if answer.is_empty() { String::new() } else { format!(": {answer}") };
        output::to_stdout(format!("sent one test event to {}{said}\n", prepared.shown).as_bytes())?;
        return Ok(Exit::Done);
    }
    let why = outcome.trouble.or_else(|| outcome.reasons.first().cloned()).unwrap_or(answer);
    Err(Failure::of(Exit::NotSent, format!("{} took no test event: {why}", prepared.shown)))
}
