//! Columns as a table of Markdown.

use std::fmt::Write;

use crate::columns::Column;
use crate::model::spec::Dialect;

/// A table of columns.
pub(super) fn push_columns(text: &mut String, columns: impl Iterator<Item = &'static Column>) {
    text.push_str("| column | type | meaning | source |\n|---|---|---|---|\n");
    columns.for_each(|column| push_column(text, column));
}

/// The same, numbered.
pub(super) fn push_table(text: &mut String, columns: &[(usize, &Column)]) {
    text.push_str("| # | column | type | meaning | source |\n|--:|---|---|---|---|\n");
    for (at, column) in columns {
        // Writing to a String can't fail.
        let _ = write!(text, "| {} ", at + 1);
        push_column(text, column);
    }
}

fn push_column(text: &mut String, column: &Column) {
    let unit = column.unit.map(|unit| format!(" in {unit}")).unwrap_or_default();
    let Column { name, kind, meaning, .. } = column;
    let kind = if column.of_texts { "JSON list of texts" } else { kind.name() };
    let source = source(column);
    let _ = writeln!(text, "| `{name}` | {kind}{unit} | {meaning} | {source} |");
}

fn source(column: &Column) -> String {
    let (tweet, post) = (column.source(Dialect::Tweet), column.source(Dialect::Post));
    if tweet == post { format!("`{tweet}`") } else { format!("`{tweet}` / `{post}`") }
}
