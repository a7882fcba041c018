//! Why the program can't start, go on, or take a collection.

use crate::notice::{signature, webhook};
use crate::queue::QueueError;
use crate::sender::Unsaved;
use crate::store::StoreError;
use crate::x;

/// Why the program can't start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store can't be used.
    #[error("can't open the store")]
    Store(#[from] StoreError),
    /// The queue can't be used.
    #[error("can't open the queue")]
    Queue(#[from] QueueError),
    /// The X API needs a token.
    #[error("no bearer token for the X API")]
    NoToken,
    /// The X client could not be made.
    #[error("can't set up the X client")]
    X(#[from] x::http::SetupError),
    /// The webhook can't be called as it is configured.
    #[error("can't set up the webhook for notices")]
    Webhook(#[from] webhook::SetupError),
    /// Its secret is no key.
    #[error("can't sign webhooks")]
    WebhookKey(#[from] signature::InvalidKey),
}

/// Why a process could not play its roles to a good end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It could not begin.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Pages that were paid for could not be stored.
    #[error(transparent)]
    Unsaved(#[from] Unsaved),
}
