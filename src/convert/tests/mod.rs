//! What a conversion promises, through its own door.

mod broken;
mod formats;
mod inputs;
mod outputs;
mod tables;
mod threads;

use std::cell::RefCell;
use std::fs;
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::*;
use crate::columns::SideTable;
use crate::format::Options;
use crate::model::spec::{FileFormat, Profile};

/// A page of invented tweets with these ids.
fn page(ids: impl IntoIterator<Item = u64>) -> Value {
    let tweet = |id: u64| {
        json!({
            "id": id.to_string(),
            "text": format!("tweet {id}, \"quoted\"\nand more"),
            "author_id": (id % 5).to_string(),
            "created_at": "2026-06-05T14:03:21.000Z",
            "entities": {"hashtags": [{"start": 0, "end": 5, "tag": "rustlang"}]},
        })
    };
    let user = |id: u64| json!({"id": id.to_string(), "username": format!("user{id}")});
    let data: Vec<_> = ids.into_iter().map(tweet).collect();
    let users: Vec<_> = (0..5).map(user).collect();
    json!({"data": data, "includes": {"users": users}, "meta": {"result_count": data.len()}})
}

/// Pages of ten tweets, one a line, newest first.
fn pages(count: u64) -> String {
    let page = |number: u64| page((0..10).map(|at| 1_000_000 - number * 10 - at)).to_string();
    (0..count).map(|number| page(number) + "\n").collect()
}

/// A folder, and what is converted in it.
struct Desk {
    folder: tempfile::TempDir,
    settings: Settings,
    watched: Watched,
}

#[derive(Default)]
struct Watched {
    skipped: RefCell<Vec<Broken>>,
    progress: RefCell<Vec<(u64, u64)>>,
    stopped: bool,
}

impl Watch for Watched {
    fn progress(&self, bytes: u64, rows: u64) {
        self.progress.borrow_mut().push((bytes, rows));
    }

    fn skipped(&self, broken: &Broken) {
        self.skipped.borrow_mut().push(broken.clone());
    }

    fn is_stopped(&self) -> bool {
        self.stopped
    }
}

impl Desk {
    fn new() -> Self {
        let settings = Settings {
            format: FileFormat::Csv,
            profile: Profile::Original,
            options: Options::default(),
            tables: Vec::new(),
            threads: NonZeroUsize::MIN,
            limits: Limits { longest: Limits::DEFAULT_LONGEST, on_broken: OnBroken::Stop },
            duplicates: Duplicates::Drop,
            existing: Existing::Keep,
        };
        let folder = tempfile::tempdir().unwrap();
        Self { folder, settings, watched: Watched::default() }
    }

    fn skipping() -> Self {
        let mut desk = Self::new();
        desk.settings.limits.on_broken = OnBroken::Skip;
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Lays down a file.
    fn put(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// Names of all files, hidden ones too.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn convert(&self, inputs: &[&str], out: &str) -> Result<Summary, ConvertError> {
        let file =
            |name: &&str| Input { name: (*name).into(), source: Source::File(self.path(name)) };
        self.convert_inputs(inputs.iter().map(file).collect(), out)
    }

    fn convert_inputs(&self, inputs: Vec<Input>, out: &str) -> Result<Summary, ConvertError> {
        let out = Destination::File(self.path(out));
        convert(inputs, &out, &self.settings, &self.watched)
    }

    /// The ids in a CSV file.
    fn ids(&self, name: &str) -> Vec<u64> {
        let mut reader = csv::Reader::from_path(self.path(name)).unwrap();
        reader.records().map(|row| row.unwrap()[0].parse().unwrap()).collect()
    }

    /// Converts one text, and gives the ids.
    fn ids_of(&self, text: impl AsRef<[u8]>) -> Vec<u64> {
        self.put("in", text);
        let out = format!("out-{}.csv", self.names().len());
        self.convert(&["in"], &out).unwrap();
        self.ids(&out)
    }

    /// Converts one text, and gives the error as people read it.
    fn refusal(&self, text: impl AsRef<[u8]>) -> String {
        self.put("in", text);
        let refused = self.convert(&["in"], "refused.csv").unwrap_err();
        assert_eq!(self.names(), ["in"], "something was left");
        refused.to_string()
    }
}

fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes.as_ref()).unwrap();
    packer.finish().unwrap()
}

fn zstd(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    zstd::encode_all(bytes.as_ref(), 1).unwrap()
}

fn file_is_there(path: &Path) -> bool {
    fs::metadata(path).is_ok()
}
