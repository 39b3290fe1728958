//! Where the master key comes from: one place, or an error that names the two.
//!
//! A provider that was given to the builder is the one. Else the settings and the environment are looked at together: a
//! file (`master_key_file`, `OO_MASTER_KEY_FILE`), a command (`master_key_command`, `OO_MASTER_KEY_COMMAND`) or the key
//! itself (`OO_MASTER_KEY`). Two of the three are an error, because whoever believed in the one that lost would find out
//! only after it was needed. None of them is the file beside the database, `PATH.key`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use oo_core::ports::{Entropy, KeyProvider};
use oo_core::{Error, Result};
use oo_store::{CommandKey, EnvKey, FileKey};

use crate::settings::Settings;

/// The variable that holds the key itself.
const KEY: &str = "OO_MASTER_KEY";
const FILE: &str = "OO_MASTER_KEY_FILE";
const COMMAND: &str = "OO_MASTER_KEY_COMMAND";

/// The master key's provider for the database at `path`.
pub(crate) fn provider(settings: &Settings, path: &Path, entropy: &Arc<dyn Entropy>) -> Result<Arc<dyn KeyProvider>> {
    let file = settings.master_key_file.clone().or(set(FILE)?.map(PathBuf::from));
    let command = match &settings.master_key_command {
        Some(command) => Some(command.clone()),
        None => set(COMMAND)?.map(|command| command.into_string()).transpose().map_err(|_| {
            Error::invalid("master_key_command", format!("{COMMAND} is no text; set it to a program and its arguments"))
        })?,
    };
    match (file, command, set(KEY)?.is_some()) {
        (Some(file), None, false) => Ok(Arc::new(FileKey::new(file, entropy.clone()))),
        (None, Some(command), false) => Ok(Arc::new(CommandKey::new(&command)?)),
        (None, None, true) => Ok(Arc::new(EnvKey::new(KEY))),
        (None, None, false) => Ok(Arc::new(FileKey::beside(path, entropy.clone()))),
        (file, command, key) => {
            let given = [(file.is_some(), FILE), (command.is_some(), COMMAND), (key, KEY)];
            let given: Vec<&str> = given.into_iter().filter(|(given, _)| *given).map(|(_, name)| name).collect();
            Err(Error::invalid(
                "master_key",
                format!(
                    "the master key is given in more than one way ({}, or the settings of the same names); keep one",
                    given.join(", ")
                ),
            ))
        }
    }
}

/// The value of a variable. An empty one is a mistake that must not end in a key of its own.
fn set(variable: &str) -> Result<Option<std::ffi::OsString>> {
    match std::env::var_os(variable) {
        Some(value) if value.is_empty() => Err(Error::key(format!(
            "{variable} is set and empty, and the master key is looked for there; give it its value, or unset it"
        ))),
        value => Ok(value),
    }
}

impl Settings {
    /// Whether these settings or the environment say where the master key is; else it is the file beside the database.
    #[must_use]
    pub fn names_master_key(&self) -> bool {
        self.master_key_file.is_some()
            || self.master_key_command.is_some()
            || [KEY, FILE, COMMAND].iter().any(|variable| std::env::var_os(variable).is_some())
    }
}
