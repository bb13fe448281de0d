//! Whether a certificate that a component presents is of the authority that another one trusts: by the signature, since names can be
//! the same.

use seaworthy_collect::Links;
use seaworthy_engine::Settings;
use seaworthy_model::View;
use x509_parser::certificate::X509Certificate;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer;

use super::Node;

/// The largest file of certificates that is read.
const LIMIT: usize = 1 << 20;

/// Who signs.
pub(crate) enum Authority<'a> {
    /// The file that a setting of a component names.
    Of(&'a str, &'a str),
    /// A file of the host.
    File(&'a str),
}

/// Whether the first certificate of the file that a setting names is signed by one of the authority's; `None` if either is not seen.
pub(crate) fn signed(
    node: &Node<'_>,
    settings: &Settings<'_, '_, '_>,
    (component, setting): (&str, &str),
    authority: &Authority<'_>,
) -> Option<bool> {
    let client = named(node, settings, component, setting)?;
    let authorities = match authority {
        Authority::Of(component, setting) => named(node, settings, component, setting)?,
        Authority::File(path) => ders(node, View::Host, path)?,
    };
    Some(signs(client.first()?, &authorities))
}

/// Whether the first certificate of a file of the host is signed by one of the authority's; `None` if either is not seen.
pub(crate) fn file_signed(node: &Node<'_>, path: &str, authority: &str) -> Option<bool> {
    let authorities = ders(node, View::Host, authority)?;
    Some(signs(ders(node, View::Host, path)?.first()?, &authorities))
}

/// Whether one of the authorities signed a certificate.
fn signs(certificate: &[u8], authorities: &[Vec<u8>]) -> bool {
    let Ok((_, certificate)) = X509Certificate::from_der(certificate) else { return false };
    let signed = |der: &Vec<u8>| {
        let Ok((_, authority)) = X509Certificate::from_der(der) else { return false };
        certificate.issuer() == authority.subject()
            && certificate.verify_signature(Some(authority.public_key())).is_ok()
    };
    authorities.iter().any(signed)
}

/// The certificates of the file that a setting names, as the component sees it.
fn named(node: &Node<'_>, settings: &Settings<'_, '_, '_>, component: &str, setting: &str) -> Option<Vec<Vec<u8>>> {
    let stands = settings.stands(component)?;
    let standing = settings.standing(component, setting).filter(|standing| standing.set == Some(true))?;
    stands.views.iter().find_map(|view| ders(node, *view, &standing.shown))
}

fn ders(node: &Node<'_>, view: View, path: &str) -> Option<Vec<Vec<u8>>> {
    let seen = node.tree.look(view, path.as_bytes(), Links::Follow).ok()?;
    let mut bytes = Vec::new();
    node.tree.read(&seen, LIMIT, &mut bytes).ok()?;
    let pems = Pem::iter_from_buffer(&bytes).filter_map(Result::ok).filter(|pem| pem.label == "CERTIFICATE");
    let ders: Vec<Vec<u8>> = pems.map(|pem| pem.contents).collect();
    (!ders.is_empty()).then_some(ders)
}
