//! Reactions, preferences and the engine's own events on the wire.

use std::sync::Arc;

use oo_core::Result;
use oo_core::decision::PolicyRef;
use oo_core::event::{EventBody, ForgottenFact, PolicyRoleFact, Preferences, Role, ShadowFact};
use oo_core::id::{DecisionId, EventId, Position};
use oo_core::reaction::{DismissReason, Reaction};
use oo_core::schema::SchemaHash;

use super::field::{array, known, newer, required};
use super::pb;

pub(super) fn reaction_to_wire(decision: DecisionId, reaction: &Reaction) -> pb::Reaction {
    use pb::reaction::Reaction as Wire;
    let reaction = match reaction {
        Reaction::Shown => Wire::Shown(pb::Shown {}),
        Reaction::Done => Wire::Done(pb::Done {}),
        Reaction::Snooze { until_ms } => Wire::Snooze(pb::Snooze { until_ms: *until_ms }),
        Reaction::Dismiss { reason } => Wire::Dismiss(pb::Dismiss {
            reason: match reason {
                None => pb::DismissReason::Unspecified,
                Some(DismissReason::NotNow) => pb::DismissReason::NotNow,
                Some(DismissReason::NotRelevant) => pb::DismissReason::NotRelevant,
                Some(DismissReason::Never) => pb::DismissReason::Never,
            }
            .into(),
        }),
    };
    pb::Reaction { decision: decision.0.to_vec(), reaction: Some(reaction) }
}

pub(super) fn reaction_from_wire(wire: &pb::Reaction) -> Result<EventBody> {
    use pb::reaction::Reaction as Wire;
    let reaction = match wire.reaction.as_ref().ok_or_else(|| newer("a reaction of a kind it does not know"))? {
        Wire::Shown(_) => Reaction::Shown,
        Wire::Done(_) => Reaction::Done,
        Wire::Snooze(snooze) => Reaction::Snooze { until_ms: snooze.until_ms },
        Wire::Dismiss(dismiss) => Reaction::Dismiss {
            reason: match pb::DismissReason::try_from(dismiss.reason) {
                Ok(pb::DismissReason::Unspecified) => None,
                Ok(pb::DismissReason::NotNow) => Some(DismissReason::NotNow),
                Ok(pb::DismissReason::NotRelevant) => Some(DismissReason::NotRelevant),
                Ok(pb::DismissReason::Never) => Some(DismissReason::Never),
                Err(_) => return Err(newer("a reason of dismissal that it does not know")),
            },
        },
    };
    Ok(EventBody::Reaction { decision: DecisionId(array(&wire.decision, "reaction.decision")?), reaction })
}

pub(super) fn preferences_to_wire(preferences: &Preferences) -> pb::Preferences {
    pb::Preferences {
        zone: preferences.zone.clone(),
        quiet_from: preferences.quiet_from,
        quiet_to: preferences.quiet_to,
        daily_cap: preferences.daily_cap,
        language: preferences.language.clone(),
    }
}

pub(super) fn preferences_from_wire(wire: pb::Preferences) -> Preferences {
    Preferences {
        zone: wire.zone,
        quiet_from: wire.quiet_from,
        quiet_to: wire.quiet_to,
        daily_cap: wire.daily_cap,
        language: wire.language,
    }
}

pub(super) fn policy_to_wire(policy: &PolicyRef) -> pb::Policy {
    pb::Policy { id: policy.id.as_ref().to_owned(), version: policy.version }
}

pub(super) fn policy_from_wire(wire: Option<pb::Policy>) -> Result<PolicyRef> {
    let policy = required(wire, "policy")?;
    Ok(PolicyRef { id: Arc::from(policy.id), version: policy.version })
}

pub(super) fn policy_role_to_wire(fact: &PolicyRoleFact) -> pb::PolicyRole {
    pb::PolicyRole {
        policy: Some(policy_to_wire(&fact.policy)),
        role: match fact.role {
            Role::Champion => pb::Role::Champion,
            Role::Shadow => pb::Role::Shadow,
            Role::Retired => pb::Role::Retired,
        }
        .into(),
        spec: fact.spec.clone(),
        schema_hash: fact.schema.0.to_vec(),
        reason: fact.reason.clone(),
        definition: fact.definition.clone(),
    }
}

pub(super) fn policy_role_from_wire(wire: pb::PolicyRole) -> Result<PolicyRoleFact> {
    Ok(PolicyRoleFact {
        policy: policy_from_wire(wire.policy)?,
        role: match known(wire.role, "policy_role.role")? {
            pb::Role::Champion => Role::Champion,
            pb::Role::Shadow => Role::Shadow,
            pb::Role::Unspecified | pb::Role::Retired => Role::Retired,
        },
        spec: wire.spec,
        schema: SchemaHash(array(&wire.schema_hash, "policy_role.schema_hash")?),
        reason: wire.reason,
        definition: wire.definition,
    })
}

pub(super) fn shadow_to_wire(fact: &ShadowFact) -> pb::Shadow {
    pb::Shadow {
        decision: fact.decision.0.to_vec(),
        policy: Some(policy_to_wire(&fact.policy)),
        pmf: fact.pmf.clone(),
        learned_through: fact.learned_through.0,
    }
}

pub(super) fn shadow_from_wire(wire: pb::Shadow) -> Result<ShadowFact> {
    Ok(ShadowFact {
        decision: DecisionId(array(&wire.decision, "shadow.decision")?),
        policy: policy_from_wire(wire.policy)?,
        pmf: wire.pmf,
        learned_through: Position(wire.learned_through),
    })
}

pub(super) fn forgotten_to_wire(fact: &ForgottenFact) -> pb::Forgotten {
    pb::Forgotten {
        pseudonym_digest: fact.pseudonym_digest.to_vec(),
        receipt: fact.receipt.0.to_vec(),
        epoch: fact.epoch,
        state_hash: fact.state_hash.to_vec(),
        chain: fact.chain.to_vec(),
    }
}

pub(super) fn forgotten_from_wire(wire: &pb::Forgotten) -> Result<ForgottenFact> {
    Ok(ForgottenFact {
        pseudonym_digest: array(&wire.pseudonym_digest, "forgotten.pseudonym_digest")?,
        receipt: EventId(array(&wire.receipt, "forgotten.receipt")?),
        epoch: wire.epoch,
        state_hash: array(&wire.state_hash, "forgotten.state_hash")?,
        chain: array(&wire.chain, "forgotten.chain")?,
    })
}
