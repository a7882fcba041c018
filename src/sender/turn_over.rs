//! What becomes of the message after a turn.

use std::time::Duration;

use crate::x;

/// What becomes of the message after a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TurnOver {
    /// Nothing is left to do for a sender.
    Done,
    /// It comes back after this time.
    Later(Duration),
    /// Nothing hinders another turn at once, which goes on with this backoff.
    Again(x::Backoff),
    /// It can't be handled at all.
    Refused {
        /// One or two words.
        reason: &'static str,
        /// What happened.
        description: String,
    },
}

impl TurnOver {
    pub(super) fn refused(reason: &'static str, description: &dyn ToString) -> Self {
        Self::Refused { reason, description: description.to_string() }
    }
}
