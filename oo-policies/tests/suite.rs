//! Every policy passes the public policy suite, promise by promise. `OO_LONG=1` runs statements 1 and 2 at full length.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;

use common::shelf::{POLICIES, is_a_sum};
use oo_core::grid::Grid;
use oo_core::policy::Policy;
use oo_core::schema::FeatureSchema;
use oo_core::testing::policy_suite::PolicySuite;
use oo_policies::{PolicySpec, build, build_population, load};

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

#[test]
fn learned_in_place() {
    each(|suite| suite.learned_in_place());
}

#[test]
fn summed_before_an_epoch() {
    each(|suite| suite.summed_before_an_epoch());
}

#[test]
fn bounds_only_losers() {
    each(|suite| suite.bounds_only_losers());
}

#[test]
fn personal_parts() {
    each(|suite| suite.personal_parts());
    let mixture = r#"{"type":"mixture","members":[{"weight":2,"policy":{"type":"hierarchical"}},{"weight":1,"policy":{"type":"linucb"}},{"weight":1,"policy":{"type":"hierarchical","rank":2,"alpha":0.5}}]}"#;
    for json in [r#"{"type":"hierarchical"}"#, r#"{"type":"hierarchical","intercept":false,"rank":3}"#, mixture] {
        let spec = PolicySpec::parse(json).unwrap();
        let reward = Grid::new(-1.0, 1.0).unwrap();
        let make = |schema: &FeatureSchema| -> Arc<dyn Policy> { build_population(&spec, schema, reward).unwrap() };
        assert!(make(&FeatureSchema::raw(2, -1.0, 1.0).unwrap()).personal().is_some(), "{json} asks for no part");
        let (name, build) = (json, &make);
        let short = PolicySuite { name, build, load: &load, floor: 0.05, exact: true, contexts: 500, draws: 2_000 };
        short.run();
    }
}
