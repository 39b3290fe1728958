//! Folding the slate of a person alone, from drawn candidates alone, gives the lessons of folding everything.

use std::sync::Arc;

use oo_core::candidate::ArmKey;
use oo_core::event::{Event, EventBody, SignalFact, TaskFact};
use oo_core::id::{Position, Pseudonym};
use oo_core::moment::{DAY_MS, HOUR_MS, Moment};
use oo_core::reaction::{DismissReason, Reaction, ShownMode};
use oo_core::signal::{SignalKind, TaskStatus};
use oo_core::testing::samples;
use oo_core::user::{Applied, Slate, UserState};
use proptest::prelude::*;

const USER: Pseudonym = Pseudonym([7; 16]);
/// Decisions that events are about.
const DECISIONS: u64 = 12;

#[derive(Clone, Debug)]
enum Step {
    Decide { candidates: usize, reported: bool, hold: bool },
    React(u64, Reaction),
    Task(u64, TaskStatus),
    Timer(u64, u8),
    Consent(SignalKind, bool),
    Mood,
}

fn reaction() -> impl Strategy<Value = Reaction> {
    prop_oneof![
        1 => Just(Reaction::Shown),
        3 => Just(Reaction::Done),
        1 => (0_i64..72).prop_map(|hours| Reaction::Snooze { until_ms: samples::NOW_MS + hours * HOUR_MS }),
        2 => Just(Reaction::Dismiss { reason: None }),
        1 => Just(Reaction::Dismiss { reason: Some(DismissReason::Never) }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let status = prop_oneof![Just(TaskStatus::Open), Just(TaskStatus::Done), Just(TaskStatus::Deleted)];
    prop_oneof![
        4 => (1_usize..5, any::<bool>(), prop::bool::weighted(0.1))
            .prop_map(|(candidates, reported, hold)| Step::Decide { candidates, reported, hold }),
        6 => (0..DECISIONS, reaction()).prop_map(|(decision, reaction)| Step::React(decision, reaction)),
        2 => (0..DECISIONS, status).prop_map(|(decision, status)| Step::Task(decision, status)),
        3 => (0..DECISIONS, 0_u8..3).prop_map(|(decision, timer)| Step::Timer(decision, timer)),
        1 => (prop::sample::select(SignalKind::ALL.to_vec()), any::<bool>())
            .prop_map(|(kind, granted)| Step::Consent(kind, granted)),
        1 => Just(Step::Mood),
    ]
}

/// The item that the decision numbered `number` drew, whatever its candidates.
fn drawn(number: u64) -> oo_core::id::ItemKey {
    samples::item(number)
}

fn body(step: &Step, made: &mut u64) -> EventBody {
    match step {
        Step::Decide { candidates, reported, hold } => {
            let mut decision = samples::decision_body(*made, *candidates);
            let place = decision.drawn as usize;
            decision.candidates[place].key = drawn(*made);
            decision.expires_ms = made.is_multiple_of(3).then_some(samples::NOW_MS + 30 * HOUR_MS);
            decision.shown = if *reported { ShownMode::Reported } else { ShownMode::OnAnswer };
            if *hold {
                decision.candidates[0].arm = ArmKey::new(ArmKey::HOLD);
            }
            *made = (*made + 1) % DECISIONS;
            EventBody::Decision(Arc::new(decision))
        }
        Step::React(number, reaction) => {
            EventBody::Reaction { decision: samples::decision_id(*number), reaction: *reaction }
        }
        Step::Task(number, status) => {
            let known = |event: Event| match event.body {
                EventBody::Signal(SignalFact::Task(task)) => {
                    Some(TaskFact { key: drawn(*number), status: *status, ..task })
                }
                _ => None,
            };
            let task = samples::every_body(USER).into_iter().find_map(known);
            task.map_or(samples::mood(1, USER).body, |task| EventBody::Signal(SignalFact::Task(task)))
        }
        Step::Timer(number, 0) => EventBody::Horizon { decision: samples::decision_id(*number) },
        Step::Timer(number, 1) => EventBody::Expired { decision: samples::decision_id(*number) },
        Step::Timer(number, _) => EventBody::Returned { decision: samples::decision_id(*number) },
        Step::Consent(kind, granted) => EventBody::Consent { kind: *kind, granted: *granted },
        Step::Mood => samples::mood(1, USER).body,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn the_slate_alone_gives_the_same_lessons(steps in prop::collection::vec((step(), 0_i64..3 * DAY_MS / 2), 1..60)) {
        let mut whole = UserState::new(USER);
        let (mut slate, mut applied) = (Slate::default(), Applied::default());
        let (mut made, mut at_ms) = (0, samples::NOW_MS);
        for (position, (step, later)) in (1..).map(Position).zip(&steps) {
            at_ms += later;
            let moment = Moment { at_ms, offset_s: 3600, zone: Arc::from("Europe/Berlin") };
            let event = Event { moment, ..samples::event(position.0, Some(USER), body(step, &mut made)) };
            let lean = Event { body: event.body.clone().drawn_alone(), ..event.clone() };
            let expected = whole.apply(position, &event);
            slate.apply(position, &lean, &mut applied);
            prop_assert_eq!(&expected, &applied);
            prop_assert_eq!(&whole.slate, &slate);
        }
    }
}
