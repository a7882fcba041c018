//! Why a text is refused.

/// A text that can't be what it should be. Shows no part of a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}; {fix}")]
pub struct Invalid {
    /// Why.
    pub reason: String,
    /// What would be right.
    pub fix: String,
}

impl Invalid {
    /// Refused for `reason`; `fix` would be right.
    pub fn new(reason: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { reason: reason.into(), fix: fix.into() }
    }
}
