//! Azure Blob Storage: a store in a container of a storage account.
//!
//! | file | what it knows |
//! |---|---|
//! | [`account`] | which account, at which address, by which credential |
//! | [`connection_string`] | the text in which the portal hands all that over |
//! | [`name`] | what a container may be called, and a prefix in it |
//! | `answer` | what Azure's refusals mean, and what a person does about them |
//! | `codes` | the code of a refusal that has no body |
//! | `connection` | how long a call may take; credentials shared by all containers |
//! | `route` | which requests go through a proxy |
//! | `container` | one container as an `ObjectStore`, made by its first write |
//!
//! The first three are plain values and always there; the others need the feature `azure`.
//!
//! Promises: nothing here shows a key, a signature or a token, in `Debug`, errors or logs; every
//! error names the setting and the next step. It deliberately holds no blob's lease, tag or
//! metadata: the log is the truth, and put-if-absent is all that it needs.

pub mod account;
#[cfg(feature = "azure")]
mod answer;
#[cfg(feature = "azure")]
mod codes;
#[cfg(feature = "azure")]
mod connection;
pub mod connection_string;
#[cfg(feature = "azure")]
mod container;
pub mod name;
#[cfg(feature = "azure")]
mod route;

#[cfg(test)]
#[cfg(feature = "azure")]
pub(super) mod azurite;
#[cfg(test)]
#[cfg(feature = "azure")]
mod tests;

#[cfg(feature = "azure")]
pub(super) use connection::Connection;

/// A text that can't be what it should be. Shows no part of a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}; {fix}")]
pub struct Malformed {
    /// Why.
    pub reason: String,
    /// What would be right.
    pub fix: String,
}

impl Malformed {
    fn new(reason: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { reason: reason.into(), fix: fix.into() }
    }
}
