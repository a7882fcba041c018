//! Rows of a side table to chunks of its file.

use super::kind::{EncodeEntries, Taken};
use super::{Chunk, Encoder, FormatError, Options, Retweets, formats};
use crate::columns::{Column, Entry, SideTable, marks, retweet};
use crate::json::Raw;
use crate::model::record::Span;
use crate::model::spec::{Columns, FileFormat};
use crate::tweet::{Page, Tweet};

/// Encodes the rows of a side table into chunks of its file.
#[derive(Debug)]
pub struct TableEncoder {
    table: SideTable,
    retweets: Retweets,
    rows: Rowing,
}

#[derive(Debug)]
enum Rowing {
    /// Posts are written as the rows are.
    Posts(Box<Encoder>),
    Own(OwnRows),
}

/// Rows of a table that has columns of its own.
#[derive(Debug)]
struct OwnRows {
    format: FileFormat,
    columns: &'static [Column],
    count: u64,
    encode: Box<dyn EncodeEntries>,
}

/// How many bytes of text make a chunk: few, because there may be one of each table in the making.
const CHUNK_BYTES: usize = 1 << 18;

impl TableEncoder {
    /// An encoder without rows, for a table beside rows with these columns and options.
    pub fn new(
        table: SideTable,
        format: FileFormat,
        beside: impl Into<Columns>,
        options: Options,
    ) -> Result<Self, FormatError> {
        let beside = beside.into();
        if table == SideTable::Referenced {
            let posts = Box::new(Encoder::new(format, beside, options)?);
            return Ok(Self { table, retweets: options.retweets, rows: Rowing::Posts(posts) });
        }
        let columns = table.own_columns();
        let encode = formats::of(format)?.entries(columns, beside.profile, options);
        let rows = Rowing::Own(OwnRows { format, columns, count: 0, encode });
        Ok(Self { table, retweets: options.retweets, rows })
    }

    /// Adds the rows that are made of a page's posts: what is marked in those within `spans`.
    pub fn page(&mut self, page: &Page<'_>, spans: &[Span]) -> Result<(), FormatError> {
        let Rowing::Own(rows) = &mut self.rows else { return Ok(()) };
        for span in spans {
            for tweet in crate::format::encoder::tweets(page, *span)? {
                let marks = match self.retweets {
                    Retweets::AsSent => marks(self.table, tweet),
                    Retweets::Merged => marks(self.table, &retweet::merged(page, tweet)),
                };
                for mark in marks {
                    rows.push(&Entry::of_mark(rows.columns, mark));
                }
            }
        }
        Ok(())
    }

    /// Adds the rows of objects of a page; see [`SideTable::objects`].
    pub fn objects(&mut self, page: &Page<'_>, objects: &[Raw<'_>]) {
        match &mut self.rows {
            Rowing::Own(rows) => {
                for object in objects {
                    rows.push(&Entry::of_object(rows.columns, *object));
                }
            }
            Rowing::Posts(encoder) => {
                let posts: Vec<Tweet<'_>> =
                    objects.iter().filter_map(|raw| Tweet::read(*raw)).collect();
                encoder.tweets(page, &posts);
            }
        }
    }

    /// Whether a chunk should be taken before the next page is added.
    pub fn is_full(&self) -> bool {
        match &self.rows {
            Rowing::Posts(encoder) => encoder.is_full(),
            Rowing::Own(rows) => rows.is_full(),
        }
    }

    /// Takes the rows since the last chunk; there may be none.
    pub fn chunk(&mut self) -> Result<Chunk, FormatError> {
        match &mut self.rows {
            Rowing::Posts(encoder) => encoder.chunk(),
            Rowing::Own(rows) => rows.chunk(),
        }
    }
}

impl OwnRows {
    fn push(&mut self, entry: &Entry<'_>) {
        self.count += 1;
        self.encode.push(entry);
    }

    fn is_full(&self) -> bool {
        self.encode.bytes() >= CHUNK_BYTES
    }

    fn chunk(&mut self) -> Result<Chunk, FormatError> {
        let Taken { content, cells_cut } = self.encode.take()?;
        let rows = std::mem::take(&mut self.count);
        Ok(Chunk { format: self.format, rows, cells_cut, content })
    }
}

#[cfg(test)]
#[path = "tables_tests.rs"]
mod tests;
