//! A decision in buffers that another policy has used.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use oo_core::Result;
use oo_core::candidate::{ArmKey, TipCandidate};
use oo_core::decide::{DecideOn, DecideWith, decide};
use oo_core::decision::{Mode, PolicyRef};
use oo_core::features::Assembled;
use oo_core::id::{DecisionId, ItemKey, Position};
use oo_core::lesson::Lesson;
use oo_core::moment::Moment;
use oo_core::personal::PersonalParts;
use oo_core::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};
use oo_core::reaction::ShownMode;
use oo_core::schema::SchemaHash;

/// A policy that writes what it must and nothing else.
#[derive(Clone, Debug)]
struct Forgetful;

impl Policy for Forgetful {
    fn distribution(&self, actions: &Actions<'_>, out: &mut Scored) -> Result<()> {
        out.scores.clear();
        out.scores.resize(actions.count(), 0.0);
        out.distribution.set_uniform(actions.count());
        Ok(())
    }

    fn learned(&self, _lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        Ok(Arc::new(self.clone()))
    }

    fn unlearned(&self, _lessons: &[Lesson]) -> Result<Unlearned> {
        Ok(Unlearned::Rebuild)
    }

    fn explain(&self, _actions: &Actions<'_>, _index: usize) -> Result<Explanation> {
        Ok(Explanation::default())
    }

    fn save(&self) -> Vec<u8> {
        Vec::new()
    }

    fn identity(&self) -> PolicyIdentity {
        let (kind, spec) = ("forgetful".to_owned(), String::new());
        PolicyIdentity { kind, spec, schema: SchemaHash([0; 32]), state: [0; 32], lessons: 0 }
    }
}

#[test]
fn what_another_policy_said_of_its_scores_is_gone() {
    let keyed = |number| {
        let key = Some(ItemKey([number; 16]));
        TipCandidate { key, content_hash: key, ..TipCandidate::advice("a", "b") }
    };
    let candidates = [keyed(1), keyed(2)];
    let mut assembled = Assembled::default();
    (assembled.dim, assembled.grid, assembled.values) = (1, vec![0, 1], vec![0.0, 1.0]);
    assembled.arms = vec![ArmKey::new("a"); 2];
    let with = DecideWith {
        policy: &Forgetful,
        policy_ref: &PolicyRef { id: Arc::from("p"), version: 1 },
        learned_through: Position(0),
        epoch: 0,
        schema: SchemaHash([0; 32]),
        reward_spec: 1,
        holdout: 0.0,
    };
    let on = DecideOn {
        id: DecisionId([7; 16]),
        person: None,
        personal: &PersonalParts::default(),
        request: None,
        mode: Mode::Pull,
        shown: ShownMode::OnAnswer,
        now: &Moment::utc(0),
        candidates: &candidates,
        removals: &[],
        assembled: &assembled,
        heard: &[],
    };
    let mut scored = Scored { estimated: true, bounded: vec![true; 64], ..Scored::default() };
    let decision = decide(&with, &on, &mut scored).unwrap();
    assert_eq!(decision.bounded, Vec::<u32>::new());
    assert!(!scored.estimated);
}
