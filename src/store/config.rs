//! A configured store: what is known of it before it is open.

use std::fmt::{Debug, Display};

use async_trait::async_trait;

use super::{Store, StoreError};
use crate::check::{Finding, Scope};
use crate::setting::kind;

/// The setting that says where the store is.
pub const KEY: &str = "store";

/// A kind of store, which stands in the folder of its back end.
pub type Kind = kind::Kind<dyn StoreConfig>;

/// The address of a store.
pub type StoreUrl = kind::Address<dyn StoreConfig>;

/// A place for a store with all of its settings, complete and checked. `Display` is its address.
#[async_trait]
pub trait StoreConfig: Debug + Display + Send + Sync {
    /// Opens the store.
    fn open(&self) -> Result<Store, StoreError>;

    /// Whether nothing is there, as far as this machine knows without asking anybody.
    fn is_missing(&self) -> bool {
        false
    }

    /// Where readers elsewhere find the datasets.
    fn location(&self) -> Location;

    /// Where the dataset of a collection is, as people write it.
    fn dataset(&self, id: &str) -> String {
        format!("{self}/{id}")
    }

    /// What is odd about the settings but no reason to stop.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether it can be used, found out without leaving anything behind.
    async fn check(&self, scope: Scope) -> Vec<Finding>;
}

/// Where datasets lie, for readers elsewhere on this machine or beyond.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The whole address.
    pub address: String,
    /// The container in it.
    pub container: String,
    /// The folder in the container; may be empty.
    pub folder: String,
}

impl Location {
    /// A container that has no folders between itself and its datasets.
    pub fn container(address: impl Into<String>) -> Self {
        let address = address.into();
        Self { container: address.clone(), address, folder: String::new() }
    }
}
