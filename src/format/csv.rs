//! Comma-separated values: UTF-8, RFC 4180 quoting, one header, rows end with `\n`.
//!
//! An absent value is an empty cell. Line breaks, NUL and a leading `=` stay as they are: this is
//! the file for programs, and what a spreadsheet makes of it is a matter of another profile.

use std::io::Write;

use csv::{Terminator, Writer, WriterBuilder};

use super::cell::Cell;
use super::columns::{self, Column};
use super::{FormatError, Row};
use crate::model::spec::Profile;

/// Encodes rows as CSV.
#[derive(Debug)]
pub(super) struct CsvEncoder {
    profile: Profile,
    writer: Writer<Vec<u8>>,
    number: Vec<u8>,
    rows: u64,
}

impl CsvEncoder {
    pub(super) fn new(profile: Profile) -> Result<Self, FormatError> {
        let mut builder = WriterBuilder::new();
        let mut writer = builder.terminator(Terminator::Any(b'\n')).from_writer(Vec::new());
        writer.write_record(columns::of(profile).map(|column| column.name))?;
        Ok(Self { profile, writer, number: Vec::new(), rows: 0 })
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn row(&mut self, row: &Row<'_>) -> Result<(), FormatError> {
        row.each_cell(self.profile, |_: &Column, cell| {
            write_cell(&mut self.writer, &mut self.number, &cell)
        })?;
        self.writer.write_record(None::<&[u8]>)?;
        self.rows += 1;
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Vec<u8>, FormatError> {
        Ok(self.writer.into_inner().map_err(|e| csv::Error::from(e.into_error()))?)
    }
}

fn write_cell(
    writer: &mut Writer<Vec<u8>>,
    number: &mut Vec<u8>,
    cell: &Cell<'_>,
) -> Result<(), FormatError> {
    match cell {
        Cell::Absent | Cell::Misfit(_) => writer.write_field("")?,
        Cell::Text(text) | Cell::Id(text) | Cell::DateTime(text) | Cell::Json(text) => {
            writer.write_field(text.as_bytes())?;
        }
        Cell::Integer(value) => {
            number.clear();
            write!(number, "{value}").map_err(csv::Error::from)?;
            writer.write_field(&number)?;
        }
        Cell::Boolean(true) => writer.write_field("true")?,
        Cell::Boolean(false) => writer.write_field("false")?,
    }
    Ok(())
}
