//! What was acknowledged, kept apart from the engine: the other half of every comparison.

use std::collections::{BTreeMap, BTreeSet};

use oo::id::{DecisionId, EventId, Pseudonym};
use oo::{Choice, DecideRequest, ReactRequest, Reaction, Signal, SignalKind};

/// Something a caller sends with an id of its own, so that it may be sent again.
#[derive(Clone, Debug)]
pub(crate) enum Message {
    Signal { person: usize, signal: Signal },
    Recommend { person: usize, request: String },
    React { request: ReactRequest },
    Decide { request: DecideRequest },
    Reward { decision: DecisionId, reward: f64 },
}

/// What is known of one person since they came, or came back.
#[derive(Default)]
pub(crate) struct Life {
    /// Signals by their id: whether one was acknowledged.
    pub(crate) signals: BTreeMap<String, bool>,
    /// The kinds of those signals.
    pub(crate) kinds: BTreeMap<String, SignalKind>,
    /// Requests by their id, with the tip that they were answered by.
    pub(crate) requests: BTreeMap<String, DecisionId>,
    /// What they may have said of a kind of signal: one value when it was acknowledged.
    pub(crate) consents: [BTreeSet<bool>; 5],
}

/// A reward as it may stand.
#[derive(Default)]
pub(crate) struct Rewarded {
    pub(crate) acknowledged: Option<f64>,
    pub(crate) possible: Vec<f64>,
}

/// Everything that was acknowledged and is not forgotten.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) lives: BTreeMap<usize, Life>,
    /// Reactions by the id of their event, with their decision.
    pub(crate) reactions: BTreeMap<EventId, DecisionId>,
    /// Tips that were answered, with their person.
    pub(crate) tips: BTreeMap<DecisionId, usize>,
    pub(crate) choices: BTreeMap<DecisionId, Choice>,
    pub(crate) rewards: BTreeMap<DecisionId, Rewarded>,
    /// Choices that were asked for, answered or not: whoever has the id may reward it.
    pub(crate) asked: Vec<DecisionId>,
    /// Whose a decision of the log is.
    pub(crate) owners: BTreeMap<DecisionId, Pseudonym>,
    /// Messages that may be sent again: some were never answered, some were.
    pub(crate) waiting: Vec<Message>,
    /// Pseudonyms that are gone.
    pub(crate) gone: Vec<Pseudonym>,
    /// How many answers the schedule got, and how many messages were answered a second time.
    pub(crate) answers: u64,
    pub(crate) repeats: u64,
}

impl Model {
    pub(crate) fn life(&mut self, person: usize) -> &mut Life {
        self.lives.entry(person).or_default()
    }

    /// The event that a reaction with an id becomes.
    pub(crate) fn reaction_id(request: &ReactRequest) -> Option<EventId> {
        request.id.as_ref().map(|id| EventId::derived("reaction", &[&request.tip.0.0, id.as_bytes()]))
    }

    /// The decisions of whoever is known as `pseudonym`.
    pub(crate) fn decisions_of(&self, pseudonym: Option<Pseudonym>) -> BTreeSet<DecisionId> {
        self.owners.iter().filter(|(_, owner)| Some(**owner) == pseudonym).map(|(id, _)| *id).collect()
    }

    /// `person`, known as `pseudonym`, is forgotten, and with them what named one of their decisions: nothing of it is
    /// expected any more.
    pub(crate) fn forget(&mut self, person: usize, pseudonym: Option<Pseudonym>, theirs: &BTreeSet<DecisionId>) {
        self.lives.remove(&person);
        self.tips.retain(|_, owner| *owner != person);
        self.owners.retain(|id, _| !theirs.contains(id));
        self.reactions.retain(|_, decision| !theirs.contains(decision));
        self.choices.retain(|id, _| !theirs.contains(id));
        self.rewards.retain(|id, _| !theirs.contains(id));
        self.gone.extend(pseudonym);
    }

    /// `person` may have taken their consent to `kind` back: its signals go, and any of their decisions may have rested on
    /// them.
    pub(crate) fn take_back(&mut self, person: usize, kind: SignalKind, theirs: &BTreeSet<DecisionId>) {
        let tips: BTreeSet<_> = self.tips.iter().filter(|(_, owner)| **owner == person).map(|(id, _)| *id).collect();
        let life = self.life(person);
        for (id, acknowledged) in &mut life.signals {
            *acknowledged &= life.kinds.get(id) != Some(&kind);
        }
        self.tips.retain(|_, owner| *owner != person);
        self.reactions.retain(|_, decision| !theirs.contains(decision) && !tips.contains(decision));
    }

    /// Whatever was held for long enough may go, and what is sent again afterwards may be new.
    pub(crate) fn retain(&mut self) {
        for life in self.lives.values_mut() {
            life.signals.values_mut().for_each(|acknowledged| *acknowledged = false);
            life.requests.clear();
        }
        self.tips.clear();
        self.reactions.clear();
        self.choices.clear();
        self.rewards.clear();
        // The id of a choice that is gone may be free again, or taken by its reward.
        self.waiting.retain(|message| !matches!(message, Message::Decide { .. }));
    }

    /// Some message that may be sent once more.
    pub(crate) fn take_waiting(&mut self, random: &mut crate::random::Random) -> Option<Message> {
        if self.waiting.is_empty() {
            return None;
        }
        let at = random.below(self.waiting.len());
        Some(self.waiting.swap_remove(at))
    }

    /// A tip that is open as far as the caller knows.
    pub(crate) fn some_tip(&self, random: &mut crate::random::Random) -> Option<DecisionId> {
        let tips: Vec<&DecisionId> = self.tips.keys().collect();
        // The newest ones most of the time: old ones are late.
        let among = if random.percent(80) { tips.len().min(4) } else { tips.len() };
        (among > 0).then(|| *tips[tips.len() - 1 - random.below(among)])
    }
}

/// A reaction by chance.
pub(crate) fn some_reaction(random: &mut crate::random::Random, now_ms: i64) -> Reaction {
    use oo::DismissReason::{Never, NotNow, NotRelevant};
    match random.below(10) {
        0..=3 => Reaction::Done,
        4..=5 => Reaction::Dismiss { reason: None },
        6 => Reaction::Dismiss { reason: Some(*random.pick(&[NotNow, NotRelevant, Never])) },
        7..=8 => {
            let ahead = (random.next() % (40 * 3_600_000)).cast_signed();
            Reaction::Snooze { until_ms: now_ms + 60_000 + ahead }
        }
        _ => Reaction::Shown,
    }
}
