//! What SQLite's errors mean for the caller, and what a person can do about them.
//!
//! Result codes: sqlite.org, "Result and Error Codes", read 2026-11.

use std::path::Path;

use rusqlite::{Error, ErrorCode};

use crate::queue::QueueError;

/// The error for the caller: which file, what happened, what to do.
pub(super) fn explain(path: &Path, error: &Error) -> QueueError {
    let path = path.display();
    let unavailable =
        |hint: &str| QueueError::Unavailable { reason: format!("{path}: {error}; {hint}") };
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => unavailable("free some space on its disk"),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            unavailable("another process has kept it locked for seconds")
        }
        // A write beyond a limit on the size of files is no DiskFull for SQLite, and its message
        // does not tell it from other failures.
        Some(ErrorCode::SystemIoFailure) => unavailable(
            "check its disk, the limit on the size of files (ulimit -f), and the system's log",
        ),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            unavailable("make the file and its folder writable")
        }
        Some(ErrorCode::CannotOpen) => {
            unavailable("check that its folder exists and is readable and writable")
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => QueueError::Rejected {
            reason: format!(
                "{path}: {error}; stop mistnet, move the file and its -wal and -shm files away and \
                 start again: unfinished work is sent anew from the logs of the collections"
            ),
        },
        _ => unavailable("this is unexpected"),
    }
}

/// Whether a transaction may have failed because of one of its jobs only.
pub(super) fn may_concern_one_job(error: &Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::TooBig | ErrorCode::DiskFull | ErrorCode::ConstraintViolation)
    )
}

/// Whether the connection can go on after the error; if not, the file is opened anew.
pub(super) fn leaves_connection_sound(error: &Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DatabaseBusy
                | ErrorCode::TooBig
                | ErrorCode::DiskFull
                | ErrorCode::ConstraintViolation
        )
    )
}
