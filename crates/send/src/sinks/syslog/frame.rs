//! The header of RFC 5424: `<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG`.

use super::field::name;
use super::words::About;

/// The facility `log audit`.
pub(super) const LOG_AUDIT: u8 = 13;
/// The number that RFC 5612 keeps for examples: an enterprise has its own, see the documentation of `sd-id`.
const SD_ID: &str = "seaworthy@32473";
/// How long an SD-ID and the name of a parameter may be.
const SD_NAME: usize = 32;

/// What all messages of a sink have in common.
pub(super) struct Frame {
    facility: u8,
    app_name: String,
    /// `name@number`.
    pub(super) sd_id: String,
}

impl Frame {
    /// # Errors
    /// A sentence: what is given can stand in no header.
    pub(super) fn new(facility: u8, app_name: Option<&str>, sd_id: Option<&str>) -> Result<Frame, String> {
        let app_name = app_name.unwrap_or("seaworthy");
        if app_name.is_empty() || app_name.len() > 48 || !app_name.bytes().all(|b| b.is_ascii_graphic()) {
            return Err("app-name has 1 to 48 printable ASCII characters and no blanks".to_owned());
        }
        let sd_id = sd_id.unwrap_or(SD_ID);
        let numbered = sd_id.split_once('@').is_some_and(|(name, number)| {
            let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            !name.is_empty() && number.split('.').all(digits)
        });
        if !numbered || sd_id.len() > SD_NAME || !sd_id.bytes().all(is_sd_name) {
            return Err(
                "sd-id is a name, @ and your enterprise's number at IANA, such as seaworthy@32473: at most 32 \
                        printable ASCII characters, none of them =, ], \" or a blank"
                    .to_owned(),
            );
        }
        Ok(Frame { facility, app_name: app_name.to_owned(), sd_id: sd_id.to_owned() })
    }

    /// The header up to the message identifier, with a blank behind it. Structured data, or `-`, comes next.
    pub(super) fn header(&self, about: &About<'_>) -> String {
        format!(
            "<{}>1 {} {} {} - {} ",
            u16::from(self.facility) * 8 + u16::from(about.severity()),
            timestamp(about.time()),
            name(&about.finding().subject.name, 255),
            self.app_name,
            name(&about.kind(), 32),
        )
    }
}

fn is_sd_name(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'=' | b']' | b'"')
}

/// RFC 3339 with at most six digits behind the second; `-` if there is none or its year does not have four digits.
fn timestamp(time: Option<jiff::Timestamp>) -> String {
    let time = time.and_then(|time| jiff::Timestamp::from_microsecond(time.as_microsecond()).ok());
    let text = time.map(|time| time.to_string()).unwrap_or_default();
    if text.len() >= 20 && text.starts_with(|c: char| c.is_ascii_digit()) { text } else { "-".to_owned() }
}

/// ` name="value"`, with the three characters escaped that RFC 5424 escapes, and no other.
pub(super) fn parameter(out: &mut String, name: &str, value: &str) {
    if value.is_empty() {
        return;
    }
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    for c in value.chars() {
        if matches!(c, '"' | '\\' | ']') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_six_digits_at_most() {
        let of = |text: &str| timestamp(Some(text.parse().unwrap()));
        assert_eq!(of("2026-01-31T10:00:00Z"), "2026-01-31T10:00:00Z");
        assert_eq!(of("2026-01-31T10:00:00.123456789+02:00"), "2026-01-31T08:00:00.123456Z");
        assert_eq!(of("-000001-01-31T10:00:00Z"), "-");
        assert_eq!(timestamp(None), "-");
    }

    #[test]
    fn what_can_stand_in_no_header_is_refused() {
        for sd_id in ["x", "x@", "@1", "x@y", "a b@1", "a=@1", "a]@1", "a\"@1", "ä@1", &format!("{}@1", "x".repeat(31))]
        {
            assert!(Frame::new(13, None, Some(sd_id)).is_err(), "{sd_id}");
        }
        for app_name in ["", "a b", "ä", &"x".repeat(49)] {
            assert!(Frame::new(13, Some(app_name), None).is_err(), "{app_name}");
        }
        assert!(Frame::new(13, Some("cis"), Some("cis@32473.1")).is_ok());
    }

    #[test]
    fn three_characters_are_escaped() {
        let mut out = String::new();
        parameter(&mut out, "a", r#"x"y\z]w=|"#);
        assert_eq!(out, r#" a="x\"y\\z\]w=|""#);
    }
}
