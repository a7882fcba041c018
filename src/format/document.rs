//! `docs/output.md`, made from the dictionary of columns.

use std::fmt::Write;

use super::columns::{self, Column};
use crate::model::spec::{Dialect, Profile};

/// The text of `docs/output.md`.
pub fn document() -> String {
    let mut text = String::from(INTRODUCTION);
    let (first, further): (Vec<_>, Vec<_>) =
        columns::of(Profile::Full).enumerate().partition(|(at, _)| *at < original_count());
    text.push_str(LAYOUTS);
    text.push_str("\n## Profile `original`\n\n");
    push_table(&mut text, &first);
    text.push_str("\n## Profile `full`: those, and\n\n");
    push_table(&mut text, &further);
    text
}

const INTRODUCTION: &str = "\
<!-- Made from src/format/columns. Do not edit: UPDATE_DOCS=1 cargo test docs_output -->
# What stands in the files

One row is one matching post. A post that others refer to is never a row of its own.

CSV is UTF-8 without a byte order mark, quoted as RFC 4180 says, with a header; rows end with a \
line feed, and line breaks inside a post stay as they are, inside quotes. A cell is empty if X did \
not send the value.

| type | in a cell |
|---|---|
| text | as X sends it |
| id | decimal digits: read it as text, because spreadsheets and floating-point columns lose the last digits |
| integer | decimal digits |
| boolean | `true` or `false` |
| datetime | RFC 3339 in UTC, for example `2026-06-05T14:03:21.000Z` |
| JSON list, JSON object, JSON | JSON without white space |

X calls its fields by two vocabularies; *source* is the path in a page of the first (`tweet.fields`), \
and after a slash in one of the second (`post.fields`) where it differs. Either gives the same rows. \
A value whose type does not fit its column leaves the cell empty and stands in `extra`.
";

const LAYOUTS: &str = "
## How files are named

A dataset is a folder named by the collection's id. It is complete if and only if `manifest.json` is \
there, which lists every file with its rows, size and SHA-256.

| file | layout `mistnet` | layout `original` |
|---|---|---|
| all rows | `<id>/tweets.csv`, unless `single_file` is false | the same, only if `single_file` is true |
| part *n*, from 0 | `<id>/parts/part-000000.csv` (six digits) | `containerMMYYYY/Blob_DD_MM_YYYY/<id>/fileblock_<n>.csv` |
| manifest, log | `<id>/manifest.json`, `<id>/_log/…` | the same |
| description of the columns | `<id>/datapackage.json` | the same, if there is a file with all rows |

The layout `original` gives parts the names of mistnet's predecessor. `containerMMYYYY` is a container \
of the same storage account, made if it is missing; in a folder, it is a folder at the top of the \
store. Month and day are those (in UTC) on which the collection was accepted, so that a name never \
changes, where the predecessor took the day on which a message happened to be handled. `<id>` is the \
collection's id, which is the `request_id` of the HTTP answer and, unlike the predecessor's four random digits, is never given twice. `<n>` \
counts parts from 0 in the order of rows. In the manifest such a file has its `container` beside its \
`path`. The layout says nothing about columns: for the predecessor's 25, take the profile `original` \
too. It is part of what was asked for, and stays as it was however a collection is resumed.

In a store on Azure every blob has its content type: `text/csv; charset=utf-8`, `application/json`, \
and `application/zstd` for the pages in the log.
";

fn original_count() -> usize {
    columns::of(Profile::Original).count()
}

fn push_table(text: &mut String, columns: &[(usize, &Column)]) {
    text.push_str("| # | column | type | meaning | source |\n|--:|---|---|---|---|\n");
    for (at, column) in columns {
        let unit = column.unit.map(|unit| format!(" in {unit}")).unwrap_or_default();
        let Column { name, kind, meaning, .. } = column;
        let (kind, source) = (kind.name(), source(column));
        // Writing to a String can't fail.
        let _ = writeln!(text, "| {} | `{name}` | {kind}{unit} | {meaning} | {source} |", at + 1);
    }
}

fn source(column: &Column) -> String {
    let (tweet, post) = (column.source(Dialect::Tweet), column.source(Dialect::Post));
    if tweet == post { format!("`{tweet}`") } else { format!("`{tweet}` / `{post}`") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docs_output_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/output.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, document()).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap();
        assert!(written == document(), "run UPDATE_DOCS=1 cargo test docs_output");
    }
}
