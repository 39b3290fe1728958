//! The shadow runner: policies that score the very snapshot a champion decided on, and never serve.

use crate::decision::Decision;
use crate::error::Result;
use crate::event::ShadowFact;
use crate::id::{Position, Pseudonym};
use crate::personal::{Personal, PersonalParts};
use crate::policy::{Actions, Policy, Scored};
use crate::registry::PolicyRegistry;
use crate::schema::FeatureSchema;

/// The pmf of every shadow of `registry` on the logged snapshot of `decision`, made on UTC day `day` by `person`, of whom
/// `personal` was kept then.
///
/// A shadow that fails is left out and named in the second list; it costs the decision nothing.
#[must_use]
pub fn score_shadows(
    registry: &PolicyRegistry,
    schema: &FeatureSchema,
    decision: &Decision,
    person: Option<Pseudonym>,
    personal: &PersonalParts,
    day: i32,
    learned_through: Position,
) -> (Vec<ShadowFact>, Vec<String>) {
    let mut facts = Vec::new();
    let mut failed = Vec::new();
    for entry in registry.shadows() {
        let part = personal.of(&*entry.policy);
        match pmf_of(&*entry.policy, schema, decision, person, part, day) {
            Ok(pmf) => {
                facts.push(ShadowFact {
                    decision: decision.id,
                    policy: entry.policy_ref.clone(),
                    pmf,
                    learned_through,
                });
            }
            Err(_) => failed.push(entry.policy_ref.to_string()),
        }
    }
    (facts, failed)
}

/// The pmf of `policy` on the logged snapshot of `decision`, before any holdout; `personal` is what it asked for.
///
/// # Errors
/// What the policy says, and `incompatible` when the snapshot has another schema.
pub fn pmf_of(
    policy: &dyn Policy,
    schema: &FeatureSchema,
    decision: &Decision,
    person: Option<Pseudonym>,
    personal: Option<&dyn Personal>,
    day: i32,
) -> Result<Vec<f64>> {
    scored_of(policy, schema, decision, person, personal, day).map(|scored| scored.distribution.pmf().to_vec())
}

/// As [`pmf_of`], with the scores and what is said of them.
///
/// # Errors
/// As [`pmf_of`].
pub fn scored_of(
    policy: &dyn Policy,
    schema: &FeatureSchema,
    decision: &Decision,
    person: Option<Pseudonym>,
    personal: Option<&dyn Personal>,
    day: i32,
) -> Result<Scored> {
    schema.expect(decision.schema)?;
    let steps: Vec<f64> = schema.features().iter().map(|feature| feature.range.step()).collect();
    let values: Vec<f64> = decision
        .features
        .chunks(steps.len().max(1))
        .flat_map(|row| row.iter().zip(&steps).map(|(n, step)| f64::from(*n) * step))
        .collect();
    let arms: Vec<_> = decision.candidates.iter().map(|candidate| candidate.arm.clone()).collect();
    let mut scored = Scored::default();
    policy
        .distribution(&Actions { day, person, personal, ..Actions::new(schema.dim(), &values, &arms) }, &mut scored)?;
    Ok(scored)
}
