//! The steps of a schedule, each drawn by its weight.

use oo::id::DecisionId;
use oo::{Consents, DecideRequest, ErrorKind, Preferences, ReactRequest, Signal, SignalKind, TaskStatus};
use oo_core::ports::{Query, Rows};

use crate::model::{Message, some_reaction};
use crate::place::Kind;
use crate::simulation::{Held, PEOPLE, Simulation};

#[derive(Clone, Copy)]
enum Step {
    Signal,
    Recommend,
    React,
    Again,
    Decide,
    Reward,
    Consent,
    Preferences,
    Forget,
    Retain,
    Import,
    Clock,
    Restart,
    PowerCut,
    Burst,
    Check,
}

const STEPS: [(u64, Step); 16] = [
    (16, Step::Signal),
    (20, Step::Recommend),
    (18, Step::React),
    (12, Step::Again),
    (7, Step::Decide),
    (7, Step::Reward),
    (3, Step::Consent),
    (2, Step::Preferences),
    (3, Step::Forget),
    (1, Step::Retain),
    (2, Step::Import),
    (12, Step::Clock),
    (4, Step::Restart),
    (3, Step::PowerCut),
    (5, Step::Burst),
    (1, Step::Check),
];

impl Simulation {
    /// Runs the whole schedule.
    pub(crate) fn run(&mut self) -> Held<()> {
        for _ in 0..40 + self.random.below(50) {
            self.begin_step();
            let step = self.random.weighted(&STEPS);
            self.perform(step)?;
            self.observe()?;
        }
        self.finish()
    }

    fn perform(&mut self, step: Step) -> Held<()> {
        let lane = self.some_lane();
        match step {
            Step::Signal | Step::Recommend | Step::React | Step::Again | Step::Decide | Step::Reward => {
                match self.message(step) {
                    Some(message) => self.deliver(lane, vec![message]),
                    None => Ok(()),
                }
            }
            Step::Burst => {
                let messages = self.burst();
                self.deliver(lane, messages)
            }
            Step::Consent => self.consent(lane),
            Step::Preferences => self.prefer(lane),
            Step::Forget => self.forget(lane),
            Step::Retain => self.retain(lane),
            Step::Import => self.import(lane),
            Step::Clock => {
                self.move_clock();
                Ok(())
            }
            Step::Restart => self.restart(),
            Step::PowerCut => {
                self.arm(lane);
                for _ in 0..3 {
                    let step = self.random.weighted(&[
                        (5, Step::Recommend),
                        (5, Step::React),
                        (3, Step::Signal),
                        (2, Step::Reward),
                        (3, Step::Forget),
                        (2, Step::Burst),
                    ]);
                    match step {
                        Step::Forget => self.forget(lane)?,
                        Step::Burst => {
                            let messages = self.burst();
                            self.deliver(lane, messages)?;
                        }
                        step => {
                            if let Some(message) = self.message(step) {
                                self.deliver(lane, vec![message])?;
                            }
                        }
                    }
                    if self.is_off(lane) {
                        break;
                    }
                }
                self.power_cut(lane)
            }
            Step::Check => self.check(),
        }
    }

    fn burst(&mut self) -> Vec<Message> {
        let mut messages: Vec<Message> = Vec::new();
        for _ in 0..3 + self.random.below(5) {
            let step = self.random.weighted(&[
                (4, Step::Signal),
                (4, Step::Recommend),
                (4, Step::React),
                (2, Step::Again),
                (2, Step::Decide),
                (1, Step::Reward),
            ]);
            if let Some(message) = self.message(step) {
                // Of two rewards at once nobody knows which one stands.
                let of = |message: &Message| match message {
                    Message::Reward { decision, .. } => Some(*decision),
                    _ => None,
                };
                if of(&message).is_none_or(|decision| messages.iter().all(|other| of(other) != Some(decision))) {
                    messages.push(message);
                }
            }
        }
        messages
    }

    fn message(&mut self, step: Step) -> Option<Message> {
        use oo::Clock as _;
        let now_ms = self.world.now_ms();
        let number = self.random.next() % 1_000_000;
        let person = self.random.below(PEOPLE.len());
        Some(match step {
            Step::Signal => Message::Signal { person, signal: self.signal(number, now_ms) },
            Step::Recommend => Message::Recommend { person, request: format!("ask-{number}") },
            Step::React => {
                let tip = if self.random.percent(12) {
                    // Before its decision, or to one that never comes.
                    self.coming_decision()
                } else {
                    self.model.some_tip(&mut self.random)?
                };
                let reaction = some_reaction(&mut self.random, now_ms);
                let id = Some(format!("said-{number}"));
                Message::React { request: ReactRequest { id, at_ms: Some(now_ms), ..ReactRequest::new(tip, reaction) } }
            }
            Step::Again => self.model.take_waiting(&mut self.random)?,
            Step::Decide => {
                let bandit = *self.random.pick(&["prices", "headlines"]);
                let values = (0..6).map(|_| f64::from(u8::try_from(self.random.below(9)).unwrap()) / 8.0).collect();
                let id = DecisionId::v7(now_ms, &self.random.next().to_le_bytes().repeat(2));
                let user = self.random.percent(50).then(|| PEOPLE[person].to_owned());
                Message::Decide {
                    request: DecideRequest { user, id: Some(id), ..DecideRequest::new(bandit, values, 3) },
                }
            }
            Step::Reward => {
                let asked = &self.model.asked;
                let decision = *asked.get(self.random.below(asked.len().max(1)))?;
                Message::Reward { decision, reward: *self.random.pick(&[0.0, 0.25, 0.5, 1.0]) }
            }
            _ => return None,
        })
    }

    fn signal(&mut self, number: u64, now_ms: i64) -> Signal {
        let task = format!("task-MARK-{}", number % 12);
        let signal = match self.random.below(8) {
            0..=3 => Signal::task(task, format!("A title, MARK {number}")).priority(1 + (number % 4) as u8),
            4 => Signal::task(task, "").status(TaskStatus::Done),
            5 => Signal::habit(format!("habit-MARK-{}", number % 3), format!("MARK habit {number}"), 3),
            6 => {
                let start = now_ms + (number % 600).cast_signed() * 60_000;
                Signal::calendar(
                    format!("meet-MARK-{number}"),
                    format!("MARK meeting {number}"),
                    start,
                    start + 1_800_000,
                )
            }
            _ => Signal::mood(1.0 + (number % 5) as f64),
        };
        signal.with_id(format!("sent-{number}")).at(now_ms)
    }

    fn consent(&mut self, lane: usize) -> Held<()> {
        let (person, kind) = (self.random.below(PEOPLE.len()), self.random.below(5));
        let granted = self.random.percent(65);
        let mut consents = Consents::default();
        *consent_mut(&mut consents, kind) = Some(granted);
        let engine = self.engine(lane);
        let said = &mut self.model.life(person).consents[kind];
        if said.is_empty() {
            said.insert(true);
        }
        said.insert(granted);
        if !granted {
            let pseudonym = self.record(person)?.map(|record| record.user);
            let theirs = self.model.decisions_of(pseudonym);
            self.model.take_back(person, SignalKind::ALL[kind], &theirs);
        }
        let answer = self.runtime.block_on(engine.set_consents(PEOPLE[person], consents));
        self.note(format!("{lane}: consent of {person} to {kind}: {granted}: {answer:?}"));
        if !granted {
            self.observe_erased()?;
        }
        match answer {
            Ok(_) => {
                self.model.life(person).consents[kind] = [granted].into();
                Ok(())
            }
            Err(error) => retryable(&error),
        }
    }

    fn prefer(&mut self, lane: usize) -> Held<()> {
        let person = self.random.below(PEOPLE.len());
        let zone = *self.random.pick(&["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]);
        let daily_cap = self.random.percent(20).then_some(3);
        let preferences = Preferences { zone: zone.to_owned(), daily_cap, ..Preferences::default() };
        let answer = self.runtime.block_on(self.engine(lane).set_preferences(PEOPLE[person], preferences));
        self.note(format!("{lane}: preferences of {person}: {answer:?}"));
        answer.map(|_| ()).or_else(|error| retryable(&error))
    }

    /// Forgets somebody, however often it takes and whatever happens meanwhile.
    fn forget(&mut self, lane: usize) -> Held<()> {
        let person = self.random.below(PEOPLE.len());
        self.observe()?;
        let pseudonym = self.record(person)?.map(|record| record.user);
        let theirs = self.model.decisions_of(pseudonym);
        for attempt in 0..10 {
            let answer = self.runtime.block_on(self.engine(lane).forget(PEOPLE[person]));
            self.note(format!("{lane}: forget {person}: {answer:?}"));
            match answer {
                Ok(receipt) => {
                    self.model.forget(person, pseudonym, &theirs);
                    self.lanes[lane].faulty.calm(false);
                    self.observe_erased()?;
                    return self.nothing_left(receipt.stage != "erasing");
                }
                Err(error) => retryable(&error)?,
            }
            if self.is_off(lane) {
                self.power_cut(lane)?;
            }
            self.lanes[lane].faulty.calm(attempt > 4);
        }
        Err(format!("{} cannot be forgotten", PEOPLE[person]))
    }

    /// Two weeks later an engine erases what has been held for long enough, however often it takes. What was learned stays.
    fn retain(&mut self, lane: usize) -> Held<()> {
        use oo_core::moment::DAY_MS;
        self.observe()?;
        self.world.advance(14 * DAY_MS);
        self.model.retain();
        self.open_retaining(lane)?;
        for attempt in 0..10 {
            let engine = self.engine(lane);
            let answer = self.runtime.block_on(engine.retain());
            self.note(format!("{lane}: retain: {answer:?}"));
            match answer {
                Ok(_) => {
                    engine.close();
                    drop(engine);
                    self.observe_erased()?;
                    return self.open(lane);
                }
                Err(error) => retryable(&error)?,
            }
            self.lanes[lane].faulty.calm(attempt > 4);
        }
        Err("what is past its time cannot be erased".to_owned())
    }

    /// Reads back what was exported of somebody, perhaps in another engine, however often it takes: nothing changes.
    fn import(&mut self, lane: usize) -> Held<()> {
        let person = self.random.below(PEOPLE.len());
        self.lanes[lane].faulty.calm(true);
        let export = self.runtime.block_on(self.engine(lane).export(PEOPLE[person]));
        self.lanes[lane].faulty.calm(false);
        let export = export.map_err(|error| error.to_string())?;
        let lane = self.some_lane();
        for attempt in 0..10 {
            let answer = self.runtime.block_on(self.engine(lane).import_export(PEOPLE[person], &export));
            self.note(format!("{lane}: import of {person}: {answer:?}"));
            match answer {
                Ok(imported) if imported.signals + imported.consents > 0 || imported.preferences => {
                    return Err(format!("what {} had said was taken for new: {imported:?}", PEOPLE[person]));
                }
                Ok(_) => {
                    self.lanes[lane].faulty.calm(false);
                    return Ok(());
                }
                Err(error) => retryable(&error)?,
            }
            self.lanes[lane].faulty.calm(attempt > 4);
        }
        Err("an export cannot be read back".to_owned())
    }

    /// Nothing of the forgotten is left: no row, and where it is `erased` nothing in any file.
    pub(crate) fn nothing_left(&self, erased: bool) -> Held<()> {
        let files = if erased && self.kind == Kind::Sqlite { self.place.bytes() } else { Vec::new() };
        for user in &self.model.gone {
            let (log, state) = (&self.store().log, &self.store().state);
            let all = oo::id::Position(u64::MAX >> 1);
            let events = log.of_user(*user, oo::id::Position(0), all).map_err(|error| error.to_string())?;
            let person = state.query(&Query::Person { user: *user }).map_err(|error| error.to_string())?;
            let tips = state.query(&Query::Tips { user: Some(*user), limit: 1 }).map_err(|error| error.to_string())?;
            if !events.is_empty()
                || !matches!(person, Rows::Person(None))
                || !matches!(&tips, Rows::Tips(rows) if rows.is_empty())
            {
                return Err(format!(
                    "{user:?} is forgotten, and {} events, {person:?} and {tips:?} are left",
                    events.len()
                ));
            }
            for (file, bytes) in &files {
                if memchr(bytes, &user.0) {
                    return Err(format!("{user:?} is forgotten and stands in the file {file:?}"));
                }
            }
        }
        Ok(())
    }
}

/// Whether `bytes` holds `what`.
pub(crate) fn memchr(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

fn retryable(error: &oo::Error) -> Held<()> {
    match error.kind() {
        ErrorKind::Busy | ErrorKind::Storage => Ok(()),
        _ => Err(error.to_string()),
    }
}

pub(crate) fn consent_mut(consents: &mut Consents, kind: usize) -> &mut Option<bool> {
    match SignalKind::ALL[kind] {
        SignalKind::Task => &mut consents.task,
        SignalKind::Habit => &mut consents.habit,
        SignalKind::Calendar => &mut consents.calendar,
        SignalKind::Mood => &mut consents.mood,
        SignalKind::Context => &mut consents.context,
    }
}
