//! `docs/output.md`, made from the dictionary of columns.

mod convert;
mod table;

use std::fmt::Write;

use crate::columns;
use crate::columns::twarc::{DIFFERENCES, Difference};
use crate::model::spec::Profile;
use table::{push_columns, push_table};

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
    push_twarc(&mut text);
    text.push_str(JSON_LINES);
    text.push_str(PARQUET);
    convert::push(&mut text);
    text
}

const INTRODUCTION: &str = "\
<!-- Made from src/columns and src/format. Do not edit: UPDATE_DOCS=1 cargo test docs_output -->
# What stands in the files

One row is one matching post. A post that others refer to is never a row of its own.

| format | for |
|---|---|
| `csv` | everything; a table, described below |
| `jsonl`, `jsonl.gz`, `jsonl.zst` | programs that read twarc's files: each post whole, in a line of JSON |
| `parquet` | DuckDB, pandas, polars, Spark: the table with types, at a third of the size |

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
| JSON list (of texts), JSON object, JSON | JSON without white space |

X calls its fields by two vocabularies; *source* is the path in a page of the first (`tweet.fields`), \
and after a slash in one of the second (`post.fields`) where it differs. Either gives the same rows. \
A value whose type does not fit its column leaves the cell empty and stands in `extra`.

A field that is new at X has no column. Nothing of it is lost: its value stands in `extra`, and every \
page is kept. Its name (`new`, `author.public_metrics.new`) is in `unknown_fields` of `manifest.json`, \
in the receiver's log once for each collection, and in what `collect` and `convert` say at their end. \
Every post's own fields are looked at; those of what lies in it or belongs to it (counts, author, \
place, poll) for all posts of the first part or first megabyte, and then for one post of 256. Not \
looked into are posts that others refer to, and what a row has whole, as JSON (`entities`, media).
";

const LAYOUTS: &str = "
## How files are named

A dataset is a folder named by the collection's id. It is complete if and only if `manifest.json` is \
there, which lists every file with its rows, size and SHA-256.

| file (of CSV; the other formats in its place or beside it) | layout `mistnet` | layout `original` |
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

In a store on Azure every blob has its content type: `text/csv; charset=utf-8`, \
`application/x-ndjson`, `application/gzip`, `application/vnd.apache.parquet`, `application/json`, and \
`application/zstd` for `.zst`, which the pages in the log are too.
";

const TWARC: &str = "
## Profile `twarc`

The 84 columns of twarc-csv 0.7.2 in its order, and in them what its `twarc2 csv` writes with its \
default options:

* A retweet has the text, what is marked in it, the attachments, the topics and the counts of the \
retweeted post, as far as that came along (`--referenced`).
* A text is one line: carriage returns are dropped, a line feed is `\\n`, two characters.
* A JSON list is written as Python's `json.dumps` does it, with a space after each comma, and with \
`\\u` in place of everything that is not ASCII.
* A boolean is `True` or `False`.

There is no column `extra`: what has no column is only in the pages.

";

const TWARC_DIFFERENCES: &str = "
These are all the differences, each of which has a case in `tests/witness/twarc_csv.py`:

| difference | twarc-csv | the profile `twarc` | why |
|---|---|---|---|
";

const JSON_LINES: &str = "
## JSON Lines

A line is one post with everything that came along for it inside, as `twarc2 flatten` of twarc 2.14 \
makes it; the profile changes nothing. UTF-8, no byte order mark, lines end with a line feed. Values \
are copied as X sent them.

| in a post | stands |
|---|---|
| `author`, `in_reply_to_user` | the account of `author_id`, `in_reply_to_user_id`; `{}` if it did not come along |
| `attachments.media`, `attachments.poll` | each medium in the order of `media_keys`, and the poll; `{}` likewise |
| `geo` | the fields of the place too |
| `entities.mentions[]`, `note_tweet.entities.mentions[]` | the fields of the account too |
| `referenced_tweets[]` | the whole post, with its own author, media, place and references |

It differs from twarc in this: there is no `__twarc`; `null` is the same as absent; both vocabularies \
of X become that of `tweet.fields`; a post within a referenced post is flattened too, up to 16 in one \
another, where twarc's result depends on the order in which X sent them; a field that comes twice \
is kept a second time with `_` after its name; what would make a line longer than 8 MiB stays a \
reference. A `.gz` file may have several members and a `.zst` file has one frame, so every reader of \
these formats reads them to the end.
";

const PARQUET: &str = "
## Parquet

The columns of the profile, under the same names and in the same order, compressed by Zstandard. \
Any of them may be null.

| type above | type in Parquet |
|---|---|
| text | `STRING` |
| id | `STRING`; and after it the column `<name>_u64`, the same as a number of 64 bits without sign |
| integer | `INT64` |
| boolean | `BOOLEAN` |
| datetime | `TIMESTAMP(MICROS)`, UTC |
| JSON list of texts | `LIST` of `STRING`; what is no text stands there as its JSON |
| other JSON | `STRING`, as in the CSV |

A row group has up to 32 MiB of values, which is some 20,000 posts with all columns, or 131,072 \
posts. Numbers, ids as numbers and times have the least and the greatest value of each group, so \
that readers skip what they need not read. The bytes follow from the rows alone.
";

fn push_twarc(text: &mut String) {
    text.push_str(TWARC);
    push_columns(text, columns::of(Profile::Twarc));
    text.push_str(TWARC_DIFFERENCES);
    for difference in DIFFERENCES {
        let Difference { name, theirs, ours, reason } = difference;
        let _ = writeln!(text, "| {name} | {theirs} | {ours} | {reason} |");
    }
}

fn original_count() -> usize {
    columns::of(Profile::Original).count()
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
