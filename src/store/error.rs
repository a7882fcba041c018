//! What can go wrong with a store, by what the caller can do about it.

use std::path::Path;

use crate::model::StoreId;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store can't be reached or written now: try again later. Nothing half-written is visible.
    #[error("can't {action} {what}: {reason}")]
    Unavailable {
        /// The verb.
        action: &'static str,
        /// Key or path.
        what: String,
        /// What the back end said.
        reason: String,
    },
    /// The store refuses us: a person has to change a setting or a right.
    #[error("may not {action} {what}: {reason}")]
    Refused {
        /// The verb.
        action: &'static str,
        /// Key or path.
        what: String,
        /// What the back end said.
        reason: String,
    },
    /// A record is not what it should be: damaged, or not ours. It is never skipped.
    #[error("{key} is damaged or was not written by mistnet: {reason}")]
    Corrupt {
        /// Its key.
        key: String,
        /// What is wrong.
        reason: String,
    },
    /// A record was written by a newer version.
    #[error(
        "{key} has version {found}, and this program understands up to {known}: \
         a newer version of mistnet wrote it"
    )]
    Newer {
        /// Its key.
        key: String,
        /// The version that it carries.
        found: u64,
        /// The newest version that we understand.
        known: u32,
    },
    /// This is not the store that was opened: it was removed, moved or unmounted, or another one is
    /// in its place. Nothing is written; it goes on when the store is back.
    #[error(
        "{store} is not the store that it was: it should show the id {known} in \
         _mistnet/store.json, and shows {}; if its volume is not mounted or its folder was moved, \
         put it back",
        found.as_ref().map_or("none", StoreId::as_str)
    )]
    Elsewhere {
        /// What people call the store.
        store: String,
        /// The id that it should show.
        known: StoreId,
        /// The id that it shows.
        found: Option<StoreId>,
    },
    /// A record that only a newer version can have written: its name has the form of ours.
    #[error(
        "{key} has a name that this program does not know: a newer version of mistnet wrote it"
    )]
    Unknown {
        /// Its key.
        key: String,
    },
    /// A record that must be there is missing.
    #[error("{key} is missing")]
    Missing {
        /// Its key.
        key: String,
    },
}

/// Something lies where a file should be, and it is none. Inside an [`object_store::Error::Generic`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct NotAFile(pub(super) String);

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
#[error(
    "it is a link, or lies behind one, that leads out of the dataset's folder; put the file itself there"
)]
pub(super) struct LeadsOut;

impl StoreError {
    /// Sorts an error of a back end.
    #[expect(clippy::needless_pass_by_value, reason = "reads well behind map_err")]
    pub(super) fn from_backend(
        action: &'static str,
        what: &str,
        source: object_store::Error,
    ) -> Self {
        use object_store::Error as Source;
        if let Source::Generic { source, .. } = &source
            && source.is::<LeadsOut>()
        {
            return Self::corrupt(what, source);
        }
        let refused =
            matches!(source, Source::PermissionDenied { .. } | Source::Unauthenticated { .. });
        let missing = matches!(source, Source::NotFound { .. });
        let (what, reason) = (what.to_owned(), innermost(&source));
        match (refused, missing) {
            (true, _) => Self::Refused { action, what, reason },
            (_, true) => Self::Missing { key: what },
            _ if is_no_file(&source) => Self::Corrupt { key: what, reason },
            _ => Self::Unavailable { action, what, reason },
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "reads well behind map_err")]
    pub(super) fn folder(path: &Path, source: std::io::Error) -> Self {
        let (action, what) = ("use the folder", path.display().to_string());
        let reason = with_next_step(&source);
        match source.kind() {
            std::io::ErrorKind::PermissionDenied => Self::Refused { action, what, reason },
            _ => Self::Unavailable { action, what, reason },
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "reads well at the call")]
    pub(super) fn corrupt(key: impl ToString, reason: impl ToString) -> Self {
        Self::Corrupt { key: key.to_string(), reason: reason.to_string() }
    }

    /// Whether a newer version wrote it: the collection is to be left as it is, because what was
    /// decided about it can't be read here. A process of that version goes on with it.
    pub fn is_newer(&self) -> bool {
        matches!(self, Self::Newer { .. } | Self::Unknown { .. })
    }

    /// Whether trying again later can help without anybody doing anything to the records.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Refused { .. } | Self::Elsewhere { .. })
    }
}

/// Whether what lies there is no file, so that trying again does not help.
fn is_no_file(error: &object_store::Error) -> bool {
    match error {
        object_store::Error::Generic { source, .. } => source.is::<NotAFile>(),
        _ => false,
    }
}

/// The last cause of an error, which is what a person needs ("No space left on device").
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.downcast_ref().map_or_else(|| cause.to_string(), with_next_step)
}

/// What the operating system says; of a lack of room also what to do about it.
fn with_next_step(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            format!("{error}; the disk is full, or one's share of it: free some space")
        }
        ErrorKind::FileTooLarge => format!(
            "{error}; the limit on the size of files is reached, as if the disk were full: raise \
             it (ulimit -f, LimitFSIZE= of systemd)"
        ),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_lack_of_room_says_what_to_do() {
        for (kind, step) in [
            (io::ErrorKind::StorageFull, "free some space"),
            (io::ErrorKind::QuotaExceeded, "free some space"),
            (io::ErrorKind::FileTooLarge, "ulimit -f"),
        ] {
            let backend = object_store::Error::Generic {
                store: "test",
                source: Box::new(io::Error::from(kind)),
            };
            for error in [
                StoreError::from_backend("write", "a/b", backend),
                StoreError::folder(Path::new("a"), kind.into()),
            ] {
                assert!(error.to_string().contains(step) && error.is_passing(), "{error}");
            }
        }
    }
}
