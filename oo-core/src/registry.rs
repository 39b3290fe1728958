//! The policy registry: which policy serves, which score in its shadow, and how each came to its role.
//!
//! The registry is an immutable value. Learning, promotion and forgetting build its successor; readers hold an `Arc`.
//! Every change of role is an event, so the audit is the log itself.

use std::sync::Arc;

use crate::decision::PolicyRef;
use crate::error::{Error, Result};
use crate::event::{PolicyRoleFact, Role};
use crate::lesson::Lesson;
use crate::policy::{Policy, Unlearned};

/// The tag in front of a saved registry.
const TAG: &[u8; 8] = b"oo.reg.1";

/// Reads one policy's saved bytes.
pub type LoadPolicy<'a> = &'a dyn Fn(&[u8]) -> Result<Arc<dyn Policy>>;

/// One policy of the registry.
#[derive(Clone, Debug)]
pub struct PolicyEntry {
    /// Its id and version.
    pub policy_ref: PolicyRef,
    /// Its role.
    pub role: Role,
    /// The policy.
    pub policy: Arc<dyn Policy>,
}

/// Which policies there are and what each does.
#[derive(Clone, Debug, Default)]
pub struct PolicyRegistry {
    entries: Vec<PolicyEntry>,
}

/// What forgetting did to the registry.
#[derive(Clone, Debug)]
pub struct Forgotten {
    /// The registry without the person's lessons.
    pub registry: PolicyRegistry,
    /// Policies whose statistics do not subtract; they are retired until they are rebuilt from the log.
    pub rebuild: Vec<PolicyRef>,
}

impl PolicyRegistry {
    /// A registry of `entries`; the first champion serves.
    #[must_use]
    pub fn new(entries: Vec<PolicyEntry>) -> Self {
        PolicyRegistry { entries }
    }

    /// Every policy, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[PolicyEntry] {
        &self.entries
    }

    /// The policy that serves.
    ///
    /// # Errors
    /// `internal` when there is none.
    pub fn champion(&self) -> Result<&PolicyEntry> {
        self.entries
            .iter()
            .find(|entry| entry.role == Role::Champion)
            .ok_or_else(|| Error::internal("the registry has no champion; open the engine with a policy"))
    }

    /// The policies that score without serving.
    pub fn shadows(&self) -> impl Iterator<Item = &PolicyEntry> {
        self.entries.iter().filter(|entry| entry.role == Role::Shadow)
    }

    /// The newest version of the policy `id`.
    #[must_use]
    pub fn newest(&self, id: &str) -> Option<&PolicyEntry> {
        self.entries.iter().filter(|entry| &*entry.policy_ref.id == id).max_by_key(|entry| entry.policy_ref.version)
    }

    /// The policy `policy_ref`.
    #[must_use]
    pub fn get(&self, policy_ref: &PolicyRef) -> Option<&PolicyEntry> {
        self.entries.iter().find(|entry| &entry.policy_ref == policy_ref)
    }

    /// The registry after a change of role. A new champion retires the one before to a shadow, so that it can return.
    /// `make` builds the policy of an entry that is new.
    ///
    /// # Errors
    /// What `make` says.
    pub fn with_role(
        &self,
        fact: &PolicyRoleFact,
        make: &dyn Fn(&PolicyRoleFact) -> Result<Arc<dyn Policy>>,
    ) -> Result<Self> {
        let mut entries = self.entries.clone();
        if fact.role == Role::Champion {
            for entry in entries.iter_mut().filter(|entry| entry.role == Role::Champion) {
                entry.role = Role::Shadow;
            }
        }
        match entries.iter_mut().find(|entry| entry.policy_ref == fact.policy) {
            Some(entry) => entry.role = fact.role,
            None => entries.push(PolicyEntry { policy_ref: fact.policy.clone(), role: fact.role, policy: make(fact)? }),
        }
        Ok(PolicyRegistry { entries })
    }

    /// The registry after every policy learned `lessons`, in order.
    ///
    /// # Errors
    /// What a policy says; the registry is as it was.
    pub fn learned(&self, lessons: &[Lesson]) -> Result<Self> {
        if lessons.is_empty() {
            return Ok(self.clone());
        }
        let entries = self
            .entries
            .iter()
            .map(|entry| {
                if entry.role == Role::Retired {
                    return Ok(entry.clone());
                }
                Ok(PolicyEntry { policy: entry.policy.learned(lessons)?, ..entry.clone() })
            })
            .collect::<Result<_>>()?;
        Ok(PolicyRegistry { entries })
    }

    /// The registry that never saw `lessons`, at the start of a new epoch.
    ///
    /// # Errors
    /// What a policy says.
    pub fn unlearned(&self, lessons: &[Lesson]) -> Result<Forgotten> {
        let mut entries = Vec::with_capacity(self.entries.len());
        let mut rebuild = Vec::new();
        for entry in &self.entries {
            if entry.role == Role::Retired {
                // A retired policy learns nothing more; what it holds of the person must still go.
                if let Unlearned::Exact(policy) = entry.policy.unlearned(lessons)? {
                    entries.push(PolicyEntry { policy, ..entry.clone() });
                }
                continue;
            }
            match entry.policy.unlearned(lessons)? {
                Unlearned::Exact(policy) => entries.push(PolicyEntry { policy, ..entry.clone() }),
                Unlearned::Rebuild => {
                    rebuild.push(entry.policy_ref.clone());
                    entries.push(PolicyEntry { role: Role::Retired, ..entry.clone() });
                }
            }
        }
        Ok(Forgotten { registry: PolicyRegistry { entries }, rebuild })
    }

    /// The registry as tagged, versioned bytes.
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        let mut out = TAG.to_vec();
        put(&mut out, &(self.entries.len() as u64).to_le_bytes());
        for entry in &self.entries {
            put(&mut out, entry.policy_ref.id.as_bytes());
            put(&mut out, &entry.policy_ref.version.to_le_bytes());
            put(&mut out, role_name(entry.role).as_bytes());
            put(&mut out, &entry.policy.save());
        }
        out
    }

    /// Reads what [`save`](PolicyRegistry::save) wrote; `load` reads one policy's bytes.
    ///
    /// # Errors
    /// `incompatible` for another format, `storage` for damaged bytes, or what `load` says.
    pub fn load(bytes: &[u8], load: LoadPolicy<'_>) -> Result<Self> {
        let damaged = || {
            Error::storage(
                "the saved registry is damaged; restore the database from a backup, or delete the snapshot to rebuild it from the log",
            )
        };
        let mut rest = bytes
            .strip_prefix(TAG)
            .ok_or_else(|| Error::incompatible("the saved registry has a format this oO does not know; upgrade oO"))?;
        let count = u64::from_le_bytes(take(&mut rest).and_then(|part| part.try_into().ok()).ok_or_else(damaged)?);
        let mut entries = Vec::new();
        for _ in 0..count {
            let id = take(&mut rest).and_then(|part| std::str::from_utf8(part).ok()).ok_or_else(damaged)?;
            let version =
                u32::from_le_bytes(take(&mut rest).and_then(|part| part.try_into().ok()).ok_or_else(damaged)?);
            let role = match take(&mut rest).ok_or_else(damaged)? {
                b"champion" => Role::Champion,
                b"shadow" => Role::Shadow,
                b"retired" => Role::Retired,
                _ => return Err(damaged()),
            };
            let policy = load(take(&mut rest).ok_or_else(damaged)?)?;
            entries.push(PolicyEntry { policy_ref: PolicyRef { id: Arc::from(id), version }, role, policy });
        }
        Ok(PolicyRegistry { entries })
    }
}

/// The stable name of `role`.
#[must_use]
pub const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Champion => "champion",
        Role::Shadow => "shadow",
        Role::Retired => "retired",
    }
}

fn put(out: &mut Vec<u8>, part: &[u8]) {
    out.extend_from_slice(&(part.len() as u64).to_le_bytes());
    out.extend_from_slice(part);
}

fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, tail) = rest.split_at_checked(8)?;
    let length = usize::try_from(u64::from_le_bytes(length.try_into().ok()?)).ok()?;
    let (part, tail) = tail.split_at_checked(length)?;
    *rest = tail;
    Some(part)
}
