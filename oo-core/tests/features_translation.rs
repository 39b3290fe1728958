//! A logged decision under another schema: appended columns are 0, any other schema is assembled as of that moment.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

mod features_world;

use std::sync::Arc;

use features_world::{World, advice, assemble, at, now, whole_catalogue};
use oo_core::candidate::TipCandidate;
use oo_core::decision::{CandidateFact, Decision, Exploration, Mode, PolicyRef};
use oo_core::features::catalogue::CATALOGUE;
use oo_core::features::{ConsentPolicy, FeatureAssembler, FreshnessLimits, Translation};
use oo_core::id::{DecisionId, Position};
use oo_core::reaction::ShownMode;
use oo_core::schema::{FeatureSchema, FeatureSpec};

fn world() -> World {
    let mut world = World::default();
    world.task(&at(-2.0), "a", Some(-1), 1).task(&at(-1.0), "b", Some(3), 3).mood(&at(-1.0), 4.0, Some(2.0));
    world
}

/// The schema of the catalogue's features that `keep` says, in its order.
fn some(keep: impl Fn(usize) -> bool) -> Arc<FeatureSchema> {
    let features: Vec<FeatureSpec> = CATALOGUE
        .iter()
        .enumerate()
        .filter(|(place, _)| keep(*place))
        .map(|(_, entry)| entry.spec().unwrap())
        .collect();
    Arc::new(FeatureSchema::new(features, None).unwrap())
}

fn decided(world: &World, schema: &Arc<FeatureSchema>, candidates: &[TipCandidate]) -> Decision {
    let assembled = assemble(schema.clone(), world, &now(), candidates);
    let facts = candidates.iter().map(|candidate| CandidateFact {
        key: candidate.key.unwrap(),
        content_hash: candidate.content_hash.unwrap(),
        arm: candidate.arm(),
        kind: candidate.kind,
        source: candidate.source.clone(),
        expires_ms: None,
    });
    Decision {
        id: DecisionId([1; 16]),
        request: None,
        mode: Mode::Pull,
        shown: ShownMode::OnAnswer,
        candidates: facts.collect(),
        features: Arc::from(assembled.grid.as_slice()),
        scores: vec![0.0; candidates.len()],
        bounded: Vec::new(),
        pmf: vec![1.0 / candidates.len() as f64; candidates.len()],
        drawn: 0,
        holdout: false,
        exploration: Exploration::default(),
        policy: PolicyRef { id: Arc::from("main"), version: 1 },
        fallback: false,
        learned_through: Position(0),
        epoch: 0,
        schema: schema.hash(),
        reward_spec: 1,
        removals: Vec::new(),
        expires_ms: None,
        prompt_version: None,
        llm_model: None,
        latency_us: 0,
        heard: Vec::new(),
    }
}

fn translated(world: &World, old: &Arc<FeatureSchema>, new: &Arc<FeatureSchema>, decision: &Decision) -> Decision {
    let assembler = FeatureAssembler::new(new.clone(), FreshnessLimits::default()).unwrap();
    let translation = Translation::new(old.clone(), new.clone());
    translation.translated(decision, &world.state, ConsentPolicy::default(), &now(), &assembler).unwrap()
}

#[test]
fn appended_columns_are_nought() {
    let world = world();
    let (old, new) = (some(|place| place < 20), some(|place| place < 23));
    let decision = decided(&world, &old, &[world.task_candidate("a"), world.keyed(advice("x"))]);
    let said = translated(&world, &old, &new, &decision);
    assert_eq!(said.schema, new.hash());
    for (wide, narrow) in said.features.chunks(23).zip(decision.features.chunks(20)) {
        assert_eq!(&wide[..20], narrow);
        assert_eq!(&wide[20..], [0; 3]);
    }
}

#[test]
fn another_schema_is_assembled_as_of_the_moment() {
    let mut world = world();
    let whole = whole_catalogue();
    let (old, candidates) = (some(|place| place % 3 != 0), [world.task_candidate("a"), world.task_candidate("b")]);
    let decision = decided(&world, &old, &candidates);
    let at_the_moment = assemble(whole.clone(), &world, &now(), &candidates);
    // Tasks are in the state whole, so every column is what it would have been.
    assert_eq!(translated(&world, &old, &whole, &decision).features[..], at_the_moment.grid[..]);
    // An advice has no text in the log: what was logged by name stands, and the rest of its text is masked.
    let advice = [world.keyed(advice("x"))];
    let (decision, today) = (decided(&world, &old, &advice), assemble(whole.clone(), &world, &now(), &advice));
    let said = translated(&world, &old, &whole, &decision);
    for (column, feature) in whole.features().iter().enumerate() {
        if old.index(&feature.name).is_some() {
            assert_eq!(said.features[column], today.grid[column], "{}", feature.name);
        }
    }
    // What was learned of the person later changes nothing of what was logged.
    world.mood(&at(0.0), 1.0, None);
    let later = translated(&world, &old, &whole, &decision);
    let logged = |decision: &Decision| -> Vec<i16> {
        let named = whole.features().iter().enumerate().filter(|(_, feature)| old.index(&feature.name).is_some());
        named.map(|(column, _)| decision.features[column]).collect()
    };
    assert_eq!(logged(&later), logged(&said));
}

#[test]
fn rows_that_do_not_fit_are_an_error() {
    let world = world();
    let (old, new) = (some(|place| place < 20), some(|place| place < 23));
    let mut decision = decided(&world, &old, &[world.task_candidate("a")]);
    decision.features = Arc::from([0_i16; 7]);
    let assembler = FeatureAssembler::new(new.clone(), FreshnessLimits::default()).unwrap();
    let translation = Translation::new(old, new);
    assert!(translation.translated(&decision, &world.state, ConsentPolicy::default(), &now(), &assembler).is_err());
}
