//! The one error of oO.
//!
//! An [`Error`] is opaque: a [`ErrorKind`] that says what the caller should do next, a message in plain words, and,
//! for bad input, the field it is about. No type of a dependency appears in it. The kinds are the same in Rust,
//! Python (one class each), Node (`error.code`) and HTTP (`kind` of the problem document).

use std::fmt;

/// The result of every fallible function of oO.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, by what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The call itself is wrong: a malformed id, a number out of range, a wrong shape. Correct it; a retry will not help.
    InvalidInput,
    /// There is no such thing: an id that is well formed and unknown. Check the id.
    NotFound,
    /// The person has not agreed to this kind of signal. Ask them, then record their consent.
    Denied,
    /// Two things do not fit: a feature schema, a saved policy, a database of a newer version. Migrate, or upgrade oO.
    Incompatible,
    /// The store is locked or the engine is overloaded or out of time. Try again later.
    Busy,
    /// The storage failed: full, read-only, corrupted or gone. Mend it; nothing acknowledged was lost.
    Storage,
    /// The master key is missing or is not the one this database was written with. Put the right key back.
    Key,
    /// A defect of oO. Report it with the message.
    Internal,
}

impl ErrorKind {
    /// Every kind, in a fixed order; bindings map them one to one and a test walks them.
    pub const ALL: [ErrorKind; 8] = [
        ErrorKind::InvalidInput,
        ErrorKind::NotFound,
        ErrorKind::Denied,
        ErrorKind::Incompatible,
        ErrorKind::Busy,
        ErrorKind::Storage,
        ErrorKind::Key,
        ErrorKind::Internal,
    ];

    /// The stable name of the kind, used over HTTP, in Node and in conformance cases.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ErrorKind::InvalidInput => "invalid_input",
            ErrorKind::NotFound => "not_found",
            ErrorKind::Denied => "denied",
            ErrorKind::Incompatible => "incompatible",
            ErrorKind::Busy => "busy",
            ErrorKind::Storage => "storage",
            ErrorKind::Key => "key",
            ErrorKind::Internal => "internal",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The one error of oO: a kind, a message that says what is wrong and what to do, and perhaps a field.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Detail>);

#[derive(Clone, PartialEq, Eq)]
struct Detail {
    kind: ErrorKind,
    message: String,
    field: Option<String>,
}

impl Error {
    /// An error of `kind` with a message that says what is wrong and what to do next.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Box::new(Detail { kind, message: message.into(), field: None }))
    }

    /// [`ErrorKind::InvalidInput`] about `field`.
    #[must_use]
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Error::new(ErrorKind::InvalidInput, message).with_field(field)
    }

    /// [`ErrorKind::NotFound`].
    #[must_use]
    pub fn not_found(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::NotFound, message)
    }

    /// [`ErrorKind::Denied`].
    #[must_use]
    pub fn denied(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Denied, message)
    }

    /// [`ErrorKind::Incompatible`].
    #[must_use]
    pub fn incompatible(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Incompatible, message)
    }

    /// [`ErrorKind::Busy`].
    #[must_use]
    pub fn busy(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Busy, message)
    }

    /// [`ErrorKind::Storage`].
    #[must_use]
    pub fn storage(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Storage, message)
    }

    /// [`ErrorKind::Key`].
    #[must_use]
    pub fn key(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Key, message)
    }

    /// [`ErrorKind::Internal`].
    #[must_use]
    pub fn internal(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Internal, message)
    }

    /// The same error, about `field` of the input.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// What to do next, as a kind.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What is wrong and what to do, in plain words.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The field of the input that is wrong, where one is.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.field {
            Some(field) => write!(f, "{} ({field}): {}", self.0.kind, self.0.message),
            None => write!(f, "{}: {}", self.0.kind, self.0.message),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}
