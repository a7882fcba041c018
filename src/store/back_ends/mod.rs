//! The back ends. A new one is a folder here and two lines below: its module and its kind.

pub mod azure;
pub mod folder;
pub mod memory;

use std::str::FromStr;

use super::config::{KEY, Kind, StoreUrl};
use crate::setting::{Invalid, Setting, kind, row};

/// Every kind, in the order in which people are told of them. The first that claims an address has
/// it.
pub static KINDS: &[&Kind] = &[&memory::KIND, &folder::KIND, &azure::KIND];

/// The row that says where the store is.
pub const SETTING: Setting =
    row(KEY, &["MISTNET_STORE"], "./data", "Where datasets and logs lie").flag("--store");

impl FromStr for StoreUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::read(text, KINDS, |text| match text.split_once("://") {
            Some((scheme, _)) => format!("a store at {scheme}:// is not supported by this build"),
            None => "a store has an address".to_owned(),
        })
    }
}

/// What each kind is good for, for the document of settings.
pub fn meanings() -> String {
    kind::meanings(KINDS, ", ")
}
