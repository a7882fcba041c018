//! What can go wrong with a conversion, by what the caller can do about it.

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::format::FormatError;
use crate::store::StoreError;

/// Where in an input something begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What people call the input.
    pub input: Arc<str>,
    /// Where in it; `None`: as a whole.
    pub at: Option<Position>,
}

/// A position in the text of an input: of one that is compressed, in what it unpacks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: u64,
    /// The byte, from 1, so that `tail -c +BYTE` shows it.
    pub byte: u64,
}

impl Position {
    /// Where every text begins.
    pub const START: Self = Self { line: 1, byte: 1 };

    /// The position after text with so many bytes and line feeds.
    #[must_use]
    pub fn after(self, bytes: usize, line_feeds: usize) -> Self {
        Self { line: self.line + line_feeds as u64, byte: self.byte + bytes as u64 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.input)?;
        match self.at {
            Some(Position { line, byte }) => write!(f, ", line {line}, byte {byte}"),
            None => Ok(()),
        }
    }
}

/// A piece of an input that can't be read. The rest can be converted without it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct Broken {
    /// Where it begins.
    pub place: Place,
    /// What is wrong.
    pub reason: String,
}

/// Why a conversion ended without a file.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// An input can't be opened or read.
    #[error("can't read {input}")]
    Input {
        /// What people call it.
        input: Arc<str>,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// An input is not what can be converted, whatever a part of it may look like.
    #[error("{input} is {what}")]
    Foreign {
        /// What people call it.
        input: Arc<str>,
        /// What it is.
        what: &'static str,
        /// What to do about it.
        hint: &'static str,
    },
    /// A piece of an input is broken, and nobody said to go on without it.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// Everything in the inputs is broken; this is the first of it.
    #[error("nothing in the input can be read")]
    NothingReadable(#[source] Broken),
    /// The log of a collection can't be read.
    #[error(transparent)]
    Log(#[from] StoreError),
    /// There is a file already.
    #[error("{out} is there already")]
    Exists {
        /// What people call the output.
        out: String,
    },
    /// The output can't be written.
    #[error("can't write {out}")]
    Output {
        /// What people call it.
        out: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The ids of the tweets so far can't be kept in a temporary file.
    #[error("can't keep the ids of tweets in a temporary file")]
    Seen(#[source] io::Error),
    /// Rows can't be encoded.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The one who waits for it does not want it any more.
    #[error("interrupted")]
    Interrupted,
    /// A defect of this program.
    #[error("this program tripped over a defect of its own at {0}")]
    Crashed(Place),
}
