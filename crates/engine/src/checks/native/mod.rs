//! Checks that a small vocabulary says badly: each a function with the name that rules use.

mod audit;
mod encryption;
mod etcd_ca;

use super::{Judge, Outcome};
use crate::settings::Resolver;
use crate::why::Why;

type Native = fn(&Judge<'_, '_>, &Resolver<'_, '_>, &[String]) -> Outcome;

/// The checks by name: as in the catalogue's list, which a test holds equal to this one.
pub(crate) const ALL: [(&str, Native); 4] = [
    ("audit-policy-coverage", audit::coverage),
    ("audit-policy-present", audit::present),
    ("encryption-providers", encryption::providers),
    ("etcd-unique-ca", etcd_ca::unique),
];

pub(super) fn judge(name: &str, judge: &Judge<'_, '_>, resolver: &Resolver<'_, '_>, with: &[String]) -> Outcome {
    match ALL.iter().find(|(known, _)| *known == name) {
        Some((_, native)) => native(judge, resolver, with),
        None => Outcome::unknown(Why::error(format!("there is no native check {name}"))),
    }
}
