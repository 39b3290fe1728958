//! What SQLite says, as what to do next.

use oo_core::{Error, Result};
use rusqlite::ErrorCode;

/// The error of a failed statement.
#[allow(clippy::needless_pass_by_value, reason = "used as map_err(sql)")]
pub(super) fn sql(error: rusqlite::Error) -> Error {
    match &error {
        // SQLite has no code for what it could read and not understand.
        rusqlite::Error::SqliteFailure(_, Some(message)) if message.starts_with("malformed") => corrupted(message),
        rusqlite::Error::SqliteFailure(failure, _) => of_code(failure.code, failure.extended_code),
        rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::Utf8Error(..) => corrupted("a column holds what oO did not write"),
        _ => Error::internal(format!("the store was used wrongly ({error}); please report this")),
    }
}

/// The database holds what oO did not write.
pub(super) fn corrupted(what: &str) -> Error {
    Error::storage(format!("the database is corrupted: {what}; restore the newest backup"))
}

fn of_code(code: ErrorCode, extended: i32) -> Error {
    match code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            Error::busy("another process holds the database; try again, or find the process that keeps it locked")
        }
        ErrorCode::ReadOnly => Error::storage(
            "the database is read-only; make the file and its folder writable for this user, and the file system writable",
        ),
        ErrorCode::DiskFull => {
            Error::storage("the disk is full; free some space and try again (nothing acknowledged was lost)")
        }
        ErrorCode::SystemIoFailure => Error::storage(format!(
            "the disk failed (code {extended}); check it and the file system, then open the database again"
        )),
        ErrorCode::DatabaseCorrupt => corrupted("a page of it is damaged"),
        // What may be there twice is asked for without a conflict: tables and indexes contradict each other.
        ErrorCode::ConstraintViolation => corrupted("its tables and indexes do not fit together"),
        ErrorCode::NotADatabase => {
            Error::storage("the file is not a database of oO; choose another path, or restore the newest backup")
        }
        ErrorCode::CannotOpen => Error::storage(
            "the database cannot be opened; check that its folder exists and that this user may write there",
        ),
        ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied => {
            Error::storage("access to the database was denied; correct the permissions of the file and its folder")
        }
        ErrorCode::FileLockingProtocolFailed => Error::storage(
            "the file system's locks do not work; put the database on a local disk, not on a network file system",
        ),
        ErrorCode::NoLargeFileSupport => {
            Error::storage("the file system cannot hold a file this large; move the database")
        }
        ErrorCode::OutOfMemory => Error::storage("the machine is out of memory; free some and try again"),
        ErrorCode::TooBig => {
            Error::new(oo_core::ErrorKind::InvalidInput, "a value is larger than the database takes; send less at once")
        }
        ErrorCode::OperationInterrupted | ErrorCode::OperationAborted => {
            Error::busy("the operation was interrupted; try again")
        }
        _ => Error::internal(format!("the store was used wrongly (SQLite code {extended}); please report this")),
    }
}

/// Turns the bytes of a column into an array.
pub(super) fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N]> {
    bytes.try_into().map_err(|_| corrupted("an id has a wrong length"))
}

/// Turns an integer column into an unsigned number.
pub(super) fn unsigned<T: TryFrom<i64>>(value: i64) -> Result<T> {
    T::try_from(value).map_err(|_| corrupted("a number is out of range"))
}

/// Turns a position into what SQLite stores.
pub(super) fn signed(value: u64) -> Result<i64> {
    i64::try_from(value).map_err(|_| Error::internal("a position is out of range; please report this"))
}
