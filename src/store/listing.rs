//! What lies in a folder of a store, with what can't be read there.
//!
//! Promises that one bad entry hides no other: whatever can't be an object of ours (a name that is
//! not UTF-8, a FIFO, a symbolic link that leads nowhere) is in [`Listing::unread`] with the reason,
//! and everything else is listed. Deliberately does not say what a name means: that is
//! [`super::layout`]'s.

use std::fmt;

use jiff::Timestamp;

use crate::model::CollectionId;

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

impl Entry {
    /// What `object_store` says of an object; nothing if it has no name or no time.
    pub(super) fn of(meta: &object_store::ObjectMeta) -> Option<Self> {
        let modified = Timestamp::from_millisecond(meta.last_modified.timestamp_millis()).ok()?;
        let name = meta.location.filename()?.to_owned();
        Some(Self { name, bytes: meta.size, modified })
    }
}

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
