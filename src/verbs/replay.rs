//! `replay`: the log alone must give the same state, byte for byte.

use std::collections::BTreeMap;
use std::sync::Arc;

use oo_core::candidate::ArmKey;
use oo_core::choice::ChoiceFact;
use oo_core::event::{Event, EventBody};
use oo_core::id::{Position, Pseudonym, hex};
use oo_core::personal::PersonalParts;
use oo_core::policy::{Actions, Scored};
use oo_core::ports::{Query, Rows, TipRow};
use oo_core::registry::PolicyRegistry;
use oo_core::shadow::scored_of;
use oo_core::user::UserState;
use oo_core::{Error, Result};

use crate::bandits::{self, Bandits, Lessons};
use crate::engine::Engine;
use crate::outcome::Replayed;
use crate::run::{Run, score_rows, tip_row};

/// Events read at once.
const PAGE: usize = 5_000;
/// How often replay catches up with those who write.
const PATIENCE: usize = 20;
/// Differences that are told; beyond it they are counted.
const TOLD: usize = 20;

impl Engine {
    /// Reads the whole log from its beginning and compares what it gives with what is live: the champion's state hash
    /// and saved bytes, every pmf since the newest epoch (from the policy at its learned-through position), and every
    /// row of the projections. A pmf that stood in for a policy which failed is not computed anew; a policy that fails
    /// now is a difference.
    ///
    /// # Errors
    /// `storage`, `busy`, or `incompatible` for events of a newer version.
    pub async fn replay(&self) -> Result<Replayed> {
        let run = self.run();
        run.flush().await?;
        let mut mind = run.mind();
        let (wanted, personal) = wanted(run, mind.epoch)?;
        let mut replay = Replay::new(mind.epoch, personal);
        replay.verify_at(run, &wanted, Position(0))?;
        replay.read_to(run, &wanted, mind.position)?;
        // Somebody may be writing: what is compared must stand at one position.
        let mut rows = projected(run)?;
        for _ in 0..PATIENCE {
            if rows.0 == mind.position {
                break;
            }
            run.flush().await?;
            mind = run.mind();
            replay.read_to(run, &wanted, mind.position)?;
            rows = projected(run)?;
        }
        if rows.0 != mind.position && run.log.head()? == mind.position {
            return Err(Error::storage(
                "the projections cannot be written; look for the reason in the log of this process, or restore the newest backup",
            ));
        }
        if rows.0 != mind.position {
            return Err(Error::busy("others keep writing to this file; verify it when they rest"));
        }
        let live = mind.registry.champion()?.policy.identity();
        let champion = &replay.registry.champion()?.policy;
        let again = champion.identity();
        if champion.replays() && live.state != again.state {
            replay.differs(format!("state hash: live {} replayed {}", hex(&live.state), hex(&again.state)));
        }
        for (name, live) in mind.bandits.iter() {
            let again = replay.bandits.get(name).map(|bandit| bandit.save());
            if again.as_deref() != Some(&live.save()[..]) {
                replay.differs(format!("bandit {name:?}: live and replayed bytes differ"));
            }
        }
        let (held, given) = (replaying(&mind.registry), replaying(&replay.registry));
        if held.save() != given.save() {
            for entry in held.entries() {
                let saved = given.get(&entry.policy_ref).map(|entry| entry.policy.save());
                if saved.as_deref() != Some(&entry.policy.save()[..]) {
                    replay.differs(format!("policy {}: live and replayed bytes differ", entry.policy_ref));
                }
            }
            if replay.differences.is_empty() {
                replay.differs("saved policies: live and replayed roles differ".to_owned());
            }
        }
        compare_projections(rows.1, &mut replay);
        if replay.unsaid > 0 {
            replay.differences.push(format!("and {} more", replay.unsaid));
        }
        Ok(Replayed {
            events: replay.events,
            lessons: replay.lessons,
            pmfs: replay.pmfs,
            state_hash: hex(&again.state),
            differences: replay.differences,
        })
    }
}

/// The policies that the same lessons bring to the same bits.
fn replaying(registry: &PolicyRegistry) -> PolicyRegistry {
    PolicyRegistry::new(registry.entries().iter().filter(|entry| entry.policy.replays()).cloned().collect())
}

/// Positions of decisions since `epoch` began, by the position their policy had learned through; and what the policies of
/// the log ask to be kept of each person.
fn wanted(run: &Run, epoch: u32) -> Result<(BTreeMap<Position, Vec<Position>>, PersonalParts)> {
    let mut personal = PersonalParts::default();
    let mut wanted: BTreeMap<Position, Vec<Position>> = BTreeMap::new();
    let mut after = Position(0);
    loop {
        let events = run.log.read(after, PAGE)?;
        let done = events.len() < PAGE;
        for stored in events {
            after = stored.position;
            if let EventBody::PolicyRole(fact) = &stored.event.body {
                personal.ask(&*run.maker.enter(fact)?);
            }
            let made = match &stored.event.body {
                EventBody::Decision(decision) => Some((decision.epoch, decision.learned_through)),
                EventBody::Choice(choice) => Some((choice.epoch, choice.learned_through)),
                _ => None,
            };
            if let Some((_, learned_through)) = made.filter(|(made_in, _)| *made_in == epoch) {
                wanted.entry(learned_through).or_default().push(stored.position);
            }
        }
        if done {
            return Ok((wanted, personal));
        }
    }
}

struct Replay {
    epoch: u32,
    started: u32,
    users: BTreeMap<Pseudonym, UserState>,
    personal: PersonalParts,
    tips: BTreeMap<oo_core::id::DecisionId, TipRow>,
    registry: PolicyRegistry,
    bandits: Bandits,
    events: u64,
    lessons: u64,
    pmfs: u64,
    differences: Vec<String>,
    unsaid: u64,
    read: Position,
}

impl Replay {
    /// Folds everything after what was folded and up to `through`.
    fn read_to(&mut self, run: &Run, wanted: &BTreeMap<Position, Vec<Position>>, through: Position) -> Result<()> {
        loop {
            let events = run.log.read(self.read, PAGE)?;
            let done = events.len() < PAGE;
            for stored in events {
                if stored.position > through {
                    return Ok(());
                }
                self.read = stored.position;
                self.fold(run, &stored)?;
                self.verify_at(run, wanted, stored.position)?;
            }
            if done {
                return Ok(());
            }
        }
    }

    fn new(epoch: u32, personal: PersonalParts) -> Self {
        Replay {
            epoch,
            started: 0,
            users: BTreeMap::new(),
            personal,
            tips: BTreeMap::new(),
            registry: PolicyRegistry::default(),
            bandits: Bandits::default(),
            events: 0,
            lessons: 0,
            pmfs: 0,
            differences: Vec::new(),
            unsaid: 0,
            read: Position(0),
        }
    }

    fn fold(&mut self, run: &Run, stored: &oo_core::event::Stored) -> Result<()> {
        self.events += 1;
        match &stored.event.body {
            EventBody::PolicyRole(fact) => self.registry = run.with_role(&self.registry, fact, stored.position)?,
            EventBody::Forgotten(fact) => {
                self.started = fact.epoch;
                self.registry = self.registry.unlearned(&[])?.registry;
                self.bandits.unlearn(&Lessons::new())?;
            }
            EventBody::Trimmed(fact) => {
                if let Some(epoch) = fact.epoch {
                    self.started = epoch;
                    self.registry = self.registry.unlearned(&[])?.registry;
                    self.bandits.unlearn(&Lessons::new())?;
                }
            }
            EventBody::Bandit(fact) => self.bandits.open(fact)?,
            EventBody::Reward(fact) => {
                self.lessons += 1;
                let lesson = fact.lesson(stored.event.user);
                self.bandits.learn(Lessons::from([(fact.bandit.clone(), vec![lesson])]))?;
            }
            _ => {}
        }
        let Some(user) = stored.event.user else { return Ok(()) };
        let empty = || UserState::with_personal(user, self.personal.clone());
        let state = self.users.entry(user).or_insert_with(empty);
        let mut applied = run.apply(state, stored.position, &stored.event)?;
        if let EventBody::Decision(decision) = &stored.event.body {
            applied.touched.push(decision.id);
            let again = score_rows(stored.position, decision);
            match run.store.query(&Query::Scores { decision: decision.id })? {
                Rows::Scores(live) if live == again => {}
                _ => self.differences.push(format!("tip_scores: the rows of {} differ", decision.id)),
            }
        }
        for id in &applied.touched {
            if let Some(join) = state.tip(id) {
                self.tips.insert(*id, tip_row(user, join));
            }
        }
        self.lessons += applied.lessons.len() as u64;
        self.registry = self.registry.learned(&applied.lessons)?;
        Ok(())
    }

    /// Computes anew the pmfs of the decisions whose policy had learned through exactly `position`, or through one
    /// that is gone with a forgotten person since the last call.
    fn verify_at(&mut self, run: &Run, wanted: &BTreeMap<Position, Vec<Position>>, position: Position) -> Result<()> {
        if self.started != self.epoch {
            return Ok(());
        }
        // A position whose event is gone had the state of the event before it; here, of the one that follows it only
        // when it is exact.
        let Some(decisions) = wanted.get(&position) else {
            return Ok(());
        };
        for at in decisions.clone() {
            let Some(stored) = run.log.read(Position(at.0 - 1), 1)?.into_iter().next() else { continue };
            if let EventBody::Choice(choice) = &stored.event.body {
                self.verify_choice(run, choice, &stored.event)?;
                continue;
            }
            let EventBody::Decision(decision) = &stored.event.body else { continue };
            if decision.schema != run.schema.hash() {
                // Its policy had other columns; what it learned from is compared, what it said is not said again.
                continue;
            }
            let Some(entry) = self.registry.get(&decision.policy) else {
                self.differs(format!(
                    "decision {}: its policy {} is not in the registry",
                    decision.id, decision.policy
                ));
                continue;
            };
            if decision.fallback || !entry.policy.replays() {
                continue;
            }
            let (policy, user, day) = (&*entry.policy, stored.event.user, stored.event.moment.utc_day());
            let state = user.and_then(|user| self.users.get(&user));
            // Whoever has no event yet has the empty part.
            let personal = state.map_or(&self.personal, |state| &state.personal).of(policy);
            let mut scored = match scored_of(policy, &run.schema, decision, user, personal, day) {
                Ok(scored) => scored,
                Err(error) => {
                    self.differs(format!("decision {}: its policy fails now: {error}", decision.id));
                    continue;
                }
            };
            let holdout = decision.exploration.holdout;
            if holdout > 0.0 {
                scored.distribution.mix_uniform(holdout);
            }
            self.pmfs += 1;
            if !is_same(&scored, &decision.pmf) {
                self.differs(format!("decision {}: its pmf is not the replayed one", decision.id));
            }
        }
        Ok(())
    }

    /// Computes the pmf of a named bandit's choice anew.
    fn verify_choice(&mut self, run: &Run, choice: &ChoiceFact, event: &Event) -> Result<()> {
        let bandit = match (self.bandits.get(&choice.bandit), run.mind().bandits.get(&choice.bandit)) {
            (Some(bandit), _) => bandit.clone(),
            // The choice that opens a bandit is made before the bandit is in the log.
            (None, Some(live)) => Arc::new(bandits::fresh(&bandits::settings(live)?)?),
            (None, None) => {
                self.differs(format!("choice {}: its bandit {:?} was never opened", choice.id, choice.bandit));
                return Ok(());
            }
        };
        let grid = bandit.grid()?;
        let values: Vec<f64> = choice.features.iter().map(|n| grid.value(*n)).collect();
        let named = (0..choice.pmf.len()).map(|row| ArmKey::new(row.to_string()));
        let arms: Vec<ArmKey> = if choice.arms.is_empty() { named.collect() } else { choice.arms.clone() };
        let actions = Actions::new(choice.dim(), &values, &arms);
        let mut scored = Scored::default();
        let actions = Actions { day: event.moment.utc_day(), person: event.user, ..actions };
        if let Err(error) = bandit.policy()?.distribution(&actions, &mut scored) {
            self.differs(format!("choice {}: its policy fails now: {error}", choice.id));
            return Ok(());
        }
        self.pmfs += 1;
        if !is_same(&scored, &choice.pmf) {
            self.differs(format!("choice {}: its pmf is not the replayed one", choice.id));
        }
        if scored.estimated != choice.estimated {
            self.differs(format!("choice {}: its estimated is not the replayed one", choice.id));
        }
        Ok(())
    }

    fn differs(&mut self, what: String) {
        if self.differences.len() < TOLD {
            self.differences.push(what);
        } else {
            self.unsaid += 1;
        }
    }
}

/// Whether `scored` has the bits of the logged `pmf`. Which rows are bounded rather than scored is for each version to choose,
/// and changes no probability.
fn is_same(scored: &Scored, pmf: &[f64]) -> bool {
    let own = scored.distribution.pmf();
    own.len() == pmf.len() && own.iter().zip(pmf).all(|(a, b)| a.to_bits() == b.to_bits())
}

/// The rows of `tips` and the position at which they stand; position 0 when they moved while they were read.
fn projected(run: &Run) -> Result<(Position, Vec<TipRow>)> {
    let position = || match run.store.query(&Query::Info)? {
        Rows::Info(info) => Ok(info.projected),
        _ => Ok::<_, Error>(Position(0)),
    };
    let before = position()?;
    let Rows::Tips(rows) = run.store.query(&Query::Tips { user: None, limit: usize::MAX >> 1 })? else {
        return Ok((before, Vec::new()));
    };
    Ok(if position()? == before { (before, rows) } else { (Position(0), Vec::new()) })
}

fn compare_projections(rows: Vec<TipRow>, replay: &mut Replay) {
    let live: BTreeMap<_, _> = rows.into_iter().map(|row| (row.decision, row)).collect();
    let again = std::mem::take(&mut replay.tips);
    if live.len() != again.len() {
        replay.differs(format!("tips: {} rows live, {} replayed", live.len(), again.len()));
    }
    for (id, row) in &again {
        match live.get(id) {
            Some(stored) if stored == row => {}
            Some(stored) => replay.differs(format!("tips: {id}: live {stored:?} replayed {row:?}")),
            None => replay.differs(format!("tips: {id} is missing")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pmf_is_the_same_by_its_bits() {
        let mut scored = Scored { scores: vec![0.0; 3], ..Scored::default() };
        scored.distribution.set_uniform(3);
        let mut pmf = scored.distribution.pmf().to_vec();
        assert!(is_same(&scored, &pmf));
        assert!(!is_same(&scored, &pmf[..2]));
        pmf[1] = pmf[1].next_up();
        assert!(!is_same(&scored, &pmf));
    }
}
