//! Which cipher suites a server really offers.

use seaworthy_catalogue::Setting;

use super::{derived, loser};
use crate::settings::{Effective, Resolver, State};
use crate::value::Value;

/// The suites of TLS 1.3 in Go. They are always offered and cannot be chosen.
pub(crate) const TLS13: [&str; 3] =
    ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];

pub(super) fn suites(_: &Setting, resolver: &Resolver<'_, '_>) -> Effective {
    let minimum = resolver.effective("tls-min-version");
    let chosen = resolver.effective("tls-cipher-suites");
    if minimum.text() == Some("VersionTLS13") {
        let list = TLS13.map(str::to_owned).to_vec();
        let mut effective = derived(State::Set(Value::List(list)), minimum.source.clone(), &[&minimum]);
        effective.notes.push("with a minimum of TLS 1.3 only the suites of TLS 1.3 are offered".to_owned());
        effective.candidates.extend(loser(&chosen, "suites of TLS 1.2 do not matter with a minimum of TLS 1.3"));
        return effective;
    }
    if chosen.is_unset() {
        // The minimum could decide, if it were known.
        if let State::Unknown(why) = &minimum.state {
            return derived(State::Unknown(why.clone()), minimum.source.clone(), &[&minimum]);
        }
        let mut effective = derived(State::Unset, chosen.source.clone(), &[&chosen, &minimum]);
        effective.notes.push("without a choice Go's default suites are offered, which hold weaker ones".to_owned());
        return effective;
    }
    derived(chosen.state.clone(), chosen.source.clone(), &[&chosen, &minimum])
}
