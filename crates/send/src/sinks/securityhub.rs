//! AWS Security Hub: findings in ASFF by `BatchImportFindings`, a hundred a call, signed with Signature Version 4.
//!
//! A finding's `Id` never changes, so that a finding that is sent again is updated. What is solved is sent again as PASSED; what is not
//! asked any more, under its number or at all, is sent as ARCHIVED. That needs the last report: see `when`.
//!
//! `securityhub://` is the service's own endpoint in `region`; `securityhub+https://HOST` and, for stand-ins,
//! `securityhub+http://127.0.0.1:PORT` are others.
//!
//! Credentials are an access key, with a session token where it is a temporary one, from files or the environment; each run reads them
//! anew. Roles of an instance, a pod or a web identity are not taken up here: what `aws configure export-credentials` or a side car
//! makes of them can be referred to.

mod answer;
mod endpoint;
mod sign;

use std::collections::HashMap;
use std::path::PathBuf;

use seaworthy_report::format::Aws;
use seaworthy_report::{asff, identity};
use serde::Deserialize;

use crate::outgoing::Outgoing;
use crate::secret::{Reference, is_set};
use crate::settings::Settings;
use crate::sink::{Batch, Delivered, Limits, Part, Sink, Trouble};
use crate::wire::Wire;

/// Where findings are imported.
const PATH: &str = "/findings/import";
/// At most so many bytes a call. Security Hub states 240 KB a finding, which ours are far from, and a hundred a call; this is below what
/// the gateway in front of it takes.
const BYTES: usize = 4 << 20;

/// Security Hub in one region of one account.
pub struct SecurityHub {
    wire: Wire,
    path: String,
    aws: Aws,
    signer: sign::Signer,
}

/// Its own settings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Own {
    region: Option<String>,
    account: Option<String>,
    partition: Option<String>,
    product: Option<String>,
    access_key_id_file: Option<PathBuf>,
    access_key_id_env: Option<String>,
    secret_access_key_file: Option<PathBuf>,
    secret_access_key_env: Option<String>,
    session_token_file: Option<PathBuf>,
    session_token_env: Option<String>,
}

impl SecurityHub {
    /// From its settings.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn new(settings: &Settings) -> Result<SecurityHub, String> {
        let own: Own = settings.own()?;
        let aws = endpoint::aws(own.region, own.account, own.partition, own.product)?;
        let id = Reference { file: own.access_key_id_file, env: own.access_key_id_env };
        let key = Reference { file: own.secret_access_key_file, env: own.secret_access_key_env };
        let mut token = Reference { file: own.session_token_file, env: own.session_token_env };
        // A token belongs to its key: that of the environment is none of a key from elsewhere.
        let is_of_environment = id == Reference::default() && key == Reference::default();
        if is_of_environment && token == Reference::default() && is_set("AWS_SESSION_TOKEN") {
            token.env = Some("AWS_SESSION_TOKEN".to_owned());
        }
        let read = |reference: Reference, what: &str, name: &str| {
            let reference = if reference == Reference::default() {
                Reference { file: None, env: Some(name.to_owned()) }
            } else {
                reference
            };
            reference.read(what)?.ok_or_else(|| format!("it has no {what}-file or {what}-env"))
        };
        let id = read(id, "access-key-id", "AWS_ACCESS_KEY_ID")?;
        let key = read(key, "secret-access-key", "AWS_SECRET_ACCESS_KEY")?;
        let token = token.read("session-token")?;
        let mut secrets = settings.secrets();
        secrets.extend([id.clone(), key.clone()].into_iter().chain(token.clone()));
        let mut wire = Wire::new(&settings.address, &settings.trust, &settings.headers, &secrets)?;
        if settings.address.authority.is_empty() {
            wire = wire.to(endpoint::of(&aws)?);
        }
        let path = format!("{}{PATH}", settings.address.path.trim_end_matches('/'));
        let signer = sign::Signer::new(&id, &key, token.as_ref(), &aws.region);
        Ok(SecurityHub { wire, path, aws, signer })
    }
}

impl Sink for SecurityHub {
    fn parts(&self, outgoing: &Outgoing<'_>, out: &mut dyn FnMut(Part) -> Result<(), String>) -> Result<(), String> {
        let mut wanted: HashMap<String, String> = HashMap::new();
        for item in &outgoing.items {
            let id = outgoing.event_id(item);
            // Under its old number it is not asked any more.
            let old = item.change.and_then(|change| change.before);
            if let Some(old) = old.filter(|old| old.identity != item.finding.identity) {
                wanted.insert(identity::fingerprint(old), format!("{id}-old"));
            }
            wanted.insert(identity::fingerprint(item.finding), id);
        }
        for finding in asff::findings(outgoing.report, &self.aws, outgoing.changes) {
            if let Some(id) = finding["Id"].as_str().and_then(|id| wanted.remove(id)) {
                out(Part { id, body: finding.to_string() })?;
            }
        }
        Ok(())
    }

    fn limits(&self) -> Limits {
        Limits { count: asff::limit::BATCH, bytes: BYTES }
    }

    fn deliver(&self, batch: &Batch) -> Result<Delivered, Trouble> {
        let body = format!("{{\"Findings\":[{}]}}", batch.joined(","));
        let url = format!("{}{}", self.wire.base(), self.path);
        let signed = self.signer.headers(&url, body.as_bytes(), std::time::SystemTime::now());
        let signed = signed.map_err(|why| Trouble::Blocked { why: self.wire.clean(&why) })?;
        let mut headers = vec![("content-type", sign::MEDIA_TYPE)];
        headers.extend(signed.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let answer = self.wire.send("POST", &self.path, &headers, body.as_bytes())?;
        answer::judge(&self.wire, &answer, batch)
    }
}
