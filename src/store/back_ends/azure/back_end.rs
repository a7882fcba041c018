//! A container of a storage account as a store.

use std::sync::Arc;

use object_store::ObjectStore;
use object_store::prefix::PrefixStore;

use super::account::Account;
use super::connection::Connection;
use crate::store::back_end::{BackEnd, Container};
use crate::store::{Store, StoreError};

/// The size of the pieces of a large object. A call goes over the network, and an object has at
/// most 50,000 blocks ("Put Block List", Microsoft Learn, read 2026-11-23): 250 GB.
const PIECE_BYTES: usize = 5 * 1024 * 1024;

impl Store {
    /// A container of a storage account, or what begins with `prefix` in it. Nothing is asked yet;
    /// a container that is missing is made by the first [`Store::create`].
    pub fn azure(account: &Account, container: &str, prefix: &str) -> Result<Self, StoreError> {
        let connection = Connection::new(account).map_err(|source| {
            StoreError::from_backend("connect to account", &account.name, source)
        })?;
        Ok(Self::of(Azure(connection).container(container, prefix)?))
    }
}

/// An account: keeps content types, and other containers are its own.
#[derive(Debug, Clone)]
struct Azure(Connection);

impl Azure {
    fn container(&self, name: &str, prefix: &str) -> Result<Container, StoreError> {
        let shown = format!("az://{name}/{prefix}").trim_end_matches('/').to_owned();
        let objects = self
            .0
            .container(name)
            .map_err(|source| StoreError::from_backend("open", &shown, source))?;
        let objects: Arc<dyn ObjectStore> = match prefix {
            "" => Arc::new(objects),
            prefix => Arc::new(PrefixStore::new(objects, prefix)),
        };
        Ok(Container { objects, shown, back_end: Arc::new(self.clone()) })
    }
}

impl BackEnd for Azure {
    fn beside(&self, _: &Container, name: &str) -> Result<Container, StoreError> {
        self.container(name, "")
    }

    fn keeps_content_types(&self) -> bool {
        true
    }

    fn piece_bytes(&self) -> usize {
        PIECE_BYTES
    }
}
