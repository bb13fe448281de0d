//! Metrics in a file for the node exporter's textfile collector.

use std::path::PathBuf;

use seaworthy_report::format::Context;
use seaworthy_report::prometheus;
use serde::Deserialize;

use super::place::{replace, trouble};
use crate::outgoing::Outgoing;
use crate::settings::Settings;
use crate::sink::{Batch, Delivered, Keep, Limits, Part, Sink, Trouble};

/// The exporter runs as another user, and there is nothing in the metrics that it would not show to everybody.
const MODE: u32 = 0o644;

/// A file in the directory that the node exporter collects.
pub struct Textfile {
    path: PathBuf,
}

/// It has no settings of its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {}

impl Textfile {
    /// From its settings.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn new(settings: &Settings) -> Result<Textfile, String> {
        let Own {} = settings.own()?;
        super::without_http(settings)?;
        super::of_whole_reports(settings)?;
        let path = PathBuf::from(&settings.address.path);
        // `.prom` alone is a hidden file without an ending.
        if path.extension().is_none_or(|ending| ending != "prom") {
            return Err("the file's name ends with .prom: the node exporter reads no other".to_owned());
        }
        Ok(Textfile { path })
    }
}

impl Sink for Textfile {
    fn parts(&self, outgoing: &Outgoing<'_>, out: &mut dyn FnMut(Part) -> Result<(), String>) -> Result<(), String> {
        let context = Context { changes: outgoing.changes, ..Context::default() };
        out(Part { id: super::report_id("prometheus", outgoing), body: prometheus::render(outgoing.report, &context) })
    }

    fn limits(&self) -> Limits {
        Limits::ONE
    }

    fn keep(&self) -> Keep {
        Keep::Newest
    }

    fn deliver(&self, batch: &Batch) -> Result<Delivered, Trouble> {
        let body = batch.joined("");
        replace(&self.path, body.as_bytes(), MODE).map_err(|error| trouble(&self.path, &error))?;
        Ok(Delivered { answer: format!("{} bytes are in {}", body.len(), self.path.display()), ..Delivered::default() })
    }
}
