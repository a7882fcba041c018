//! `mistnet convert`: archives to files.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::columns::SideTable;
use crate::config::values;
use crate::format::Newlines;
use crate::model::spec::{FileFormat, Profile};

const EXAMPLES: &str = "\
Examples:
  mistnet convert pages.jsonl tweets.csv                  what twarc2 search wrote
  mistnet convert 2021-*.jsonl.gz 2021.csv --profile original
  mistnet convert pages.jsonl flat.jsonl.zst              as twarc2 flatten does
  mistnet convert pages.jsonl tweets.csv --excel          for spreadsheets; not for programs
  mistnet convert data/20261122-rustlang-k3v9x2m7qa tweets.parquet
  zstdcat old.zst | mistnet convert - - | head

IN is a file with pages of X's API v2 or with flattened tweets: one a line, pretty-printed, or in a
list; as it is, or packed by gzip or zstd. Or the folder of a dataset, or a store (DIR, az://…):
their logs are read, and nothing is asked of X. Of tweets with one id the first becomes a row.
OUT appears when it is complete. A broken line ends with exit code 65 and no OUT; with --skip-bad
it is left out, and the exit code is 3.";

/// `convert`.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct ConvertArgs {
    /// What to convert: files, folders, stores; - is standard input
    #[arg(value_name = "IN", required = true)]
    pub inputs: Vec<PathBuf>,
    /// The file to make; its ending says the format: .csv, .jsonl, .jsonl.gz, .jsonl.zst, .parquet;
    /// - is standard output
    #[arg(value_name = "OUT", value_parser = super::place())]
    pub out: PathBuf,
    /// The format, whatever OUT is called [possible values: csv, jsonl, jsonl.gz, jsonl.zst, parquet]
    #[arg(long, value_name = "F", value_parser = values::format)]
    pub format: Option<FileFormat>,
    /// Columns: the 25 of mistnet's predecessor, all, or the 84 of twarc-csv
    /// [possible values: original, full, twarc]
    #[arg(long, value_name = "P", value_parser = values::profile, default_value = "full")]
    pub profile: Profile,
    /// CSV: line breaks inside texts stay (keep), are written as \n (escape), or as a space (space)
    #[arg(long, value_name = "HOW", value_parser = newlines(), default_value = "keep")]
    pub newlines: Newlines,
    /// CSV that spreadsheets open right: ids stay exact, nothing becomes a date or a formula
    #[arg(long)]
    pub excel: bool,
    /// Retweets have text, entities, media and counts of the retweeted post, if it came along
    #[arg(long)]
    pub merge_retweets: bool,
    /// Tables beside OUT, separated by commas: posts.csv gets posts.users.csv and so on
    #[arg(long, value_name = "T,…", value_delimiter = ',', value_parser = side_table())]
    pub tables: Vec<SideTable>,
    /// Threads that work; with 1, nothing runs side by side [default: one for each core, at most 8]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Go on without what is broken, and count it
    #[arg(long)]
    pub skip_bad: bool,
    /// Make a row of every tweet, however often it comes
    #[arg(long)]
    pub keep_duplicates: bool,
    /// Replace OUT if it is there
    #[arg(long)]
    pub force: bool,
}

fn side_table() -> impl TypedValueParser<Value = SideTable> {
    let names = SideTable::ALL.map(SideTable::name);
    PossibleValuesParser::new(names).try_map(|name| {
        let table = SideTable::ALL.into_iter().find(|table| table.name() == name);
        table.ok_or("not a table")
    })
}

fn newlines() -> impl TypedValueParser<Value = Newlines> {
    PossibleValuesParser::new(["keep", "escape", "space"]).map(|name| match name.as_str() {
        "escape" => Newlines::Escape,
        "space" => Newlines::Space,
        _ => Newlines::Keep,
    })
}
