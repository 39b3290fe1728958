//! Migrating policies to another feature schema, when an engine opens.
//!
//! Every policy that still works gets a successor over the engine's schema, taught from the log, in which each decision
//! over another schema is translated as of its moment. Where the schema only appended features that successor is exactly
//! the old policy with zeros in the new columns, and takes its role; else it enters as a shadow.

use std::sync::Arc;

use oo_core::decision::PolicyRef;
use oo_core::event::{PolicyRoleFact, Role};
use oo_core::registry::PolicyEntry;
use oo_core::schema::{FeatureSchema, HOW_TO_MIGRATE};
use oo_core::{Error, Result};

use crate::run::{Run, Work};

/// Migrates the policies of `run` that have no version over its schema yet; where that is not `allowed`, says so.
pub(crate) fn migrate(run: &Arc<Run>, allowed: bool) -> Result<()> {
    let mind = run.mind();
    let own = run.schema.hash();
    let old: Vec<PolicyEntry> = mind
        .registry
        .entries()
        .iter()
        .filter(|entry| entry.role != Role::Retired && entry.policy.identity().schema != own)
        .filter(|entry| {
            let newest = mind.registry.newest(&entry.policy_ref.id);
            newest.is_none_or(|newest| newest.policy.identity().schema != own)
        })
        .cloned()
        .collect();
    for entry in succeeded(run)? {
        let identity = entry.policy.identity();
        let before = run.maker.schemas().get(identity.schema)?;
        enter(run, entry.policy_ref, Role::Retired, identity.spec, &before, "migrated")?;
    }
    if old.is_empty() {
        return Ok(());
    }
    if !allowed {
        return Err(Error::incompatible(format!(
            "the policies of this store learned over another feature schema; open it with that schema, or migrate them: \
             {HOW_TO_MIGRATE}",
        )));
    }
    for entry in old {
        let identity = entry.policy.identity();
        let appended = run.schema.extends(&*run.maker.schemas().get(identity.schema)?);
        let next = PolicyRef { id: entry.policy_ref.id.clone(), version: entry.policy_ref.version + 1 };
        let (role, reason) = if appended { (entry.role, "extended") } else { (Role::Shadow, "refitted") };
        enter(run, next, role, identity.spec.clone(), &run.schema, reason)?;
        if appended {
            let before = run.maker.schemas().get(identity.schema)?;
            enter(run, entry.policy_ref, Role::Retired, identity.spec, &before, "migrated")?;
        }
    }
    Ok(())
}

/// Policies that a successor over the engine's schema has taken the place of, and that were not retired: somebody was
/// killed between the two.
fn succeeded(run: &Arc<Run>) -> Result<Vec<PolicyEntry>> {
    let (mind, own) = (run.mind(), run.schema.hash());
    let mut succeeded = Vec::new();
    for entry in mind.registry.entries().iter().filter(|entry| entry.role != Role::Retired) {
        let schema = entry.policy.identity().schema;
        let newest = mind.registry.newest(&entry.policy_ref.id);
        if schema != own
            && newest.is_some_and(|newest| newest.policy.identity().schema == own)
            && run.schema.extends(&*run.maker.schemas().get(schema)?)
        {
            succeeded.push(entry.clone());
        }
    }
    Ok(succeeded)
}

fn enter(
    run: &Arc<Run>,
    policy: PolicyRef,
    role: Role,
    spec: String,
    schema: &FeatureSchema,
    reason: &str,
) -> Result<()> {
    let definition = Some(schema.to_json()?);
    let fact = PolicyRoleFact { policy, role, spec, schema: schema.hash(), definition, reason: reason.to_owned() };
    run.submit_blocking(Work::Role(fact)).map(|_| ())
}
