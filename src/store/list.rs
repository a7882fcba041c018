//! Listing a store: one folder of it, or its collections.

use object_store::path::Path;

use super::listing::{Collections, Entry, Listing};
use super::{Store, StoreError};

impl Store {
    /// What lies directly below `folder`, the top being the empty path. A folder that is not there
    /// is empty.
    pub async fn listing(&self, folder: &Path) -> Result<Listing, StoreError> {
        if let Some(listing) = self.back_end.listing(folder).await {
            return listing;
        }
        let shown = if folder.is_root() { &*self.shown } else { folder.as_ref() };
        let prefix = (!folder.is_root()).then_some(folder);
        let mut listing = match self.objects.list_with_delimiter(prefix).await {
            Ok(found) => Listing {
                entries: found.objects.iter().filter_map(Entry::of).collect(),
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
