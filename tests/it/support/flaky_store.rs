//! A store in memory that can be full, or away.

use std::fmt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::stream::{BoxStream, StreamExt};
use mistnet::clock::Clock;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

use super::TimedMemory;

/// What does not work at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outage {
    /// Everything works.
    None,
    /// The disk is full: nothing can be written.
    Full,
    /// Nothing can be written whose key contains this.
    FullFor(&'static str),
    /// Nothing works at all.
    Away,
}

#[derive(Debug)]
pub struct FlakyStore {
    /// What is stored, reached by the back door.
    pub inner: TimedMemory,
    outage: Mutex<Outage>,
}

impl FlakyStore {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { inner: TimedMemory::new(clock), outage: Mutex::new(Outage::None) }
    }

    pub fn set(&self, outage: Outage) {
        *self.outage.lock().unwrap() = outage;
    }

    fn reach(&self) -> Result<()> {
        match *self.outage.lock().unwrap() {
            Outage::Away => Err(failed("no route to host")),
            Outage::None | Outage::Full | Outage::FullFor(_) => Ok(()),
        }
    }

    fn write(&self, key: &Path) -> Result<()> {
        self.reach()?;
        let full = match *self.outage.lock().unwrap() {
            Outage::None | Outage::Away => false,
            Outage::Full => true,
            Outage::FullFor(what) => key.as_ref().contains(what),
        };
        if full { Err(failed("no space left on device")) } else { Ok(()) }
    }
}

impl fmt::Display for FlakyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("flaky store")
    }
}

fn failed(why: &'static str) -> Error {
    Error::Generic { store: "flaky", source: why.into() }
}

#[async_trait]
impl ObjectStore for FlakyStore {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        self.write(location)?;
        self.inner.put_opts(location, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.write(location)?;
        self.inner.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.reach()?;
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        match self.reach() {
            Ok(()) => self.inner.list(prefix),
            Err(error) => futures::stream::once(async { Err(error) }).boxed(),
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.reach()?;
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.write(to)?;
        self.inner.copy_opts(from, to, options).await
    }
}
