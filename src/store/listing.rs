//! What lies in a folder of a store, with what can't be read there.
//!
//! Promises that one bad entry hides no other: whatever can't be an object of ours (a name that is
//! not UTF-8, a FIFO, a symbolic link that leads nowhere) is in [`Listing::unread`] with the reason,
//! and everything else is listed. Deliberately does not say what a name means: that is
//! [`super::layout`]'s.

use std::fmt;

use object_store::path::Path;

use super::{BackEnd, Entry, Store, StoreError, entry};
use crate::model::CollectionId;

/// What lies directly below a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Objects, sorted by name.
    pub entries: Vec<Entry>,
    /// Names of folders, sorted.
    pub folders: Vec<String>,
    /// What is there and can't be read, sorted by name.
    pub unread: Vec<Unread>,
}

/// Something in a store that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Unread {
    /// Its name, with what can't be printed escaped.
    pub name: String,
    /// Why it can't be read.
    pub reason: String,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.reason)
    }
}

/// The collections of a store, by the names of their folders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Collections {
    /// Their ids, sorted, which begin with the day. A folder without a log may be among them.
    pub ids: Vec<CollectionId>,
    /// What has the name of a collection and is no folder that can be read.
    pub damaged: Vec<(CollectionId, String)>,
    /// What can't be read and has no name of ours.
    pub unread: Vec<Unread>,
}

impl Listing {
    pub(super) fn sort(&mut self) {
        self.entries.sort_by(|a, b| a.name.cmp(&b.name));
        self.folders.sort();
        self.unread.sort();
    }
}

impl Store {
    /// What lies directly below `folder`, the top being the empty path. A folder that is not there
    /// is empty.
    pub async fn listing(&self, folder: &Path) -> Result<Listing, StoreError> {
        if let BackEnd::Folder { files, below } = &self.back_end {
            let whole = folder.parts().fold(below.clone(), Path::join);
            return files.listing(&whole).await;
        }
        let shown = if folder.is_root() { &*self.shown } else { folder.as_ref() };
        let prefix = (!folder.is_root()).then_some(folder);
        let mut listing = match self.objects.list_with_delimiter(prefix).await {
            Ok(found) => Listing {
                entries: found.objects.iter().filter_map(entry).collect(),
                folders: found.common_prefixes.iter().filter_map(last_part).collect(),
                unread: Vec::new(),
            },
            // Nobody has made the container yet.
            Err(object_store::Error::NotFound { .. }) => Listing::default(),
            Err(source) => return Err(StoreError::from_backend("list", shown, source)),
        };
        listing.sort();
        Ok(listing)
    }

    /// The objects directly below `folder`, by name.
    pub async fn list(&self, folder: &Path) -> Result<Vec<Entry>, StoreError> {
        Ok(self.listing(folder).await?.entries)
    }

    /// The names of the folders at the top of the store, sorted.
    pub async fn folders(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.listing(&Path::default()).await?.folders)
    }

    /// The collections of the store. What can't be one is named and hides no other.
    pub async fn collections(&self) -> Result<Collections, StoreError> {
        let Listing { entries, folders, unread } = self.listing(&Path::default()).await?;
        let mut found = Collections {
            ids: folders.iter().filter_map(|name| name.parse().ok()).collect(),
            ..Collections::default()
        };
        let files = entries.into_iter().filter_map(|entry| entry.name.parse().ok());
        let file = |id| (id, "a file lies where the folder of a collection should be".to_owned());
        found.damaged.extend(files.map(file));
        for unread in unread {
            match unread.name.parse() {
                Ok(id) => found.damaged.push((id, unread.reason)),
                Err(_) => found.unread.push(unread),
            }
        }
        Ok(found)
    }
}

fn last_part(path: &Path) -> Option<String> {
    path.filename().map(str::to_owned)
}
