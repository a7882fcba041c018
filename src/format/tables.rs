//! Rows of a side table to chunks of its file.

#[cfg(feature = "parquet")]
use crate::columns::Cells;
use crate::columns::json::{array, push_string};
use crate::columns::{Cell, Column, Entry, SideTable, marks, retweet};
use crate::format::csv::{self, Rewriter};
use crate::format::encoder::Content;
use crate::format::jsonl::{self, ObjectWriter};
#[cfg(feature = "parquet")]
use crate::format::parquet::Rows;
use crate::format::{Chunk, Encoder, FormatError, Options, Retweets};
use crate::json::Raw;
use crate::model::record::Span;
use crate::model::spec::{Columns, FileFormat, Profile};
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
    profile: Profile,
    columns: &'static [Column],
    count: u64,
    by_format: ByFormat,
}

#[derive(Debug)]
enum ByFormat {
    Csv {
        out: Vec<u8>,
        rewriter: Option<Rewriter>,
    },
    Jsonl(String),
    #[cfg(feature = "parquet")]
    Parquet(Rows),
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
        let by_format = match format {
            FileFormat::Csv => {
                ByFormat::Csv { out: Vec::new(), rewriter: Rewriter::new(options, columns.iter()) }
            }
            FileFormat::Jsonl | FileFormat::JsonlGz | FileFormat::JsonlZst => {
                ByFormat::Jsonl(String::new())
            }
            #[cfg(feature = "parquet")]
            FileFormat::Parquet => ByFormat::Parquet(Rows::of(columns.iter())),
            #[cfg(not(feature = "parquet"))]
            FileFormat::Parquet => return Err(FormatError::NotBuiltIn(format.name())),
        };
        let rows =
            Rowing::Own(OwnRows { format, profile: beside.profile, columns, count: 0, by_format });
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
        match &mut self.by_format {
            ByFormat::Csv { out, rewriter } => {
                let start = out.len();
                entry.each_cell(|_, cell| {
                    csv::push_cell(out, self.profile, cell);
                    out.push(b',');
                });
                csv::end_row(out);
                if let Some(rewriter) = rewriter {
                    rewriter.row(out, start);
                }
            }
            ByFormat::Jsonl(out) => {
                let mut object = ObjectWriter::new(out);
                entry.each_cell(|column, cell| push_json(&mut object, column.name, cell));
                object.end();
                out.push('\n');
            }
            #[cfg(feature = "parquet")]
            ByFormat::Parquet(rows) => {
                let mut row = rows.row();
                entry.each_cell(|_, cell| row.cell(cell));
            }
        }
    }

    fn is_full(&self) -> bool {
        match &self.by_format {
            ByFormat::Csv { out, .. } => out.len() >= CHUNK_BYTES,
            ByFormat::Jsonl(out) => out.len() >= CHUNK_BYTES,
            #[cfg(feature = "parquet")]
            ByFormat::Parquet(rows) => rows.bytes() >= CHUNK_BYTES,
        }
    }

    fn chunk(&mut self) -> Result<Chunk, FormatError> {
        let mut cells_cut = 0;
        let content = match &mut self.by_format {
            ByFormat::Csv { out, rewriter } => {
                cells_cut = rewriter.as_mut().map_or(0, Rewriter::take_cut);
                Content::Bytes(std::mem::take(out).into())
            }
            ByFormat::Jsonl(out) if self.format == FileFormat::JsonlGz => {
                Content::Bytes(jsonl::gzip_member(std::mem::take(out).as_bytes())?.into())
            }
            ByFormat::Jsonl(out) => Content::Bytes(std::mem::take(out).into_bytes().into()),
            #[cfg(feature = "parquet")]
            ByFormat::Parquet(rows) => Content::Rows(rows.take()),
        };
        Ok(Chunk { format: self.format, rows: std::mem::take(&mut self.count), cells_cut, content })
    }
}

/// Adds a field, if its cell has a value.
fn push_json(object: &mut ObjectWriter<'_>, name: &str, cell: &Cell<'_>) {
    match cell {
        Cell::Absent | Cell::Misfit(_) => {}
        Cell::Text(text) | Cell::Id(text) | Cell::DateTime(text) => {
            push_string(object.key(name), text);
        }
        Cell::Integer(value) => object.key(name).push_str(itoa::Buffer::new().format(*value)),
        Cell::Boolean(value) => object.key(name).push_str(if *value { "true" } else { "false" }),
        Cell::Json(json) => object.key(name).push_str(json),
        Cell::List(list) => object.key(name).push_str(&array(list.clone())),
    }
}

#[cfg(test)]
#[path = "tables_tests.rs"]
mod tests;
