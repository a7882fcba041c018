//! What was asked for beyond format and columns, and what of it can't be had together.

use std::path::{Path, PathBuf};

use anyhow::anyhow;

use crate::cli::args::ConvertArgs;
use crate::cli::report::{Exit, failure};
use crate::columns::SideTable;
use crate::convert::{Destination, SideOutput};
use crate::format::{Newlines, Options, Reader, Retweets, has_columns};
use crate::model::spec::{FileFormat, Profile};

/// The options of a conversion into this format.
pub(super) fn options(args: &ConvertArgs, format: FileFormat) -> anyhow::Result<Options> {
    if args.newlines != Newlines::Keep {
        only_csv("--newlines", format)?;
        if args.profile == Profile::Twarc {
            let error = anyhow!("--newlines does not go with the profile twarc");
            let hint = "its texts are one line already, as twarc-csv writes them";
            return Err(failure(error, Exit::Usage, hint));
        }
    }
    if args.excel {
        only_csv("--excel", format)?;
    }
    if args.merge_retweets && !has_columns(format) {
        let error = anyhow!("--merge-retweets is for tables, and the output is {}", format.name());
        let hint = "leave it out: JSON Lines have the retweeted post in each retweet";
        return Err(failure(error, Exit::Usage, hint));
    }
    let retweets = if args.merge_retweets { Retweets::Merged } else { Retweets::AsSent };
    let reader = if args.excel { Reader::Spreadsheets } else { Reader::Programs };
    Ok(Options { newlines: args.newlines, reader, retweets })
}

/// Refuses an option that means nothing in a format whose texts are marked off from each other.
fn only_csv(option: &str, format: FileFormat) -> anyhow::Result<()> {
    if format == FileFormat::Csv {
        return Ok(());
    }
    let error = anyhow!("{option} is for CSV, and the output is {}", format.name());
    Err(failure(error, Exit::Usage, "leave it out, or end OUT in .csv"))
}

/// The tables beside the output, and where they go.
pub(super) fn tables(args: &ConvertArgs, format: FileFormat) -> anyhow::Result<Vec<SideOutput>> {
    if !args.tables.is_empty() && args.out.to_str() == Some("-") {
        let error = anyhow!("--tables makes files beside OUT, and OUT is standard output");
        return Err(failure(error, Exit::Usage, "name a file"));
    }
    let wanted = SideTable::ALL.into_iter().filter(|table| args.tables.contains(table));
    let side = |table| {
        let out = Destination::File(beside(&args.out, table, format));
        SideOutput { table, out }
    };
    Ok(wanted.map(side).collect())
}

/// `posts.csv` becomes `posts.users.csv`, and what does not end as its format does `posts.users.csv`
/// too.
fn beside(out: &Path, table: SideTable, format: FileFormat) -> PathBuf {
    let name = out.file_name().unwrap_or_default();
    let ending = format!(".{}", format.name());
    let shown = name.to_string_lossy();
    let begin = shown.len().checked_sub(ending.len());
    let parts = begin.and_then(|begin| shown.split_at_checked(begin));
    let name = match (name.to_str(), parts) {
        (Some(_), Some((stem, its))) if its.eq_ignore_ascii_case(&ending) => {
            [stem, ".", table.name(), its].concat().into()
        }
        _ => {
            let mut name = name.to_owned();
            name.push([".", table.name(), &ending].concat());
            name
        }
    };
    out.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_its_name_before_the_ending() {
        for (out, format, wanted) in [
            ("posts.csv", FileFormat::Csv, "posts.users.csv"),
            ("a.b/2021.05.JSONL.gz", FileFormat::JsonlGz, "a.b/2021.05.users.JSONL.gz"),
            ("posts", FileFormat::Csv, "posts.users.csv"),
            ("posts.txt", FileFormat::Csv, "posts.txt.users.csv"),
            ("/x/.parquet", FileFormat::Parquet, "/x/.users.parquet"),
        ] {
            assert_eq!(beside(Path::new(out), SideTable::Users, format), Path::new(wanted));
        }
    }
}
