//! Policies that do not subtract: withdrawn before a forgetting, rebuilt from the log after it.
//!
//! Withdrawn is retired with a role to return to, so nothing that was learned is kept. The champion's place is taken by
//! the newest policy that subtracts: a shadow, else a retired one, else a fresh default; both of the latter are taught
//! from the log. Every step is a change of role in the log, so any process, and replay, arrives at the same registry;
//! a crash in between leaves the wish to return in the snapshot.

use std::sync::Arc;

use oo_core::decision::PolicyRef;
use oo_core::event::{PolicyRoleFact, Role};
use oo_core::lesson::Lesson;
use oo_core::ports::Transaction;
use oo_core::registry::{PolicyEntry, PolicyRegistry, REBUILT, STANDS_IN, STOOD_IN, WITHDRAWN};
use oo_core::{Error, Result};
use oo_policies::PolicySpec;

use super::append;
use crate::run::Run;
use crate::run::fold::Folding;

/// The id of a default policy that stands in.
const FALLBACK: &str = "fallback";

/// The registry without `lessons`; what does not subtract is withdrawn first. The lessons are in the log still.
pub(super) fn unlearn(
    run: &Run,
    tx: &mut dyn Transaction,
    folding: &mut Folding,
    lessons: &[Lesson],
) -> Result<PolicyRegistry> {
    // Each round withdraws what it finds; a stand-in may turn out not to subtract either, the default one does.
    for _ in 0..=folding.mind.registry.entries().len() + 1 {
        let forgotten = folding.mind.registry.unlearned(lessons)?;
        let Some(policy_ref) = forgotten.rebuild.first() else { return Ok(forgotten.registry) };
        let entry = entry(&folding.mind.registry, policy_ref)?.clone();
        change(run, tx, folding, &entry, Role::Retired, WITHDRAWN)?;
        if entry.role == Role::Champion {
            stand_in(run, tx, folding, lessons)?;
        }
    }
    Err(Error::internal("no policy can be made to forget; report this as a defect"))
}

/// Puts a policy that subtracts in the place of the champion.
fn stand_in(run: &Run, tx: &mut dyn Transaction, folding: &mut Folding, lessons: &[Lesson]) -> Result<()> {
    let registry = &folding.mind.registry;
    let subtracts =
        |entry: &&PolicyEntry| matches!(entry.policy.unlearned(lessons), Ok(oo_core::policy::Unlearned::Exact(_)));
    let newest = |role: Role| registry.entries().iter().rev().filter(move |entry| entry.role == role);
    // A retired policy holds nothing: whether its kind subtracts is seen once it has been taught.
    let shadow = newest(Role::Shadow).find(subtracts);
    let found = shadow.or_else(|| newest(Role::Retired).find(|entry| !entry.is_withdrawn())).cloned();
    match found {
        Some(entry) => change(run, tx, folding, &entry, Role::Champion, STANDS_IN),
        None => {
            let version = registry.newest(FALLBACK).map_or(1, |entry| entry.policy_ref.version + 1);
            let fact = PolicyRoleFact {
                policy: PolicyRef { id: Arc::from(FALLBACK), version },
                role: Role::Champion,
                spec: PolicySpec::default().to_json()?,
                schema: run.schema.hash(),
                reason: STANDS_IN.to_owned(),
                definition: Some(run.schema.to_json()?),
            };
            append::role(run, tx, folding, &fact).map(|_| ())
        }
    }
}

fn change(
    run: &Run,
    tx: &mut dyn Transaction,
    folding: &mut Folding,
    entry: &PolicyEntry,
    role: Role,
    reason: &str,
) -> Result<()> {
    append::role(run, tx, folding, &fact(entry, role, reason)).map(|_| ())
}

fn entry<'a>(registry: &'a PolicyRegistry, policy_ref: &PolicyRef) -> Result<&'a PolicyEntry> {
    registry.get(policy_ref).ok_or_else(|| Error::internal("a policy left the registry; report this as a defect"))
}

fn fact(entry: &PolicyEntry, role: Role, reason: &str) -> PolicyRoleFact {
    let identity = entry.policy.identity();
    PolicyRoleFact {
        policy: entry.policy_ref.clone(),
        role,
        spec: identity.spec,
        schema: identity.schema,
        reason: reason.to_owned(),
        // The event that entered it defines its schema.
        definition: None,
    }
}

/// The next change of role that brings the registry back to what it was before a forgetting; none when it is. Rebuilds
/// come first, then whoever stood in goes back.
pub(crate) fn next_return(registry: &PolicyRegistry) -> Option<PolicyRoleFact> {
    if let Some(entry) = registry.withdrawn().next() {
        return Some(fact(entry, entry.returns?, REBUILT));
    }
    let stood_in = registry.entries().iter().find(|entry| entry.returns.is_some() && entry.role != Role::Champion)?;
    Some(fact(stood_in, stood_in.returns?, STOOD_IN))
}
