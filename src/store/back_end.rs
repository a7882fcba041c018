//! What back ends of the store do differently.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use object_store::ObjectStore;
use object_store::path::Path;
use object_store::prefix::PrefixStore;

use super::error::StoreError;
use super::listing::Listing;

/// A container, and how its back end treats it.
#[derive(Debug, Clone)]
pub(super) struct Container {
    /// What lies in it.
    pub(super) objects: Arc<dyn ObjectStore>,
    /// What people call it.
    pub(super) shown: String,
    /// What is different there.
    pub(super) back_end: Arc<dyn BackEnd>,
}

impl Container {
    /// A folder at the top of this one.
    pub(super) fn folder(&self, name: &str, back_end: Arc<dyn BackEnd>) -> Self {
        let objects = Arc::new(PrefixStore::new(Arc::clone(&self.objects), name));
        Self { objects, shown: format!("{}/{name}", self.shown), back_end }
    }
}

/// What a back end does differently.
#[async_trait]
pub(super) trait BackEnd: fmt::Debug + Send + Sync {
    /// Another container beside `container`, which need not exist.
    fn beside(&self, container: &Container, name: &str) -> Result<Container, StoreError>;

    /// Whether content types are kept.
    fn keeps_content_types(&self) -> bool {
        false
    }

    /// The size of the pieces of a large object. A call to a disk or to memory costs little, and
    /// what was just filled is still in the cache.
    fn piece_bytes(&self) -> usize {
        512 * 1024
    }

    /// Whether the container exists; `None`: a listing says it.
    fn is_there(&self) -> Option<bool> {
        None
    }

    /// What lies directly below a folder; `None`: as `object_store` lists it.
    async fn listing(&self, _folder: &Path) -> Option<Result<Listing, StoreError>> {
        None
    }

    /// Where a folder lies on a disk of this machine; `None`: elsewhere.
    fn on_disk(&self, _folder: &Path) -> Option<object_store::Result<PathBuf>> {
        None
    }
}

/// Keeps bytes only. Other containers are folders at its top.
#[derive(Debug)]
pub(super) struct Plain;

impl BackEnd for Plain {
    fn beside(&self, container: &Container, name: &str) -> Result<Container, StoreError> {
        Ok(container.folder(name, Arc::new(Self)))
    }
}
