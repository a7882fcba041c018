//! Work at the database, as those who ask for it and those who do it see it.

use super::line::Line;
use crate::queue::QueueError;

/// Whether a call has to run if nothing happened since the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It looks for a message: on a quiet queue the answer is known to be the default one.
    Poll,
    /// It has to run.
    Change,
}

/// Work that waits for its turn.
pub(super) trait Job: Send {
    fn kind(&self) -> Kind;

    /// Runs inside a transaction; once more if that one was rolled back.
    fn work(&mut self, line: &Line<'_>) -> rusqlite::Result<()>;

    /// Tells the caller, after the commit.
    fn answer(self: Box<Self>, outcome: Result<(), QueueError>);
}
