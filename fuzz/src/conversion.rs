//! Files that somebody says are archives.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use mistnet::columns::SideTable;
use mistnet::convert::{
    self, Broken, ConvertError, Destination, Duplicates, Existing, Input, Limits, OnBroken,
    Settings, SideOutput, Source, Summary, Watch,
};
use mistnet::format::{Newlines, Options, Reader, Retweets};
use mistnet::model::spec::{FileFormat, Profile};

use super::written;

/// Longer inputs are left alone: what is packed unpacks to thousands of times as much, all of which
/// is read, and an execution is to take milliseconds.
const LONGEST: usize = 1 << 14;

/// The first byte says how the rest is converted: into a file with a row for every tweet that was
/// counted as one, or into none at all.
pub fn convert(bytes: &[u8]) {
    let Some((&how, input)) = bytes.split_first() else { return };
    if input.len() > LONGEST {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (source, out) = (folder.path().join("in"), folder.path().join("out"));
    fs::write(&source, input).expect("an input");
    let settings = settings(how, folder.path());
    let inputs = vec![Input { name: "in".into(), source: Source::File(source) }];
    let done = convert::convert(inputs, &Destination::File(out.clone()), &settings, &Nobody);
    match done {
        Ok(summary) => complete(&out, &settings, &summary),
        Err(ConvertError::Crashed(place)) => panic!("it crashed at {place}"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    let left = fs::read_dir(folder.path()).expect("the folder").count();
    let made = if out.exists() { 1 + settings.tables.len() } else { 0 };
    assert!(left == 1 + made, "{left} files are left");
}

const OPTIONS: Options = Options {
    newlines: Newlines::Escape,
    reader: Reader::Spreadsheets,
    retweets: Retweets::Merged,
};

/// Bits, from the lowest: skip what is broken; keep duplicates; two threads. What is left is the
/// number of a format and a profile; once more with all options, and then with all tables.
fn settings(how: u8, folder: &Path) -> Settings {
    let is_set = |bit: u8| how >> bit & 1 == 1;
    let threads = if is_set(2) { 2 } else { 1 };
    let (round, kind) = (usize::from(how >> 3) / KINDS.len(), usize::from(how >> 3) % KINDS.len());
    let (format, profile) = KINDS[kind];
    let side = |table: SideTable| {
        let out = Destination::File(folder.join(table.name()));
        SideOutput { table, out }
    };
    Settings {
        format,
        profile,
        options: if round == 1 { OPTIONS } else { Options::default() },
        tables: if round > 1 { SideTable::ALL.map(side).to_vec() } else { Vec::new() },
        threads: NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN),
        limits: Limits {
            longest: 1 << 20,
            on_broken: if is_set(0) { OnBroken::Skip } else { OnBroken::Stop },
        },
        duplicates: if is_set(1) { Duplicates::Keep } else { Duplicates::Drop },
        existing: Existing::Keep,
    }
}

/// What is written. JSON Lines have no columns, so the profile changes nothing there.
const KINDS: [(FileFormat, Profile); 9] = [
    (FileFormat::Csv, Profile::Full),
    (FileFormat::Csv, Profile::Original),
    (FileFormat::Csv, Profile::Twarc),
    (FileFormat::Jsonl, Profile::Full),
    (FileFormat::JsonlGz, Profile::Full),
    (FileFormat::JsonlZst, Profile::Full),
    (FileFormat::Parquet, Profile::Full),
    (FileFormat::Parquet, Profile::Original),
    (FileFormat::Parquet, Profile::Twarc),
];

fn complete(out: &Path, settings: &Settings, summary: &Summary) {
    let tally = &summary.tally;
    assert_eq!(tally.tweets, tally.rows + tally.duplicates + tally.not_counted);
    let file = fs::read(out).expect("a conversion that succeeds leaves a file");
    assert_eq!(file.len() as u64, summary.bytes_out);
    assert_eq!(written::rows(settings.format, settings.profile, &file), tally.rows);
}

struct Nobody;

impl Watch for Nobody {
    fn progress(&self, _: u64, _: u64) {}

    fn skipped(&self, _: &Broken) {}

    fn is_stopped(&self) -> bool {
        false
    }
}
