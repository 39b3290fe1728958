//! Every policy passes the public policy suite, promise by promise. `OO_LONG=1` runs statements 1 and 2 at full length.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;

use common::shelf::{POLICIES, is_a_sum};
use oo_core::grid::Grid;
use oo_core::policy::Policy;
use oo_core::schema::FeatureSchema;
use oo_core::testing::policy_suite::PolicySuite;
use oo_policies::{PolicySpec, build, load};

fn each(check: impl Fn(&PolicySuite<'_>) + Sync) {
    let long = std::env::var_os("OO_LONG").is_some();
    common::runs(POLICIES.len() as u64, |index| {
        let (json, floor) = POLICIES[index as usize];
        let spec = PolicySpec::parse(json).unwrap();
        let reward = Grid::new(-1.0, 1.0).unwrap();
        let make = |schema: &FeatureSchema| -> Arc<dyn Policy> { build(&spec, schema, reward).unwrap() };
        check(&PolicySuite {
            name: json,
            build: &make,
            load: &load,
            floor,
            exact: is_a_sum(json),
            contexts: if long { 1_000_000 } else { 50_000 },
            draws: if long { 1_000_000 } else { 100_000 },
        });
    });
}

#[test]
fn s01_pmf() {
    each(|suite| suite.s01_pmf());
}

#[test]
fn s02_draws_match() {
    each(|suite| suite.s02_draws_match());
}

#[test]
fn s13_exactness() {
    each(|suite| suite.s13_exactness());
}

#[test]
fn s15_revision() {
    each(|suite| suite.s15_revision());
}

#[test]
fn s23_unlearned_is_never_learned() {
    each(|suite| suite.s23_unlearned_is_never_learned());
}

#[test]
fn s24_saved_and_loaded() {
    each(|suite| suite.s24_saved_and_loaded());
}

#[test]
fn bad_input() {
    each(|suite| suite.bad_input());
}

#[test]
fn explanations_add_up() {
    each(|suite| suite.explanations_add_up());
}
