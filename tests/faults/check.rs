//! What must hold: nothing acknowledged is missing, nothing is there twice, the state is what the log gives.

use std::collections::{BTreeMap, BTreeSet};

use oo::id::{EventId, Position};
use oo::{EventBody, SignalKind};
use serde_json::Value;

use crate::model::Life;
use crate::simulation::{Held, PEOPLE, Simulation};
use crate::steps::{consent_mut, memchr};

impl Simulation {
    /// Holds every engine to every promise.
    pub(crate) fn check(&mut self) -> Held<()> {
        self.note("check");
        self.calm(true);
        let held = self.check_calmly();
        self.calm(false);
        held
    }

    fn check_calmly(&mut self) -> Held<()> {
        self.observe()?;
        self.nothing_left(false)?;
        for lane in 0..self.lanes.len() {
            self.replays(lane)?;
            self.counts_lessons(lane)?;
        }
        self.engines_agree()?;
        let lane = self.some_lane();
        let exports = self.exports(lane)?;
        for (person, life) in &self.model.lives {
            self.holds_life(lane, *person, life, &exports[person])?;
        }
        for (tip, person) in &self.model.tips {
            let count =
                exports[person].iter().filter(|line| line["type"] == "decision" && line["id"] == tip.to_string());
            match count.count() {
                1 => {}
                count => {
                    return Err(format!("the acknowledged tip {tip} of {} is there {count} times", PEOPLE[*person]));
                }
            }
        }
        self.holds_log()?;
        self.holds_choices(lane)
    }

    /// The log gives the state that is live, byte for byte.
    fn replays(&self, lane: usize) -> Held<()> {
        let engine = self.engine(lane);
        let mut states = (String::new(), String::new());
        // A policy that was withdrawn may return between the two questions.
        for _ in 0..5 {
            let replayed = self.runtime.block_on(engine.replay()).map_err(|error| format!("replay: {error}"))?;
            if !replayed.differences.is_empty() {
                return Err(format!("engine {lane} is not what the log gives: {:?}", replayed.differences));
            }
            let health = self.runtime.block_on(engine.health()).map_err(|error| format!("health: {error}"))?;
            if replayed.state_hash == health.state_hash {
                return Ok(());
            }
            states = (health.state_hash, replayed.state_hash);
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Err(format!("engine {lane} has state {}, the log gives {}", states.0, states.1))
    }

    /// Every decision with a reward is one lesson, of the champion and of the bandits alike.
    fn counts_lessons(&self, lane: usize) -> Held<()> {
        let engine = self.engine(lane);
        let past = self.runtime.block_on(engine.decisions(1_000_000)).map_err(|error| error.to_string())?;
        let held = past.iter().filter(|tip| tip.reward.is_some()).count();
        // Of what is past its time the lessons stay.
        let events = self.store().log.read(Position(0), usize::MAX).map_err(|error| error.to_string())?;
        let collapsed: BTreeSet<_> = events
            .iter()
            .filter_map(|stored| match &stored.event.body {
                EventBody::Lesson(lesson) => Some(lesson.decision),
                _ => None,
            })
            .collect();
        let rewarded = (held + collapsed.len()) as u64;
        let champion = self.runtime.block_on(engine.health()).map_err(|error| error.to_string())?;
        if champion.lessons != rewarded {
            return Err(format!(
                "{rewarded} decisions have a reward, {} of them are gone, the champion has {} lessons",
                collapsed.len(),
                champion.lessons
            ));
        }
        let bandits = self.runtime.block_on(engine.bandits()).map_err(|error| error.to_string())?;
        let learned: u64 = bandits.iter().map(|bandit| bandit.lessons).sum();
        let rewarded: BTreeSet<_> = events
            .iter()
            .filter_map(|stored| match &stored.event.body {
                EventBody::Reward(reward) => Some(reward.decision),
                _ => None,
            })
            .collect();
        if learned != rewarded.len() as u64 {
            return Err(format!("{} choices have a reward, the bandits have {learned} lessons", rewarded.len()));
        }
        Ok(())
    }

    /// Engines on one store are one.
    fn engines_agree(&self) -> Held<()> {
        let mut states = BTreeSet::new();
        for lane in 0..self.lanes.len() {
            let engine = self.engine(lane);
            let policies = self.runtime.block_on(engine.policies()).map_err(|error| error.to_string())?;
            let bandits = self.runtime.block_on(engine.bandits()).map_err(|error| error.to_string())?;
            states.insert(serde_json::to_string(&(policies, bandits)).unwrap());
        }
        if states.len() > 1 { Err(format!("the engines differ: {states:?}")) } else { Ok(()) }
    }

    fn exports(&self, lane: usize) -> Held<BTreeMap<usize, Vec<Value>>> {
        let engine = self.engine(lane);
        let export = |person: usize| -> Held<_> {
            let text = self.runtime.block_on(engine.export(PEOPLE[person])).map_err(|error| error.to_string())?;
            let lines: Vec<Value> = text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
            let ids: BTreeSet<&str> = lines.iter().filter_map(|line| line["event"].as_str()).collect();
            if ids.len() != lines.len() {
                return Err(format!("an event of {} is exported twice", PEOPLE[person]));
            }
            Ok((person, lines))
        };
        (0..PEOPLE.len()).map(export).collect()
    }

    fn holds_life(&self, lane: usize, person: usize, life: &Life, export: &[Value]) -> Held<()> {
        let record = self.record(person)?;
        for (id, _) in life.signals.iter().filter(|(_, acknowledged)| **acknowledged) {
            let event = record.as_ref().map(|record| Simulation::signal_event(record, id).to_string());
            let there = export.iter().any(|line| event.is_some() && line["event"].as_str() == event.as_deref());
            if !there {
                return Err(format!("the acknowledged signal {id} of {} is lost", PEOPLE[person]));
            }
        }
        let mut consents =
            self.runtime.block_on(self.engine(lane).consents(PEOPLE[person])).map_err(|error| error.to_string())?;
        for (kind, said) in life.consents.iter().enumerate() {
            let now = consent_mut(&mut consents, kind).unwrap_or(true);
            if !said.is_empty() && !said.contains(&now) {
                return Err(format!("{} said {said:?} of kind {kind}, and it is {now}", PEOPLE[person]));
            }
            let name = SignalKind::ALL[kind].as_str();
            let heard = |line: &&Value| {
                line["type"] == "signal" && line["kind"] == name
                    || line["heard"].as_array().is_some_and(|heard| heard.iter().any(|kind| kind == name))
            };
            if said.len() == 1
                && said.contains(&false)
                && let Some(line) = export.iter().find(heard)
            {
                return Err(format!("{} took {name} back, and this is left: {line}", PEOPLE[person]));
            }
        }
        Ok(())
    }

    /// Acknowledged reactions are in the log, parked ones included; those whose decision came in time are adopted; and
    /// shadows speak of decisions that are there.
    fn holds_log(&self) -> Held<()> {
        let events = self.store().log.read(Position(0), usize::MAX).map_err(|error| error.to_string())?;
        let ids: BTreeSet<_> = events.iter().map(|stored| stored.event.id).collect();
        if let Some((id, decision)) = self.model.reactions.iter().find(|(id, _)| !ids.contains(id)) {
            return Err(format!("the acknowledged reaction {id} to {decision} is lost"));
        }
        let (mut decided, mut lapsed) = (BTreeMap::new(), BTreeSet::new());
        for stored in &events {
            match &stored.event.body {
                EventBody::Decision(decision) => _ = decided.insert(decision.id, stored.position),
                EventBody::ParkingLapsed { decision } => _ = lapsed.insert(*decision),
                _ => {}
            }
        }
        for stored in &events {
            let EventBody::Shadow(shadow) = &stored.event.body else { continue };
            if !decided.contains_key(&shadow.decision) {
                return Err(format!("the shadow {} speaks of {}, which is gone", shadow.policy, shadow.decision));
            }
        }
        for stored in events.iter().filter(|stored| stored.event.user.is_none()) {
            let EventBody::Reaction { decision, .. } = &stored.event.body else { continue };
            let came = decided.get(decision).is_some_and(|position| *position > stored.position);
            let adopted = EventId::derived("adopted", &[&stored.event.id.0]);
            if came && !lapsed.contains(decision) && !ids.contains(&adopted) {
                return Err(format!("the parked reaction {} to {decision} was not adopted", stored.event.id));
            }
        }
        Ok(())
    }

    fn holds_choices(&self, lane: usize) -> Held<()> {
        let engine = self.engine(lane);
        for (id, choice) in &self.model.choices {
            let now = self.runtime.block_on(engine.choice(*id));
            let now = now.map_err(|error| format!("the acknowledged choice {id} is lost: {error}"))?;
            if (now.index, &now.pmf) != (choice.index, &choice.pmf) {
                return Err(format!("{choice:?} became {now:?}"));
            }
            let Some(rewarded) = self.model.rewards.get(id) else { continue };
            let fits = now.reward == rewarded.acknowledged
                || now.reward.is_some_and(|reward| rewarded.possible.contains(&reward));
            if !fits {
                return Err(format!("{id} was rewarded {:?}, and has {:?}", rewarded.acknowledged, now.reward));
            }
        }
        Ok(())
    }

    /// Everything that waits is delivered at last; engines close well and open again; then all must hold.
    pub(crate) fn finish(&mut self) -> Held<()> {
        self.begin_step();
        self.check()?;
        self.calm(true);
        let lane = self.some_lane();
        while let Some(message) = self.model.take_waiting(&mut self.random) {
            self.lanes[lane].faulty.calm(true);
            self.deliver(lane, vec![message])?;
        }
        self.check()?;
        for lane in 0..self.lanes.len() {
            self.open(lane)?;
        }
        self.check()?;
        for (file, bytes) in self.place.bytes() {
            for mark in ["MARK", "A title"] {
                if memchr(&bytes, mark.as_bytes()) {
                    return Err(format!("{mark:?} stands in the clear in the file {file:?}"));
                }
            }
        }
        Ok(())
    }
}
