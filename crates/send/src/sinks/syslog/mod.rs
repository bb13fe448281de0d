//! Syslog by RFC 5424, over UDP (RFC 5426), TCP (RFC 6587) or TLS (RFC 5425): a message for each finding, as words for people with
//! structured data, as CEF or as LEEF.
//!
//! No receiver of syslog says what it took. What can be known is known: that nobody listens, that the connection broke, that the other
//! machine did not acknowledge the bytes in time. A batch of which any of these is known is sent again as a whole, with the same event
//! ids. What a receiver loses after its machine took the bytes (it is killed with them in its buffers, its queue is full) is lost and
//! nobody is told; UDP loses on the way as well. Where each message counts, use a sink whose receiver answers.

mod cef;
mod connection;
mod field;
mod frame;
mod leef;
mod plain;
mod words;

use serde::Deserialize;

use crate::outgoing::Outgoing;
use crate::settings::Settings;
use crate::sink::{Batch, Delivered, Limits, Part, Sink, Trouble};
use connection::{Connection, Framing};
use frame::Frame;

/// What a message is at most over UDP unless another size is set: RFC 5424 wants every receiver to take it.
const UDP: usize = 2048;
/// The same over TCP and TLS: rsyslog takes 8 KiB unless it is told to take more, and cuts what is longer.
const STREAM: usize = 8 * 1024;
/// Below this not even the identities fit.
const LEAST: usize = 1024;
/// What fits into a datagram at all, over IPv4.
const MOST_UDP: usize = 65_507;
/// What any receiver can be told to take.
const MOST: usize = 1 << 20;

/// In which form a message's text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Payload {
    /// Words for people, and structured data for programs.
    #[default]
    Plain,
    /// Common Event Format, version 0.
    Cef,
    /// Log Event Extended Format, 2.0.
    Leef,
}

/// The settings that only this sink has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Own {
    framing: Option<Framing>,
    #[serde(default)]
    payload: Payload,
    facility: Option<u8>,
    app_name: Option<String>,
    sd_id: Option<String>,
    max_bytes: Option<usize>,
    #[serde(default)]
    cef_space: bool,
}

/// A receiver of syslog.
pub struct Syslog {
    connection: Connection,
    frame: Frame,
    payload: Payload,
    most: usize,
    cef_space: bool,
}

impl Syslog {
    /// From its settings.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn new(settings: &Settings) -> Result<Syslog, String> {
        super::without_http(settings)?;
        let own: Own = settings.own()?;
        let udp = settings.address.transport == "udp";
        if udp && own.framing.is_some() {
            return Err("framing is for tcp and tls: over udp each message is a datagram".to_owned());
        }
        let (usual, most) = if udp { (UDP, MOST_UDP) } else { (STREAM, MOST) };
        let size = own.max_bytes.unwrap_or(usual);
        if !(LEAST..=most).contains(&size) {
            return Err(format!("max-bytes is between {LEAST} and {most}"));
        }
        let facility = own.facility.unwrap_or(frame::LOG_AUDIT);
        if facility > 23 {
            return Err("facility is a number from 0 to 23; 13 is log audit".to_owned());
        }
        if own.cef_space && own.payload != Payload::Cef {
            return Err("cef-space is for the payload cef".to_owned());
        }
        if !matches!(settings.address.path.as_str(), "" | "/") || settings.address.query.is_some() {
            return Err("a syslog sink's URL ends with the port".to_owned());
        }
        Ok(Syslog {
            connection: Connection::new(&settings.address, &settings.trust, own.framing.unwrap_or_default())?,
            frame: Frame::new(facility, own.app_name.as_deref(), own.sd_id.as_deref())?,
            payload: own.payload,
            most: size,
            cef_space: own.cef_space,
        })
    }
}

impl Sink for Syslog {
    fn parts(&self, outgoing: &Outgoing<'_>, out: &mut dyn FnMut(Part) -> Result<(), String>) -> Result<(), String> {
        for item in &outgoing.items {
            let id = outgoing.event_id(item);
            let about = words::About { outgoing, item, id: &id };
            let body = match self.payload {
                Payload::Plain => plain::message(&self.frame, &about, self.most),
                Payload::Cef => cef::message(&self.frame, &about, self.most, self.cef_space),
                Payload::Leef => leef::message(&self.frame, &about, self.most),
            };
            out(Part { id, body })?;
        }
        Ok(())
    }

    fn limits(&self) -> Limits {
        Limits { count: 500, bytes: 4 << 20 }
    }

    fn deliver(&self, batch: &Batch) -> Result<Delivered, Trouble> {
        let messages: Vec<&str> = batch.parts.iter().map(|part| part.body.as_str()).collect();
        let answer = self.connection.send(&messages)?;
        Ok(Delivered { answer, ..Delivered::default() })
    }
}
