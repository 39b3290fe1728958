//! Secrets in memory: what a wrong key would not open is refused as a durable store refuses it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::MemoryStore;
use crate::error::{Error, Result};
use crate::id::{Pseudonym, UserKey};
use crate::ports::SecretStore;
use crate::secret::{Secret, SecretOwner, SecretPurpose};

/// By owner and purpose: the key it is sealed under, and the value.
pub(super) type Secrets = BTreeMap<(Option<Pseudonym>, SecretPurpose), (Option<UserKey>, Secret)>;

fn parts(owner: &SecretOwner) -> (Option<Pseudonym>, Option<UserKey>) {
    match owner {
        SecretOwner::Store => (None, None),
        SecretOwner::Person(person) => (Some(person.user), Some(person.key.clone())),
    }
}

impl SecretStore for MemoryStore {
    fn put_secret(&self, owner: &SecretOwner, purpose: &SecretPurpose, value: &Secret) -> Result<()> {
        value.validate()?;
        let (user, key) = parts(owner);
        self.writing(|state| {
            if user.is_some_and(|user| !state.has(user)) {
                return Err(Error::not_found(
                    "this person has been forgotten, or was never known; begin anew with their id",
                ));
            }
            Arc::make_mut(state).secrets.insert((user, purpose.clone()), (key, value.clone()));
            Ok(())
        })
    }

    fn secret(&self, owner: &SecretOwner, purpose: &SecretPurpose) -> Result<Option<Secret>> {
        let (user, key) = parts(owner);
        match self.committed().secrets.get(&(user, purpose.clone())) {
            Some((under, _)) if *under != key => {
                Err(Error::storage("a sealed secret does not open under its owner's key"))
            }
            found => Ok(found.map(|(_, value)| value.clone())),
        }
    }

    fn delete_secret(&self, owner: &SecretOwner, purpose: &SecretPurpose) -> Result<bool> {
        self.writing(|state| Ok(Arc::make_mut(state).secrets.remove(&(parts(owner).0, purpose.clone())).is_some()))
    }

    fn secret_purposes(&self, owner: &SecretOwner) -> Result<Vec<SecretPurpose>> {
        let user = parts(owner).0;
        Ok(self.committed().secrets.keys().filter(|(of, _)| *of == user).map(|(_, purpose)| purpose.clone()).collect())
    }
}
