//! What can go wrong on demand.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::amqp::Error;

/// A fault. As JSON: `{"kind": "server_busy", "sends": 3}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Detaches every link to a queue or its `$management` now, with `amqp:link:detach-forced`.
    ForceDetach,
    /// Drops every connection now, without a word.
    DropConnections,
    /// Refuses the next sends with `com.microsoft:server-busy` (error 50009). A batch is one send.
    ServerBusy {
        /// How many.
        sends: u32,
    },
    /// Ends every lock now, as if its time were over: delivery counts rise.
    LoseLocks,
    /// From now on settles messages, and confirms that, so much later. If the connection goes
    /// before, they are not settled. 0 ends it.
    SlowDispositions {
        /// How much later, in milliseconds.
        delay_ms: u64,
    },
    /// Neither settles nor confirms the next messages that receivers settle over their links: they
    /// come back when their locks run out.
    LoseDispositions {
        /// How many messages.
        count: u32,
    },
    /// Delivers each of the next messages twice, under two locks.
    DuplicateDeliveries {
        /// How many messages.
        count: u32,
    },
    /// Ends every token now: links are detached with `amqp:unauthorized-access`, and until
    /// it has put a new token, a connection can't attach them again.
    ExpireTokens,
}

/// Faults that wait for something to happen to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Armed {
    busy_sends: u32,
    lost_dispositions: u32,
    duplicates: u32,
    /// How late messages are settled.
    pub disposition_delay: Duration,
}

impl Armed {
    /// Arms a fault. Those that happen at once are not for here.
    pub fn arm(&mut self, fault: Fault) {
        match fault {
            Fault::ServerBusy { sends } => self.busy_sends = sends,
            Fault::LoseDispositions { count } => self.lost_dispositions = count,
            Fault::DuplicateDeliveries { count } => self.duplicates = count,
            Fault::SlowDispositions { delay_ms } => {
                self.disposition_delay = Duration::from_millis(delay_ms);
            }
            Fault::ForceDetach
            | Fault::DropConnections
            | Fault::LoseLocks
            | Fault::ExpireTokens => {}
        }
    }

    /// Refuses a send, as the service words it, while it is to be busy (learn.microsoft.com, Service
    /// Bus messaging exceptions, read 2026-11-22).
    pub fn check_busy(&mut self) -> Result<(), Error> {
        if !take_one(&mut self.busy_sends) {
            return Ok(());
        }
        let text = "The request was terminated because the entity is being throttled. Error code : \
                    50009. Please wait 2 seconds and try again.";
        Err(Error::new("com.microsoft:server-busy", text))
    }

    /// Whether this disposition is lost.
    pub fn loses_disposition(&mut self) -> bool {
        take_one(&mut self.lost_dispositions)
    }

    /// Whether this delivery happens twice.
    pub fn duplicates(&mut self) -> bool {
        take_one(&mut self.duplicates)
    }
}

fn take_one(left: &mut u32) -> bool {
    let any = *left > 0;
    *left = left.saturating_sub(1);
    any
}
