//! `secrets`: tokens and keys that are kept sealed for a person or for the store itself.

use std::sync::Arc;

use oo_core::ports::UserRecord;
use oo_core::secret::{Secret, SecretOwner, SecretPurpose};
use oo_core::{Error, ErrorKind, Result};

use crate::aside::aside;
use crate::engine::Engine;

/// The secrets of one owner. They are for the program that embeds oO, such as its integrations: no route and no export
/// gives them out.
#[derive(Clone, Debug)]
pub struct Secrets {
    engine: Engine,
    owner: Owner,
}

#[derive(Clone)]
enum Owner {
    Store,
    Person(String),
}

impl std::fmt::Debug for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Owner::Store => "Store",
            Owner::Person(_) => "Person(..)",
        })
    }
}

impl Engine {
    /// The store's own secrets, such as a client secret: sealed under a random key that the master key wraps.
    #[must_use]
    pub fn secrets(&self) -> Secrets {
        Secrets { engine: self.clone(), owner: Owner::Store }
    }

    /// The secrets of `user`, such as a provider's token: sealed under that person's key, and gone when they are forgotten.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let oo = oo::blocking::Engine::open(folder.path().join("oo.db"))?;
    /// let secrets = oo.secrets_of("u-42");
    /// secrets.put("todoist.refresh_token", "0123abcd")?;
    /// assert_eq!(secrets.get("todoist.refresh_token")?.expect("it was put").expose_str()?, "0123abcd");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn secrets_of(&self, user: &str) -> Secrets {
        Secrets { engine: self.clone(), owner: Owner::Person(user.to_owned()) }
    }
}

impl Secrets {
    /// Keeps `value` under `purpose`, such as `todoist.refresh_token`, in place of the one before.
    ///
    /// # Errors
    /// `invalid_input` for a purpose that is no such name, or a value of no or more than 64 KiB; `storage`, `busy`.
    pub async fn put(&self, purpose: &str, value: impl Into<Secret>) -> Result<()> {
        let (purpose, value) = (SecretPurpose::parse(purpose)?, value.into());
        value.validate()?;
        let run = self.engine.run();
        for _ in 0..3 {
            run.catch_up().await?;
            let (owner, person) = match &self.owner {
                Owner::Store => (SecretOwner::Store, None),
                Owner::Person(user) => {
                    let record = run.person(user).await?;
                    (person_of(&record), Some(record))
                }
            };
            let (secrets, purpose, value) = (run.secrets.clone(), purpose.clone(), value.clone());
            match aside("oo-secret", move || secrets.put_secret(&owner, &purpose, &value)).await {
                // Forgotten meanwhile, elsewhere: whoever speaks now is a new person.
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    if let Some(record) = person {
                        run.forget_cached(record.user);
                    }
                }
                done => return done,
            }
        }
        Err(Error::busy("the person is being forgotten; try again later"))
    }

    /// The value kept under `purpose`, where there is one.
    ///
    /// # Errors
    /// `invalid_input` for a purpose that is no name; `storage`, `busy`.
    pub async fn get(&self, purpose: &str) -> Result<Option<Secret>> {
        let purpose = SecretPurpose::parse(purpose)?;
        match self.owner().await? {
            Some(owner) => self.engine.run().secrets.secret(&owner, &purpose),
            None => Ok(None),
        }
    }

    /// Deletes the value kept under `purpose`; whether there was one.
    ///
    /// # Errors
    /// As [`get`](Secrets::get).
    pub async fn delete(&self, purpose: &str) -> Result<bool> {
        let purpose = SecretPurpose::parse(purpose)?;
        let Some(owner) = self.owner().await? else { return Ok(false) };
        let secrets = self.engine.run().secrets.clone();
        aside("oo-secret", move || secrets.delete_secret(&owner, &purpose)).await
    }

    /// What the owner's secrets are for, in order; no values.
    ///
    /// # Errors
    /// `storage`, `busy`.
    pub async fn purposes(&self) -> Result<Vec<String>> {
        let Some(owner) = self.owner().await? else { return Ok(Vec::new()) };
        let purposes = self.engine.run().secrets.secret_purposes(&owner)?;
        Ok(purposes.iter().map(ToString::to_string).collect())
    }

    /// The owner as the store knows them; nobody for a person it does not know.
    async fn owner(&self) -> Result<Option<SecretOwner>> {
        let run = self.engine.run();
        run.catch_up().await?;
        match &self.owner {
            Owner::Store => Ok(Some(SecretOwner::Store)),
            Owner::Person(user) => Ok(run.known(user)?.map(|record| person_of(&record))),
        }
    }
}

fn person_of(record: &Arc<UserRecord>) -> SecretOwner {
    SecretOwner::Person((**record).clone())
}
