//! The kinds of queues that there are. A new one is a line here and a folder beside it.

use std::str::FromStr;

use super::config::{KEY, Kind, QueueUrl};
use super::{memory, service_bus, sqlite};
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

/// What each kind is good for, for the document of settings.
pub fn meanings() -> String {
    kind::meanings(KINDS, "; ")
}
