//! Files that somebody says are archives.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use mistnet::convert::{
    self, Broken, ConvertError, Destination, Duplicates, Existing, Input, Limits, OnBroken,
    Settings, Source, Summary, Watch,
};
use mistnet::model::spec::{FileFormat, Profile};

/// The first byte says how the rest is converted: into a file with a row for every tweet that was
/// counted as one, or into none at all.
pub fn convert(bytes: &[u8]) {
    let Some((&how, input)) = bytes.split_first() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (source, out) = (folder.path().join("in"), folder.path().join("out"));
    fs::write(&source, input).expect("an input");
    let settings = settings(how);
    let inputs = vec![Input { name: "in".into(), source: Source::File(source) }];
    let done = convert::convert(inputs, &Destination::File(out.clone()), &settings, &Nobody);
    match done {
        Ok(summary) => complete(&out, &settings, &summary),
        Err(ConvertError::Crashed(place)) => panic!("it crashed at {place}"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    let left = fs::read_dir(folder.path()).expect("the folder").count();
    assert!(left == 1 + usize::from(out.exists()), "{left} files are left");
}

/// Bits, from the lowest: skip what is broken; keep duplicates; two threads; two for the format;
/// the profile.
fn settings(how: u8) -> Settings {
    let is_set = |bit: u8| how >> bit & 1 == 1;
    let threads = if is_set(2) { 2 } else { 1 };
    Settings {
        format: match how >> 3 & 3 {
            0 | 1 => FileFormat::Csv,
            2 => FileFormat::Jsonl,
            _ => FileFormat::JsonlZst,
        },
        profile: if is_set(5) { Profile::Original } else { Profile::Full },
        threads: NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN),
        limits: Limits {
            longest: 1 << 20,
            on_broken: if is_set(0) { OnBroken::Skip } else { OnBroken::Stop },
        },
        duplicates: if is_set(1) { Duplicates::Keep } else { Duplicates::Drop },
        existing: Existing::Keep,
    }
}

fn complete(out: &Path, settings: &Settings, summary: &Summary) {
    let tally = &summary.tally;
    assert_eq!(tally.tweets, tally.rows + tally.duplicates + tally.not_counted);
    let file = fs::read(out).expect("a conversion that succeeds leaves a file");
    assert_eq!(file.len() as u64, summary.bytes_out);
    assert_eq!(rows(settings.format, &file), tally.rows);
}

fn rows(format: FileFormat, file: &[u8]) -> u64 {
    let lines = |file: &[u8]| file.split_inclusive(|&byte| byte == b'\n').count() as u64;
    match format {
        FileFormat::Jsonl => lines(file),
        FileFormat::JsonlZst => lines(&zstd::decode_all(file).expect("a sound frame")),
        _ => {
            let mut rows = csv::Reader::from_reader(file).into_records();
            rows.try_fold(0, |rows, row| row.map(|_| rows + 1)).expect("rows of CSV")
        }
    }
}

struct Nobody;

impl Watch for Nobody {
    fn progress(&self, _: u64, _: u64) {}

    fn skipped(&self, _: &Broken) {}

    fn is_stopped(&self) -> bool {
        false
    }
}
