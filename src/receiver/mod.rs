//! The receiver: stores parts, and finishes datasets.
//!
//! A receiver holds no state of its own but what saves work ([`Remembered`]). It takes a part from
//! the store queue, reads the pages that the part lies on, encodes every format, and only then says
//! so: files before receipt before acknowledgement. Each of these is a `create`, so a redelivery
//! finds its own work done.
//!
//! Whoever writes a receipt, or handles the end message, looks whether everything is in
//! ([`finish`]). The last one always sees all; if it dies, its message comes back. Two may see all
//! at the same moment: of one process, the second steps aside until the first is done.
//!
//! Then others are told ([`tell`]), and only then is the message acknowledged. Those who are told may
//! take their time, so this is not done by the workers that store: they hand the message over to a
//! few of their own kind ([`teller`]), or back to the queue if all of these are busy.

mod error;
mod finish;
pub mod found;
mod kept;
mod merge;
mod pages;
mod part;
mod recent;
mod remembered;
mod settle;
mod tell;
mod teller;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::notice::Notices;
use crate::queue::Queue;
use crate::store::Store;
pub use error::InvalidPart;
pub use finish::package;
pub use remembered::Remembered;
pub use tell::tell_again;

/// What a receiver works with.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// Where logs and datasets are.
    pub store: Store,
    /// Parts to be stored.
    pub parts: Arc<dyn Queue>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who is told when a dataset is complete; `None`: nobody.
    pub notices: Option<Notices>,
    /// What this process calls itself in records.
    pub writer: String,
    /// Parts in hand at once.
    pub concurrency: usize,
    /// What saves it work; nothing at the beginning.
    pub remembered: Remembered,
}

/// The pause after the store or the queue failed; the work waits, and nothing counts as an attempt.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);
