//! Every policy passes the public policy suite, promise by promise. `OO_LONG=1` runs statements 1 and 2 at full length.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;

use common::shelf::{POLICIES, is_a_sum};
use oo_core::grid::Grid;
use oo_core::policy::Policy;
use oo_core::schema::FeatureSchema;
use oo_core::testing::policy_suite::PolicySuite;
use oo_policies::{PolicySpec, build, build_population, load};

/// Runs `check` over the shelf; what it found of each form, in the shelf's order.
fn each<T: Send>(check: impl Fn(&PolicySuite<'_>) -> T + Sync) -> Vec<(&'static str, T)> {
    let long = std::env::var_os("OO_LONG").is_some();
    common::runs(POLICIES.len() as u64, |index| {
        let (json, floor) = POLICIES[index as usize];
        let spec = PolicySpec::parse(json).unwrap();
        let reward = Grid::new(-1.0, 1.0).unwrap();
        let make = |schema: &FeatureSchema| -> Arc<dyn Policy> { build(&spec, schema, reward).unwrap() };
        let found = check(&PolicySuite {
            name: json,
            build: &make,
            load: &load,
            floor,
            exact: is_a_sum(json),
            contexts: if long { 1_000_000 } else { 50_000 },
            draws: if long { 1_000_000 } else { 100_000 },
            orders: if long { 100 } else { 3 },
        });
        (json, found)
    })
}

/// Settings in one line.
fn short(json: &str) -> String {
    json.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn s01_pmf() {
    for (json, (off, least)) in each(|suite| suite.s01_pmf()) {
        println!("s01: worst |Σp − 1| {off:e}, least p·K {least:e}: {}", short(json));
    }
}

#[test]
fn s02_draws_match() {
    for (json, p) in each(|suite| suite.s02_draws_match()) {
        println!("s02: least χ² p-value {p:.4}: {}", short(json));
    }
}

#[test]
fn s13_exactness() {
    for (json, compared) in each(|suite| suite.s13_exactness()) {
        println!("s13: {compared} batchings and orders leave the same bits: {}", short(json));
    }
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
        let suite =
            PolicySuite { name, build, load: &load, floor: 0.05, exact: true, contexts: 500, draws: 2_000, orders: 3 };
        suite.run();
    }
}
