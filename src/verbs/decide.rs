//! `decide`: a named bandit chooses among rows of numbers.
//!
//! The bandit alone as a service: no person is needed, no text, no candidate source. Everything else is as for a tip:
//! the choice is on disk before its answer leaves, it has learned from every reward that was acknowledged before the
//! call in any process, and a person whom it was made for takes their lessons with them when they are forgotten.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use oo_core::candidate::ArmKey;
use oo_core::choice::{BanditFact, ChoiceFact};
use oo_core::event::{Event, EventBody};
use oo_core::id::{DecisionId, EventId, Pseudonym, hex};
use oo_core::moment::Moment;
use oo_core::ports::{Appended, Entry, Slot};
use oo_core::signal::checked_id;
use oo_core::{Error, Result};
use oo_policies::{Bandit, BanditSpec, Decided, PolicySpec, RangeSpec, Rows};

use crate::bandits;
use crate::engine::Engine;
use crate::outcome::{Choice, NamedBandit};
use crate::run::{ChooseWork, Counters, Mind, Reply, Run, Work};
use crate::world::stopwatch;

/// The bandit of a request that names none.
pub const DEFAULT_BANDIT: &str = "default";
/// The longest arm, in bytes.
const LONGEST_ARM: usize = 256;
/// The most decisions of one call.
pub(crate) const MOST_AT_ONCE: usize = 1_000;

thread_local! {
    static BUFFER: RefCell<Decided> = RefCell::default();
}

/// Rows of numbers to choose from.
#[derive(Clone, Default)]
pub struct DecideRequest {
    /// The bandit's name; [`DEFAULT_BANDIT`] when empty. It is opened by its first decision.
    pub bandit: String,
    /// Its policy: the default policy when absent at its opening; later only a check.
    pub policy: Option<PolicySpec>,
    /// The range of the columns, as `policy`.
    pub range: Option<RangeSpec>,
    /// The range of the rewards, as `policy`.
    pub reward_range: Option<RangeSpec>,
    /// `count` rows, one after the other.
    pub values: Vec<f64>,
    /// The number of rows.
    pub count: usize,
    /// The arm of each row; without it a row's arm is its number.
    pub arms: Option<Vec<ArmKey>>,
    /// Whom the decision is for: consented, exported and forgotten with them.
    pub user: Option<String>,
    /// The decision's id, which seeds the draw; made when absent. The same id answers the same decision again.
    pub id: Option<DecisionId>,
}
oo_core::debug_without_texts!(DecideRequest { bandit, policy, range, reward_range, values, count, arms, id });

impl DecideRequest {
    /// `count` rows for the bandit `bandit`.
    #[must_use]
    pub fn new(bandit: impl Into<String>, values: Vec<f64>, count: usize) -> Self {
        DecideRequest { bandit: bandit.into(), values, count, ..DecideRequest::default() }
    }

    fn name(&self) -> &str {
        if self.bandit.is_empty() { DEFAULT_BANDIT } else { &self.bandit }
    }

    fn rows(&self) -> Rows<'_> {
        Rows { arms: self.arms.as_deref(), ..Rows::new(&self.values, self.count) }
    }

    fn check(&self) -> Result<()> {
        if self.count == 0 {
            return Err(Error::invalid("candidates", "there is no candidate; pass at least one row"));
        }
        checked_id("bandit", self.name())?;
        if let Some(long) = self.arms.iter().flatten().find(|arm| arm.as_str().len() > LONGEST_ARM) {
            let len = long.as_str().len();
            return Err(Error::invalid("arms", format!("an arm has {len} bytes; an arm has at most {LONGEST_ARM}")));
        }
        Ok(())
    }
}

impl Engine {
    /// Chooses one row of `request`.
    ///
    /// ```
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("oo.db");
    /// # runtime.block_on(async {
    /// let oo = oo::Engine::open(&path).await?;
    /// let rows = vec![1.0, 0.0, 0.5, 0.0, 1.0, 0.5];
    /// let choice = oo.decide(oo::DecideRequest::new("prices", rows, 2)).await?;
    /// oo.reward(oo::id::DecisionId::parse(&choice.decision)?, 1.0).await?;
    /// # Ok::<_, oo::Error>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for rows that do not fit or a number outside its range; `incompatible` when the bandit has other
    /// settings; `busy`, `storage`.
    pub async fn decide(&self, request: DecideRequest) -> Result<Choice> {
        let mut choices = self.decide_all(vec![request]).await?;
        choices.pop().ok_or_else(|| Error::internal("a decision has no answer; report this as a defect"))
    }

    /// As [`decide`](Engine::decide) for each of `requests`, in one commit: all of them or none.
    ///
    /// # Errors
    /// As [`decide`](Engine::decide); the field begins with `decisions[i]` where there are several.
    pub async fn decide_all(&self, requests: Vec<DecideRequest>) -> Result<Vec<Choice>> {
        let run = self.run();
        if requests.len() > MOST_AT_ONCE {
            let message = format!("{} decisions at once; send at most {MOST_AT_ONCE}", requests.len());
            return Err(Error::invalid("decisions", message));
        }
        let several = requests.len() > 1;
        let at = |index: usize| {
            move |error: Error| match (several, error.field().map(str::to_owned)) {
                (true, Some(field)) => error.with_field(format!("decisions[{index}].{field}")),
                _ => error,
            }
        };
        // An id that is known already is looked up in the log, so that has to be read; else whether another process wrote
        // something is asked once, by the writer: where it did, it is read first and the choices are made again.
        let mut read = requests.is_empty() || requests.iter().any(|request| request.id.is_some());
        let (entries, outcomes) = loop {
            if read {
                run.catch_up().await?;
            }
            let mut opening = BTreeMap::new();
            let mut entries = Vec::with_capacity(requests.len());
            for (index, request) in requests.iter().enumerate() {
                entries.push(prepared(run, request, &mut opening).await.map_err(at(index))?);
            }
            if entries.iter().all(Option::is_none) {
                break (entries, Vec::new());
            }
            match committed(run, opening, &entries, read).await? {
                Some(outcomes) => break (entries, outcomes),
                None => read = true,
            }
        };
        let mut outcomes = outcomes.into_iter();
        let mut choices = Vec::with_capacity(requests.len());
        for (index, (entry, request)) in entries.into_iter().zip(&requests).enumerate() {
            let choice = match (entry, request.id) {
                (Some(event), _) => match outcomes.next() {
                    Some(Appended::At(_)) => {
                        Counters::add(&run.counters.choices, 1);
                        answer(&event)
                    }
                    _ => known(run, &event, request).map_err(at(index))?,
                },
                (None, Some(id)) => known_by(run, id, request).map_err(at(index))?,
                (None, None) => None,
            };
            choices.push(choice.ok_or_else(|| Error::internal("a decision has no answer; report this as a defect"))?);
        }
        Ok(choices)
    }

    /// The choice `decision` as it was logged, with the reward it has now.
    ///
    /// # Errors
    /// `not_found` for an unknown decision; `busy`, `storage`.
    pub async fn choice(&self, decision: DecisionId) -> Result<Choice> {
        let run = self.run();
        run.catch_up().await?;
        let unknown =
            || Error::not_found("there is no such decision; pass the id that deciding returned").with_field("decision");
        let events = run.log.of_decision(decision)?;
        let mut choice = events.iter().find_map(|stored| answer(&stored.event)).ok_or_else(unknown)?;
        let mut rewards = events.iter().rev().filter_map(|stored| match &stored.event.body {
            EventBody::Reward(reward) => Some(reward.reward),
            _ => None,
        });
        let mind = run.mind();
        let grid = mind.bandits.get(&choice.bandit).map(|bandit| bandit.reward_grid());
        choice.reward = rewards.next().and_then(|reward| grid.map(|grid| grid.value(reward)));
        Ok(choice)
    }
}

impl Engine {
    /// The named bandits, by name, with their settings and what they have learned.
    ///
    /// # Errors
    /// `busy`, `storage`.
    pub async fn bandits(&self) -> Result<Vec<NamedBandit>> {
        self.run().catch_up().await?;
        let mind = self.run().mind();
        mind.bandits
            .iter()
            .map(|(name, bandit)| {
                let identity = bandit.policy()?.identity();
                Ok(NamedBandit {
                    name: name.as_ref().to_owned(),
                    settings: serde_json::to_value(bandit.spec()).unwrap_or_default(),
                    lessons: identity.lessons,
                    state_hash: hex(&identity.state),
                })
            })
            .collect()
    }
}

/// The event of a fresh choice; none when its id is known already. A bandit that is not there yet is made in `opening`.
async fn prepared(
    run: &Arc<Run>,
    request: &DecideRequest,
    opening: &mut BTreeMap<Arc<str>, Bandit>,
) -> Result<Option<Arc<Event>>> {
    request.check()?;
    if let Some(id) = request.id
        && !run.log.of_decision(id)?.is_empty()
    {
        return Ok(None);
    }
    let user = match &request.user {
        Some(user) => Some(run.person(user).await?.user),
        None => None,
    };
    let started = stopwatch();
    let mind = run.mind();
    let name: Arc<str> = Arc::from(request.name());
    let bandit = match (mind.bandits.get(&name), opening.get(&name)) {
        (Some(bandit), _) => bandit,
        (None, Some(bandit)) => bandit,
        (None, None) => opening.entry(name.clone()).or_insert(opened(request)?),
    };
    expect(bandit, request)?;
    choose(run, &mind, bandit, name, request, user, started).map(Some)
}

fn choose(
    run: &Run,
    mind: &Mind,
    bandit: &Bandit,
    name: Arc<str>,
    request: &DecideRequest,
    user: Option<Pseudonym>,
    started: Instant,
) -> Result<Arc<Event>> {
    let now_ms = run.clock.now_ms();
    let id = request.id.map_or_else(|| run.new_decision_id(now_ms), Ok)?;
    let moment = Moment::utc(now_ms);
    BUFFER.with_borrow_mut(|decided| {
        let people: &[Pseudonym] = user.as_slice();
        let days = [moment.utc_day()];
        bandit.decide_into(&request.rows().with_people(people).with_days(&days), id.into(), decided)?;
        let bounded = decided.bounded().iter().zip(0_u32..).filter(|(bounded, _)| **bounded).map(|(_, row)| row);
        let choice = ChoiceFact {
            id,
            bandit: name,
            arms: decided.named_arms().to_vec(),
            features: decided.features(),
            scores: decided.scores().to_vec(),
            pmf: decided.pmf().to_vec(),
            drawn: u32::try_from(decided.index).unwrap_or(u32::MAX),
            estimated: decided.estimated(),
            bounded: bounded.collect(),
            learned_through: mind.position,
            epoch: mind.epoch,
            latency_us: run.clock.elapsed_us(started),
        };
        let body = EventBody::Choice(Arc::new(choice));
        Ok(Arc::new(Event { id: EventId(id.0), moment, recorded_ms: now_ms, user, body }))
    })
}

/// A new bandit with the settings of `request`, whose rows fix a range that is `"auto"`.
fn opened(request: &DecideRequest) -> Result<Bandit> {
    let dim = request.values.len() / request.count.max(1);
    let mut spec = BanditSpec::new(request.policy.clone().unwrap_or_default(), dim);
    spec.range = request.range.unwrap_or(spec.range);
    spec.reward_range = request.reward_range.unwrap_or(spec.reward_range);
    let bandit = Bandit::new(spec)?;
    bandit.decide(&request.rows(), 0.into())?;
    Ok(bandit)
}

/// Checks that the settings of `request` are those of its bandit.
fn expect(bandit: &Bandit, request: &DecideRequest) -> Result<()> {
    let differs = |what: &str, own: String| {
        let name = request.name();
        let message = format!("the bandit {name:?} has another {what}, {own}; leave it out, or take another name");
        Err(Error::incompatible(message).with_field(what.to_owned()))
    };
    let json = |range: &RangeSpec| serde_json::to_string(range).unwrap_or_default();
    let own = bandit.policy_spec();
    // Settings that differ in the sign of a nought alone are the same.
    if let Some(policy) = request.policy.as_ref().filter(|policy| *policy != own)
        && policy.to_json()? != own.to_json()?
    {
        return differs("policy", own.to_json()?);
    }
    let other = |given: Option<RangeSpec>, own: RangeSpec| given.is_some_and(|g| g != RangeSpec::Auto && g != own);
    let (range, reward_range) = (bandit.range(), bandit.reward_range());
    if other(request.range, range) {
        return differs("range", json(&range));
    }
    if other(request.reward_range, reward_range) {
        return differs("reward_range", json(&reward_range));
    }
    Ok(())
}

/// What became of `entries`; none when another process wrote to the log since they were made, unless it was `read`
/// before.
async fn committed(
    run: &Run,
    opening: BTreeMap<Arc<str>, Bandit>,
    entries: &[Option<Arc<Event>>],
    read: bool,
) -> Result<Option<Vec<Appended>>> {
    let open = opening.into_iter().map(|(name, bandit)| Ok(BanditFact { name, spec: bandits::settings(&bandit)? }));
    let open = open.collect::<Result<_>>()?;
    let entry = |event: &Arc<Event>| Entry { event: event.clone(), key: None, texts: Vec::new(), slot: Slot::Keep };
    let choices = entries.iter().flatten().map(entry).collect();
    match run.submit(Work::Choose(ChooseWork { open, choices, read, now_ms: run.clock.now_ms() })).await? {
        Reply::Appended(outcomes, _) => Ok(Some(outcomes)),
        Reply::Behind => Ok(None),
        _ => Err(unexpected()),
    }
}

/// The answer of a choice that another call with the same id committed first.
fn known(run: &Run, event: &Event, request: &DecideRequest) -> Result<Option<Choice>> {
    known_by(run, DecisionId(event.id.0), request)
}

fn known_by(run: &Run, id: DecisionId, request: &DecideRequest) -> Result<Option<Choice>> {
    let found = run.log.of_decision(id)?.iter().find_map(|stored| answer(&stored.event));
    let same = found.filter(|choice| choice.bandit == request.name() && choice.pmf.len() == request.count);
    same.map(Some).ok_or_else(|| Error::invalid("id", "another decision has this id; pass a new UUID, or leave it out"))
}

/// The answer of a logged choice.
fn answer(event: &Event) -> Option<Choice> {
    let EventBody::Choice(choice) = &event.body else { return None };
    Some(Choice {
        decision: choice.id.to_string(),
        bandit: choice.bandit.as_ref().to_owned(),
        index: choice.drawn as usize,
        arm: choice.arm().as_str().to_owned(),
        propensity: choice.propensity(),
        pmf: choice.pmf.clone(),
        scores: choice.scores.clone(),
        estimated: choice.estimated,
        bounded: choice.bounded.clone(),
        reward: None,
    })
}

pub(super) fn unexpected() -> Error {
    Error::internal("the writer answered another question; report this as a defect")
}
