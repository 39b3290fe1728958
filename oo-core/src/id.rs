//! Identities: of decisions, events, people, and of the things a caller names.
//!
//! A [`DecisionId`] is a UUIDv7 and seeds the draw. A [`Pseudonym`] stands for a person in the log: random, 128 bits,
//! found only through the store's lookup key. An [`ItemKey`] is the HMAC of a caller-given id under the person's own
//! [`UserKey`]: ids never reach the log in the clear, and destroying the key unlinks them.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::{Error, Result};

/// The place of an event in the log: 1 for the first, 0 for "before everything". Assigned inside the committing transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Position(pub u64);

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// Reads the hyphenated or plain hexadecimal form of a UUID.
            ///
            /// # Errors
            /// `invalid_input` when `text` is not a UUID.
            pub fn parse(text: &str) -> Result<Self> {
                Uuid::try_parse(text).map($name::from).map_err(|_| {
                    // Not repeated: it may be an id of the caller's, in the wrong place.
                    Error::invalid($what, "this is not a UUID; pass the id exactly as oO returned it")
                })
            }
        }

        impl From<Uuid> for $name {
            fn from(value: Uuid) -> Self {
                $name(value.into_bytes())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&Uuid::from_bytes(self.0), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

uuid_id! {
    /// The identity of one draw, a UUIDv7; a tip carries its decision's id.
    DecisionId, "decision"
}
uuid_id! {
    /// The identity of one event. A second event with the same id changes nothing.
    EventId, "event"
}

impl DecisionId {
    /// A UUIDv7 of the instant `at_ms` (Unix milliseconds) whose random part comes from `random`.
    #[must_use]
    pub fn v7(at_ms: i64, random: &[u8]) -> Self {
        DecisionId(uuid_v7(at_ms, random))
    }
}

impl EventId {
    /// A UUIDv7 of the instant `at_ms` (Unix milliseconds) whose random part comes from `random`.
    #[must_use]
    pub fn v7(at_ms: i64, random: &[u8]) -> Self {
        EventId(uuid_v7(at_ms, random))
    }

    /// The id of an event that follows from `parts` alone, so that any process may append it and one of them lands.
    #[must_use]
    pub fn derived(label: &str, parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        hash.update((label.len() as u64).to_le_bytes());
        hash.update(label.as_bytes());
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        EventId(Uuid::new_v8(first16(&hash.finalize())).into_bytes())
    }
}

fn uuid_v7(at_ms: i64, random: &[u8]) -> [u8; 16] {
    let mut bytes = [0u8; 10];
    for (to, from) in bytes.iter_mut().zip(random) {
        *to = *from;
    }
    uuid::Builder::from_unix_timestamp_millis(at_ms.max(0).unsigned_abs(), &bytes).into_uuid().into_bytes()
}

fn first16(bytes: &[u8]) -> [u8; 16] {
    let mut out = [0u8; 16];
    for (to, from) in out.iter_mut().zip(bytes) {
        *to = *from;
    }
    out
}

/// A person in the log: random, 128 bits, never derived from who they are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym(pub [u8; 16]);

impl Pseudonym {
    /// The person whom a caller of a bare policy, which has no store, calls `name`: the first 16 bytes of
    /// SHA-256("oo.person.v1" ‖ name), the same in every language. The engine never derives one.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"oo.person.v1");
        hash.update(name.as_bytes());
        Pseudonym(first16(&hash.finalize()))
    }

    /// SHA-256("oo.pseudonym.v1" ‖ pseudonym): all that a forget event may keep of a person.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"oo.pseudonym.v1");
        hash.update(self.0);
        hash.finalize().into()
    }
}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// What a caller-given id becomes in the log: the first 16 bytes of HMAC-SHA256(user key, domain ‖ 0 ‖ id).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ItemKey(pub [u8; 16]);

impl fmt::Debug for ItemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// One person's secret: it seals their texts and keys their [`ItemKey`]s. Destroying it is forgetting them.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct UserKey([u8; 32]);

impl UserKey {
    /// Takes 32 random bytes as a key.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        UserKey(bytes)
    }

    /// The raw bytes, for the vault alone.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key under which `id` of `domain` (a source's name, `"request"`, `"content"`) is known in the log.
    #[must_use]
    pub fn item(&self, domain: &str, id: &str) -> ItemKey {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return ItemKey::default() };
        mac.update(domain.as_bytes());
        mac.update(&[0]);
        mac.update(id.as_bytes());
        ItemKey(first16(&mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for UserKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserKey(..)")
    }
}

/// Lower-case hexadecimal of `bytes`.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
