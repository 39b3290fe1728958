//! The registry around a forgetting: what does not subtract is withdrawn, another stands in, and it returns.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;

use oo_core::decision::PolicyRef;
use oo_core::event::{PolicyRoleFact, Role};
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};
use oo_core::registry::{PolicyRegistry, REBUILT, STANDS_IN, STOOD_IN, WITHDRAWN};
use oo_core::schema::SchemaHash;
use oo_core::{Error, Result};

/// A policy that counts; with `subtracts` it can count down.
#[derive(Clone, Debug)]
struct Counter {
    lessons: u64,
    subtracts: bool,
}

impl Policy for Counter {
    fn distribution(&self, _actions: &Actions<'_>, _out: &mut Scored) -> Result<()> {
        Err(Error::internal("not asked"))
    }

    fn learned(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        Ok(Arc::new(Counter { lessons: self.lessons + lessons.len() as u64, ..self.clone() }))
    }

    fn unlearned(&self, lessons: &[Lesson]) -> Result<Unlearned> {
        if !self.subtracts {
            return Ok(Unlearned::Rebuild);
        }
        Ok(Unlearned::Exact(Arc::new(Counter { lessons: self.lessons - lessons.len() as u64, ..self.clone() })))
    }

    fn explain(&self, _actions: &Actions<'_>, _index: usize) -> Result<Explanation> {
        Ok(Explanation::default())
    }

    fn save(&self) -> Vec<u8> {
        vec![u8::from(self.subtracts), self.lessons as u8]
    }

    fn identity(&self) -> PolicyIdentity {
        PolicyIdentity {
            kind: "counter".to_owned(),
            spec: self.subtracts.to_string(),
            schema: SchemaHash([0; 32]),
            state: [self.lessons as u8; 32],
            lessons: self.lessons,
        }
    }
}

/// `taught` is what the log would teach a policy that enters.
fn with(registry: &PolicyRegistry, id: &str, role: Role, reason: &str, taught: u64) -> PolicyRegistry {
    let fact = PolicyRoleFact {
        policy: PolicyRef { id: Arc::from(id), version: 1 },
        role,
        spec: String::new(),
        schema: SchemaHash([0; 32]),
        reason: reason.to_owned(),
        definition: None,
    };
    let make = |fact: &PolicyRoleFact| {
        let lessons = if fact.role == Role::Retired { 0 } else { taught };
        Ok(Arc::new(Counter { lessons, subtracts: !fact.policy.id.starts_with("rough") }) as Arc<dyn Policy>)
    };
    registry.with_role(&fact, &make).unwrap()
}

fn roles(registry: &PolicyRegistry) -> Vec<(String, Role, u64)> {
    let entries = registry.entries().iter();
    entries.map(|entry| (entry.policy_ref.id.to_string(), entry.role, entry.policy.lessons())).collect()
}

fn lessons(count: usize) -> Vec<Lesson> {
    vec![Lesson::new(Arc::from([1_i16]), oo_core::candidate::ArmKey::new("a"), 1); count]
}

#[test]
fn s23_a_policy_that_does_not_subtract_is_withdrawn_and_returns() {
    let registry = with(&PolicyRegistry::default(), "rough", Role::Champion, "opened", 0);
    let registry = with(&registry, "exact", Role::Shadow, "opened", 0).learned(&lessons(5)).unwrap();
    let forgotten = registry.unlearned(&lessons(2)).unwrap();
    assert_eq!(forgotten.rebuild.len(), 1, "the caller withdraws it");

    let registry = with(&registry, "rough", Role::Retired, WITHDRAWN, 0);
    assert!(registry.champion().is_err());
    let registry = with(&registry, "exact", Role::Champion, STANDS_IN, 0);
    let forgotten = registry.unlearned(&lessons(2)).unwrap();
    assert!(forgotten.rebuild.is_empty());
    let registry = forgotten.registry;
    assert_eq!(
        roles(&registry),
        [("rough".to_owned(), Role::Retired, 0), ("exact".to_owned(), Role::Champion, 3)],
        "withdrawn holds nothing of anybody"
    );

    // The wish to return outlives a restart.
    let load = |bytes: &[u8]| {
        Ok(Arc::new(Counter { lessons: u64::from(bytes[1]), subtracts: bytes[0] == 1 }) as Arc<dyn Policy>)
    };
    let registry = PolicyRegistry::load(&registry.save(), &load).unwrap();
    let withdrawn: Vec<_> = registry.withdrawn().map(|entry| entry.returns).collect();
    assert_eq!(withdrawn, [Some(Role::Champion)]);

    let registry = with(&registry.learned(&lessons(1)).unwrap(), "rough", Role::Champion, REBUILT, 4);
    let registry = with(&registry, "exact", Role::Shadow, STOOD_IN, 0);
    assert_eq!(roles(&registry), [("rough".to_owned(), Role::Champion, 4), ("exact".to_owned(), Role::Shadow, 4)]);
    assert!(registry.entries().iter().all(|entry| entry.returns.is_none()));
    assert_eq!(PolicyRegistry::load(&registry.save(), &load).unwrap().save(), registry.save());
}

#[test]
fn one_that_stood_in_and_does_not_subtract_goes_back_to_what_it_was() {
    let registry = with(&PolicyRegistry::default(), "rough-a", Role::Champion, "opened", 0);
    let registry = with(&registry, "rough-b", Role::Retired, "retired", 0);
    let registry = with(&registry, "rough-a", Role::Retired, WITHDRAWN, 0);
    let registry = with(&registry, "rough-b", Role::Champion, STANDS_IN, 7);
    let registry = with(&registry, "rough-b", Role::Retired, WITHDRAWN, 0);
    let returns: Vec<_> = registry.withdrawn().map(|entry| entry.returns).collect();
    assert_eq!(returns, [Some(Role::Champion), Some(Role::Retired)]);
}
