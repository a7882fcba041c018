//! How a conversion ended: lines, JSON, exit code.

use std::io;
use std::time::Duration;

use serde::Serialize;

use crate::cli::output::{Output, OutputError};
use crate::cli::report::{Exit, failure, printable, with_exit};
use crate::cli::text;
use crate::convert::{ConvertError, Destination, Settings, Summary, Tally};
use crate::format::Reader;

/// The rows of a sheet below its header (support.microsoft.com, "Excel specifications and limits",
/// read 2026-11-23).
const ROWS_OF_EXCEL: u64 = 1_048_575;

/// What came of a conversion.
pub(super) struct Ending<'a> {
    pub(super) out: &'a Destination,
    pub(super) settings: &'a Settings,
    pub(super) summary: Summary,
    pub(super) took: Duration,
}

/// The same, for programs.
#[derive(Debug, Serialize)]
struct Report<'a> {
    /// `-`: standard output.
    out: String,
    format: &'static str,
    profile: &'static str,
    threads: usize,
    #[serde(flatten)]
    tally: &'a Tally,
    /// Pieces of the inputs that were left out.
    skipped: u64,
    /// Cells of which the end is missing, because a spreadsheet could not take them.
    cells_cut: u64,
    bytes_in: u64,
    bytes_out: u64,
    /// Tables beside the output.
    tables: Vec<TableReport>,
    seconds: f64,
    tweets_per_second: u64,
}

/// The same of a table beside the output.
#[derive(Debug, Serialize)]
struct TableReport {
    table: &'static str,
    out: String,
    rows: u64,
    bytes_out: u64,
}

/// Says it, on stderr for people. Programs read stdout, unless the rows are there.
pub(super) fn tell(output: &Output, ending: &Ending<'_>) -> anyhow::Result<Exit> {
    for line in lines(ending) {
        output.say(&printable(&line));
    }
    let report = ending.report();
    match ending.out {
        Destination::Stdout => output.json_beside(&report)?,
        Destination::File(_) => output.json(&report)?,
    }
    Ok(if ending.summary.skipped > 0 { Exit::Skipped } else { Exit::Ok })
}

impl Ending<'_> {
    fn tables(&self) -> impl Iterator<Item = TableReport> {
        let sides = self.settings.tables.iter().zip(&self.summary.tables);
        sides.map(|(side, summary)| TableReport {
            table: side.table.name(),
            out: shown(&side.out),
            rows: summary.rows,
            bytes_out: summary.bytes_out,
        })
    }

    fn tweets_per_second(&self) -> u64 {
        let nanoseconds = self.took.as_nanos().max(1);
        let per_second = u128::from(self.summary.tally.tweets) * 1_000_000_000 / nanoseconds;
        u64::try_from(per_second).unwrap_or(u64::MAX)
    }

    fn report(&self) -> Report<'_> {
        let Self { settings, summary, .. } = self;
        Report {
            out: shown(self.out),
            format: settings.format.name(),
            profile: settings.profile.name(),
            threads: settings.threads.get(),
            tally: &summary.tally,
            skipped: summary.skipped,
            cells_cut: summary.cells_cut,
            bytes_in: summary.bytes_in,
            bytes_out: summary.bytes_out,
            tables: self.tables().collect(),
            seconds: self.took.as_secs_f64(),
            tweets_per_second: self.tweets_per_second(),
        }
    }
}

fn shown(out: &Destination) -> String {
    match out {
        Destination::File(path) => path.display().to_string(),
        Destination::Stdout => "-".to_owned(),
    }
}

/// What a person wants to know; nothing about what did not happen.
fn lines(ending: &Ending<'_>) -> Vec<String> {
    let Summary { tally, skipped, cells_cut, bytes_in, bytes_out, .. } = &ending.summary;
    let rows = text::count(tally.rows, "row");
    let mut lines = vec![format!("{}: {rows}, {}", shown(ending.out), text::bytes(*bytes_out))];
    lines.extend(ending.tables().map(|TableReport { out, rows, bytes_out, .. }| {
        format!("{out}: {}, {}", text::count(rows, "row"), text::bytes(bytes_out))
    }));
    let read = format!("{} of {}", text::bytes(*bytes_in), text::count(tally.tweets, "tweet"));
    let took = format!("{:.1} s", ending.took.as_secs_f64());
    lines.push(format!("read {read} in {took}, {} tweets/s", ending.tweets_per_second()));
    let mut say = |number: u64, what: &str, more: &str| {
        if number > 0 {
            lines.push(format!("{}{more}", text::count(number, what)));
        }
    };
    say(tally.duplicates, "duplicate", " left out: tweets with an id that was there before");
    say(tally.not_counted, "tweet", " left out that the log does not count");
    say(tally.repaired_characters, "character", " that no text can have, replaced by U+FFFD");
    say(*skipped, "broken piece", " of the input left out");
    say(*cells_cut, "cell", " cut at the 32767 characters that Excel takes");
    let most_rows = ending.tables().map(|table| table.rows).max().unwrap_or(0).max(tally.rows);
    if ending.settings.options.reader == Reader::Spreadsheets && most_rows > ROWS_OF_EXCEL {
        let shown = format!("Excel shows the first {ROWS_OF_EXCEL} rows only: a sheet has no more");
        lines.push(shown);
    }
    lines.extend(text::unknown_fields(&tally.unknown_fields));
    lines
}

/// The report on a conversion that failed.
pub(super) fn failed(error: ConvertError) -> anyhow::Error {
    const SKIP: &str = "--skip-bad goes on without what is broken, and counts it";
    match error {
        ConvertError::Output { source, .. } if source.kind() == io::ErrorKind::BrokenPipe => {
            OutputError(source).into()
        }
        ConvertError::Foreign { hint, .. } => failure(error.into(), Exit::BadData, hint),
        ConvertError::Broken(_) => failure(error.into(), Exit::BadData, SKIP),
        ConvertError::NothingReadable(_) => with_exit(error.into(), Exit::BadData),
        ConvertError::Input { ref source, .. } if source.kind() == io::ErrorKind::NotFound => {
            with_exit(error.into(), Exit::NoInput)
        }
        ConvertError::Exists { .. } => failure(error.into(), Exit::Usage, "--force replaces it"),
        ConvertError::Input { .. } | ConvertError::Output { .. } | ConvertError::Seen(_) => {
            with_exit(error.into(), Exit::Io)
        }
        ConvertError::Interrupted => with_exit(error.into(), Exit::Interrupted),
        ConvertError::Log(_) | ConvertError::Format(_) | ConvertError::Crashed(_) => error.into(),
    }
}
