//! A store in the memory of one process, for tests.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::check::{Finding, Scope};
use crate::setting::kind::BackEnd;
#[cfg(test)]
use crate::setting::kind::Sample;
use crate::store::config::{Kind, Location, StoreConfig};
use crate::store::{Store, StoreError};

/// Its address.
const ADDRESS: &str = "memory:";

/// This kind of store.
pub static KIND: Kind = Kind {
    name: "memory",
    built_on: None,
    claims: |text| text == ADDRESS,
    offer: None,
    settings: &[],
    back_end: Some(BackEnd {
        read: |text| Ok(text.to_owned()),
        configure: |_, _| Ok(Arc::new(Memory)),
    }),
    #[cfg(test)]
    samples: &[Sample { address: ADDRESS, given: &[], others: &[] }],
};

/// A store in memory; each one that is opened is another.
#[derive(Debug, Clone, Copy)]
pub struct Memory;

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ADDRESS)
    }
}

#[async_trait]
impl StoreConfig for Memory {
    fn open(&self) -> Result<Store, StoreError> {
        Ok(Store::memory())
    }

    fn location(&self) -> Location {
        Location::container(ADDRESS)
    }

    async fn check(&self, _: Scope) -> Vec<Finding> {
        let hint = "name a folder with --store";
        vec![Finding::warning("store", "it lives as long as one process", hint)]
    }
}

impl Store {
    /// A store that lives as long as the process, for tests.
    pub fn memory() -> Self {
        Self::new(Arc::new(object_store::memory::InMemory::new()), ADDRESS)
    }
}
