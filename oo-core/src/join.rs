//! The join of a decision with what came of it.
//!
//! A [`Join`] folds the events of one decision, in log order, and yields a [`Lesson`] whenever the reward changes.
//! It is a pure function of those events: delivered ten times, out of order by occurrence, or revised later, the last
//! value is what training on it alone would have given.

use std::sync::Arc;

use crate::candidate::{ArmKey, TipKind};
use crate::decision::{Decision, PolicyRef};
use crate::id::{DecisionId, ItemKey, Position};
use crate::lesson::Lesson;
use crate::moment::{DAY_MS, Moment};
use crate::reaction::{Reaction, ShownMode};
use crate::reward::{HORIZON_MS, Outcome, REVISION_WINDOW_MS, RewardSpec};

/// Where a tip stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TipState {
    /// Waiting for a reaction.
    Open,
    /// To come back at that instant (Unix milliseconds).
    Snoozed {
        /// When it comes back.
        until_ms: i64,
    },
    /// Done.
    Done,
    /// Dismissed.
    Dismissed,
    /// Past its expiry without an answer.
    Expired,
}

impl TipState {
    /// The state's stable name.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            TipState::Open => "open",
            TipState::Snoozed { .. } => "snoozed",
            TipState::Done => "done",
            TipState::Dismissed => "dismissed",
            TipState::Expired => "expired",
        }
    }
}

/// One decision and what came of it so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    /// The decision.
    pub decision: DecisionId,
    /// Its place in the log.
    pub position: Position,
    /// When it was made.
    pub decided: Moment,
    /// When it counts as shown.
    pub shown_mode: ShownMode,
    /// HMAC of the caller's request id.
    pub request: Option<ItemKey>,
    /// The drawn candidate.
    pub key: ItemKey,
    /// To-do or advice.
    pub kind: TipKind,
    /// The drawn candidate's arm.
    pub arm: ArmKey,
    /// The drawn candidate's source.
    pub source: Arc<str>,
    /// The policy that decided.
    pub policy: PolicyRef,
    /// The logged probability of the drawn candidate.
    pub propensity: f64,
    /// Whether it fell into the holdout.
    pub holdout: bool,
    /// The drawn candidate's features.
    pub x: Arc<[i16]>,
    /// What the decision would have shown on average, where it could have done nothing.
    pub centre: Option<Arc<[i16]>>,
    /// The candidate's own expiry.
    pub candidate_expires_ms: Option<i64>,
    /// The latest time it was shown, where it has been.
    pub shown: Option<Moment>,
    /// The latest time it was served again after a snooze.
    pub returned: Option<Moment>,
    /// The last reaction.
    pub last: Option<Reaction>,
    /// Where the tip stands.
    pub state: TipState,
    /// The current reward as a grid integer.
    pub reward: Option<i16>,
    outcomes: Vec<Outcome>,
    spec: u32,
}

/// What applying an event to a [`Join`] did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Joined {
    /// The lesson, when the reward changed.
    pub lesson: Option<Lesson>,
    /// Whether the reaction came too late to change anything.
    pub late: bool,
}

impl Join {
    /// The join of a fresh decision, or none when the decision has no drawn candidate.
    #[must_use]
    pub fn new(decision: &Decision, moment: &Moment, position: Position, spec: RewardSpec) -> Option<Self> {
        let chosen = decision.chosen()?;
        Some(Join {
            decision: decision.id,
            position,
            decided: moment.clone(),
            shown_mode: decision.shown,
            request: decision.request,
            key: chosen.key,
            kind: chosen.kind,
            arm: chosen.arm.clone(),
            source: chosen.source.clone(),
            policy: decision.policy.clone(),
            propensity: decision.propensity(),
            holdout: decision.holdout,
            x: decision.chosen_features(),
            centre: decision.centre(),
            candidate_expires_ms: decision.expires_ms,
            shown: (decision.shown == ShownMode::OnAnswer).then(|| moment.clone()),
            returned: None,
            last: None,
            state: TipState::Open,
            reward: None,
            outcomes: Vec::new(),
            spec: spec.version(),
        })
    }

    /// The latest shown; where none was reported since it was decided or came back, that time.
    #[must_use]
    pub fn shown_or_decided(&self) -> &Moment {
        match (&self.shown, &self.returned) {
            (Some(shown), Some(returned)) if returned.at_ms > shown.at_ms => returned,
            (Some(shown), _) => shown,
            (None, Some(returned)) => returned,
            (None, None) => &self.decided,
        }
    }

    /// When the tip expires: with its candidate, else 24 h after it was shown.
    #[must_use]
    pub fn expires_ms(&self) -> i64 {
        self.candidate_expires_ms.unwrap_or_else(|| self.shown_or_decided().at_ms.saturating_add(DAY_MS))
    }

    /// The reward as the specification states it; what is learned is this, rounded to the grid.
    #[must_use]
    pub fn reward_value(&self) -> Option<f64> {
        RewardSpec::of_version(self.spec).ok()?.reward(&self.outcomes)
    }

    /// The next instant at which the passing of time is an event: expiry or horizon, whichever is first and still to come.
    #[must_use]
    pub fn due_ms(&self) -> Option<i64> {
        let expiry = (self.state == TipState::Open).then(|| self.expires_ms());
        let horizon = self.horizon_ms();
        match (expiry, horizon) {
            (Some(expiry), Some(horizon)) => Some(expiry.min(horizon)),
            (expiry, horizon) => expiry.or(horizon),
        }
    }

    /// When the horizon passes, where it still would change something: shown, and nothing came of it yet.
    #[must_use]
    pub fn horizon_ms(&self) -> Option<i64> {
        let shown = self.shown.as_ref()?;
        self.outcomes.is_empty().then(|| shown.at_ms.saturating_add(HORIZON_MS))
    }

    /// Whether `reaction`, sent without an id, is the tip's last one again.
    #[must_use]
    pub fn repeats(&self, reaction: &Reaction) -> bool {
        self.last.as_ref() == Some(reaction)
    }

    /// Whether a reaction at `at` comes more than 7 days after the latest shown.
    #[must_use]
    pub fn is_late(&self, at: &Moment) -> bool {
        at.at_ms.saturating_sub(self.shown_or_decided().at_ms) > REVISION_WINDOW_MS
    }

    /// Applies a reaction at `at`.
    pub fn react(&mut self, at: &Moment, reaction: &Reaction) -> Joined {
        self.last = Some(*reaction);
        if self.is_late(at) {
            return Joined { lesson: None, late: true };
        }
        match reaction {
            Reaction::Shown => {
                if self.shown.as_ref().is_none_or(|shown| shown.at_ms <= at.at_ms) {
                    self.shown = Some(at.clone());
                }
                // Shown at last, it has a day from then on; a candidate's own expiry stands.
                if self.state == TipState::Expired
                    && self.candidate_expires_ms.is_none()
                    && self.expires_ms() > at.at_ms
                {
                    self.state = TipState::Open;
                }
            }
            Reaction::Done => {
                let outcome = Outcome::done(at, self.shown_or_decided());
                self.note(outcome);
            }
            Reaction::Snooze { .. } => self.note(Outcome::Snoozed),
            Reaction::Dismiss { .. } => self.note(Outcome::Dismissed { at_ms: at.at_ms }),
        }
        self.settle_state(reaction);
        Joined { lesson: self.revised(), late: false }
    }

    /// The snoozed tip was served again at `at`.
    pub fn returned(&mut self, at: &Moment) {
        if matches!(self.state, TipState::Snoozed { .. }) {
            self.state = TipState::Open;
            self.returned = Some(at.clone());
            if self.shown_mode == ShownMode::OnAnswer {
                self.shown = Some(at.clone());
            }
        }
    }

    /// The tip passed its expiry.
    pub fn expired(&mut self) {
        if self.state == TipState::Open {
            self.state = TipState::Expired;
        }
    }

    /// The tip is taken back: what it rests on is gone, or it was answered too late to count.
    pub fn withdrawn(&mut self) {
        if matches!(self.state, TipState::Open | TipState::Snoozed { .. }) {
            self.state = TipState::Expired;
        }
    }

    /// 24 h passed since it was shown.
    pub fn horizon(&mut self) -> Joined {
        if self.outcomes.is_empty() && self.shown.is_some() {
            self.note(Outcome::Unanswered);
            return Joined { lesson: self.revised(), late: false };
        }
        Joined::default()
    }

    /// Most tips have one outcome: room for one at a time.
    fn note(&mut self, outcome: Outcome) {
        self.outcomes.reserve_exact(1);
        self.outcomes.push(outcome);
    }

    fn settle_state(&mut self, reaction: &Reaction) {
        // The verdict is the last of done/dismiss by occurrence, as in the reward; a snooze only moves an open tip.
        let verdict = self
            .outcomes
            .iter()
            .filter_map(|outcome| match outcome {
                Outcome::Done { at_ms, .. } => Some((*at_ms, TipState::Done)),
                Outcome::Dismissed { at_ms } => Some((*at_ms, TipState::Dismissed)),
                Outcome::Snoozed | Outcome::Unanswered => None,
            })
            .reduce(|best, next| if next.0 >= best.0 { next } else { best });
        if let Some((_, state)) = verdict {
            self.state = state;
        } else if let Reaction::Snooze { until_ms } = reaction {
            self.state = TipState::Snoozed { until_ms: *until_ms };
        }
    }

    fn revised(&mut self) -> Option<Lesson> {
        let spec = RewardSpec::of_version(self.spec).ok()?;
        let reward = spec.reward(&self.outcomes).map(|value| spec.grid().clamped(value))?;
        if self.reward == Some(reward) {
            return None;
        }
        let replaces = self.reward.replace(reward);
        Some(Lesson {
            decision: self.decision,
            x: self.x.clone(),
            arm: self.arm.clone(),
            person: None,
            propensity: self.propensity,
            centre: self.centre.clone(),
            reward,
            replaces,
            day: self.decided.utc_day(),
        })
    }
}
