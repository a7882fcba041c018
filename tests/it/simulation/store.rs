//! A store whose calls fail, lose their answers, or kill the process.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use futures::stream::BoxStream;
use mistnet::clock::Clock;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

use super::chaos::Mortal;
use crate::support::TimedMemory;

/// A memory store, as one mortal process reaches it.
#[derive(Debug)]
pub struct StormyStore {
    pub place: Place,
    pub mortal: Mortal,
}

/// The place where the store should be. While it is gone, an empty place stands there, which takes
/// whatever is written: a folder whose volume is not mounted.
#[derive(Debug, Clone)]
pub struct Place {
    pub objects: TimedMemory,
    pub empty: TimedMemory,
    pub gone: Arc<AtomicBool>,
}

impl Place {
    pub fn new(clock: &Arc<dyn Clock>) -> Self {
        let memory = || TimedMemory::new(Arc::clone(clock));
        Self { objects: memory(), empty: memory(), gone: Arc::default() }
    }

    fn now(&self) -> &TimedMemory {
        if self.gone.load(Ordering::Relaxed) { &self.empty } else { &self.objects }
    }
}

impl fmt::Display for StormyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stormy store")
    }
}

fn lost() -> Error {
    Error::Generic { store: "stormy", source: "the connection was lost".into() }
}

#[async_trait]
impl ObjectStore for StormyStore {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let put = async { self.place.now().put_opts(location, payload, options).await };
        self.mortal.call(&format!("put {location}"), lost, put).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let put = async { self.place.now().put_multipart_opts(location, options).await };
        self.mortal.call(&format!("upload {location}"), lost, put).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let get = async { self.place.now().get_opts(location, options).await };
        self.mortal.call(&format!("get {location}"), lost, get).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.place.now().delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.place.now().list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let list = async { self.place.now().list_with_delimiter(prefix).await };
        self.mortal.call("list", lost, list).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.place.now().copy_opts(from, to, options).await
    }
}
