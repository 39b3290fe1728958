//! Eligibility: who may be drawn now, and why the others may not.
//!
//! Each removal is recorded with its reason. Nothing here is learned and nothing is a score: a policy never sees what
//! was removed. What is left is sorted by key bytes, which is the pmf's order. The cool-down alone gives way, when
//! nothing else is left. A pull answers at any hour: quiet hours concern only what speaks unasked.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::candidate::{TipCandidate, TipKind};
use crate::decision::{Mode, Removal};
use crate::error::{Error, Result};
use crate::features::freshness::ConsentPolicy;
use crate::id::ItemKey;
use crate::moment::{HOUR_MS, Moment};
use crate::signal::SignalKind;
use crate::user::UserState;

/// The rules' settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Eligibility {
    /// How many hours a candidate rests after a reaction.
    pub cool_down_h: u32,
    /// The most tips a local day for people who set none themselves; none when absent.
    pub daily_cap: Option<u32>,
    /// The most candidates of one decision.
    pub max_candidates: usize,
}

impl Default for Eligibility {
    fn default() -> Self {
        Eligibility { cool_down_h: 20, daily_cap: None, max_candidates: 64 }
    }
}

/// Whether there can be a decision at all. When not, there is none: it is logged as such and never a reward of 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Availability {
    /// There can.
    Available,
    /// The day's tips are used up.
    DailyCap,
}

/// What is left of a decision's candidates.
#[derive(Clone, Debug, PartialEq)]
pub struct Eligible {
    /// The candidates that may be drawn, by key bytes.
    pub kept: Vec<TipCandidate>,
    /// The others, by key bytes, with the first reason that was found.
    pub removals: Vec<(ItemKey, Removal)>,
}

impl Eligibility {
    /// Checks the settings.
    ///
    /// # Errors
    /// `invalid_input` about a number out of range.
    pub fn validate(&self) -> Result<()> {
        if self.cool_down_h > 24 * 365 {
            return Err(Error::invalid("cool_down_h", "a cool-down is at most 8760 hours"));
        }
        if self.daily_cap == Some(0) {
            return Err(Error::invalid("daily_cap", "a daily cap is at least 1; leave it out for none"));
        }
        if !(1..=4096).contains(&self.max_candidates) {
            return Err(Error::invalid("max_candidates", "a decision has 1 to 4096 candidates"));
        }
        Ok(())
    }

    /// The cool-down in milliseconds.
    #[must_use]
    pub fn cool_down_ms(&self) -> i64 {
        i64::from(self.cool_down_h) * HOUR_MS
    }

    /// Whether there can be a decision for the person at `now`. The person's own cap stands before the settings'.
    #[must_use]
    pub fn availability(&self, mode: Mode, state: &UserState, now: &Moment) -> Availability {
        match mode {
            Mode::Pull => {
                let today = if state.today.0 == now.local_day() { state.today.1 } else { 0 };
                match state.preferences.daily_cap.or(self.daily_cap) {
                    Some(cap) if today >= cap => Availability::DailyCap,
                    _ => Availability::Available,
                }
            }
        }
    }

    /// Sorts out `candidates`, given in the order of their sources.
    ///
    /// # Errors
    /// `internal` when a candidate has no key: the engine gives each its own before this.
    pub fn sort_out(
        &self,
        state: &UserState,
        consent: ConsentPolicy,
        now: &Moment,
        candidates: Vec<TipCandidate>,
    ) -> Result<Eligible> {
        let mut kept: Vec<(ItemKey, TipCandidate)> = Vec::with_capacity(candidates.len());
        let mut resting: Vec<(ItemKey, TipCandidate)> = Vec::new();
        let mut removals: BTreeMap<ItemKey, Removal> = BTreeMap::new();
        let mut known: BTreeSet<ItemKey> = BTreeSet::new();
        let mut barred: BTreeSet<ItemKey> = BTreeSet::new();
        for candidate in candidates {
            let key = candidate
                .key
                .ok_or_else(|| Error::internal("a candidate without a key reached eligibility; report this"))?;
            // The same candidate from two sources, or twice from one, is one candidate: the first.
            if !known.insert(key) {
                continue;
            }
            match self.removal(state, consent, now, &key, &candidate) {
                None => kept.push((key, candidate)),
                Some(Removal::CoolDown) => resting.push((key, candidate)),
                Some(reason) => {
                    if matches!(reason, Removal::Denied | Removal::Snoozed) {
                        barred.extend(candidate.content_hash);
                    }
                    removals.insert(key, reason);
                }
            }
        }
        let at_rest: BTreeSet<ItemKey> = resting.iter().filter_map(|(_, candidate)| candidate.content_hash).collect();
        let mut once = barred.clone();
        once.extend(&at_rest);
        kept = distinct(kept, &mut once, &mut removals);
        if kept.is_empty() {
            // Rather one of these again than nothing.
            kept = distinct(resting, &mut barred, &mut removals);
            for (key, _) in &kept {
                removals.remove(key);
            }
        } else {
            removals.extend(resting.iter().map(|(key, _)| (*key, Removal::CoolDown)));
        }
        for (key, _) in overflow(&mut kept, self.max_candidates) {
            removals.insert(key, Removal::Overflow);
        }
        kept.sort_unstable_by_key(|(key, _)| *key);
        Ok(Eligible {
            kept: kept.into_iter().map(|(_, candidate)| candidate).collect(),
            removals: removals.into_iter().collect(),
        })
    }

    fn removal(
        &self,
        state: &UserState,
        consent: ConsentPolicy,
        now: &Moment,
        key: &ItemKey,
        candidate: &TipCandidate,
    ) -> Option<Removal> {
        if needs(candidate).is_some_and(|kind| !consent.allows(state, kind)) {
            return Some(Removal::Consent);
        }
        if candidate.expires_ms.is_some_and(|at| at <= now.at_ms) {
            return Some(Removal::Expired);
        }
        let history = state.candidates.get(key)?;
        if history.denied {
            return Some(Removal::Denied);
        }
        if history.snoozed_until_ms > now.at_ms {
            return Some(Removal::Snoozed);
        }
        let rested = history.reacted_ms == 0 || now.at_ms.saturating_sub(history.reacted_ms) >= self.cool_down_ms();
        (!rested).then_some(Removal::CoolDown)
    }
}

/// The kind of signal that a candidate is made of.
fn needs(candidate: &TipCandidate) -> Option<SignalKind> {
    match candidate.kind {
        TipKind::Todo => Some(SignalKind::Task),
        TipKind::Advice => None,
    }
}

/// Keeps the first candidate of each content that is not in `once` yet.
fn distinct(
    candidates: Vec<(ItemKey, TipCandidate)>,
    once: &mut BTreeSet<ItemKey>,
    removals: &mut BTreeMap<ItemKey, Removal>,
) -> Vec<(ItemKey, TipCandidate)> {
    let mut kept = Vec::with_capacity(candidates.len());
    for (key, candidate) in candidates {
        if candidate.content_hash.is_none_or(|content| once.insert(content)) {
            kept.push((key, candidate));
        } else {
            removals.insert(key, Removal::Duplicate);
        }
    }
    kept
}

/// Takes what is beyond `most` away, evenly: the last of the longest-ranked of each source first.
fn overflow(kept: &mut Vec<(ItemKey, TipCandidate)>, most: usize) -> Vec<(ItemKey, TipCandidate)> {
    if kept.len() <= most {
        return Vec::new();
    }
    let mut seen: BTreeMap<std::sync::Arc<str>, usize> = BTreeMap::new();
    let mut ranked: Vec<(usize, (ItemKey, TipCandidate))> = std::mem::take(kept)
        .into_iter()
        .map(|entry| {
            let rank = seen.entry(entry.1.source.clone()).or_default();
            *rank += 1;
            (*rank, entry)
        })
        .collect();
    // Stable: among equal ranks the order of the sources decides.
    ranked.sort_by_key(|(rank, _)| *rank);
    let gone = ranked.split_off(most);
    kept.extend(ranked.into_iter().map(|(_, entry)| entry));
    gone.into_iter().map(|(_, entry)| entry).collect()
}
