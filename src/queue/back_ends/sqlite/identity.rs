//! Which file a path names, so that a file that was deleted or replaced under a running process is
//! noticed.
//!
//! Only names are looked at, nothing is opened: closing a second handle of the file would cancel the
//! locks that SQLite holds through its own (POSIX; sqlite.org, "How To Corrupt An SQLite Database
//! File", 2.2, read 2026-11).
//!
//! On systems without inodes nothing is noticed; there an open file can't be deleted either.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use parking_lot::Mutex;

/// Device and inode of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity(u64, u64);

/// What became of a file that was opened under a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Now {
    /// It is still there.
    Same,
    /// There is nothing under the path.
    Deleted,
    /// Another file has its place.
    Replaced,
    /// It is still there, but without its contents.
    Emptied,
}

impl Now {
    /// In words, for a person.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Same => "is as it was",
            Self::Deleted => "was deleted",
            Self::Replaced => "was replaced by another file",
            Self::Emptied => "was emptied",
        }
    }
}

impl Identity {
    /// The file that a path names; `None` if there is none, or files have no identity here.
    pub(super) fn of(path: &Path) -> io::Result<Option<Self>> {
        match fs::metadata(path) {
            Ok(metadata) => Ok(identity(&metadata)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What became of the file that was opened under `path`. If the path can't be looked at, the
    /// file counts as still there: that is what a folder without rights does to one that is open.
    pub(super) fn now(self, path: &Path) -> Now {
        match fs::metadata(path) {
            Ok(metadata) if identity(&metadata) != Some(self) => Now::Replaced,
            Ok(metadata) if metadata.len() == 0 => Now::Emptied,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Now::Deleted,
            Ok(_) | Err(_) => Now::Same,
        }
    }

    /// Whether this is the first time in this process that the file is reported: several queues
    /// share one file, and each of them finds out.
    pub(super) fn is_news(self) -> bool {
        static REPORTED: Mutex<BTreeSet<Identity>> = Mutex::new(BTreeSet::new());
        REPORTED.lock().insert(self)
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "there is none on other systems")]
fn identity(metadata: &fs::Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    Some(Identity(metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &fs::Metadata) -> Option<Identity> {
    None
}
