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
//! Back ends come from the `object_store` crate. Each is a folder of its own with everything about
//! it: its addresses and settings, how it is opened, what is checked of it.
//! [`back_ends`] lists them; nobody else in the program knows one by name.
//! This room never overwrites, with one exception:
//! the merged file ([`Store::write_large`]), whose bytes follow from files that never change.
//!
//! A store lies in a *container*: a container of a storage account, or a folder. Others of the same
//! kind are reached by [`Store::container`], for datasets in the original's layout.

mod back_end;
pub mod back_ends;
mod checksum;
mod config;
#[cfg(test)]
mod contract;
mod error;
mod half_written;
mod identity;
mod large;
pub mod layout;
mod list;
mod listing;
pub mod log;
pub mod manifest;
mod marks;
mod names;
mod page;
mod pieces;
mod recognise;

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, GetResult, ObjectStore, ObjectStoreExt, PutMode, PutMultipartOptions,
    PutOptions,
};

use back_end::{BackEnd, Container, Plain};
pub use back_ends::folder::FolderConfig;
pub use back_ends::memory::Memory;
pub use back_ends::{KINDS, SETTING, meanings};
pub use checksum::Checksum;
pub use config::{KEY, Kind, Location, StoreConfig, StoreUrl};
pub use error::StoreError;
pub use half_written::OLD;
use identity::Identity;
pub use identity::{OWN, StoreRecord};
pub use large::LargeWrite;
pub use listing::{Collections, Entry, Listing, Unread};
pub use log::Log;
pub(crate) use page::check_version;
pub use page::{PageRecord, decode_page, encode_page};

/// The most bytes of an object that are read as a whole: more than the manifest of a million files
/// has (some 250 bytes each), and what a small machine can hold. Our choice.
const MOST_BYTES: u64 = 256 << 20;

/// A store of immutable objects.
#[derive(Debug, Clone)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    shown: String,
    back_end: Arc<dyn BackEnd>,
    identity: Identity,
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

impl Store {
    /// A store on any back end that keeps bytes; `shown` is what people call it, for example its
    /// URL.
    pub fn new(objects: Arc<dyn ObjectStore>, shown: impl Into<String>) -> Self {
        Self::of(Container { objects, shown: shown.into(), back_end: Arc::new(Plain) })
    }

    /// The store in a container.
    fn of(container: Container) -> Self {
        Self::with_top(Arc::clone(&container.objects), container)
    }

    /// The store in a container whose own record is read from `top`.
    fn with_top(top: Arc<dyn ObjectStore>, container: Container) -> Self {
        let identity = Identity::new(top, container.shown.clone());
        Self::known(identity, container)
    }

    fn known(identity: Identity, container: Container) -> Self {
        let Container { objects, shown, back_end } = container;
        Self { objects, shown, back_end, identity }
    }

    /// Another container beside this store: of the same account, or a folder at the top of this
    /// store. It need not exist.
    pub fn container(&self, name: &str) -> Result<Self, StoreError> {
        let Self { objects, shown, back_end, identity } = self.clone();
        let container = Container { objects, shown, back_end };
        Ok(Self::known(identity, self.back_end.beside(&container, name)?))
    }

    /// What people call this store.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Whether the container that this store lies in exists.
    pub async fn is_there(&self) -> Result<bool, StoreError> {
        if let Some(is_there) = self.back_end.is_there() {
            return Ok(is_there);
        }
        match self.objects.list(None).next().await {
            None | Some(Ok(_)) => Ok(true),
            Some(Err(object_store::Error::NotFound { .. })) => Ok(false),
            Some(Err(source)) => Err(StoreError::from_backend("list", &self.shown, source)),
        }
    }

    /// Whether objects may be written, found out without leaving one: a piece of a large object is
    /// sent, and the object never completed.
    pub async fn try_writing(&self) -> Result<(), StoreError> {
        let key = Path::from(".mistnet-doctor");
        let failed = |source| StoreError::from_backend("write to", &self.shown, source);
        let mut upload = self.objects.put_multipart(&key).await.map_err(failed)?;
        let sent = upload.put_part(Bytes::from_static(b"mistnet doctor").into()).await;
        let ended = upload.abort().await;
        sent.and(ended).map_err(failed)
    }

    /// What is kept beside an object's bytes, where the back end can.
    fn attributes(&self, key: &Path) -> Attributes {
        let mut attributes = Attributes::new();
        if self.back_end.keeps_content_types() {
            attributes.insert(Attribute::ContentType, layout::content_type(key).into());
        }
        attributes
    }

    /// Stores `bytes` under `key` unless something is there; see the module's table.
    pub async fn create(&self, key: &Path, bytes: Bytes) -> Result<Creation, StoreError> {
        self.create_of_pieces(key, &[bytes]).await
    }

    /// The same for an object that lies in pieces, one behind the other.
    pub async fn create_of_pieces(
        &self,
        key: &Path,
        pieces: &[Bytes],
    ) -> Result<Creation, StoreError> {
        self.identity.check().await?;
        let attributes = self.attributes(key);
        let options = PutOptions { mode: PutMode::Create, attributes, ..PutOptions::default() };
        let payload = pieces.iter().cloned().collect();
        match self.objects.put_opts(key, payload, options).await {
            Ok(_) => Ok(Creation::Created),
            // Refused is refused: reading would only hide why.
            Err(
                error @ (object_store::Error::PermissionDenied { .. }
                | object_store::Error::Unauthenticated { .. }),
            ) => Err(StoreError::from_backend("write", key.as_ref(), error)),
            Err(error) => match self.holds(key, pieces).await? {
                Some(true) => Ok(Creation::Same),
                Some(false) => Ok(Creation::Differs),
                None if matches!(error, object_store::Error::AlreadyExists { .. }) => {
                    Err(StoreError::corrupt(key, "something that is no file lies there"))
                }
                None => Err(StoreError::from_backend("write", key.as_ref(), error)),
            },
        }
    }

    /// Whether an object is made of these pieces; `None` if there is none. One of another size is
    /// not read, however large it is.
    async fn holds(&self, key: &Path, pieces: &[Bytes]) -> Result<Option<bool>, StoreError> {
        let expected = pieces.iter().map(|piece| piece.len() as u64).sum::<u64>();
        let Some(found) = self.found(key).await? else { return Ok(None) };
        if found.meta.size != expected {
            return Ok(Some(false));
        }
        let failed = |source| StoreError::from_backend("read", key.as_ref(), source);
        let bytes = found.bytes().await.map_err(failed)?;
        Ok(Some(is_made_of(&bytes, pieces)))
    }

    async fn found(&self, key: &Path) -> Result<Option<GetResult>, StoreError> {
        match self.objects.get(key).await {
            Ok(found) => Ok(Some(found)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(StoreError::from_backend("read", key.as_ref(), source)),
        }
    }

    /// Reads an object of up to [`MOST_BYTES`]; `None` if there is none.
    pub async fn get(&self, key: &Path) -> Result<Option<Bytes>, StoreError> {
        self.get_up_to(key, MOST_BYTES).await
    }

    /// Reads an object of up to `most` bytes; a larger one is an error and is not read.
    pub async fn get_up_to(&self, key: &Path, most: u64) -> Result<Option<Bytes>, StoreError> {
        let Some(found) = self.found(key).await? else { return Ok(None) };
        let bytes = found.meta.size;
        if bytes > most {
            let reason = format!("it has {bytes} bytes, and at most {most} are expected");
            return Err(StoreError::corrupt(key, reason));
        }
        let failed = |source| StoreError::from_backend("read", key.as_ref(), source);
        found.bytes().await.map(Some).map_err(failed)
    }

    /// Whether there is an object.
    pub async fn exists(&self, key: &Path) -> Result<bool, StoreError> {
        Ok(self.size(key).await?.is_some())
    }

    /// The size of an object in bytes; `None` if there is none.
    pub async fn size(&self, key: &Path) -> Result<Option<u64>, StoreError> {
        match self.objects.head(key).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(StoreError::from_backend("look up", key.as_ref(), source)),
        }
    }

    /// Writes an object piece by piece, so that its size does not matter for memory. It appears
    /// whole or not at all.
    ///
    /// This is no commit: it replaces what is there. Only for bytes that follow from immutable
    /// ones.
    pub async fn write_large(&self, key: &Path) -> Result<LargeWrite, StoreError> {
        self.identity.check().await?;
        let failed = |source| StoreError::from_backend("write", key.as_ref(), source);
        let attributes = self.attributes(key);
        let options = PutMultipartOptions { attributes, ..PutMultipartOptions::default() };
        let upload = self.objects.put_multipart_opts(key, options).await.map_err(failed)?;
        Ok(LargeWrite::new(key.clone(), upload, self.back_end.piece_bytes()))
    }

    /// An object piece by piece, for readers who may stop early; `None` if there is none.
    pub async fn pieces(
        &self,
        key: &Path,
    ) -> Result<Option<BoxStream<'static, Result<Bytes, StoreError>>>, StoreError> {
        let shown = key.to_string();
        let failed = move |source| StoreError::from_backend("read", &shown, source);
        match self.objects.get(key).await {
            Ok(found) => Ok(Some(pieces::of(found).map_err(failed).boxed())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(failed(source)),
        }
    }

    /// Some bytes of an object, for readers that jump; fewer if it ends before.
    pub async fn range(&self, key: &Path, range: Range<u64>) -> Result<Bytes, StoreError> {
        let failed = |source| StoreError::from_backend("read", key.as_ref(), source);
        self.objects.get_range(key, range).await.map_err(failed)
    }

    /// Reads an object piece by piece, handing each piece to `each`.
    pub async fn read_large(
        &self,
        key: &Path,
        mut each: impl AsyncFnMut(Bytes) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let failed = |source| StoreError::from_backend("read", key.as_ref(), source);
        let mut pieces = pieces::of(self.objects.get(key).await.map_err(failed)?);
        while let Some(piece) = pieces.try_next().await.map_err(failed)? {
            each(piece).await?;
        }
        Ok(())
    }
}

/// Whether `bytes` are these pieces, one behind the other.
fn is_made_of(bytes: &[u8], pieces: &[Bytes]) -> bool {
    let rest = pieces.iter().try_fold(bytes, |rest, piece| rest.strip_prefix(&piece[..]));
    rest.is_some_and(<[u8]>::is_empty)
}

#[cfg(test)]
mod tests;
