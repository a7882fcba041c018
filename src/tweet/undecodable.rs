//! Why a body is no page.

/// A body that is no page of the X API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a page of the X API: {reason}")]
pub struct Undecodable {
    /// Why not, with the byte where there is one.
    pub reason: String,
}
