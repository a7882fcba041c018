//! Rows as others want them than programs do.
//!
//! Takes rows that are encoded already apart and puts them together again: so the way without
//! options, which nearly all rows go, knows nothing of them.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::field::{end_row, push_field};
use super::{newlines, spreadsheet};
use crate::columns::{CellType, Column};
use crate::format::{Newlines, Options, Reader};

/// Rewrites rows of some columns.
#[derive(Debug)]
pub(super) struct Rewriter {
    kinds: Vec<CellType>,
    options: Options,
    row: Vec<u8>,
    cut: u64,
}

impl Rewriter {
    /// `None` if rows stay as they are.
    pub(super) fn new(
        options: Options,
        columns: impl Iterator<Item = &'static Column>,
    ) -> Option<Self> {
        let Options { newlines, reader, .. } = options;
        let changes = newlines != Newlines::Keep || reader != Reader::Programs;
        let kinds = || columns.map(|column| column.kind).collect();
        changes.then(|| Self { kinds: kinds(), options, row: Vec::new(), cut: 0 })
    }

    /// Rewrites the row that begins at `start` and is the last.
    pub(super) fn row(&mut self, out: &mut Vec<u8>, start: usize) {
        let mut row = std::mem::take(&mut self.row);
        row.clear();
        row.extend(out.drain(start..));
        let text = String::from_utf8_lossy(&row);
        let written = cells(text.strip_suffix('\n').unwrap_or(&text));
        for (at, written) in written.enumerate() {
            let kind = self.kinds.get(at).copied().unwrap_or(CellType::Text);
            let cell = self.cell(kind, unquoted(written));
            push_field(out, &cell);
            out.push(b',');
        }
        end_row(out);
        if self.options.reader == Reader::Spreadsheets {
            end_as_spreadsheets_do(out);
        }
        self.row = row;
    }

    /// Cells that were cut since the last call.
    pub(super) fn take_cut(&mut self) -> u64 {
        std::mem::take(&mut self.cut)
    }

    fn cell<'c>(&mut self, kind: CellType, text: Cow<'c, str>) -> Cow<'c, str> {
        let Options { newlines, reader, .. } = self.options;
        let text = if kind == CellType::Text { newlines::written(newlines, text) } else { text };
        if reader == Reader::Programs {
            return text;
        }
        let cell = spreadsheet::cell(kind, text);
        match spreadsheet::cut(&cell) {
            Some(cut) => {
                self.cut += 1;
                cut.into()
            }
            None => cell,
        }
    }
}

/// How a file begins, if `header` is its first line.
pub(super) fn beginning(options: Options, mut header: Vec<u8>) -> Vec<u8> {
    if options.reader == Reader::Programs {
        return header;
    }
    end_as_spreadsheets_do(&mut header);
    [spreadsheet::BYTE_ORDER_MARK, &header].concat()
}

/// Ends the last row as spreadsheets end theirs.
fn end_as_spreadsheets_do(out: &mut Vec<u8>) {
    out.pop();
    out.extend_from_slice(spreadsheet::END_OF_ROW);
}

/// The cells of a row as they are written, quotes and all.
fn cells(row: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(row);
    std::iter::from_fn(move || {
        let (cell, after) = rest?.split_at(cell_length(rest?));
        rest = after.strip_prefix(',');
        Some(cell)
    })
}

/// The length of the first cell of a row.
fn cell_length(row: &str) -> usize {
    if !row.starts_with('"') {
        return row.find(',').unwrap_or(row.len());
    }
    // Quotes inside come in pairs, so after an even number of them the cell has ended.
    let mut quotes = 0;
    let ends = |char: char| {
        quotes += usize::from(char == '"');
        char == ',' && quotes % 2 == 0
    };
    row.find(ends).unwrap_or(row.len())
}

fn unquoted(cell: &str) -> Cow<'_, str> {
    match cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')) {
        Some(inside) if inside.contains('"') => inside.replace("\"\"", "\"").into(),
        Some(inside) => inside.into(),
        None => cell.into(),
    }
}
