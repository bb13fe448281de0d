//! The public part of certificates.

use data_encoding::{BASE64, HEXLOWER};
use seaworthy_model::Certificate;
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::tree::find;

/// Certificates of one file that are read.
const MOST: usize = 1000;

/// The certificates of a text in PEM form, in order, and what is wrong with those that cannot be read.
pub(crate) fn read(text: &[u8]) -> (Vec<Certificate>, Option<String>) {
    let mut found = Vec::new();
    let mut wrong = None;
    for (index, block) in blocks(text).take(MOST).enumerate() {
        match block.and_then(|der| certificate(&der)) {
            Some(certificate) => found.push(certificate),
            None => wrong = wrong.or_else(|| Some(format!("certificate {} is broken", index + 1))),
        }
    }
    (found, wrong)
}

/// SHA-256, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

fn blocks(mut text: &[u8]) -> impl Iterator<Item = Option<Vec<u8>>> {
    const BEGIN: &[u8] = b"-----BEGIN ";
    std::iter::from_fn(move || {
        loop {
            let start = find(text, BEGIN)? + BEGIN.len();
            text = &text[start..];
            let label_end = find(text, b"-----")?;
            let label = &text[..label_end];
            let body = &text[label_end + 5..];
            // Private keys are passed over, not decoded.
            if matches!(label, b"CERTIFICATE" | b"X509 CERTIFICATE" | b"TRUSTED CERTIFICATE") {
                let end = find(body, b"-----END ").unwrap_or(body.len());
                text = &body[end..];
                let digits: Vec<u8> = body[..end].iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
                return Some(BASE64.decode(&digits).ok());
            }
            text = body;
        }
    })
}

/// A certificate in DER form.
pub(crate) fn of_der(der: &[u8]) -> Option<Certificate> {
    certificate(der)
}

fn certificate(der: &[u8]) -> Option<Certificate> {
    let (rest, parsed) = X509Certificate::from_der(der).ok()?;
    let whole = &der[..der.len() - rest.len()];
    let algorithm = parsed.public_key().algorithm.algorithm.to_id_string();
    let key = match algorithm.as_str() {
        "1.2.840.113549.1.1.1" => "RSA",
        "1.2.840.10045.2.1" => "EC",
        "1.3.101.112" => "Ed25519",
        other => other,
    };
    let text = |name: &x509_parser::x509::AttributeTypeAndValue<'_>| name.as_str().ok().map(str::to_owned);
    Some(Certificate {
        common_name: parsed.subject().iter_common_name().find_map(text),
        organizations: parsed.subject().iter_organization().filter_map(text).collect(),
        issuer: parsed.issuer().to_string(),
        not_before: parsed.validity().not_before.timestamp(),
        not_after: parsed.validity().not_after.timestamp(),
        authority: parsed.is_ca(),
        key: key.to_owned(),
        public_key_sha256: sha256(parsed.public_key().raw),
        sha256: sha256(whole),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_without_certificates_have_none() {
        assert_eq!(read(b""), (Vec::new(), None));
        assert_eq!(read(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), (Vec::new(), None));
        assert_eq!(read(b"-----BEGIN "), (Vec::new(), None));
    }

    #[test]
    fn a_broken_certificate_is_said_to_be_broken() {
        let (found, wrong) = read(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assert!(found.is_empty());
        assert_eq!(wrong.as_deref(), Some("certificate 1 is broken"));
    }
}
