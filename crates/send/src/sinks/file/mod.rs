//! A file: lines of JSON that are appended, or a whole report in any format, or standard output.

mod lines;

use std::io::Write;
use std::path::PathBuf;

use seaworthy_report::format::{self, Context, Format};
use seaworthy_report::ndjson;
use serde::Deserialize;

use super::place::{replace, trouble};
use crate::outgoing::Outgoing;
use crate::settings::Settings;
use crate::sink::{Batch, Delivered, Keep, Limits, Part, Sink, Trouble};
use lines::Lines;

/// How many older files are kept where a size is set and no number.
const COUNT: u32 = 5;
/// Less than this would be a file for every few findings.
const LEAST: u64 = 64 << 10;

/// The settings that only this sink has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Own {
    format: Option<String>,
    rotate_bytes: Option<u64>,
    rotate_count: Option<u32>,
    mode: Option<String>,
}

/// A file.
pub struct File {
    form: Form,
    out: Out,
    mode: u32,
}

enum Form {
    /// A line for each finding.
    Lines,
    /// The whole report, each time in place of the last one.
    Whole(&'static Format),
}

enum Out {
    Path(Lines),
    Standard,
    Error,
}

impl File {
    /// From its settings.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn new(settings: &Settings) -> Result<File, String> {
        super::without_http(settings)?;
        let own: Own = settings.own()?;
        let mode = own.mode.as_deref().map_or(Ok(0o640), mode)?;
        let form = match own.format.as_deref() {
            None => Form::Lines,
            Some(name) => {
                let found = format::find(name).ok_or_else(|| {
                    let names: Vec<&str> = format::FORMATS.iter().map(|format| format.name).collect();
                    format!("there is no format {name:?}; there are {}", names.join(", "))
                })?;
                if let Some(why) = (found.refused)(&Context::default()) {
                    return Err(format!("format {name} cannot be written to a file: {why}"));
                }
                super::of_whole_reports(settings)?;
                Form::Whole(found)
            }
        };
        if own.rotate_count.is_some() && own.rotate_bytes.is_none() {
            return Err("rotate-count goes with rotate-bytes".to_owned());
        }
        let path = settings.address.path.as_str();
        let out = match path {
            "-" | "/dev/stdout" => Out::Standard,
            "/dev/stderr" => Out::Error,
            path => {
                Out::Path(Lines::new(PathBuf::from(path), own.rotate_bytes, own.rotate_count.unwrap_or(COUNT), mode))
            }
        };
        if let Some(bytes) = own.rotate_bytes {
            if bytes < LEAST {
                return Err(format!("rotate-bytes is at least {LEAST}"));
            }
            if !matches!((&form, &out), (Form::Lines, Out::Path(_))) {
                return Err(
                    "rotate-bytes is for a file that lines are appended to: one that is replaced does not grow"
                        .to_owned(),
                );
            }
        }
        if own.mode.is_some() && !matches!(out, Out::Path(_)) {
            return Err("mode is for a file".to_owned());
        }
        Ok(File { form, out, mode })
    }
}

/// `0640`: what the owner can read and nobody but the owner can write.
fn mode(text: &str) -> Result<u32, String> {
    let mode = u32::from_str_radix(text, 8).map_err(|_| "mode is octal, such as \"0640\"".to_owned())?;
    if mode & !0o666 != 0 || mode & 0o600 != 0o600 || mode & 0o022 != 0 {
        return Err("mode lets the owner read and write, others read at most, and nobody execute".to_owned());
    }
    Ok(mode)
}

impl Sink for File {
    fn parts(&self, outgoing: &Outgoing<'_>, out: &mut dyn FnMut(Part) -> Result<(), String>) -> Result<(), String> {
        if let Form::Whole(format) = self.form {
            let context = Context { changes: outgoing.changes, ..Context::default() };
            let id = super::report_id(format.name, outgoing);
            return out(Part { id, body: (format.render)(outgoing.report, &context) });
        }
        for item in &outgoing.items {
            let id = outgoing.event_id(item);
            let change = item.change.map(|change| change.kind().as_str());
            let line = ndjson::finding(outgoing.report, item.finding);
            // The line is an object with at least a kind, a time, an id: these stand in front, in the order that people look for.
            let change = change.map(|change| format!("\"change\":\"{change}\",")).unwrap_or_default();
            let rest = line.strip_prefix('{').unwrap_or(&line);
            let body = format!("{{\"event\":\"{id}\",\"state\":\"{}\",{change}{rest}", item.state());
            out(Part { id, body })?;
        }
        Ok(())
    }

    fn limits(&self) -> Limits {
        match (&self.form, &self.out) {
            (Form::Whole(_), _) => Limits::ONE,
            (Form::Lines, Out::Path(lines)) => Limits { count: 10_000, bytes: lines.most() },
            (Form::Lines, _) => Limits { count: 10_000, bytes: 1 << 20 },
        }
    }

    fn keep(&self) -> Keep {
        if matches!(self.form, Form::Whole(_)) { Keep::Newest } else { Keep::All }
    }

    fn deliver(&self, batch: &Batch) -> Result<Delivered, Trouble> {
        let body = batch.joined("");
        let standard = |result: std::io::Result<()>, what: &str| {
            result.map_err(|error| trouble(std::path::Path::new(what), &error)).map(|()| what.to_owned())
        };
        let place = match (&self.out, &self.form) {
            (Out::Standard, _) => {
                let mut out = std::io::stdout().lock();
                standard(out.write_all(body.as_bytes()).and_then(|()| out.flush()), "standard output")?
            }
            (Out::Error, _) => standard(std::io::stderr().lock().write_all(body.as_bytes()), "standard error")?,
            (Out::Path(lines), Form::Whole(_)) => {
                replace(lines.path(), body.as_bytes(), self.mode).map_err(|error| trouble(lines.path(), &error))?;
                lines.path().display().to_string()
            }
            (Out::Path(lines), Form::Lines) => {
                lines.append(body.as_bytes()).map_err(|error| trouble(lines.path(), &error))?;
                lines.path().display().to_string()
            }
        };
        Ok(Delivered { answer: format!("{} bytes are in {place}", body.len()), ..Delivered::default() })
    }
}
