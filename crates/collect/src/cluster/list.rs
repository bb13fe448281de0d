//! Lists, page by page: a list is known only after its last page.

use seaworthy_model::cluster::{BrokenObject, List, Listing, api_source};
use seaworthy_model::{Fact, Source};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::api::{Api, Form, Refusal, Request};

/// How often a list whose continuation ran out is begun again.
const RESTARTS: u32 = 3;
/// The most pages of a list: 50 million objects.
const PAGES: u32 = 100_000;
/// The most objects of a list that are named as broken; the rest is counted by the last.
const BROKEN: usize = 100;

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    metadata: PageMeta,
    /// Null for an empty list that was asked for as metadata only; not there in what is no list.
    #[serde(borrow, default, deserialize_with = "there")]
    items: Option<Vec<&'a RawValue>>,
}

fn there<'de: 'a, 'a, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<&'a RawValue>>, D::Error> {
    Option::<Vec<&'a RawValue>>::deserialize(deserializer).map(|items| Some(items.unwrap_or_default()))
}

#[derive(Deserialize, Default)]
struct PageMeta {
    #[serde(default, rename = "continue")]
    token: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Named {
    metadata: NamedMeta,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct NamedMeta {
    name: String,
    namespace: String,
}

/// Reads a list into trimmed objects, each made of what the API calls one. `resource` is `pods` or `roles.rbac.authorization.k8s.io`.
pub(crate) fn read<W: DeserializeOwned, T>(
    api: &dyn Api,
    request: &Request,
    resource: &str,
    keep: impl Fn(W) -> Option<T>,
) -> List<T> {
    let source = api_source(resource, None, None);
    let ask = format!("list {resource}");
    let mut restarts = 0;
    loop {
        match once(api, request, &keep) {
            Ok(value) => return Fact::Known { value, source },
            Err(Refusal::Gone) if restarts < RESTARTS => restarts += 1,
            Err(refusal) => return refusal.fact(&ask, source),
        }
    }
}

fn once<W: DeserializeOwned, T>(
    api: &dyn Api,
    first: &Request,
    keep: &impl Fn(W) -> Option<T>,
) -> Result<Listing<T>, Refusal> {
    let mut listing = Listing::default();
    let mut broken = 0_usize;
    let mut request = first.clone();
    for _ in 0..PAGES {
        let bytes = api.get(&request)?;
        let page: Page<'_> = serde_json::from_slice(&bytes)
            .map_err(|error| Refusal::Broken(format!("the answer is no list: {error}")))?;
        if !page.kind.ends_with("List") {
            return Err(Refusal::Broken(format!("the answer is no list but {:?}", page.kind)));
        }
        // An answer without whole objects is what was asked for; whole ones in their place may hold what we must not have.
        if first.form == Form::Metadata && !api.recorded() && page.kind != "PartialObjectMetadataList" {
            return Err(Refusal::Broken("the server does not answer with metadata only".to_owned()));
        }
        let Some(items) = page.items else {
            return Err(Refusal::Broken("the answer has no items".to_owned()));
        };
        for (index, raw) in items.iter().enumerate() {
            match serde_json::from_str::<W>(raw.get()) {
                Ok(object) => listing.items.extend(keep(object)),
                Err(error) => {
                    broken += 1;
                    if listing.broken.len() < BROKEN {
                        listing.broken.push(BrokenObject { name: name(raw.get(), index), error: error.to_string() });
                    }
                }
            }
        }
        match page.metadata.token.filter(|token| !token.is_empty()) {
            Some(token) => request = first.next(&token),
            None => {
                if let Some(last) = listing.broken.last_mut().filter(|_| broken > BROKEN) {
                    last.name = format!("{} and {} more", last.name, broken - BROKEN);
                }
                return Ok(listing);
            }
        }
    }
    Err(Refusal::Broken("the list does not end".to_owned()))
}

/// As much of an object's name as can be read.
fn name(json: &str, index: usize) -> String {
    let named: Named = serde_json::from_str(json).unwrap_or_default();
    match (named.metadata.namespace.as_str(), named.metadata.name.as_str()) {
        (_, "") => format!("object {}", index + 1),
        ("", name) => name.to_owned(),
        (namespace, name) => format!("{namespace}/{name}"),
    }
}

/// Reads one thing.
pub(crate) fn one<T: DeserializeOwned>(api: &dyn Api, request: &Request, ask: &str, source: Source) -> Fact<T> {
    match api.get(request) {
        Err(refusal) => refusal.fact(ask, source),
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Ok(value) => Fact::Known { value, source },
            Err(error) => Fact::Broken { error: error.to_string(), source },
        },
    }
}
