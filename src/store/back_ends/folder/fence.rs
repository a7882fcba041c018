//! Files of a folder, but no link that leads out of its dataset.
//!
//! A folder at the top of a store may be shared with others, or be unpacked from an archive, and
//! `tweets.csv` in it may then be a link to any file that this process can read. So before a file
//! is read, its path is resolved and must still lie below the folder at the top that its key
//! names. Links within that folder are followed, and so is a link that is the store's own folder,
//! or a folder at its top: both are put there by whoever runs the store.
//!
//! Only reading is fenced: a link that is there already makes a `create` fail by itself. A link
//! that is exchanged between the check and the reading is not noticed. Hard links are files.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

use super::files::Folder;
use crate::store::error::LeadsOut;

/// The files of a folder.
#[derive(Debug)]
pub(super) struct Fence(Arc<Folder>);

impl Fence {
    /// These files, without links that lead out.
    pub(super) fn new(files: Arc<Folder>) -> Self {
        Self(files)
    }

    /// Refuses a key whose file lies elsewhere. What can't be resolved is left to the reading,
    /// which says why.
    async fn check(&self, key: &Path) -> Result<()> {
        let file = self.0.path(key)?;
        let top = self.0.path(&key.parts().take(1).collect())?;
        let resolve = move || Some((top.canonicalize().ok()?, file.canonicalize().ok()?));
        let resolved = tokio::task::spawn_blocking(resolve).await?;
        match resolved {
            Some((top, file)) if !file.starts_with(&top) => {
                Err(Error::Generic { store: "folder", source: Box::new(LeadsOut) })
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[async_trait]
impl ObjectStore for Fence {
    async fn get_opts(&self, key: &Path, options: GetOptions) -> Result<GetResult> {
        self.check(key).await?;
        self.0.get_opts(key, options).await
    }

    async fn get_ranges(&self, key: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.check(key).await?;
        self.0.get_ranges(key, ranges).await
    }

    async fn put_opts(
        &self,
        key: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        self.0.put_opts(key, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        key: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.0.put_multipart_opts(key, options).await
    }

    fn delete_stream(
        &self,
        keys: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.0.delete_stream(keys)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.0.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.0.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.check(from).await?;
        self.0.copy_opts(from, to, options).await
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::store::{Store, StoreError};

    struct Rig {
        folder: tempfile::TempDir,
        store: Store,
    }

    /// A store beside a secret, with a dataset that has a file.
    fn rig() -> Rig {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("store/set/parts")).unwrap();
        std::fs::create_dir_all(folder.path().join("elsewhere")).unwrap();
        std::fs::write(folder.path().join("elsewhere/secret"), "canary").unwrap();
        std::fs::write(folder.path().join("store/set/parts/one.csv"), "id").unwrap();
        let store = Store::folder(&folder.path().join("store")).unwrap();
        Rig { folder, store }
    }

    impl Rig {
        fn link(&self, target: &str, at: &str) {
            symlink(self.folder.path().join(target), self.folder.path().join(at)).unwrap();
        }

        async fn every_reading(&self, key: &str) -> Vec<StoreError> {
            let (key, store) = (Path::from(key), &self.store);
            let mut errors = Vec::new();
            errors.extend(store.get(&key).await.err());
            errors.extend(store.exists(&key).await.err());
            errors.extend(store.pieces(&key).await.err());
            errors.extend(store.range(&key, 0..2).await.err());
            errors.extend(store.read_large(&key, async |_| Ok(())).await.err());
            errors.extend(store.create(&key, Bytes::from_static(b"x")).await.err());
            errors
        }
    }

    #[tokio::test]
    async fn links_that_lead_out_of_a_dataset_are_named_and_not_read() {
        let rig = rig();
        std::fs::create_dir_all(rig.folder.path().join("store/other")).unwrap();
        std::fs::write(rig.folder.path().join("store/other/secret"), "canary").unwrap();
        rig.link("elsewhere/secret", "store/set/tweets.csv");
        symlink("../../elsewhere/secret", rig.folder.path().join("store/set/relative")).unwrap();
        symlink("tweets.csv", rig.folder.path().join("store/set/chain")).unwrap();
        rig.link("elsewhere", "store/set/behind");
        rig.link("store/other/secret", "store/set/of-another");
        rig.link("store", "store/set/up");
        for key in
            ["tweets.csv", "relative", "chain", "behind/secret", "of-another", "up/other/secret"]
        {
            let key = format!("set/{key}");
            let errors = rig.every_reading(&key).await;
            assert_eq!(errors.len(), 6, "{key}: {errors:?}");
            for error in errors {
                let text = error.to_string();
                assert!(text.contains(&key) && text.contains("leads out"), "{text}");
                assert!(!text.contains("elsewhere") && !error.is_passing(), "{text}");
            }
        }
    }

    #[tokio::test]
    async fn links_within_a_dataset_and_of_whole_folders_work() {
        let rig = rig();
        symlink("parts/one.csv", rig.folder.path().join("store/set/tweets.csv")).unwrap();
        rig.link("store", "linked-store");
        std::fs::rename(
            rig.folder.path().join("store/set"),
            rig.folder.path().join("elsewhere/set"),
        )
        .unwrap();
        rig.link("elsewhere/set", "store/set");
        let linked = Store::folder(&rig.folder.path().join("linked-store")).unwrap();
        for store in [&rig.store, &linked] {
            for key in ["set/parts/one.csv", "set/tweets.csv"] {
                let found = store.get(&Path::from(key)).await.unwrap();
                assert_eq!(found.as_deref(), Some(b"id".as_slice()), "{key}");
            }
            assert_eq!(store.get(&Path::from("set/missing")).await.unwrap(), None);
            assert_eq!(store.get(&Path::from("missing")).await.unwrap(), None);
        }
    }
}
