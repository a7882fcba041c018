//! What may be asked for beyond a format and its columns.

/// How rows are written. By default, as programs like them best.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// What becomes of line breaks in texts; of CSV only.
    pub newlines: Newlines,
    /// Who is going to open the file; of CSV only.
    pub reader: Reader,
    /// What stands in the row of a retweet; not of JSON Lines, which have both posts.
    pub retweets: Retweets,
}

/// What becomes of line breaks in texts: of LF, CR and both together, which are the ends of rows
/// that readers of CSV know.
///
/// U+000B, U+000C, U+0085, U+2028 and U+2029 are none: Python's csv, pandas 3.1 and polars 2.1 read
/// on over them even without quotes, DuckDB 2.0 and pyarrow 26 were tried with quotes (2026-11-23).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Newlines {
    /// They stay, inside quotes.
    #[default]
    Keep,
    /// LF is `\n`, CR `\r`, and a backslash `\\`, so that it can be undone.
    Escape,
    /// Each is a space.
    Space,
}

/// What stands in the row of a retweet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Retweets {
    /// What X sent of the retweet itself, its text cut at 140 characters. (The profile `twarc`
    /// merges all the same, as twarc-csv does.)
    #[default]
    AsSent,
    /// Text, entities, attachments, topics and counts of the retweeted post, if it came along.
    Merged,
}

/// Who is going to open a file of CSV.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reader {
    /// Programs: what stands in the file is the values.
    #[default]
    Programs,
    /// Excel and its like, which take cells for numbers, dates and formulas unless they are kept
    /// from it.
    Spreadsheets,
}
