//! One queue of a namespace: its addresses, and the commands that make it what mistnet wants.

use std::time::Duration;

use super::endpoint::Endpoint;
use super::locks::SHORTEST_LOCK;

/// The most deliveries that a queue can allow before it sets a message aside by itself: mistnet
/// counts attempts itself, and a collection may rightly be delivered very often
/// (learn.microsoft.com, `az servicebus queue create`, and the portal's limit of 2,000; read 2026-11).
pub const MAX_DELIVERY_COUNT: u32 = 2000;

/// One queue of a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entity {
    pub(super) endpoint: Endpoint,
    pub(super) queue: String,
    pub(super) lock_duration: Duration,
    /// What the bodies are.
    pub(super) content_type: &'static str,
}

/// A part of a queue that has an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Its messages.
    Messages,
    /// Its dead letters.
    DeadLetters,
}

impl Entity {
    /// The address of a part.
    pub(super) fn address(&self, part: Part) -> String {
        match part {
            Part::Messages => self.queue.clone(),
            Part::DeadLetters => format!("{}/$DeadLetterQueue", self.queue),
        }
    }

    /// The address where a part is asked and told things.
    pub(super) fn management(&self, part: Part) -> String {
        format!("{}/$management", self.address(part))
    }

    /// What a token has to be good for.
    pub(super) fn audience(&self, address: &str) -> String {
        format!("sb://{}/{address}", self.endpoint.host)
    }

    /// The command that makes the queue.
    pub(super) fn create_command(&self) -> String {
        format!("az servicebus queue create {} {}", self.named(), self.settings())
    }

    /// The command that gives the queue the settings that mistnet wants.
    pub(super) fn settings_command(&self) -> String {
        self.update_command(&self.settings())
    }

    /// The command that sets `change` on the queue.
    pub(super) fn update_command(&self, change: &str) -> String {
        format!("az servicebus queue update {} {change}", self.named())
    }

    fn named(&self) -> String {
        format!(
            "--resource-group GROUP --namespace-name {} --name {}",
            self.endpoint.namespace(),
            self.queue
        )
    }

    fn settings(&self) -> String {
        let seconds = self.lock_duration.max(SHORTEST_LOCK).as_secs();
        format!("--lock-duration PT{seconds}S --max-delivery-count {MAX_DELIVERY_COUNT}")
    }
}
