//! What a caller can do when no page came.
//!
//! | variant | it passes by itself | it may have cost money |
//! |---|---|---|
//! | [`Failure::Wait`] | yes, at a known time | no |
//! | [`Failure::Unavailable`] | yes, at an unknown time | [`Paid`] says |
//! | [`Failure::NoPage`] | perhaps | no |
//! | [`Failure::Park`] | no: a person has to pay or raise a cap | no |
//! | [`Failure::Failed`] | no: the request or the access is wrong | no |
//! | [`Failure::CursorRefused`] | not with this token, but with `until_id` | no |
//!
//! Errors of X are not billed (docs.x.com, pricing, read 2026-08-22), so an answer with an error
//! status costs nothing; only an answer that never arrived may have been charged. An answer that
//! came whole and holds no post costs nothing either, because X charges each post that it returns.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use crate::model::record::Trouble;

/// No page came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The same request may be made again at `until`, and not before.
    #[error("X takes the next request at {until}: {why}")]
    Wait {
        /// When, by the clock of the client.
        until: Timestamp,
        /// Which limit it is.
        why: WaitReason,
    },
    /// The same request may be made again later; see [`super::Backoff`].
    #[error("X is unavailable: {detail}")]
    Unavailable {
        /// What X asked for, if it did.
        retry_after: Option<Duration>,
        /// Whether the attempt may have been charged.
        paid: Paid,
        /// Whether a smaller page may help.
        size: Size,
        /// What happened.
        detail: String,
    },
    /// X answered 200 with neither a page nor a reason that is known to pass. The same request may
    /// be made again a few times; see [`super::Backoff::without_page`].
    #[error("X sent no page: {detail}")]
    NoPage {
        /// What came instead, in X's words.
        detail: String,
    },
    /// A person has to act, outside mistnet; then `resume`.
    #[error("{}", .0.detail)]
    Park(Trouble),
    /// The request can't succeed.
    #[error("{}", .0.detail)]
    Failed(Trouble),
    /// X does not take the page token: go on by `until_id`.
    #[error("X refused the page token: {detail}")]
    CursorRefused {
        /// What X said.
        detail: String,
    },
}

/// Why to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitReason {
    /// All requests of the 15-minute window are used.
    WindowExhausted,
    /// X takes one request a second.
    OnePerSecond,
    /// X said 429 without saying why.
    Unexplained,
}

impl fmt::Display for WaitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WindowExhausted => "the requests of this 15-minute window are used up",
            Self::OnePerSecond => "it takes one request a second",
            Self::Unexplained => "it asked to slow down",
        })
    }
}

/// Whether an attempt may have been charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paid {
    /// Certainly not.
    No,
    /// Perhaps, up to the worst case of the request.
    Perhaps,
}

/// Whether asking for fewer tweets may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// It has nothing to do with the size.
    Keep,
    /// Large pages are known to fail where smaller ones succeed (DocNow/twarc issue 449).
    Smaller,
}
