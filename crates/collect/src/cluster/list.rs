//! Lists, page by page: a list is known only after its last page.

use seaworthy_model::cluster::{BrokenObject, List, Listing, api_source};
use seaworthy_model::{Fact, Source};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::api::{Api, Form, PAGE, Refusal, Request};

/// How often a list whose continuation ran out is begun again.
const RESTARTS: u32 = 3;
/// The most pages of a list: 5 million objects, which is more than etcd holds.
const PAGES: u32 = 10_000;
/// The most objects of a list that are named as broken; the rest is counted by the last.
const BROKEN: usize = 100;
/// The most characters that are quoted of what an answer says it is.
const QUOTED: usize = 60;

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
    /// How many objects follow, where the server knows.
    #[serde(default, rename = "remainingItemCount")]
    remaining: Option<i64>,
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
    let mut seen = 0_usize;
    let mut request = first.clone();
    let mut last = None;
    for _ in 0..PAGES {
        let bytes = api.get(&request)?;
        let page: Page<'_> = serde_json::from_slice(&bytes)
            .map_err(|error| Refusal::Broken(format!("the answer is no list: {}", wrong(&error))))?;
        if !page.kind.ends_with("List") {
            let kind: String = page.kind.chars().take(QUOTED).collect();
            return Err(Refusal::Broken(format!("the answer is no list but {kind:?}")));
        }
        // An answer without whole objects is what was asked for; whole ones in their place may hold what we must not have.
        if first.form == Form::Metadata && !api.recorded() && page.kind != "PartialObjectMetadataList" {
            return Err(Refusal::Broken("the server does not answer with metadata only".to_owned()));
        }
        let Some(items) = page.items else {
            return Err(Refusal::Broken("the answer has no items".to_owned()));
        };
        // Twice as much at every step, as a list grows by itself, would be room for as many objects again.
        listing.items.reserve_exact(items.len().min(PAGE as usize));
        for raw in items {
            seen += 1;
            match serde_json::from_slice::<W>(raw.get().as_bytes()) {
                Ok(object) => listing.items.extend(keep(object)),
                Err(error) => {
                    broken += 1;
                    if listing.broken.len() < BROKEN {
                        listing.broken.push(BrokenObject { name: name(raw.get(), seen), error: wrong(&error) });
                    }
                }
            }
        }
        match page.metadata.token.filter(|token| !token.is_empty()) {
            Some(_) if api.recorded() => {
                return Err(Refusal::Broken("the recording holds no more than the first page of the list".to_owned()));
            }
            Some(token) if last.as_ref() == Some(&token) => {
                return Err(Refusal::Broken("the server gives the same page of the list again".to_owned()));
            }
            Some(token) => {
                request = first.next(&token);
                last = Some(token);
            }
            None if page.metadata.remaining.is_some_and(|more| more > 0) => {
                return Err(Refusal::Broken("the server does not say how the list goes on".to_owned()));
            }
            None => {
                if let Some(last) = listing.broken.last_mut().filter(|_| broken > BROKEN) {
                    last.name = format!("{} and {} more", last.name, broken - BROKEN);
                }
                listing.items.shrink_to_fit();
                return Ok(listing);
            }
        }
    }
    Err(Refusal::Broken("the list does not end".to_owned()))
}

/// What is wrong with an answer, without the value that is: it may be a secret in a place where none belongs.
pub(crate) fn wrong(error: &serde_json::Error) -> String {
    let text = error.to_string();
    for what in ["invalid type: ", "invalid value: "] {
        if let Some((found, expected)) = text.strip_prefix(what).and_then(|rest| rest.rsplit_once(", expected ")) {
            let kind = found.split(['"', '`']).next().unwrap_or_default().trim_end();
            return format!("{what}{kind}, expected {expected}");
        }
    }
    text
}

/// As much of an object's name as can be read; else that it is the `place`th of the list, from 1.
fn name(json: &str, place: usize) -> String {
    let named: Named = serde_json::from_slice(json.as_bytes()).unwrap_or_default();
    match (named.metadata.namespace.as_str(), named.metadata.name.as_str()) {
        (_, "") => format!("object {place}"),
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
            Err(error) => Fact::Broken { error: wrong(&error), source },
        },
    }
}
