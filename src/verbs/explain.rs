//! `explain`: everything about one decision.

use std::collections::BTreeMap;

use oo_core::decision::{Decision, Removal};
use oo_core::event::EventBody;
use oo_core::id::ItemKey;
use oo_core::ports::{Query, Rows, TextField};
use oo_core::schema::FeatureSchema;
use oo_core::{Error, Result};

use crate::engine::Engine;
use crate::outcome::{Explained, NamedValue, RemovalCount};
use crate::run::locked;
use crate::tip::{TipId, TipText};

impl Engine {
    /// Everything about the decision of `tip`: why it was chosen, every probability and score, the features.
    ///
    /// # Errors
    /// `not_found` for an unknown tip; `storage`, `busy`.
    pub async fn explain(&self, tip: impl Into<TipId>) -> Result<Explained> {
        let id = tip.into();
        let run = self.run();
        run.catch_up().await?;
        let unknown =
            || Error::not_found("there is no such tip; pass the id that `recommend` returned").with_field("tip");
        let (decision, user) = run
            .log
            .of_decision(id.0)?
            .into_iter()
            .find_map(|stored| match (stored.event.body, stored.event.user) {
                (EventBody::Decision(decision), Some(user)) => Some((decision, user)),
                _ => None,
            })
            .ok_or_else(unknown)?;
        let record = run.record_of(user)?.ok_or_else(unknown)?;
        let sealed = run.store.texts(&record, &[(ItemKey(id.0.0), TextField::Tip)])?.into_iter().next().flatten();
        let text: TipText = sealed.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let handle = run.state(user)?;
        let kept = locked(&handle).tip(&id.0).map(|join| (join.state.as_str(), join.reward_value()));
        let (state, reward) = match kept {
            Some(kept) => kept,
            // Past its revision window a tip is no longer in memory; where it ended is in the projection.
            None => match run.store.query(&Query::Tip { decision: id.0 })? {
                Rows::Tips(rows) => rows.first().map_or(("expired", None), |row| (row.state, row.reward)),
                _ => ("expired", None),
            },
        };
        Ok(Explained {
            id,
            why: text.why,
            policy: decision.policy.to_string(),
            propensity: decision.propensity(),
            drawn: decision.drawn,
            holdout: decision.holdout,
            fallback: decision.fallback,
            pmf: decision.pmf.clone(),
            scores: decision.scores.clone(),
            bounded: decision.bounded.clone(),
            features: features(&run.schema, &decision),
            removals: removals(&decision),
            state: state.to_owned(),
            reward,
        })
    }
}

fn features(schema: &FeatureSchema, decision: &Decision) -> Vec<NamedValue> {
    if schema.expect(decision.schema).is_err() {
        return Vec::new();
    }
    schema
        .features()
        .iter()
        .zip(decision.chosen_features().iter())
        .map(|(feature, n)| NamedValue { name: feature.name.clone(), value: feature.range.value(*n) })
        .collect()
}

fn removals(decision: &Decision) -> Vec<RemovalCount> {
    let mut counts: BTreeMap<Removal, u64> = BTreeMap::new();
    for (_, reason) in &decision.removals {
        *counts.entry(*reason).or_default() += 1;
    }
    counts
        .into_iter()
        .map(|(reason, count)| {
            let reason = serde_json::to_value(reason).ok().and_then(|name| name.as_str().map(str::to_owned));
            RemovalCount { reason: reason.unwrap_or_default(), count }
        })
        .collect()
}
