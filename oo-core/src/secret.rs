//! Secrets that are kept for somebody: a provider's token for a person, a client secret for the store itself.
//!
//! [`Secret`] is the value: its bytes are overwritten when it is dropped, and `Debug` shows nothing of it.
//! [`SecretPurpose`] is the checked name it is kept under, such as `todoist.refresh_token`; it is in the clear, so it must
//! not name a person. [`SecretOwner`] is whose it is, which says under which key it is sealed.

use std::fmt;

use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::ports::UserRecord;

/// The most bytes of a secret.
pub const MAX_SECRET_BYTES: usize = 64 * 1024;
/// The most bytes of a purpose.
const MAX_PURPOSE_BYTES: usize = 64;

/// A secret value.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes over the bytes of a secret.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Secret(Zeroizing::new(bytes))
    }

    /// The bytes.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The text, where it is one.
    ///
    /// # Errors
    /// `invalid_input` when the bytes are no UTF-8.
    pub fn expose_str(&self) -> Result<&str> {
        std::str::from_utf8(&self.0)
            .map_err(|_| Error::invalid("value", "the secret is no text; read its bytes instead"))
    }

    /// Whether it can be kept: 1 byte to 64 KiB.
    ///
    /// # Errors
    /// `invalid_input` about `value`.
    pub fn validate(&self) -> Result<()> {
        if (1..=MAX_SECRET_BYTES).contains(&self.0.len()) {
            return Ok(());
        }
        Err(Error::invalid(
            "value",
            format!("a secret has 1 to {MAX_SECRET_BYTES} bytes; delete it instead of emptying it"),
        ))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Secret::new(text.as_bytes().to_vec())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Secret::new(text.into_bytes())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// What a secret is for: lower-case words and numbers, parted by dots, dashes or underscores.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretPurpose(String);

impl SecretPurpose {
    /// Checks a purpose such as `todoist.refresh_token`.
    ///
    /// # Errors
    /// `invalid_input` about `purpose`.
    pub fn parse(text: &str) -> Result<Self> {
        let parts_hold = text.split(['.', '-', '_']).all(|part| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
        if parts_hold && text.len() <= MAX_PURPOSE_BYTES && text.starts_with(|first: char| first.is_ascii_lowercase()) {
            return Ok(SecretPurpose(text.to_owned()));
        }
        // What was passed is not repeated: it may be the secret, in the wrong place.
        Err(Error::invalid(
            "purpose",
            format!(
                "name what the secret is for, as in `todoist.refresh_token`: lower-case letters and digits, parted by \
                 single dots, dashes or underscores, at most {MAX_PURPOSE_BYTES} bytes"
            ),
        ))
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SecretPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whose a secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretOwner {
    /// The store's own: sealed under its random store key.
    Store,
    /// A person's: sealed under their key, and gone with it.
    Person(UserRecord),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purpose_is_a_checked_name() {
        for good in ["vapid", "todoist.refresh_token", "google.client-secret", "a1.b2", "a"] {
            assert_eq!(SecretPurpose::parse(good).map(|purpose| purpose.to_string()).as_deref(), Ok(good));
        }
        let long = "a".repeat(65);
        for bad in ["", ".a", "a.", "a..b", "A", "1a", "a b", "a/b", "ä", "todoist.", "a\0", "-", &long] {
            let error = SecretPurpose::parse(bad).expect_err("a bad purpose");
            assert_eq!(error.field(), Some("purpose"), "{bad:?}");
        }
        let misplaced = SecretPurpose::parse("hunter2 is my password").expect_err("a value in the wrong place");
        assert!(!format!("{misplaced} {misplaced:?}").contains("hunter2"));
    }

    #[test]
    fn a_secret_shows_nothing_of_itself() {
        let secret = Secret::from("hunter2");
        assert_eq!(secret.expose_str(), Ok("hunter2"));
        assert_eq!(format!("{secret:?} {secret:#?}"), "Secret(..) Secret(..)");
        assert_eq!(Secret::new(vec![0xff]).expose_str().expect_err("no text").field(), Some("value"));
        for bytes in [0, MAX_SECRET_BYTES + 1] {
            assert_eq!(Secret::new(vec![7; bytes]).validate().expect_err("a wrong length").field(), Some("value"));
        }
        assert_eq!(Secret::new(vec![7; MAX_SECRET_BYTES]).validate(), Ok(()));
    }
}
