//! A configured back end of queues: what is known of it before a queue is open.

use std::fmt::{Debug, Display};
use std::sync::Arc;

use async_trait::async_trait;

use super::{Queue, QueueError, Settings};
use crate::check::{Finding, Scope};
use crate::clock::Clock;
use crate::setting::kind;

/// The setting that says where queues are.
pub const KEY: &str = "queue";

/// The queue on which collections wait for a sender.
pub const COLLECT: &str = "collect";

/// The queue on which parts wait for a receiver.
pub const STORE: &str = "store";

/// A kind of queue, which stands in the folder of its back end.
pub type Kind = kind::Kind<dyn QueueConfig>;

/// The address of queues.
pub type QueueUrl = kind::Address<dyn QueueConfig>;

/// A queue to be opened.
#[derive(Debug, Clone)]
pub struct Opening {
    /// [`COLLECT`], [`STORE`], or the name of a queue on which others wait for notices.
    pub name: String,
    /// How it treats its messages.
    pub settings: Settings,
    /// Its time.
    pub clock: Arc<dyn Clock>,
}

/// Who can use the queues of a back end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// The process that opened them.
    OneProcess,
    /// Others too, on this machine or beyond.
    Processes,
}

/// A place for queues with all of its settings, complete and checked. `Display` is its address.
#[async_trait]
pub trait QueueConfig: Debug + Display + Send + Sync {
    /// Opens a queue.
    fn open(&self, queue: Opening) -> Result<Arc<dyn Queue>, QueueError>;

    /// Who can use its queues.
    fn sharing(&self) -> Sharing {
        Sharing::Processes
    }

    /// Whether the place is there, as far as this machine knows without asking anybody. One that is
    /// not is made when a queue is opened.
    fn is_there(&self) -> bool {
        true
    }

    /// The setting that gives this name to a queue of mistnet's own work, if one does: whoever
    /// waits for notices there would take that work.
    fn taken_by(&self, _name: &str) -> Option<&'static str> {
        None
    }

    /// What is odd about the settings but no reason to stop.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether the queues of mistnet's own work can be used, found out without changing anything.
    async fn check(&self, own: [Opening; 2], scope: Scope) -> Vec<Finding>;
}
