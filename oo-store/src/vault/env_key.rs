//! The master key in a variable of the environment, for machines that hand secrets to processes that way.

use oo_core::ports::{KeyProvider, MasterKey};
use oo_core::{Error, Result};
use zeroize::Zeroizing;

use super::key_text;

/// A master key that is the value of a variable: the line of a key file, or its 64 hexadecimal digits alone.
#[derive(Debug)]
pub struct EnvKey {
    variable: String,
}

impl EnvKey {
    /// The key in the environment's `variable`.
    #[must_use]
    pub fn new(variable: impl Into<String>) -> Self {
        EnvKey { variable: variable.into() }
    }
}

impl KeyProvider for EnvKey {
    fn master_key(&self, _create: bool) -> Result<MasterKey> {
        let wrong = |what: &str| {
            Error::key(format!(
                "{} {what}; set it to the master key: the line of its key file, or 64 hexadecimal digits",
                self.variable
            ))
        };
        let text = std::env::var_os(&self.variable).ok_or_else(|| wrong("is not set"))?;
        let text = Zeroizing::new(text.into_encoded_bytes());
        std::str::from_utf8(&text).ok().and_then(key_text::read_loosely).ok_or_else(|| wrong("holds no master key"))
    }
}
