//! Events to store: small, valid, and different for different numbers.

use std::sync::Arc;

use crate::candidate::{ArmKey, TipKind};
use crate::choice::{BanditFact, ChoiceFact, RewardFact};
use crate::decision::{CandidateFact, Decision, Exploration, Mode, PolicyRef, Removal};
use crate::event::{
    Event, EventBody, ForgottenFact, PolicyRoleFact, Preferences, Role, ShadowFact, SignalFact, TaskFact,
};
use crate::id::{DecisionId, EventId, ItemKey, Position, Pseudonym};
use crate::moment::{HOUR_MS, Moment};
use crate::reaction::{DismissReason, Reaction, ShownMode};
use crate::retention::{LessonFact, TrimmedFact};
use crate::schema::SchemaHash;
use crate::signal::{HabitEvent, SignalKind, TaskStatus};

/// The instant samples happen at, 2026-11-20T10:00:00Z.
pub const NOW_MS: i64 = 1_795_168_800_000;

/// The id of the event numbered `number`.
#[must_use]
pub fn event_id(number: u64) -> EventId {
    EventId::derived("sample", &[&number.to_le_bytes()])
}

/// The id of the decision numbered `number`.
#[must_use]
pub fn decision_id(number: u64) -> DecisionId {
    DecisionId::v7(NOW_MS + number.cast_signed(), &number.to_be_bytes())
}

/// The item key numbered `number`.
#[must_use]
pub fn item(number: u64) -> ItemKey {
    ItemKey(event_id(number).0)
}

/// The event numbered `number`, an hour after the one before, in Berlin's winter.
#[must_use]
pub fn event(number: u64, user: Option<Pseudonym>, body: EventBody) -> Event {
    let at_ms = NOW_MS + number.cast_signed() * HOUR_MS;
    Event {
        id: event_id(number),
        moment: Moment { at_ms, offset_s: 3600, zone: Arc::from("Europe/Berlin") },
        recorded_ms: at_ms + 17,
        user,
        body,
    }
}

/// A mood of `user`.
#[must_use]
pub fn mood(number: u64, user: Pseudonym) -> Event {
    event(number, Some(user), EventBody::Signal(SignalFact::Mood { level: 3.5, energy: None }))
}

/// A reaction of `user`, or one to park.
#[must_use]
pub fn reaction(number: u64, user: Option<Pseudonym>, decision: DecisionId, reaction: Reaction) -> Event {
    event(number, user, EventBody::Reaction { decision, reaction })
}

/// A decision of `user` over `candidates` candidates with 32 features; its id is [`decision_id`]`(number)`.
#[must_use]
pub fn decision(number: u64, user: Pseudonym, candidates: usize) -> Event {
    event(number, Some(user), EventBody::Decision(Arc::new(decision_body(number, candidates))))
}

/// The body of [`decision`].
#[must_use]
pub fn decision_body(number: u64, candidates: usize) -> Decision {
    let share = 1.0 / candidates.max(1) as f64;
    let arms = ["advice/focus", "advice/rest", "todo/task"];
    Decision {
        id: decision_id(number),
        request: None,
        mode: Mode::Pull,
        shown: ShownMode::OnAnswer,
        candidates: (0..candidates)
            .map(|index| CandidateFact {
                key: item(number * 1_000 + index as u64),
                content_hash: item(number * 1_000 + 500 + index as u64),
                arm: ArmKey::new(arms[index % arms.len()]),
                kind: if index % arms.len() == 2 { TipKind::Todo } else { TipKind::Advice },
                source: Arc::from(if index % arms.len() == 2 { "tasks" } else { "advice" }),
                expires_ms: (index % 4 == 3).then_some(NOW_MS + index as i64),
            })
            .collect(),
        features: (0..candidates * 32).map(|index| (index as i16).wrapping_mul(523) / 2).collect(),
        scores: (0..candidates).map(|index| 0.25 - index as f64 / 7.0).collect(),
        bounded: Vec::new(),
        pmf: vec![share; candidates],
        drawn: (number % candidates.max(1) as u64) as u32,
        holdout: number.is_multiple_of(20),
        exploration: Exploration { epsilon: 0.05, holdout: 0.05 },
        policy: PolicyRef { id: Arc::from("linucb"), version: 1 },
        fallback: false,
        learned_through: Position(number),
        epoch: 0,
        schema: SchemaHash([7; 32]),
        reward_spec: 1,
        removals: vec![(item(number + 7), Removal::CoolDown), (item(number + 8), Removal::Denied)],
        expires_ms: Some(NOW_MS + 24 * HOUR_MS),
        prompt_version: None,
        llm_model: None,
        latency_us: 41,
        heard: Vec::new(),
    }
}

/// One event of each body and of each variety inside, with extremes.
#[must_use]
pub fn every_body(user: Pseudonym) -> Vec<Event> {
    let policy = PolicyRef { id: Arc::from("linucb"), version: 3 };
    let mut odd = decision_body(3, 5);
    odd.request = Some(item(9));
    odd.shown = ShownMode::Reported;
    odd.expires_ms = None;
    odd.prompt_version = Some("v2".to_owned());
    odd.llm_model = Some("tip-generator".to_owned());
    odd.removals = [
        Removal::Consent,
        Removal::CoolDown,
        Removal::Snoozed,
        Removal::Denied,
        Removal::Duplicate,
        Removal::Expired,
        Removal::Overflow,
        Removal::Unavailable,
    ]
    .into_iter()
    .map(|reason| (item(u64::from(reason as u8)), reason))
    .collect();
    let mut bodies = vec![
        EventBody::Signal(SignalFact::Task(task(TaskStatus::Open))),
        EventBody::Signal(SignalFact::Task(TaskFact {
            due_ms: None,
            due_day: None,
            due_timed: false,
            ..task(TaskStatus::Done)
        })),
        EventBody::Signal(SignalFact::Task(task(TaskStatus::Deleted))),
        EventBody::Signal(SignalFact::Calendar {
            key: item(2),
            start_ms: NOW_MS,
            end_ms: NOW_MS + HOUR_MS,
            busy: true,
            all_day: false,
            cancelled: true,
        }),
        EventBody::Signal(SignalFact::Mood { level: 1.0, energy: Some(5.0) }),
        EventBody::Signal(SignalFact::Mood { level: 4.25, energy: None }),
        EventBody::Signal(SignalFact::Context { name: Arc::from("steps"), value: -0.0 }),
        EventBody::Decision(Arc::new(decision_body(2, 10))),
        EventBody::Decision(Arc::new(odd)),
        EventBody::Returned { decision: decision_id(2) },
        EventBody::Expired { decision: decision_id(2) },
        EventBody::Horizon { decision: decision_id(2) },
        EventBody::ParkingLapsed { decision: decision_id(2) },
        EventBody::Preferences(Preferences::default()),
        EventBody::Preferences(Preferences {
            zone: "America/St_Johns".to_owned(),
            quiet_from: Some(0),
            quiet_to: Some(1439),
            daily_cap: Some(5),
            language: "de".to_owned(),
        }),
        EventBody::Shadow(ShadowFact {
            decision: decision_id(2),
            policy: policy.clone(),
            pmf: vec![0.5, 0.5],
            learned_through: Position(u64::MAX),
        }),
        EventBody::Forgotten(ForgottenFact {
            pseudonym_digest: user.digest(),
            receipt: event_id(1),
            epoch: 2,
            state_hash: [3; 32],
            chain: [4; 32],
        }),
    ];
    for event in [HabitEvent::Defined, HabitEvent::Done, HabitEvent::Deleted] {
        bodies.push(EventBody::Signal(SignalFact::Habit { key: item(3), per_week: 7, event }));
    }
    for kind in SignalKind::ALL {
        bodies.push(EventBody::Consent { kind, granted: kind == SignalKind::Mood });
    }
    for role in [Role::Champion, Role::Shadow, Role::Retired] {
        bodies.push(EventBody::PolicyRole(PolicyRoleFact {
            policy: policy.clone(),
            role,
            spec: r#"{"alpha":1.0}"#.to_owned(),
            schema: SchemaHash([9; 32]),
            reason: "opened".to_owned(),
            definition: None,
        }));
    }
    let reasons = [None, Some(DismissReason::NotNow), Some(DismissReason::NotRelevant), Some(DismissReason::Never)];
    let mut reactions = vec![Reaction::Shown, Reaction::Done, Reaction::Snooze { until_ms: NOW_MS + HOUR_MS }];
    reactions.extend(reasons.map(|reason| Reaction::Dismiss { reason }));
    bodies.extend(reactions.into_iter().map(|reaction| EventBody::Reaction { decision: decision_id(2), reaction }));
    bodies.into_iter().zip(1_000..).map(|(body, number)| event(number, Some(user), body)).collect()
}

/// One event of every body of named bandits.
#[must_use]
pub fn every_bare_body(user: Pseudonym) -> Vec<Event> {
    let mut bodies = vec![EventBody::Bandit(BanditFact { name: Arc::from("prices"), spec: r#"{"dim":2}"#.to_owned() })];
    let choice = ChoiceFact {
        id: decision_id(3),
        bandit: Arc::from("prices"),
        arms: vec![ArmKey::new("low"), ArmKey::new("high")],
        features: Arc::from([16384, -16384, 0, 1]),
        scores: vec![0.25, -0.0],
        pmf: vec![0.975, 0.025],
        drawn: 1,
        estimated: true,
        bounded: vec![1],
        learned_through: Position(7),
        epoch: 2,
        latency_us: 9,
    };
    bodies.push(EventBody::Choice(Arc::new(ChoiceFact { arms: Vec::new(), bounded: Vec::new(), ..choice.clone() })));
    let reward = RewardFact {
        bandit: Arc::from("prices"),
        decision: decision_id(3),
        x: choice.x(),
        arm: choice.arm(),
        propensity: choice.propensity(),
        centre: None,
        day: 20_000,
        reward: 16384,
        replaces: None,
    };
    bodies.push(EventBody::Choice(Arc::new(choice)));
    bodies.push(EventBody::Reward(reward.clone()));
    bodies.push(EventBody::Reward(RewardFact {
        centre: Some(Arc::from([15_974, -15_974])),
        day: -1,
        reward: -3,
        replaces: Some(-16384),
        ..reward
    }));
    bodies.into_iter().zip(2_000..).map(|(body, number)| event(number, Some(user), body)).collect()
}

/// One event of every body that retention and withdrawn consents leave.
#[must_use]
pub fn every_trimmed_body(user: Pseudonym) -> Vec<Event> {
    let lesson = LessonFact {
        decision: decision_id(2),
        schema: SchemaHash([7; 32]),
        x: Arc::from([16384, -16384, 0]),
        arm: ArmKey::new("todo/task"),
        propensity: 0.975,
        centre: None,
        reward: 16384,
        replaces: None,
        day: 20_000,
        heard: Vec::new(),
    };
    let bodies = [
        EventBody::Lesson(lesson.clone()),
        EventBody::Lesson(LessonFact {
            centre: Some(Arc::from([1, -1, 3, 8192])),
            reward: -4915,
            replaces: Some(0),
            day: -1,
            heard: SignalKind::ALL.to_vec(),
            ..lesson
        }),
        EventBody::Trimmed(TrimmedFact::default()),
        EventBody::Trimmed(TrimmedFact { withdrawn: vec![SignalKind::Mood, SignalKind::Task], epoch: Some(3) }),
        EventBody::Exported { file: item(4) },
    ];
    bodies.into_iter().zip(3_000..).map(|(body, number)| event(number, Some(user), body)).collect()
}

fn task(status: TaskStatus) -> TaskFact {
    TaskFact {
        key: item(1),
        content_hash: item(2),
        status,
        due_ms: Some(NOW_MS),
        due_day: Some(-1),
        due_timed: true,
        priority: 4,
        effort_min: 1440,
        created_ms: -1,
        text: [-4, 4, 0, 1, -1, 2, -2, 3],
        text_version: 1,
        words: 12,
    }
}
