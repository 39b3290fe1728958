//! One seed's schedule, run against the engine itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use oo::id::{DecisionId, EventId, Position};
use oo::{Engine, ErrorKind, EventBody, PolicySpec, Settings};
use oo_core::testing::faults::{Faults, FaultyStore, PowerCut, When};
use oo_core::testing::world::SeededWorld;

use crate::model::Model;
use crate::place::{Kind, Opened, Place};
use crate::random::Random;

/// Why a schedule failed.
pub(crate) type Held<T> = Result<T, String>;

/// 2026-03-02T08:00:00Z, a Monday.
const MONDAY: i64 = 1_772_438_400_000;
/// The callers' ids of the people; each is a mark that must never stand in a file.
pub(crate) const PEOPLE: [&str; 5] =
    ["ann-MARK@mail", "ben-MARK@mail", "cleo-MARK@mail", "dan-MARK@mail", "eve-MARK@mail"];

const POLICIES: [&str; 8] = [
    r#"{"type": "auto"}"#,
    r#"{"type": "linucb"}"#,
    r#"{"type": "linucb", "sharing": "disjoint"}"#,
    r#"{"type": "softmax", "tau": 0.1}"#,
    r#"{"type": "dlinucb", "forgetting": {"half_life_days": 3}}"#,
    r#"{"type": "dlinucb", "forgetting": {"per_step": 0.99}}"#,
    r#"{"type": "sw_linucb", "window": {"steps": 12}}"#,
    r#"{"type": "hierarchical"}"#,
];

/// Calls at which the power may go.
const CALLS: [&str; 9] =
    ["transact", "commit", "append", "user", "project", "scrub", "erase", "save_snapshot", "snapshot"];

/// One engine on the store.
pub(crate) struct Lane {
    pub(crate) engine: Option<Engine>,
    pub(crate) faulty: Arc<FaultyStore>,
}

/// A schedule that is running.
pub(crate) struct Simulation {
    pub(crate) kind: Kind,
    pub(crate) random: Random,
    pub(crate) world: Arc<SeededWorld>,
    pub(crate) place: Place,
    pub(crate) runtime: tokio::runtime::Runtime,
    /// The store without faults, to look at what is really there.
    pub(crate) observer: Option<Opened>,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) model: Model,
    pub(crate) trace: Vec<String>,
    seed: u64,
    planted: bool,
    step: u64,
    stores: u64,
    faults: Faults,
    policy: usize,
    shadow: Option<usize>,
    /// How far the log was observed, and the events in it.
    read: Position,
    seen: BTreeSet<EventId>,
    pub(crate) cuts: u64,
}

impl Simulation {
    pub(crate) fn new(kind: Kind, seed: u64, planted: bool) -> Held<Self> {
        let mut random = Random::new(seed);
        let world = Arc::new(SeededWorld::new(MONDAY, format!("faults-{seed}")));
        let faults = random.weighted(&[
            (2, Faults::NONE),
            (5, Faults { before: 8, after: 8, late: 2, twice: 60, reorder: 200 }),
            (3, Faults { before: 25, after: 25, late: 5, twice: 150, reorder: 300 }),
        ]);
        let place = Place::new(kind, &world);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let mut simulation = Simulation {
            kind,
            policy: random.below(POLICIES.len()),
            shadow: random.percent(25).then(|| random.below(POLICIES.len())),
            random,
            world,
            place,
            runtime,
            observer: None,
            lanes: Vec::new(),
            model: Model::default(),
            trace: Vec::new(),
            seed,
            planted,
            step: 0,
            stores: 0,
            faults,
            read: Position(0),
            seen: BTreeSet::new(),
            cuts: 0,
        };
        let engines = if simulation.random.percent(45) { 2 } else { 1 };
        simulation.note(format!("{kind:?}, {engines} engines, {faults:?}"));
        for _ in 0..engines {
            let (faulty, _) = simulation.place.faulty(faults, seed, planted).map_err(|error| error.to_string())?;
            simulation.lanes.push(Lane { engine: None, faulty });
        }
        simulation.observe_anew()?;
        (0..engines).try_for_each(|lane| simulation.open(lane))?;
        Ok(simulation)
    }

    pub(crate) fn note(&mut self, what: impl std::fmt::Display) {
        self.trace.push(format!("{:>3} {what}", self.step));
    }

    pub(crate) fn begin_step(&mut self) {
        self.step += 1;
        for lane in &self.lanes {
            lane.faulty.step(self.step);
        }
    }

    pub(crate) fn calm(&self, calm: bool) {
        self.lanes.iter().for_each(|lane| lane.faulty.calm(calm));
    }

    pub(crate) fn some_lane(&mut self) -> usize {
        self.random.below(self.lanes.len())
    }

    pub(crate) fn engine(&self, lane: usize) -> Engine {
        self.lanes[lane].engine.clone().expect("a lane has an engine between two steps")
    }

    pub(crate) fn store(&self) -> &Opened {
        self.observer.as_ref().expect("there is an observer between two steps")
    }

    /// Opens the engine of `lane`, however often it takes.
    pub(crate) fn open(&mut self, lane: usize) -> Held<()> {
        self.open_as(lane, &Settings::default())
    }

    /// Opens the engine of `lane` as one that holds nothing for longer than it must.
    pub(crate) fn open_retaining(&mut self, lane: usize) -> Held<()> {
        let day = Some(1);
        let settings = Settings {
            retain_task_days: day,
            retain_habit_days: day,
            retain_calendar_days: day,
            retain_mood_days: day,
            retain_context_days: day,
            retain_decision_days: Some(9),
            ..Settings::default()
        };
        self.open_as(lane, &settings)
    }

    fn open_as(&mut self, lane: usize, settings: &Settings) -> Held<()> {
        self.lanes[lane].engine = None;
        for attempt in 0..40 {
            self.stores += 1;
            let (faulty, revived) = self
                .place
                .faulty(self.faults, self.seed ^ self.stores << 32, self.planted)
                .map_err(|error| format!("opening: {error}"))?;
            faulty.step(self.step);
            faulty.calm(attempt > 5);
            self.lanes[lane].faulty = faulty.clone();
            let spec = |index: usize| PolicySpec::parse(POLICIES[index]).map_err(|error| error.to_string());
            let settings = Settings { snapshot_every: 64, cached_users: 64, ..settings.clone() };
            let mut builder = Engine::builder("unused")
                .settings(settings)
                .policy(spec(self.policy)?)
                .clock(self.world.clone())
                .entropy(self.world.clone())
                .test_store(faulty.clone(), faulty.clone(), revived);
            if let Some(shadow) = self.shadow {
                builder = builder.shadow("shadow", spec(shadow)?);
            }
            match builder.open_blocking() {
                Ok(engine) => {
                    faulty.calm(false);
                    self.lanes[lane].engine = Some(engine);
                    return Ok(());
                }
                Err(error) if matches!(error.kind(), ErrorKind::Busy | ErrorKind::Storage) && attempt < 30 => {}
                Err(error) => return Err(format!("the engine does not open: {error}")),
            }
        }
        Err("the engine does not open".to_owned())
    }

    /// Closes an engine well, or kills it; and opens it again, at times with other policies.
    pub(crate) fn restart(&mut self) -> Held<()> {
        let lane = self.some_lane();
        let kill = self.random.percent(50);
        if self.random.percent(30) {
            self.policy = self.random.below(POLICIES.len());
            self.shadow = self.random.percent(30).then(|| self.random.below(POLICIES.len()));
        }
        self.note(format!("restart of {lane}, kill {kill}, policy {}, shadow {:?}", self.policy, self.shadow));
        if kill {
            self.lanes[lane].faulty.kill();
        }
        self.open(lane)
    }

    /// Arms a cut of the power at some call of `lane`.
    pub(crate) fn arm(&mut self, lane: usize) {
        let cut = PowerCut {
            call: CALLS[self.random.below(CALLS.len())],
            passing: self.random.weighted(&[(5, 0), (3, 1), (2, 3), (1, 6)]),
            when: if self.random.percent(50) { When::Before } else { When::After },
            then: self.place.cut(self.random.next()),
        };
        self.note(format!("{lane}: {cut:?}"));
        self.lanes[lane].faulty.arm(cut);
    }

    /// The power goes now, if it has not gone by itself; then everything is opened again.
    pub(crate) fn power_cut(&mut self, lane: usize) -> Held<()> {
        let fired = self.lanes[lane].faulty.disarm();
        if !fired {
            self.place.cut(self.random.next())();
        }
        self.cuts += 1;
        self.note(format!("the power is off, at a call: {fired}"));
        let all = self.kind == Kind::Sqlite || self.random.percent(50);
        let dead: Vec<usize> = (0..self.lanes.len()).filter(|other| all || *other == lane).collect();
        for lane in &dead {
            self.lanes[*lane].faulty.kill();
            self.lanes[*lane].engine = None;
        }
        self.observe_anew()?;
        dead.into_iter().try_for_each(|lane| self.open(lane))
    }

    /// Whether the power went by itself in this step.
    pub(crate) fn is_off(&self, lane: usize) -> bool {
        self.lanes[lane].faulty.is_off()
    }

    /// Looks at the store from its beginning.
    fn observe_anew(&mut self) -> Held<()> {
        self.observer = None;
        self.observer = Some(self.place.open().map_err(|error| format!("the files do not open: {error}"))?);
        self.read = Position(0);
        self.seen.clear();
        self.model.owners.clear();
        self.observe()
    }

    /// What was erased may come again under the same id: a reaction that is delivered late is parked anew.
    pub(crate) fn observe_erased(&mut self) -> Held<()> {
        self.observe()?;
        let events = self.store().log.read(Position(0), usize::MAX).map_err(|error| error.to_string())?;
        // Another thread may have written meanwhile: that is seen next time.
        self.seen = events.iter().filter(|stored| stored.position <= self.read).map(|stored| stored.event.id).collect();
        Ok(())
    }

    /// Reads what was written since the last look: positions rise, and no event is there twice.
    pub(crate) fn observe(&mut self) -> Held<()> {
        let events = self.store().log.read(self.read, usize::MAX).map_err(|error| error.to_string())?;
        for stored in events {
            if stored.position <= self.read || !self.seen.insert(stored.event.id) {
                return Err(format!("the event {} at {:?} was there already", stored.event.id, stored.position));
            }
            self.read = stored.position;
            let decision = match &stored.event.body {
                EventBody::Decision(decision) => decision.id,
                EventBody::Choice(choice) => choice.id,
                // What is left of one whose time was up.
                EventBody::Lesson(lesson) => {
                    self.model.owners.extend(stored.event.user.map(|user| (lesson.decision, user)));
                    continue;
                }
                _ => continue,
            };
            if let Some(user) = stored.event.user
                && self.model.owners.insert(decision, user).is_some()
            {
                return Err(format!("{decision} was decided twice"));
            }
        }
        Ok(())
    }

    /// The id that the next decision of this instant will have.
    pub(crate) fn coming_decision(&self) -> DecisionId {
        use oo::Clock as _;
        DecisionId::v7(self.world.now_ms(), &self.world.next("decision"))
    }

    /// Moves the clock, also backwards.
    pub(crate) fn move_clock(&mut self) {
        const MINUTE: i64 = 60_000;
        let most =
            self.random.weighted(&[(10, 40), (5, 8 * 60), (4, 30 * 60), (1, 9 * 24 * 60), (2, -30), (2, -3 * 24 * 60)]);
        let minutes = 1 + (self.random.next() % i64::unsigned_abs(most)).cast_signed();
        self.note(format!("clock {}{minutes} min", if most < 0 { "-" } else { "+" }));
        self.world.advance(MINUTE * minutes * most.signum() + 7);
    }
}

impl Simulation {
    pub(crate) fn has_shadow(&self) -> bool {
        self.shadow.is_some()
    }
}
