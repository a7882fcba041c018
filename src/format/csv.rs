//! Comma-separated values: UTF-8, RFC 4180 quoting, one header, rows end with `\n`.
//!
//! An absent value is an empty cell. Line breaks, NUL and a leading `=` stay as they are: this is
//! the file for programs. What others want is made of finished rows, if it is asked for
//! ([`rewrite`]).

mod cell;
mod field;
mod newlines;
mod rewrite;
mod spreadsheet;

use std::io::{Read, Write};

use serde_json::json;

use super::kind::{
    Content, Description, EncodeEntries, EncodeFile, EncodeRows, FileColumns, Format, Merging,
    Opening, ReadIds, Table, Taken,
};
use super::spare::Spare;
use super::{FormatError, Options};
use crate::columns::{self, Cell, CellType, Cells, Column, Entry, Row};
use crate::json::Raw;
use crate::model::TweetId;
use crate::model::spec::{Columns, Profile};
use crate::tweet::{Page, Tweet};
use cell::{push_as_it_stands, push_cell};
use field::{end_row, push_field};
use rewrite::{Rewriter, beginning};

/// Comma-separated values.
#[derive(Debug)]
pub(super) struct Csv;

impl Format for Csv {
    fn has_columns(&self) -> bool {
        true
    }

    fn merging(&self) -> Merging {
        Merging::Append
    }

    fn header(&self, columns: Columns) -> Vec<u8> {
        header_of(columns::of(columns))
    }

    fn rows(&self, columns: Columns, options: Options) -> Box<dyn EncodeRows> {
        let rewriter = Rewriter::new(options, columns::of(columns));
        Box::new(CsvRows { columns, out: Vec::new(), rewriter })
    }

    fn entries(
        &self,
        columns: &'static [Column],
        beside: Profile,
        options: Options,
    ) -> Box<dyn EncodeEntries> {
        let rewriter = Rewriter::new(options, columns.iter());
        Box::new(CsvEntries { profile: beside, out: Vec::new(), rewriter })
    }

    fn file(&self, columns: FileColumns) -> Result<Box<dyn EncodeFile>, FormatError> {
        Ok(Box::new(CsvFile(columns)))
    }

    fn ids(&self) -> ReadIds {
        ReadIds::Forward(ids)
    }

    fn description(&self) -> Description {
        let dialect = || json!({ "delimiter": ",", "lineTerminator": "\n" });
        let (encoding, table) = (Some("utf-8"), Table::Text { dialect });
        Description { format: "csv", encoding, compression: None, table }
    }

    fn how_to_open(&self, path: &str) -> Opening {
        Opening {
            pandas: format!("read_csv('{path}', dtype=str)"),
            duckdb: format!("read_csv('{path}', all_varchar=true)"),
            spreadsheet: Some("import the column `id` as text, or its last digits are lost"),
        }
    }
}

/// How many bytes of text make a chunk, give or take a page: many enough to make what is done once
/// for each chunk cheap, few beside the pages that they are made of.
const CHUNK_BYTES: usize = 1 << 20;

/// Rows as CSV.
#[derive(Debug)]
struct CsvRows {
    columns: Columns,
    out: Vec<u8>,
    rewriter: Option<Rewriter>,
}

/// Rows of a side table as CSV.
#[derive(Debug)]
struct CsvEntries {
    profile: Profile,
    out: Vec<u8>,
    rewriter: Option<Rewriter>,
}

/// A file: a header, then chunks.
struct CsvFile(FileColumns);

/// The first line of a file with these columns.
fn header_of(columns: impl Iterator<Item = &'static Column>) -> Vec<u8> {
    let mut out = Vec::new();
    for column in columns {
        push_field(&mut out, column.name);
        out.push(b',');
    }
    end_row(&mut out);
    out
}

impl EncodeRows for CsvRows {
    fn page<'p>(&mut self, page: &'p Page<'p>, tweets: &mut dyn Iterator<Item = &'p Tweet<'p>>) {
        for tweet in tweets {
            let start = self.out.len();
            columns::each_cell(&Row::new(page, tweet), self.columns, self);
            end_row(&mut self.out);
            if let Some(rewriter) = &mut self.rewriter {
                rewriter.row(&mut self.out, start);
            }
        }
    }

    fn is_full(&self) -> bool {
        self.out.len() >= CHUNK_BYTES
    }

    fn take(&mut self, spare: &Spare) -> Result<Taken, FormatError> {
        let cells_cut = self.rewriter.as_mut().map_or(0, Rewriter::take_cut);
        Ok(Taken { content: Content::Bytes(spare.exchange(&mut self.out)), cells_cut })
    }
}

impl EncodeEntries for CsvEntries {
    fn push(&mut self, entry: &Entry<'_>) {
        let (start, out) = (self.out.len(), &mut self.out);
        entry.each_cell(|_, cell| {
            push_cell(out, self.profile, cell);
            out.push(b',');
        });
        end_row(out);
        if let Some(rewriter) = &mut self.rewriter {
            rewriter.row(out, start);
        }
    }

    fn bytes(&self) -> usize {
        self.out.len()
    }

    fn take(&mut self) -> Result<Taken, FormatError> {
        let cells_cut = self.rewriter.as_mut().map_or(0, Rewriter::take_cut);
        Ok(Taken { cells_cut, ..Taken::bytes(std::mem::take(&mut self.out)) })
    }
}

impl EncodeFile for CsvFile {
    fn begin(&mut self, out: &mut dyn Write) -> Result<(), FormatError> {
        let FileColumns { columns, options, .. } = &self.0;
        Ok(out.write_all(&beginning(*options, header_of(columns.iter().copied())))?)
    }

    fn chunk(&mut self, content: Content, out: &mut dyn Write) -> Result<(), FormatError> {
        match content {
            Content::Bytes(rows) => Ok(out.write_all(&rows)?),
            Content::Gathered(_) => Err(FormatError::OtherFormat),
        }
    }
}

/// The ids of the rows of a file.
fn ids(file: &mut dyn Read) -> Result<Vec<TweetId>, String> {
    let mut reader = ::csv::Reader::from_reader(file);
    let header = reader.headers().map_err(|error| error.to_string())?;
    let column = header.iter().position(|name| name == "id").ok_or("it has no column id")?;
    let mut ids = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let id = record.get(column).unwrap_or_default();
        ids.push(id.parse().map_err(|error| format!("row {}: {error}", ids.len() + 1))?);
    }
    Ok(ids)
}

impl Cells for CsvRows {
    fn cell(&mut self, cell: &Cell<'_>) {
        push_cell(&mut self.out, self.columns.profile, cell);
        self.out.push(b',');
    }

    fn as_it_stands(&mut self, kind: CellType, raw: Raw<'_>) -> bool {
        let pushed = push_as_it_stands(&mut self.out, kind, raw);
        if pushed {
            self.out.push(b',');
        }
        pushed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_names_the_columns_of_the_dictionary() {
        for profile in [Profile::Original, Profile::Full, Profile::Twarc] {
            let names: Vec<_> = columns::of(profile).map(|column| column.name).collect();
            assert_eq!(Csv.header(profile.into()), format!("{}\n", names.join(",")).into_bytes());
        }
    }
}
