//! The store: one primitive, and the log of a collection on top of it.
//!
//! The primitive is [`Store::create`], put-if-absent: the only conditional write that works alike
//! on Azure Blob Storage, S3, GCS and a local disk. Every commit in mistnet is one `create`; it is
//! atomic, and a file that exists never changes.
//!
//! | what is there already | `create` answers | meaning |
//! |---|---|---|
//! | nothing | [`Creation::Created`] | it is stored, durably |
//! | the same bytes | [`Creation::Same`] | an earlier try succeeded, by us or by another |
//! | other bytes | [`Creation::Differs`] | somebody else was faster: theirs holds |
//!
//! A back end that says "already exists" may mean our own write, repeated below us after a lost
//! answer. So `create` then reads and compares instead of believing.
//!
//! Back ends come from the `object_store` crate. This room never overwrites, with one exception:
//! the merged file ([`Store::write_large`]), whose bytes follow from files that never change.

mod checksum;
mod error;
mod large;
pub mod layout;
pub mod log;
pub mod manifest;
mod page;

use std::sync::Arc;

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};

pub use checksum::Checksum;
pub use error::StoreError;
pub use large::LargeWrite;
pub use log::Log;
pub use page::{PageRecord, decode_page, encode_page};

/// A store of immutable objects.
#[derive(Debug, Clone)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    shown: String,
}

/// What [`Store::create`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    /// Nothing was there; now it is stored.
    Created,
    /// The same bytes were there.
    Same,
    /// Other bytes were there, and still are.
    Differs,
}

/// An object in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The last segment of its key.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was written, by the store's clock.
    pub modified: Timestamp,
}

impl Store {
    /// A store on any back end; `shown` is what people call it, for example its URL.
    pub fn new(objects: Arc<dyn ObjectStore>, shown: impl Into<String>) -> Self {
        Self { objects, shown: shown.into() }
    }

    /// A store that lives as long as the process, for tests.
    pub fn memory() -> Self {
        Self::new(Arc::new(object_store::memory::InMemory::new()), "memory:")
    }

    /// A folder, which is made if it is missing. Everything written is flushed to the disk before
    /// a call returns.
    pub fn folder(path: &std::path::Path) -> Result<Self, StoreError> {
        let unusable = |source| StoreError::folder(path, source);
        std::fs::create_dir_all(path).map_err(unusable)?;
        let shown = path.display().to_string();
        let files = object_store::local::LocalFileSystem::new_with_prefix(path)
            .map_err(|source| StoreError::from_backend("open", &shown, source))?
            .with_fsync(true);
        Ok(Self::new(Arc::new(files), shown))
    }

    /// What people call this store.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Stores `bytes` under `key` unless something is there; see the module's table.
    pub async fn create(&self, key: &Path, bytes: Bytes) -> Result<Creation, StoreError> {
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.objects.put_opts(key, bytes.clone().into(), options).await {
            Ok(_) => Ok(Creation::Created),
            Err(error) => match self.get(key).await? {
                Some(there) if there == bytes => Ok(Creation::Same),
                Some(_) => Ok(Creation::Differs),
                None => Err(StoreError::from_backend("write", key.as_ref(), error)),
            },
        }
    }

    /// Reads an object; `None` if there is none.
    pub async fn get(&self, key: &Path) -> Result<Option<Bytes>, StoreError> {
        let failed = |source| StoreError::from_backend("read", key.as_ref(), source);
        match self.objects.get(key).await {
            Ok(found) => found.bytes().await.map(Some).map_err(failed),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(failed(source)),
        }
    }

    /// Whether there is an object.
    pub async fn exists(&self, key: &Path) -> Result<bool, StoreError> {
        match self.objects.head(key).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(source) => Err(StoreError::from_backend("look up", key.as_ref(), source)),
        }
    }

    /// The objects directly below `folder`, by name.
    pub async fn list(&self, folder: &Path) -> Result<Vec<Entry>, StoreError> {
        let failed = |source| StoreError::from_backend("list", folder.as_ref(), source);
        let listing = self.objects.list_with_delimiter(Some(folder)).await;
        let mut entries: Vec<Entry> = match listing {
            Ok(found) => found.objects.iter().filter_map(entry).collect(),
            Err(object_store::Error::NotFound { .. }) => Vec::new(),
            Err(source) => return Err(failed(source)),
        };
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// The names of the folders at the top of the store, sorted.
    pub async fn folders(&self) -> Result<Vec<String>, StoreError> {
        let listing = self.objects.list_with_delimiter(None).await;
        let failed = |source| StoreError::from_backend("list", &self.shown, source);
        let found = listing.map_err(failed)?.common_prefixes;
        Ok(found.iter().filter_map(|path| path.filename().map(str::to_owned)).collect())
    }

    /// Writes an object piece by piece, so that its size does not matter for memory. It appears
    /// whole or not at all.
    ///
    /// This is no commit: it replaces what is there. Only for bytes that follow from immutable
    /// ones.
    pub async fn write_large(&self, key: &Path) -> Result<LargeWrite, StoreError> {
        let failed = |source| StoreError::from_backend("write", key.as_ref(), source);
        let upload = self.objects.put_multipart(key).await.map_err(failed)?;
        Ok(LargeWrite::new(key.clone(), upload))
    }

    /// An object piece by piece, for readers who may stop early; `None` if there is none.
    pub async fn pieces(
        &self,
        key: &Path,
    ) -> Result<Option<BoxStream<'static, Result<Bytes, StoreError>>>, StoreError> {
        let shown = key.to_string();
        let failed = move |source| StoreError::from_backend("read", &shown, source);
        match self.objects.get(key).await {
            Ok(found) => Ok(Some(found.into_stream().map_err(failed).boxed())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(failed(source)),
        }
    }

    /// Reads an object piece by piece, handing each piece to `each`.
    pub async fn read_large(
        &self,
        key: &Path,
        mut each: impl AsyncFnMut(Bytes) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let failed = |source| StoreError::from_backend("read", key.as_ref(), source);
        let mut pieces = self.objects.get(key).await.map_err(failed)?.into_stream();
        while let Some(piece) = pieces.try_next().await.map_err(failed)? {
            each(piece).await?;
        }
        Ok(())
    }
}

fn entry(meta: &object_store::ObjectMeta) -> Option<Entry> {
    let modified = Timestamp::from_millisecond(meta.last_modified.timestamp_millis()).ok()?;
    let name = meta.location.filename()?.to_owned();
    Some(Entry { name, bytes: meta.size, modified })
}

#[cfg(test)]
mod tests;
