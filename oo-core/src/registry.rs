//! The policy registry: which policy serves, which score in its shadow, and how each came to its role.
//!
//! The registry is an immutable value. Learning, promotion and forgetting build its successor; readers hold an `Arc`.
//! Every change of role is an event, so the audit is the log itself.

use std::sync::Arc;

use crate::decision::PolicyRef;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{PolicyRoleFact, Role};
use crate::lesson::Lesson;
use crate::personal::PersonalParts;
use crate::policy::{Policy, Unlearned};

/// The tag in front of a saved registry.
const TAG: &[u8; 8] = b"oo.reg.2";
/// The tag of the format before, whose entries had no role to return to.
const TAG_1: &[u8; 8] = b"oo.reg.1";

/// The reason of a change of role to retired: the policy does not subtract, and waits for its rebuild from the log.
pub const WITHDRAWN: &str = "withdrawn";
/// The reason of a change of role to champion: the policy serves while another is withdrawn.
pub const STANDS_IN: &str = "stands_in";
/// The reason of a change of role back: the policy was rebuilt from the log.
pub const REBUILT: &str = "rebuilt";
/// The reason of a change of role back: the policy stood in for one that is rebuilt.
pub const STOOD_IN: &str = "stood_in";

/// Reads one policy's saved bytes.
pub type LoadPolicy<'a> = &'a dyn Fn(&[u8]) -> Result<Arc<dyn Policy>>;

/// One policy of the registry.
#[derive(Clone, Debug)]
pub struct PolicyEntry {
    /// Its id and version.
    pub policy_ref: PolicyRef,
    /// Its role.
    pub role: Role,
    /// The role it goes back to, while it is withdrawn or stands in for one that is.
    pub returns: Option<Role>,
    /// The policy. A retired one holds nothing that was learned: it is taught from the log when it returns.
    pub policy: Arc<dyn Policy>,
}

impl PolicyEntry {
    /// Whether it waits for its rebuild.
    #[must_use]
    pub fn is_withdrawn(&self) -> bool {
        self.role == Role::Retired && self.returns.is_some()
    }
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
    /// Policies whose statistics do not subtract; they are as they were, and must be withdrawn first.
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

    /// The empty statistics that the policies ask to be kept of each person.
    #[must_use]
    pub fn personal(&self) -> PersonalParts {
        let mut parts = PersonalParts::default();
        for entry in &self.entries {
            parts.ask(&*entry.policy);
        }
        parts
    }

    /// Policies that wait for their rebuild.
    pub fn withdrawn(&self) -> impl Iterator<Item = &PolicyEntry> {
        self.entries.iter().filter(|entry| entry.is_withdrawn())
    }

    /// The registry after a change of role. A new champion retires the one before to a shadow, so that it can return.
    /// `make` gives the policy of an entry that is new, or was retired: taught from the log, or, when its new role is
    /// retired, one that has learned nothing.
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
        let place = entries.iter().position(|entry| entry.policy_ref == fact.policy);
        let before = place.and_then(|place| entries.get(place)).map_or(Role::Retired, |entry| entry.role);
        let wish = place.and_then(|place| entries.get(place)).and_then(|entry| entry.returns);
        let returns = match &*fact.reason {
            STANDS_IN => Some(before),
            // One that stood in itself goes back to what it was before that.
            WITHDRAWN => wish.or(Some(before)),
            _ => None,
        };
        match place.and_then(|place| entries.get_mut(place)) {
            Some(entry) => {
                if (entry.role == Role::Retired) != (fact.role == Role::Retired) {
                    entry.policy = make(fact)?;
                }
                entry.role = fact.role;
                entry.returns = returns;
            }
            None => entries.push(PolicyEntry {
                policy_ref: fact.policy.clone(),
                role: fact.role,
                returns,
                policy: make(fact)?,
            }),
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

    /// The registry that never saw `lessons`, at the start of a new epoch. What does not subtract them, or does not hold
    /// them, is named to be rebuilt.
    ///
    /// # Errors
    /// What a policy says.
    pub fn unlearned(&self, lessons: &[Lesson]) -> Result<Forgotten> {
        let mut entries = Vec::with_capacity(self.entries.len());
        let mut rebuild = Vec::new();
        for entry in &self.entries {
            // A retired policy holds nothing of anybody.
            if entry.role == Role::Retired {
                entries.push(entry.clone());
                continue;
            }
            match entry.policy.unlearned(lessons) {
                Ok(Unlearned::Exact(policy)) => {
                    entries.push(PolicyEntry { policy, ..entry.clone() });
                    continue;
                }
                Ok(Unlearned::Summed(_) | Unlearned::Rebuild) => {}
                // Lessons that it never learned: the log or what was saved is damaged, and nobody is held because of that.
                Err(error) if error.kind() == ErrorKind::InvalidInput => {}
                Err(error) => return Err(error),
            }
            rebuild.push(entry.policy_ref.clone());
            entries.push(entry.clone());
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
            put(&mut out, entry.returns.map_or("", role_name).as_bytes());
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
        let (mut rest, returning) = match (bytes.strip_prefix(TAG), bytes.strip_prefix(TAG_1)) {
            (Some(rest), _) => (rest, true),
            (None, Some(rest)) => (rest, false),
            (None, None) => {
                let message = "the saved registry has a format this oO does not know; upgrade oO";
                return Err(Error::incompatible(message));
            }
        };
        let count = u64::from_le_bytes(take(&mut rest).and_then(|part| part.try_into().ok()).ok_or_else(damaged)?);
        let mut entries = Vec::new();
        for _ in 0..count {
            let id = take(&mut rest).and_then(|part| std::str::from_utf8(part).ok()).ok_or_else(damaged)?;
            let version =
                u32::from_le_bytes(take(&mut rest).and_then(|part| part.try_into().ok()).ok_or_else(damaged)?);
            let role = take(&mut rest).and_then(role_of).ok_or_else(damaged)?;
            let returns = match if returning { take(&mut rest).ok_or_else(damaged)? } else { b"" } {
                b"" => None,
                name => Some(role_of(name).ok_or_else(damaged)?),
            };
            let policy = load(take(&mut rest).ok_or_else(damaged)?)?;
            entries.push(PolicyEntry { policy_ref: PolicyRef { id: Arc::from(id), version }, role, returns, policy });
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

fn role_of(name: &[u8]) -> Option<Role> {
    [Role::Champion, Role::Shadow, Role::Retired].into_iter().find(|role| role_name(*role).as_bytes() == name)
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
