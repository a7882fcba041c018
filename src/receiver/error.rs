//! Why a part could not be stored.

use std::time::Duration;

use crate::format::FormatError;
use crate::store::StoreError;

/// A store message that the log does not bear out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPart {
    /// The collection does not exist.
    #[error("there is no such collection")]
    UnknownCollection,
    /// A collect message on the store queue.
    #[error("this message belongs on the collect queue")]
    WrongQueue,
    /// A part that is neither full nor the last.
    #[error("part {part} can't have {rows} rows")]
    Rows {
        /// Its number.
        part: u64,
        /// Its rows, as the message says.
        rows: u64,
    },
    /// The pages do not hold the rows.
    #[error("pages {first_page} to {last_page} hold {found} of the {rows} rows of part {part}")]
    Pages {
        /// Its number.
        part: u64,
        /// The first page that the message names.
        first_page: u64,
        /// The last page that the message names.
        last_page: u64,
        /// Rows of the part found there.
        found: u64,
        /// Rows of the part, as the message says.
        rows: u64,
    },
    /// A file without a receipt lies where the part should be stored, and holds something else.
    #[error(
        "{file} is there without a receipt and does not hold the rows of part {part}: {reason}; \
         move it away, then replay this message with `mistnet dead-letters replay`"
    )]
    OtherFile {
        /// Where it is.
        file: String,
        /// The part's number.
        part: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A page that was readable when it was stored is not any more.
    #[error("page {page} can't be decoded: {reason}")]
    Undecodable {
        /// Its number.
        page: u64,
        /// Why.
        reason: String,
    },
}

impl InvalidPart {
    /// Why its message is refused, in a few words.
    pub(super) const fn in_short(&self) -> &'static str {
        match self {
            Self::OtherFile { .. } => "another file is there",
            Self::UnknownCollection
            | Self::WrongQueue
            | Self::Rows { .. }
            | Self::Pages { .. }
            | Self::Undecodable { .. } => "part not in the log",
        }
    }
}

/// Why a part could not be stored, by what becomes of its message.
#[derive(Debug, thiserror::Error)]
pub(super) enum PartError {
    /// The store failed, or the log is not as it should be.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The message is wrong.
    #[error(transparent)]
    Invalid(#[from] InvalidPart),
    #[error("the part can't be encoded")]
    Format(#[from] FormatError),
    #[error("encoding the part hit a defect of this program")]
    Crashed,
    #[error("another worker is finishing the dataset")]
    Finishing,
    #[error("others could not be told yet that the dataset is complete")]
    Untold {
        /// When to try again.
        delay: Duration,
    },
}
