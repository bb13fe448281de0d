//! Facts on their way from a pod: compressed, with length and digest in front, so that a connection that breaks is never taken for an
//! answer.
//!
//! One line `seaworthy-facts 1 LENGTH SHA256\n`, where length and digest are those of what follows: the facts as JSON, compressed by
//! gzip.

use std::io::{Read, Write};

use data_encoding::HEXLOWER;
use seaworthy_model::{FACTS_SCHEMA, Facts, check_schema};
use sha2::{Digest, Sha256};

/// The most bytes of a node's facts, inflated: far above what a node gives.
const INFLATED: u64 = 64 << 20;
/// The most bytes that are taken from a pod.
pub(crate) const SEALED: usize = 32 << 20;
/// The word that begins the first line, and the number of this form.
const HEAD: &str = "seaworthy-facts 1 ";

/// Why what came is not taken for facts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The connection ended before everything had come, or something else was sent. Asking again may help.
    #[error("what it sent is not whole: {0}")]
    Damaged(String),
    /// It is whole, and no facts that this build reads.
    #[error("what it sent are no facts: {0}")]
    Foreign(String),
}

/// Facts as they are sent.
///
/// # Errors
/// Only if JSON or gzip fail in memory, which would be our own mistake.
pub fn seal(facts: &Facts) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&serde_json::to_vec(facts)?)?;
    let body = encoder.finish()?;
    let mut sealed = format!("{HEAD}{} {}\n", body.len(), HEXLOWER.encode(&Sha256::digest(&body))).into_bytes();
    sealed.extend(body);
    Ok(sealed)
}

/// Facts as they came.
///
/// # Errors
/// See [`SealError`].
pub fn unseal(sealed: &[u8]) -> Result<Facts, SealError> {
    let damaged = |what: &str| SealError::Damaged(what.to_owned());
    let end = sealed.iter().take(200).position(|byte| *byte == b'\n').ok_or_else(|| damaged("it has no head"))?;
    let head = std::str::from_utf8(&sealed[..end]).map_err(|_| damaged("it has no head"))?;
    let rest = head.strip_prefix(HEAD).ok_or_else(|| {
        let form = head.strip_prefix("seaworthy-facts ").map(|_| {
            SealError::Foreign("another version of seaworthy sent them: use the image of this one".to_owned())
        });
        form.unwrap_or_else(|| damaged("it has no head"))
    })?;
    let (length, digest) = rest.split_once(' ').ok_or_else(|| damaged("its head is cut"))?;
    let body = &sealed[end + 1..];
    if length.parse() != Ok(body.len()) {
        return Err(damaged(&format!("{} bytes of {length}", body.len())));
    }
    if HEXLOWER.encode(&Sha256::digest(body)) != digest {
        return Err(damaged("its digest is another"));
    }
    let mut json = Vec::new();
    let mut decoder = flate2::read::GzDecoder::new(body).take(INFLATED + 1);
    decoder.read_to_end(&mut json).map_err(|error| SealError::Foreign(error.to_string()))?;
    if json.len() as u64 > INFLATED {
        return Err(SealError::Foreign(format!("they are larger than {} MiB", INFLATED >> 20)));
    }
    let foreign = |error: serde_json::Error| SealError::Foreign(error.to_string());
    #[derive(serde::Deserialize)]
    struct Head {
        schema: u32,
    }
    let head: Head = serde_json::from_slice(&json).map_err(foreign)?;
    check_schema("facts", head.schema, FACTS_SCHEMA).map_err(|error| SealError::Foreign(error.to_string()))?;
    let mut facts: Facts = serde_json::from_slice(&json).map_err(foreign)?;
    if let Some(node) = &mut facts.node {
        node.sort();
    }
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use seaworthy_model::Tool;

    use super::*;

    fn facts() -> Facts {
        Facts {
            schema: FACTS_SCHEMA,
            tool: Tool { name: "seaworthy".into(), version: "0".into() },
            time: None,
            platform: None,
            cluster: None,
            versions: Vec::new(),
            node: None,
            api: None,
            notes: vec!["a note".into()],
        }
    }

    #[test]
    fn what_is_sealed_comes_out_again() {
        assert_eq!(unseal(&seal(&facts()).unwrap()), Ok(facts()));
    }

    #[test]
    fn whatever_is_cut_off_is_noticed() {
        let sealed = seal(&facts()).unwrap();
        for end in 0..sealed.len() {
            assert!(matches!(unseal(&sealed[..end]), Err(SealError::Damaged(_))), "{end}");
        }
        let mut longer = sealed;
        longer.push(b'x');
        assert!(matches!(unseal(&longer), Err(SealError::Damaged(_))));
    }

    #[test]
    fn facts_of_another_form_or_schema_are_refused() {
        let sealed = seal(&Facts { schema: FACTS_SCHEMA + 1, ..facts() }).unwrap();
        assert!(matches!(unseal(&sealed), Err(SealError::Foreign(why)) if why.contains("newer")));
        assert!(matches!(unseal(b"seaworthy-facts 2 x\n"), Err(SealError::Foreign(_))));
    }

    #[test]
    fn a_small_message_that_inflates_without_end_is_refused() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..66 {
            encoder.write_all(&vec![b' '; 1 << 20]).unwrap();
        }
        let body = encoder.finish().unwrap();
        let mut sealed = format!("{HEAD}{} {}\n", body.len(), HEXLOWER.encode(&Sha256::digest(&body))).into_bytes();
        sealed.extend(body);
        assert!(matches!(unseal(&sealed), Err(SealError::Foreign(why)) if why.contains("larger")));
    }

    proptest! {
        #[test]
        fn one_changed_byte_is_noticed(place in any::<prop::sample::Index>(), bit in 0..8u8) {
            let mut sealed = seal(&facts()).unwrap();
            let place = place.index(sealed.len());
            sealed[place] ^= 1 << bit;
            prop_assert!(unseal(&sealed).is_err());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = unseal(&bytes);
        }
    }
}
