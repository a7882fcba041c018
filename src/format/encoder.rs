//! Rows to chunks: what one thread does, without knowing of the file.

use super::kind::{Content, EncodeRows, Taken};
use super::spare::Spare;
use super::{FormatError, Options, Retweets, formats};
use crate::columns::retweet;
use crate::model::record::Span;
use crate::model::spec::{Columns, FileFormat, Profile};
use crate::tweet::{Page, Tweet};

/// Encodes rows, in the order in which they are given, into chunks of a file.
#[derive(Debug)]
pub struct Encoder {
    format: FileFormat,
    retweets: Retweets,
    rows: u64,
    encode: Box<dyn EncodeRows>,
    spare: Spare,
}

/// Consecutive rows of a file, encoded. A [`FileWriter`](super::FileWriter) of the same format and
/// profile takes it.
#[derive(Debug)]
pub struct Chunk {
    pub(super) format: FileFormat,
    pub(super) rows: u64,
    pub(super) cells_cut: u64,
    pub(super) content: Content,
}

impl Encoder {
    /// An encoder without rows. JSON Lines have no columns, so the profile changes nothing there.
    pub fn new(
        format: FileFormat,
        columns: impl Into<Columns>,
        options: Options,
    ) -> Result<Self, FormatError> {
        let (columns, kind) = (columns.into(), formats::of(format)?);
        let encode = kind.rows(columns, options);
        // The profile `twarc` has a way of its own to merge them.
        let is_sent = columns.profile == Profile::Twarc || !kind.has_columns();
        let retweets = if is_sent { Retweets::AsSent } else { options.retweets };
        Ok(Self { format, retweets, rows: 0, encode, spare: Spare::default() })
    }

    /// Shares the memory of chunks with other encoders. Each with its own would keep as much as it
    /// ever needed while the others waited.
    #[must_use]
    pub fn sharing(self, spare: &Spare) -> Self {
        Self { spare: spare.clone(), ..self }
    }

    /// Adds the rows of a page that lie in `spans`, which count in `page.tweets`. If there are no
    /// such rows, none is added.
    pub fn page(&mut self, page: &Page<'_>, spans: &[Span]) -> Result<(), FormatError> {
        let within: Vec<_> =
            spans.iter().map(|span| tweets(page, *span)).collect::<Result<_, _>>()?;
        for tweets in within {
            self.tweets(page, tweets);
        }
        Ok(())
    }

    /// Adds rows of tweets that are in a page, whether they match or are included.
    pub(super) fn tweets(&mut self, page: &Page<'_>, tweets: &[Tweet<'_>]) {
        self.rows += tweets.len() as u64;
        match self.retweets {
            Retweets::AsSent => self.encode.page(page, &mut tweets.iter()),
            Retweets::Merged => {
                let merged: Vec<_> =
                    tweets.iter().map(|tweet| retweet::merged(page, tweet)).collect();
                self.encode.page(page, &mut merged.iter().map(AsRef::as_ref));
            }
        }
    }

    /// Rows since the last chunk was taken.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Whether a chunk should be taken before the next page is added. One that is taken earlier is
    /// as valid; but where rows are compressed or stand in columns, more chunks are larger files.
    pub fn is_full(&self) -> bool {
        self.encode.is_full()
    }

    /// Takes the rows since the last chunk; there may be none.
    pub fn chunk(&mut self) -> Result<Chunk, FormatError> {
        let Taken { content, cells_cut } = self.encode.take(&self.spare)?;
        let rows = std::mem::take(&mut self.rows);
        Ok(Chunk { format: self.format, rows, cells_cut, content })
    }
}

impl Chunk {
    /// Rows in it.
    pub fn rows(&self) -> u64 {
        self.rows
    }
}

/// The tweets of a page that lie in a span.
pub(super) fn tweets<'p>(page: &'p Page<'p>, span: Span) -> Result<&'p [Tweet<'p>], FormatError> {
    let bounds = usize::try_from(span.from).ok().zip(usize::try_from(span.to).ok());
    let found = bounds.and_then(|(from, to)| page.tweets.get(from..to));
    found.ok_or(FormatError::NoSuchRows { from: span.from, to: span.to, tweets: page.tweets.len() })
}
