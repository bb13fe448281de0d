//! Whether etcd trusts an authority of its own: by the keys in the files, not by their names.

use seaworthy_model::{Evidence, File, Source, Verdict, View};

use super::super::{Judge, Outcome, named_path};
use crate::settings::Resolver;
use crate::why::Why;

pub(super) fn unique(judge: &Judge<'_, '_>, resolver: &Resolver<'_, '_>, _: &[String]) -> Outcome {
    let mut outcome = decide(judge, resolver);
    outcome.show("etcd", "trusted-ca-file", &resolver.effective("trusted-ca-file"));
    outcome.expecting("an authority that vouches for nobody but clients of etcd")
}

fn decide(judge: &Judge<'_, '_>, resolver: &Resolver<'_, '_>) -> Outcome {
    let path = match named_path(resolver, "trusted-ca-file") {
        Err(why) => return Outcome::unknown(why),
        Ok(None) => {
            return Outcome::tested(
                Verdict::Fail,
                "trusted-ca-file is not set, so etcd checks no client against an authority of its own",
            );
        }
        Ok(Some(path)) => path,
    };
    let own = match keys_of(resolver, &path) {
        Ok(keys) => keys,
        Err(why) => return Outcome::unknown(why),
    };
    let (other, keys) = match clients(judge) {
        Ok(found) => found,
        Err(why) => return Outcome::unknown(why),
    };
    let shared = own.iter().any(|key| keys.contains(key));
    let (verdict, reason) = if shared {
        (
            Verdict::Fail,
            format!("{path} holds the authority of {other} too, so every client certificate of the cluster opens etcd"),
        )
    } else {
        (Verdict::Pass, format!("{path} and {other} hold different authorities"))
    };
    let mut outcome = Outcome::tested(verdict, reason);
    for (what, keys) in [(path.as_str(), &own), (other.as_str(), &keys)] {
        outcome.evidence.push(Evidence {
            what: format!("public keys in {what}"),
            value: keys.iter().map(|k| k.get(..16).unwrap_or(k).to_owned()).collect::<Vec<_>>().join(", "),
            source: Some(Source::host(what)),
            candidates: Vec::new(),
            notes: Vec::new(),
        });
    }
    outcome
}

fn keys_of(resolver: &Resolver<'_, '_>, path: &str) -> Result<Vec<String>, Why> {
    let (view, _) = resolver.named_file(path)?;
    keys(resolver.context.file(view, path)?, path)
}

fn keys(file: &File, path: &str) -> Result<Vec<String>, Why> {
    if file.certificates.is_empty() {
        return Err(Why::error(format!("{path} holds no certificate that could be read")));
    }
    Ok(file.certificates.iter().map(|c| c.public_key_sha256.clone()).collect())
}

/// The authority that the cluster's clients have: the API server's, or the platform's file of it.
fn clients(judge: &Judge<'_, '_>) -> Result<(String, Vec<String>), Why> {
    if let Some(api) = judge.resolvers("kube-apiserver").first() {
        return match named_path(api, "client-ca-file")? {
            Some(path) => Ok((path.clone(), keys_of(api, &path)?)),
            None => Err(Why::error("the API server names no authority for its clients to compare with")),
        };
    }
    let path = judge
        .context
        .platform
        .cluster_ca
        .clone()
        .ok_or_else(|| Why::error("this platform names no cluster authority"))?;
    let file = judge.context.file(View::Host, &path)?;
    Ok((path.clone(), keys(file, &path)?))
}
