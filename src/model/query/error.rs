//! What is wrong with a query.

/// A query that X would refuse, or understand otherwise than it is meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the query is not valid at character {position}: {problem}; {fix}")]
pub struct QueryError {
    /// Where, in characters from 1.
    pub position: usize,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub fix: String,
}

impl QueryError {
    pub(super) fn new(position: usize, problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { position, problem: problem.into(), fix: fix.into() }
    }
}
