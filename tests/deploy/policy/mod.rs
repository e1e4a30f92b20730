//! What has to hold of an environment, whatever it is composed of. Each rule looks at all of its objects
//! and says what is wrong; `mutants.rs` shows that each can.

mod conversion;
mod identity;
mod network;
mod pods;
mod scaling;
mod secrets;

pub(crate) use secrets::looks_secret;

use crate::object::Object;

type Rule = fn(&[Object]) -> Vec<String>;

const RULES: [Rule; 12] = [
    conversion::bounds,
    conversion::queues,
    identity::accounts,
    identity::names,
    identity::no_wildcards,
    network::closed,
    network::ways_out,
    pods::images,
    pods::prepared,
    pods::restricted,
    scaling::one_master,
    secrets::none,
];

/// Everything that is wrong with an environment.
pub(crate) fn violations(objects: &[Object]) -> Vec<String> {
    RULES.iter().flat_map(|rule| rule(objects)).collect()
}

fn of_kind<'a>(objects: &'a [Object], kind: &'static str) -> impl Iterator<Item = &'a Object> {
    objects.iter().filter(move |object| object.is(kind))
}
