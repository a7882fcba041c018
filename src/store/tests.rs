//! The contract on every back end; and the primitive and the log where back ends do not matter.

use std::io::Read;
use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    PutMultipartOptions, PutPayload, PutResult,
};

use super::*;
use crate::model::record::tests::{created, page};
use crate::model::record::{Control, ControlAction, Created, VERSION};

mod memory {
    use super::Store;

    crate::store::contract::contract!((Store::memory(), ()));
}

mod folder {
    use super::Store;

    fn new() -> (Store, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (Store::folder(folder.path()).unwrap(), folder)
    }

    crate::store::contract::contract!(new());
}

#[cfg(target_os = "linux")]
mod messy;

#[cfg(feature = "azure")]
mod azurite {
    use crate::store::back_ends::azure::azurite;

    crate::store::contract::contract!(
        [#[ignore = "needs Azurite: scripts/test azurite"]]
        (azurite::store(), ())
    );
}

#[tokio::test]
async fn a_page_under_the_wrong_name_is_not_believed() {
    let store = Store::memory();
    let log = Log::new(&store, created().id);
    let bytes = encode_page(&page(3), b"{}").unwrap();
    store.create(&log.layout().page(4), bytes).await.unwrap();
    let error = log.page(4).await.unwrap_err().to_string();
    assert!(error.contains("it says that it is page 3"), "{error}");
}

#[test]
fn a_bomb_is_refused_with_bounded_memory() {
    let zeros = zstd::encode_all(std::io::repeat(0).take(200 << 20), 1).unwrap();
    assert!(zeros.len() < 100_000);
    let error = decode_page("k", &zeros).unwrap_err().to_string();
    assert!(error.contains("more than 67108864 bytes"), "{error}");
}

#[tokio::test]
async fn the_history_counts_names_and_reads_only_the_newest() {
    let store = Store::memory();
    let log = Log::new(&store, created().id);
    assert_eq!(log.history().await.unwrap(), None);
    log.create(&created()).await.unwrap();
    for number in 0..3 {
        log.create_page(&page(number), b"{}").await.unwrap();
    }
    let at = created().created_at;
    let pause = Control { version: VERSION, action: ControlAction::Pause, at, turns: 0 };
    log.control(0, &pause).await.unwrap();
    log.control(0, &Control { action: ControlAction::Resume, ..pause }).await.unwrap();
    let history = log.history().await.unwrap().unwrap();
    assert_eq!((history.pages, history.last_page), (3, Some(page(2))));
    let actions: Vec<_> = history.controls.iter().map(|control| control.action).collect();
    assert_eq!(actions, [ControlAction::Pause, ControlAction::Resume]);
}

#[tokio::test]
async fn foreign_and_newer_records_are_named() {
    let store = Store::memory();
    let log = Log::new(&store, created().id);
    log.create(&created()).await.unwrap();
    let foreign = log.layout().below("_log/notes.txt");
    store.create(&foreign, Bytes::from_static(b"hello")).await.unwrap();
    assert!(log.history().await.unwrap().is_some());
    assert_eq!(log.foreign().await.unwrap()[0].name, "notes.txt");

    let unknown = log.layout().below("_log/lost-000001.json");
    store.create(&unknown, Bytes::from_static(b"hello")).await.unwrap();
    let error = log.history().await.unwrap_err();
    assert!(error.is_newer() && error.to_string().contains("_log/lost-000001.json"), "{error}");

    let newer = Bytes::from_static(br#"{"version": 7, "what": "ever"}"#);
    store.create(&log.layout().sealed(), newer).await.unwrap();
    let error = log.sealed().await.unwrap_err().to_string();
    assert!(error.contains("version 7"), "{error}");
}

#[tokio::test]
async fn records_that_are_missed_while_others_are_written_are_no_gap() {
    let store = Store::memory();
    let log = Log::new(&store, created().id);
    log.create(&created()).await.unwrap();
    for number in [0, 1, 3] {
        log.create_page(&page(number), b"{}").await.unwrap();
    }
    let error = log.history().await.unwrap_err().to_string();
    assert!(error.contains("page-000003.json.zst is damaged"), "{error}");
    assert!(error.contains("page-000002.json.zst is missing before it"), "{error}");
    log.create_page(&page(2), b"{}").await.unwrap();
    assert_eq!(log.history().await.unwrap().unwrap().pages, 4);
}

/// Carries out every write, then says that the answer was lost or that something was there.
#[derive(Debug)]
struct Liar {
    inner: InMemory,
    lie: fn(&Path) -> object_store::Error,
}

impl std::fmt::Display for Liar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("liar")
    }
}

#[async_trait]
impl ObjectStore for Liar {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> object_store::Result<PutResult> {
        let _ = self.inner.put_opts(location, payload, options).await;
        Err((self.lie)(location))
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> object_store::Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, options).await
    }

    async fn get_opts(
        &self,
        location: &Path,
        options: GetOptions,
    ) -> object_store::Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, object_store::Result<Path>>,
    ) -> BoxStream<'static, object_store::Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> object_store::Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(
        &self,
        from: &Path,
        to: &Path,
        options: CopyOptions,
    ) -> object_store::Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

fn timed_out(_: &Path) -> object_store::Error {
    object_store::Error::Generic { store: "liar", source: "timed out".into() }
}

fn already_exists(path: &Path) -> object_store::Error {
    object_store::Error::AlreadyExists { path: path.to_string(), source: "409".into() }
}

#[tokio::test]
async fn our_own_write_is_recognised_when_its_answer_was_lost() {
    for lie in [timed_out as fn(&Path) -> _, already_exists] {
        let store = Store::new(Arc::new(Liar { inner: InMemory::new(), lie }), "liar");
        let key = Path::from("k");
        let creation = store.create(&key, Bytes::from_static(b"one")).await.unwrap();
        assert_eq!(creation, Creation::Same);
        let creation = store.create(&key, Bytes::from_static(b"two")).await.unwrap();
        assert_eq!(creation, Creation::Differs);
    }
}

#[test]
fn a_folder_that_can_not_be_used_says_why() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = Store::folder(file.path()).unwrap_err().to_string();
    assert!(error.contains(file.path().to_str().unwrap()), "{error}");
}
