//! Who has which role when an engine opens: the configured champion and shadows enter where the registry has not got them.

use std::sync::Arc;

use oo_core::decision::PolicyRef;
use oo_core::event::{PolicyRoleFact, Role};
use oo_core::{Error, Result};
use oo_policies::PolicySpec;

use crate::policies::Choice;
use crate::run::{Run, Work};

/// The id of the policy that is there from the start.
const CHAMPION: &str = "main";

/// Enters the champion and the shadows that the registry has not got yet.
pub(crate) fn install(run: &Arc<Run>, policy: Option<&Choice>, shadows: &[(String, Choice)]) -> Result<()> {
    let mind = run.mind();
    // Whoever stands in for a withdrawn champion is not what was configured, and goes back by itself.
    let withdrawn = mind.registry.withdrawn().find(|entry| entry.returns == Some(Role::Champion));
    let champion = withdrawn.or_else(|| mind.registry.champion().ok());
    match (champion, policy) {
        (None, _) => {
            let choice = policy.cloned().unwrap_or_else(|| Choice::Own(PolicySpec::default()));
            enter(run, CHAMPION, &choice, Role::Champion, "opened")?;
        }
        (Some(champion), Some(choice)) if champion.policy.identity().spec != made(run, choice)? => {
            enter(run, CHAMPION, choice, Role::Champion, "configured")?;
        }
        _ => {}
    }
    for (id, choice) in shadows {
        let made = made(run, choice)?;
        let known = run
            .mind()
            .registry
            .newest(id)
            .filter(|entry| entry.role != Role::Retired || entry.is_withdrawn())
            .is_some_and(|entry| entry.policy.identity().spec == made);
        if id == CHAMPION {
            return Err(Error::invalid(
                "shadow",
                format!("{CHAMPION:?} is the champion's id; give the shadow another"),
            ));
        }
        if !known {
            enter(run, id, choice, Role::Shadow, "opened")?;
        }
    }
    Ok(())
}

/// The settings that a policy of `choice` says it has.
fn made(run: &Run, choice: &Choice) -> Result<String> {
    Ok(run.maker.build(&choice.json()?)?.identity().spec)
}

fn enter(run: &Arc<Run>, id: &str, choice: &Choice, role: Role, reason: &str) -> Result<()> {
    let spec = choice.json()?;
    run.maker.build(&spec)?;
    let version = run.mind().registry.newest(id).map_or(1, |entry| entry.policy_ref.version + 1);
    let fact = PolicyRoleFact {
        policy: PolicyRef { id: Arc::from(id), version },
        role,
        spec,
        schema: run.schema.hash(),
        definition: Some(run.schema.to_json()?),
        reason: reason.to_owned(),
    };
    run.submit_blocking(Work::Role(fact)).map(|_| ())
}
