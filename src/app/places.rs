//! Opening what is configured: the store and the queues, each without the other.

use std::sync::Arc;

use super::errors::OpenError;
use super::queues::own_queues;
use crate::clock::Clock;
use crate::config::Config;
use crate::queue::{Queue, of_one_process};
use crate::store::Store;

/// Where the work of a process waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queues {
    /// Where the configuration says.
    Configured,
    /// In the memory of this process, whatever is configured: nobody else takes part. Notices go
    /// to the configured place all the same.
    OfItsOwn,
}

/// Opens the store.
pub fn open_store(config: &Config) -> Result<Store, OpenError> {
    Ok(config.store.open()?)
}

/// Opens both queues of mistnet's own work, the collect queue first.
pub fn open_queues(
    config: &Config,
    queues: Queues,
    clock: &Arc<dyn Clock>,
) -> Result<[Arc<dyn Queue>; 2], OpenError> {
    let place = match queues {
        Queues::Configured => Arc::clone(&config.queue),
        Queues::OfItsOwn => of_one_process(),
    };
    let [collect, parts] = own_queues(config, clock);
    Ok([place.open(collect)?, place.open(parts)?])
}
