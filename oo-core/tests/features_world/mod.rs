//! Small worlds for the tests of context assembly: states are built by folding events, as in life.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

use std::sync::Arc;

use oo_core::candidate::{TimeOfDay, TipCandidate};
use oo_core::decision::{CandidateFact, Decision, Exploration, Mode, PolicyRef};
use oo_core::event::{Event, EventBody, Preferences, SignalFact, TaskFact};
use oo_core::features::{Assembled, ConsentPolicy, FeatureAssembler, FreshnessLimits};
use oo_core::id::{DecisionId, EventId, ItemKey, Position, Pseudonym, UserKey};
use oo_core::moment::{DAY_MS, HOUR_MS, Moment};
use oo_core::reaction::{Reaction, ShownMode};
use oo_core::schema::FeatureSchema;
use oo_core::signal::{HabitEvent, SignalKind, TaskStatus};
use oo_core::text::{TEXT_VERSION, hashed_text};
use oo_core::user::UserState;

/// Wednesday 2026-03-11, 10:30 UTC.
pub const NOW_MS: i64 = 1_773_225_000_000;

/// The moment of [`NOW_MS`] plus `hours`, in UTC.
pub fn at(hours: f64) -> Moment {
    Moment::utc(NOW_MS + (hours * HOUR_MS as f64) as i64)
}

pub fn now() -> Moment {
    at(0.0)
}

/// One person, event by event.
pub struct World {
    pub key: UserKey,
    pub state: UserState,
    position: u64,
}

impl Default for World {
    fn default() -> Self {
        World { key: UserKey::new([7; 32]), state: UserState::new(Pseudonym([1; 16])), position: 0 }
    }
}

impl World {
    pub fn fold(&mut self, moment: &Moment, body: EventBody) -> &mut Self {
        self.position += 1;
        let id = EventId::derived("test", &[&self.position.to_le_bytes()]);
        let event = Event { id, moment: moment.clone(), recorded_ms: moment.at_ms, user: Some(self.state.user), body };
        self.state.apply(Position(self.position), &event);
        self
    }

    pub fn signal(&mut self, moment: &Moment, fact: SignalFact) -> &mut Self {
        self.fold(moment, EventBody::Signal(fact))
    }

    pub fn task_key(&self, id: &str) -> ItemKey {
        self.key.item("task", id)
    }

    /// A task whose due date is `due_day` local days from [`NOW_MS`].
    pub fn task(&mut self, moment: &Moment, id: &str, due_day: Option<i32>, priority: u8) -> &mut Self {
        let mut task = self.task_fact(id, due_day, priority);
        task.created_ms = moment.at_ms;
        self.signal(moment, SignalFact::Task(task))
    }

    pub fn task_fact(&self, id: &str, due_day: Option<i32>, priority: u8) -> TaskFact {
        let title = format!("task {id}");
        let due_day = due_day.map(|day| now().local_day() + day);
        TaskFact {
            key: self.task_key(id),
            content_hash: self.key.item("content", &title),
            status: TaskStatus::Open,
            due_ms: due_day.map(|day| (i64::from(day) + 1) * DAY_MS - 1),
            due_day,
            due_timed: false,
            priority,
            effort_min: 30,
            created_ms: NOW_MS,
            text: hashed_text(&title),
            text_version: TEXT_VERSION,
            words: 2,
        }
    }

    pub fn habit_done(&mut self, moment: &Moment, id: &str) -> &mut Self {
        let key = self.key.item("habit", id);
        self.signal(moment, SignalFact::Habit { key, per_week: 3, event: HabitEvent::Done })
    }

    /// A busy entry from `start` to `end` hours after [`NOW_MS`].
    pub fn meeting(&mut self, id: &str, start: f64, end: f64) -> &mut Self {
        let key = self.key.item("calendar", id);
        let fact = SignalFact::Calendar {
            key,
            start_ms: at(start).at_ms,
            end_ms: at(end).at_ms,
            busy: true,
            all_day: false,
            cancelled: false,
        };
        self.signal(&at(-1.0), fact)
    }

    pub fn mood(&mut self, moment: &Moment, level: f64, energy: Option<f64>) -> &mut Self {
        self.signal(moment, SignalFact::Mood { level, energy })
    }

    pub fn context(&mut self, moment: &Moment, name: &str, value: f64) -> &mut Self {
        self.signal(moment, SignalFact::Context { name: Arc::from(name), value })
    }

    pub fn consent(&mut self, kind: SignalKind, granted: bool) -> &mut Self {
        self.fold(&at(-0.5), EventBody::Consent { kind, granted })
    }

    pub fn preferences(&mut self, preferences: Preferences) -> &mut Self {
        self.fold(&at(-0.5), EventBody::Preferences(preferences))
    }

    /// `candidate` as the engine hands it on: with its key and content hash.
    pub fn keyed(&self, mut candidate: TipCandidate) -> TipCandidate {
        candidate.key = candidate.key.or_else(|| Some(self.key.item(&candidate.source, &candidate.id)));
        if candidate.content_hash.is_none() {
            candidate.content_hash = Some(self.key.item("content", &candidate.content));
        }
        candidate
    }

    /// Draws `candidate`, and reacts to it.
    pub fn tip(&mut self, moment: &Moment, candidate: &TipCandidate, reaction: Option<Reaction>) -> &mut Self {
        let candidate = self.keyed(candidate.clone());
        let id = DecisionId::v7(moment.at_ms, &(self.position + 1).to_le_bytes());
        let fact = CandidateFact {
            key: candidate.key.unwrap(),
            content_hash: candidate.content_hash.unwrap(),
            arm: candidate.arm(),
            kind: candidate.kind,
            source: candidate.source.clone(),
            expires_ms: candidate.expires_ms,
        };
        let decision = Decision {
            id,
            request: None,
            mode: Mode::Pull,
            shown: ShownMode::OnAnswer,
            candidates: vec![fact],
            features: Arc::from([0_i16]),
            scores: vec![0.0],
            bounded: Vec::new(),
            pmf: vec![1.0],
            drawn: 0,
            holdout: false,
            exploration: Exploration::default(),
            policy: PolicyRef { id: Arc::from("test"), version: 1 },
            fallback: false,
            learned_through: Position(0),
            epoch: 0,
            schema: oo_core::schema::SchemaHash::default(),
            reward_spec: 1,
            removals: Vec::new(),
            expires_ms: candidate.expires_ms,
            prompt_version: None,
            llm_model: None,
            latency_us: 0,
            heard: Vec::new(),
        };
        self.fold(moment, EventBody::Decision(Arc::new(decision)));
        if let Some(reaction) = reaction {
            self.fold(moment, EventBody::Reaction { decision: id, reaction });
        }
        self
    }

    pub fn task_candidate(&self, id: &str) -> TipCandidate {
        oo_core::sources::tasks::candidate(&self.state.tasks[&self.task_key(id)])
    }
}

/// An evening advice of ten minutes.
pub fn advice(id: &str) -> TipCandidate {
    TipCandidate {
        category: "rest".to_owned(),
        effort_min: Some(10),
        times: vec![TimeOfDay::Evening],
        ..TipCandidate::advice(id, format!("Look out of the window, {id}."))
    }
}

/// Everything the catalogue has, unbounded.
pub fn whole_catalogue() -> Arc<FeatureSchema> {
    let features = oo_core::features::CATALOGUE.iter().map(|entry| entry.spec().unwrap()).collect();
    Arc::new(FeatureSchema::new(features, None).unwrap())
}

pub fn assemble(schema: Arc<FeatureSchema>, world: &World, now: &Moment, candidates: &[TipCandidate]) -> Assembled {
    let assembler = FeatureAssembler::new(schema, FreshnessLimits::default()).unwrap();
    let mut out = Assembled::default();
    assembler.assemble(&world.state, ConsentPolicy::default(), now, candidates, &mut out);
    out
}

/// The value of feature `name` of the first candidate under the whole catalogue.
pub fn value(world: &World, now: &Moment, candidate: &TipCandidate, name: &str) -> f64 {
    let schema = whole_catalogue();
    let column = schema.index(name).unwrap_or_else(|| panic!("no feature {name}"));
    let candidate = world.keyed(candidate.clone());
    assemble(schema, world, now, &[candidate]).row(0)[column]
}
