//! Comma-separated values: UTF-8, RFC 4180 quoting, one header, rows end with `\n`.
//!
//! An absent value is an empty cell. Line breaks, NUL and a leading `=` stay as they are: this is
//! the file for programs. What others want is made of finished rows, if it is asked for
//! ([`rewrite`]).

mod field;
mod newlines;
mod rewrite;
mod spreadsheet;

use super::Options;
use super::spare::{Buffer, Spare};
use crate::columns::{self, Cell, CellType, Cells, Column, List, Row, instant, is_id, json};
use crate::json::Raw;
use crate::model::spec::{Columns, Profile};
pub(super) use field::end_row;
use field::{push_field, push_in_quotes};
pub(super) use rewrite::{Rewriter, beginning};

/// Encodes rows as CSV.
#[derive(Debug)]
pub(super) struct CsvEncoder {
    columns: Columns,
    out: Vec<u8>,
    rewriter: Option<Rewriter>,
}

/// The first line of a file.
pub(super) fn header(columns: Columns) -> Vec<u8> {
    header_of(columns::of(columns))
}

/// The first line of a file with these columns.
pub(super) fn header_of(columns: impl Iterator<Item = &'static Column>) -> Vec<u8> {
    let mut out = Vec::new();
    for column in columns {
        push_field(&mut out, column.name);
        out.push(b',');
    }
    end_row(&mut out);
    out
}

impl CsvEncoder {
    pub(super) fn new(columns: Columns, options: Options) -> Self {
        Self { columns, out: Vec::new(), rewriter: Rewriter::new(options, columns::of(columns)) }
    }

    pub(super) fn row(&mut self, row: &Row<'_>) {
        let start = self.out.len();
        columns::each_cell(row, self.columns, self);
        end_row(&mut self.out);
        if let Some(rewriter) = &mut self.rewriter {
            rewriter.row(&mut self.out, start);
        }
    }

    /// Cells of the rows since the last call that were cut.
    pub(super) fn take_cut(&mut self) -> u64 {
        self.rewriter.as_mut().map_or(0, Rewriter::take_cut)
    }

    /// Bytes since the last [`CsvEncoder::take`].
    pub(super) fn bytes(&self) -> usize {
        self.out.len()
    }

    /// The rows since the last call.
    pub(super) fn take(&mut self, spare: &Spare) -> Buffer {
        spare.exchange(&mut self.out)
    }
}

impl Cells for CsvEncoder {
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

/// Appends the field that a value in a page makes, without reading the value; or false, if that
/// can't be done and nothing is appended.
fn push_as_it_stands(out: &mut Vec<u8>, kind: CellType, raw: Raw<'_>) -> bool {
    let field = match kind {
        CellType::Text => {
            // JSON escapes quotes and line breaks, so here are none.
            let Some(text) = raw.plain() else { return false };
            let commas = text.iter().fold(false, |found, byte| found | (*byte == b','));
            if commas {
                push_in_quotes(out, text);
                return true;
            }
            Some(text)
        }
        CellType::Id => raw.plain().filter(|id| is_id(id)),
        CellType::Integer => Some(raw.get().as_bytes()).filter(|number| is_short_number(number)),
        CellType::DateTime => raw.plain().filter(|time| instant::micros(time).is_some()),
        CellType::Boolean | CellType::List | CellType::Object | CellType::Json => None,
    };
    field.map(|field| out.extend_from_slice(field)).is_some()
}

/// Whether it is a whole number that needs no reading to be written.
fn is_short_number(number: &[u8]) -> bool {
    (1..=18).contains(&number.len()) && number.iter().all(u8::is_ascii_digit)
}

/// Appends a cell.
pub(super) fn push_cell(out: &mut Vec<u8>, profile: Profile, cell: &Cell<'_>) {
    match cell {
        Cell::Absent | Cell::Misfit(_) => {}
        Cell::Text(text) | Cell::Json(text) => push_field(out, text),
        Cell::List(list) => push_list(out, list),
        Cell::DateTime(plain) | Cell::Id(plain) => out.extend_from_slice(plain.as_bytes()),
        Cell::Integer(value) => {
            out.extend_from_slice(itoa::Buffer::new().format(*value).as_bytes());
        }
        Cell::Boolean(value) => {
            out.extend_from_slice(columns::boolean(profile, *value).as_bytes());
        }
    }
}

/// Appends a JSON list as a field.
fn push_list(out: &mut Vec<u8>, list: &List<'_>) {
    let before = out.len();
    out.extend_from_slice(b"\"[");
    for (at, raw) in list.clone().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        let Some(text) = raw.plain() else {
            // Something else than a text, or one that has to be looked at.
            out.truncate(before);
            return push_field(out, &json::array(list.clone()));
        };
        out.extend_from_slice(b"\"\"");
        out.extend_from_slice(text);
        out.extend_from_slice(b"\"\"");
    }
    if out.len() > before + 2 {
        out.extend_from_slice(b"]\"");
    } else {
        out.truncate(before);
        out.extend_from_slice(b"[]");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_names_the_columns_of_the_dictionary() {
        for profile in [Profile::Original, Profile::Full, Profile::Twarc] {
            let names: Vec<_> = columns::of(profile).map(|column| column.name).collect();
            assert_eq!(header(profile.into()), format!("{}\n", names.join(",")).into_bytes());
        }
    }

    /// What a value makes that is read first.
    fn read(kind: CellType, raw: Raw<'_>) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        push_cell(&mut out, Profile::Full, &kind.read(raw)?);
        Some(out)
    }

    proptest::proptest! {
        #[test]
        fn what_is_copied_as_it_stands_is_what_reading_it_gives(
            json in r#"-?[0-9]{1,20}|"[ !#-~é]{0,20}"|"[0-9]{1,20}"|"2026-0[1-9]-[0-3][0-9]T00:00:00Z"|true|null|\[\]"#,
        ) {
            use CellType::{Boolean, DateTime, Id, Integer, Json, List, Object, Text};
            // A few are no JSON, such as numbers that begin with 0.
            let document = crate::json::Document::new(json.as_str());
            proptest::prop_assume!(document.is_ok());
            let document = document.unwrap_or_default();
            for kind in [Text, Id, Integer, Boolean, DateTime, List, Object, Json] {
                let mut out = Vec::new();
                if push_as_it_stands(&mut out, kind, document.root()) {
                    proptest::prop_assert_eq!(Some(out), read(kind, document.root()), "{:?}", kind);
                } else {
                    proptest::prop_assert!(out.is_empty());
                }
            }
        }

        #[test]
        fn fields_are_written_as_the_csv_crate_writes_them(fields: [String; 3]) {
            let mut out = Vec::new();
            for field in &fields {
                push_field(&mut out, field);
                out.push(b',');
            }
            end_row(&mut out);
            let mut peer = csv::Writer::from_writer(Vec::new());
            peer.write_record(&fields).unwrap();
            proptest::prop_assert_eq!(out, peer.into_inner().unwrap());
        }
    }
}
