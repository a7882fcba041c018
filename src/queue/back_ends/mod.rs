//! The back ends. A new one is a folder here and two lines below: its module and its kind.
//!
//! What they do differently, within the contract of the room:
//!
//! | | `memory` | `sqlite` | `service_bus` |
//! |---|---|---|---|
//! | merges by key | yes | yes | never |
//! | a delayed nack or a release that is cut off | happens or not | happens or not | may leave a copy and the original |
//! | counts leased messages | apart | apart | among the ready |
//! | knows whether a message waits | yes | yes | no: it says yes |
//! | a lease may be shorter than configured | no | no | yes: it lasts as the service says |
//! | counting | costs nothing | is one query | reads the messages |
//! | an acknowledgement that returned | is done | is done | may be lost with the connection: another delivery |

pub mod memory;
pub mod service_bus;
pub mod sqlite;

use std::str::FromStr;
use std::sync::Arc;

use super::config::{KEY, Kind, QueueConfig, QueueUrl};
use crate::setting::{Invalid, Setting, kind, row};

/// Every kind, in the order in which people are told of them. The first that claims an address has
/// it.
pub static KINDS: &[&Kind] = &[&sqlite::KIND, &service_bus::KIND, &memory::KIND];

/// The row that says where queues are.
pub const SETTING: Setting =
    row(KEY, &["MISTNET_QUEUE"], "sqlite:./mistnet-queue.db", "Where work waits").flag("--queue");

impl FromStr for QueueUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::read(text, KINDS, |text| match text.split_once(':') {
            Some((scheme, _)) if is_scheme(scheme) => {
                format!("a queue at {scheme}: is not supported by this build")
            }
            Some(_) | None => "this is not the address of a queue".to_owned(),
        })
    }
}

/// More than one letter: `C:` is a drive.
fn is_scheme(text: &str) -> bool {
    text.len() > 1 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

/// Queues that end with this process and that nobody else can use, for whoever works alone.
pub fn of_one_process() -> Arc<dyn QueueConfig> {
    Arc::new(memory::Memory)
}

/// What each kind is good for, for the document of settings.
pub fn meanings() -> String {
    kind::meanings(KINDS, "; ")
}
