//! Comma-separated values: UTF-8, RFC 4180 quoting, one header, rows end with `\n`.
//!
//! An absent value is an empty cell. Line breaks, NUL and a leading `=` stay as they are: this is
//! the file for programs, and what a spreadsheet makes of it is a matter of another profile.

use std::convert::Infallible;

use super::Row;
use super::cell::Cell;
use super::columns;
use crate::model::spec::Profile;

/// Encodes rows as CSV.
#[derive(Debug)]
pub(super) struct CsvEncoder {
    profile: Profile,
    out: Vec<u8>,
}

/// The first line of a file.
pub(super) fn header(profile: Profile) -> Vec<u8> {
    let mut out = Vec::new();
    for column in columns::of(profile) {
        push_field(&mut out, column.name);
        out.push(b',');
    }
    end_row(&mut out);
    out
}

impl CsvEncoder {
    pub(super) fn new(profile: Profile) -> Self {
        Self { profile, out: Vec::new() }
    }

    pub(super) fn row(&mut self, row: &Row<'_>) {
        let Ok(()) = row.each_cell(self.profile, |_, cell| {
            push_cell(&mut self.out, self.profile, &cell);
            self.out.push(b',');
            Ok::<(), Infallible>(())
        });
        end_row(&mut self.out);
    }

    /// Bytes since the last [`CsvEncoder::take`].
    pub(super) fn bytes(&self) -> usize {
        self.out.len()
    }

    /// The rows since the last call.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let next = Vec::with_capacity(self.out.capacity());
        std::mem::replace(&mut self.out, next)
    }
}

/// Puts the end of a row in place of its last comma.
fn end_row(out: &mut [u8]) {
    if let Some(last) = out.last_mut() {
        *last = b'\n';
    }
}

fn push_cell(out: &mut Vec<u8>, profile: Profile, cell: &Cell<'_>) {
    match cell {
        Cell::Absent | Cell::Misfit(_) => {}
        Cell::Text(text) | Cell::DateTime(text) | Cell::Json(text) => push_field(out, text),
        Cell::Id(digits) => out.extend_from_slice(digits.as_bytes()),
        Cell::Integer(value) => {
            out.extend_from_slice(itoa::Buffer::new().format(*value).as_bytes());
        }
        Cell::Boolean(value) => {
            out.extend_from_slice(columns::boolean(profile, *value).as_bytes());
        }
    }
}

/// Appends a field, in quotes only if it must be.
fn push_field(out: &mut Vec<u8>, field: &str) {
    if !must_be_quoted(field) {
        out.extend_from_slice(field.as_bytes());
        return;
    }
    out.push(b'"');
    for (at, piece) in field.split('"').enumerate() {
        if at > 0 {
            out.extend_from_slice(b"\"\"");
        }
        out.extend_from_slice(piece.as_bytes());
    }
    out.push(b'"');
}

/// Looks at every byte whatever the first ones are, which processors do many at a time.
fn must_be_quoted(field: &str) -> bool {
    let special = |byte| matches!(byte, b',' | b'"' | b'\n' | b'\r');
    field.bytes().fold(false, |found, byte| found | special(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_names_the_columns_of_the_dictionary() {
        for profile in [Profile::Original, Profile::Full, Profile::Twarc] {
            let names: Vec<_> = columns::of(profile).map(|column| column.name).collect();
            assert_eq!(header(profile), format!("{}\n", names.join(",")).into_bytes());
        }
    }

    proptest::proptest! {
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
