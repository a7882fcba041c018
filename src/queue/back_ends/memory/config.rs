//! Queues in memory, before they are open.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::MemoryQueue;
use crate::check::{Finding, Scope};
use crate::queue::config::{Kind, Opening, QueueConfig, Sharing};
use crate::queue::{Queue, QueueError};
#[cfg(test)]
use crate::setting::kind::Sample;
use crate::setting::kind::{BackEnd, Offer};

/// Its address.
const ADDRESS: &str = "memory:";

/// This kind of queue.
pub static KIND: Kind = Kind {
    name: "memory",
    built_on: None,
    claims: |text| text == ADDRESS,
    offer: Some(Offer {
        forms: ADDRESS,
        meaning: "`memory:`, which lives and dies with one process",
    }),
    settings: &[],
    back_end: Some(BackEnd {
        read: |text| Ok(text.to_owned()),
        configure: |_, _| Ok(Arc::new(Memory)),
    }),
    #[cfg(test)]
    samples: &[Sample { address: ADDRESS, given: &[], others: &[] }],
};

/// Queues in memory; each one that is opened is another.
#[derive(Debug, Clone, Copy)]
pub struct Memory;

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ADDRESS)
    }
}

#[async_trait]
impl QueueConfig for Memory {
    fn open(&self, queue: Opening) -> Result<Arc<dyn Queue>, QueueError> {
        let Opening { name, settings, clock } = queue;
        Ok(Arc::new(MemoryQueue::new(name, settings, clock)))
    }

    fn sharing(&self) -> Sharing {
        Sharing::OneProcess
    }

    async fn check(&self, _: [Opening; 2], _: Scope) -> Vec<Finding> {
        let hint = "mistnet up can use it; sender and receiver need one that they share";
        vec![Finding::warning("queue", "it lives as long as one process", hint)]
    }
}
