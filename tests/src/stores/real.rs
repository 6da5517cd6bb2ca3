//! The server that the environment names, which this repository has no hand in.

use std::env;

use super::{Backing, azurite, garage, moto, rgw};

type Start = fn() -> Box<dyn Backing>;

/// Those whose lacks are known: a new one is a file of this folder and a line here.
const KNOWN: &[(&str, Start)] = &[
    ("azurite", azurite::start),
    ("garage", garage::start),
    ("moto", moto::start),
    ("rgw", rgw::start),
];

/// The server that `S3AADS_TEST_SERVER` names; none if the variable is not set.
///
/// # Panics
/// If the environment names a server that nobody has looked at, or does not say how to reach it.
pub(super) fn start() -> Option<Box<dyn Backing>> {
    let name = env::var("S3AADS_TEST_SERVER").ok()?;
    let known = KNOWN.iter().find(|(known, _)| *known == name);
    let (_, start) = known.unwrap_or_else(|| {
        let names: Vec<_> = KNOWN.iter().map(|(name, _)| *name).collect();
        panic!(
            "S3AADS_TEST_SERVER is {name:?}, and none of {names:?}: what a server lacks is written in a file of \
             tests/src/stores"
        )
    });
    Some(start())
}

/// A variable that the server's script exports.
pub(super) fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}
