//! Files whose own last line tells whether they are whole.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::write::digest;

const SEAL: &str = "sha256 ";

/// JSON to be read by people, too: in need, this is all that they have.
pub(super) fn json<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    Ok(text)
}

pub(super) fn seal<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut text = json(value)?;
    let line = format!("{SEAL}{}\n", digest(&text));
    text.extend_from_slice(line.as_bytes());
    Ok(text)
}

/// What was sealed; in words what is wrong, if it is not that any longer.
pub(super) fn unseal<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let cut = bytes.len().checked_sub(SEAL.len() + 64 + 1).ok_or("it is too short")?;
    let (text, line) = bytes.split_at_checked(cut).ok_or("it is too short")?;
    if line != format!("{SEAL}{}\n", digest(text)).as_bytes() {
        return Err("its checksum does not agree".to_owned());
    }
    // Written by another version, since the checksum agrees.
    serde_json::from_slice(text).map_err(|error| format!("it is of a form that this version does not know: {error}"))
}
