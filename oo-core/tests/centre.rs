//! A decision that could have done nothing gives its lesson what it would have shown on average; no other does.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use oo_core::candidate::ArmKey;
use oo_core::decision::Decision;
use oo_core::id::Position;
use oo_core::join::Join;
use oo_core::moment::Moment;
use oo_core::reaction::Reaction;
use oo_core::reward::RewardSpec;
use oo_core::testing::samples::{NOW_MS, decision_body};

fn lesson_centre(decision: &Decision) -> Option<Arc<[i16]>> {
    let at = Moment { at_ms: NOW_MS, offset_s: 0, zone: Arc::from("UTC") };
    let mut join = Join::new(decision, &at, Position(1), RewardSpec::of_version(1).unwrap()).unwrap();
    let lesson = join.react(&at, &Reaction::Done).lesson.unwrap();
    assert_eq!(lesson.x, decision.chosen_features());
    lesson.centre
}

#[test]
fn a_lesson_has_a_centre_where_its_decision_could_hold() {
    let mut decision = decision_body(3, 3);
    decision.features = [1_000, -2, 500, 7, 9_999, 9_999].into();
    decision.pmf = vec![0.5, 0.25, 0.25];
    assert_eq!(lesson_centre(&decision), None);
    decision.candidates[2].arm = ArmKey::new(ArmKey::HOLD);
    // 0.5·1000 + 0.25·500 and 0.5·(−2) + 0.25·7 = 0.75; hold's features count for nothing.
    assert_eq!(lesson_centre(&decision).unwrap()[..], [625, 1, 12_288]);
}
