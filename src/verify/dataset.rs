//! A dataset as it lies in a store, and what is wrong with it.

use object_store::path::Path;
use serde::Serialize;

use crate::model::record::StoredFile;
use crate::store::{Store, StoreError};

/// Files of a dataset, wherever they lie.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// The store in which it lies.
    pub store: Store,
    /// The folder in it, empty if the store is the dataset's own folder.
    pub root: Path,
    /// Whether the store is the one in which the collection was made, so that containers beside it
    /// can be found.
    pub at_home: bool,
    /// What people call it.
    pub shown: String,
}

impl Dataset {
    /// The place of a file, by its path in the manifest.
    pub(super) fn key(&self, path: &str) -> Path {
        path.split('/').fold(self.root.clone(), Path::join)
    }

    /// The place of a file; `None` for one in another container, out of a copy's sight.
    pub(super) fn place(&self, file: &StoredFile) -> Result<Option<(Store, Path)>, StoreError> {
        match &file.container {
            None => Ok(Some((self.store.clone(), self.key(&file.path)))),
            Some(_) if !self.at_home => Ok(None),
            Some(name) => Ok(Some((self.store.container(name)?, Path::from(file.path.as_str())))),
        }
    }

    /// The place of something that a layout names; a copy may have another folder name.
    pub(super) fn moved(&self, path: &Path) -> Path {
        path.parts().skip(1).fold(self.root.clone(), Path::join)
    }
}

/// Something that is wrong with a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file, by its path in the dataset.
    pub file: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Problem {
    pub(super) fn new(file: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { file: file.into(), reason: reason.into() }
    }
}
