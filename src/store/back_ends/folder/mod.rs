//! A store in a folder on a disk.
//!
//! | file | what it does |
//! |---|---|
//! | `files` | reads and lists, whatever a person or another program left behind |
//! | `fence` | follows no link that leads out of a dataset |
//!
//! Everything that is written is flushed to the disk before a call returns. Other containers are
//! folders at its top.

mod fence;
mod files;

use std::fmt;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use object_store::path::Path;
use url::Url;

use self::fence::Fence;
use self::files::Folder;
use crate::check::{Finding, Scope, disk};
use crate::setting::Invalid;
#[cfg(test)]
use crate::setting::kind::Sample;
use crate::setting::kind::{self, Offer};
use crate::store::back_end::{BackEnd, Container};
use crate::store::config::{Kind, Location, StoreConfig};
use crate::store::listing::Listing;
use crate::store::{Store, StoreError};

/// This kind of store.
pub static KIND: Kind = Kind {
    name: "folder",
    built_on: None,
    claims: |text| {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme);
        !text.is_empty() && scheme.is_none_or(|scheme| scheme == "file")
    },
    offer: Some(Offer {
        forms: "a folder: ./data, /srv/mistnet or file:///srv/mistnet",
        meaning: "a folder (`./data`, `/srv/mistnet`, `file:///srv/mistnet`; a relative path counts \
            from the current directory)",
    }),
    settings: &[],
    back_end: Some(kind::BackEnd {
        read: |text| Ok(path_of(text)?.display().to_string()),
        configure: |address, _| Ok(Arc::new(FolderConfig::new(address))),
    }),
    #[cfg(test)]
    samples: &[
        Sample { address: "./data", given: &[], others: &[] },
        Sample { address: "/srv/mistnet", given: &[], others: &[] },
    ],
};

/// A folder, which need not be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderConfig {
    path: PathBuf,
}

impl FolderConfig {
    /// The folder at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

fn path_of(text: &str) -> Result<PathBuf, Invalid> {
    if !text.contains("://") {
        return Ok(text.into());
    }
    let path = Url::parse(text).ok().and_then(|url| url.to_file_path().ok());
    path.ok_or_else(|| {
        Invalid::new(
            "a file:// address names this machine and an absolute path",
            "use three slashes: file:///srv/mistnet",
        )
    })
}

impl fmt::Display for FolderConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)
    }
}

#[async_trait]
impl StoreConfig for FolderConfig {
    fn open(&self) -> Result<Store, StoreError> {
        Store::folder(&self.path)
    }

    fn is_missing(&self) -> bool {
        !self.path.is_dir()
    }

    fn location(&self) -> Location {
        let path = std::path::absolute(&self.path).unwrap_or_else(|_| self.path.clone());
        Location::container(path.display().to_string().trim_end_matches('/'))
    }

    fn dataset(&self, id: &str) -> String {
        self.path.join(id).display().to_string()
    }

    async fn check(&self, _: Scope) -> Vec<Finding> {
        [Some(takes_files(&self.path)), disk::room(&self.path)].into_iter().flatten().collect()
    }
}

/// Whether the folder takes files.
fn takes_files(path: &FilePath) -> Finding {
    let folder = disk::existing_ancestor(path);
    let note = if path.is_dir() { "can be written" } else { "is made by the first collection" };
    match disk::try_writing(folder) {
        Ok(()) => Finding::ok("store", format!("{} {note}", path.display())),
        Err(error) => Finding::wrong(
            "store",
            format!("{} can't be written: {error}", folder.display()),
            "check its owner and rights, or name another folder with --store",
        ),
    }
}

impl Store {
    /// A folder, which is made if it is missing. Everything written is flushed to the disk before
    /// a call returns.
    pub fn folder(path: &FilePath) -> Result<Self, StoreError> {
        let unusable = |source| StoreError::folder(path, source);
        std::fs::create_dir_all(path).map_err(unusable)?;
        let shown = path.display().to_string();
        let files =
            Folder::new(path).map_err(|source| StoreError::from_backend("open", &shown, source))?;
        let files = Arc::new(files);
        let objects = Arc::new(Fence::new(Arc::clone(&files)));
        let back_end = Arc::new(Files { files: Arc::clone(&files), below: Path::default() });
        // The store's own record is at its top, where nothing is fenced.
        Ok(Self::with_top(files, Container { objects, shown, back_end }))
    }
}

/// Files on a disk, where `below` is the container's folder.
#[derive(Debug)]
struct Files {
    files: Arc<Folder>,
    below: Path,
}

impl Files {
    fn whole(&self, folder: &Path) -> Path {
        folder.parts().fold(self.below.clone(), Path::join)
    }
}

#[async_trait]
impl BackEnd for Files {
    fn beside(&self, container: &Container, name: &str) -> Result<Container, StoreError> {
        let (files, below) = (Arc::clone(&self.files), self.below.clone().join(name));
        Ok(container.folder(name, Arc::new(Self { files, below })))
    }

    fn is_there(&self) -> Option<bool> {
        Some(self.files.is_there())
    }

    async fn listing(&self, folder: &Path) -> Option<Result<Listing, StoreError>> {
        Some(self.files.listing(&self.whole(folder)).await)
    }

    fn on_disk(&self, folder: &Path) -> Option<object_store::Result<PathBuf>> {
        Some(self.files.path(&self.whole(folder)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Verdict;
    use crate::store::StoreUrl;

    #[test]
    fn folders_are_paths_or_file_addresses() {
        for (text, path) in [
            ("./data", "./data"),
            ("/srv/mistnet", "/srv/mistnet"),
            ("file:///srv/mist%20net", "/srv/mist net"),
            ("2026:summer", "2026:summer"),
        ] {
            assert_eq!(text.parse::<StoreUrl>().unwrap().to_string(), path, "{text}");
        }
        assert!("file://elsewhere/x".parse::<StoreUrl>().is_err());
    }

    #[tokio::test]
    async fn looking_at_a_store_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), folder.path().join("data")] {
            let found = FolderConfig::new(path).check(Scope::Offline).await;
            assert_eq!(found[0].verdict, Verdict::Ok);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
