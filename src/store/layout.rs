//! Where everything lies.
//!
//! ```text
//! <id>/manifest.json          the commit; written last
//! <id>/datapackage.json       the columns, machine-readable
//! <id>/tweets.csv             all rows in one file
//! <id>/parts/part-000000.csv
//! <id>/_log/created.json      page-000000.json.zst  turn-000000.json  turn-000000-end.json
//!           control-000000.json  sealed.json  receipt-000000.json
//! ```
//!
//! Names are pure functions of checked ids and numbers; six digits keep a listing in order up to a
//! million, and larger numbers simply get longer.

use object_store::path::Path;

use crate::model::CollectionId;
use crate::model::spec::FileFormat;

/// The names within one collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    id: CollectionId,
}

impl Layout {
    /// The names of this collection.
    pub fn new(id: CollectionId) -> Self {
        Self { id }
    }

    /// The collection.
    pub fn id(&self) -> &CollectionId {
        &self.id
    }

    /// A path below the dataset, such as a file's in the manifest.
    pub fn below(&self, path: &str) -> Path {
        path.split('/').fold(Path::from(self.id.as_str()), Path::join)
    }

    /// The folder of the log.
    pub fn log(&self) -> Path {
        self.below("_log")
    }

    fn record(&self, name: &str) -> Path {
        self.log().join(name)
    }

    /// The record of acceptance.
    pub fn created(&self) -> Path {
        self.record("created.json")
    }

    /// The record of a page.
    pub fn page(&self, page: u64) -> Path {
        self.record(&format!("page-{page:06}.json.zst"))
    }

    /// The record of a turn's beginning.
    pub fn turn(&self, turn: u64) -> Path {
        self.record(&format!("turn-{turn:06}.json"))
    }

    /// The record of a turn's end.
    pub fn turn_end(&self, turn: u64) -> Path {
        self.record(&format!("turn-{turn:06}-end.json"))
    }

    /// The record of a user's intervention.
    pub fn control(&self, number: u64) -> Path {
        self.record(&format!("control-{number:06}.json"))
    }

    /// The seal.
    pub fn sealed(&self) -> Path {
        self.record("sealed.json")
    }

    /// The record that a part is stored.
    pub fn receipt(&self, part: u64) -> Path {
        self.record(&format!("receipt-{part:06}.json"))
    }

    /// The commit.
    pub fn manifest(&self) -> Path {
        self.below(MANIFEST)
    }
}

/// The manifest's path below the dataset.
pub const MANIFEST: &str = "manifest.json";

/// The path of the table schema below the dataset.
pub const DATA_PACKAGE: &str = "datapackage.json";

/// The path of a part below the dataset.
pub fn part_file(part: u64, format: FileFormat) -> String {
    format!("parts/part-{part:06}.{}", ending(format))
}

/// The path of the file with all rows below the dataset.
pub fn single_file(format: FileFormat) -> String {
    format!("tweets.{}", ending(format))
}

const fn ending(format: FileFormat) -> &'static str {
    match format {
        FileFormat::Csv => "csv",
    }
}

/// What a name in the log's folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordName {
    /// `created.json`
    Created,
    /// `page-….json.zst`
    Page(u64),
    /// `turn-….json`
    Turn(u64),
    /// `turn-…-end.json`
    TurnEnd(u64),
    /// `control-….json`
    Control(u64),
    /// `sealed.json`
    Sealed,
    /// `receipt-….json`
    Receipt(u64),
}

impl RecordName {
    /// Reads a name; `None` if no record has it.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "created.json" => return Some(Self::Created),
            "sealed.json" => return Some(Self::Sealed),
            _ => {}
        }
        let (kind, rest) = name.split_once('-')?;
        let record = match (kind, rest.strip_suffix(".json"), rest.strip_suffix(".json.zst")) {
            ("page", _, Some(number)) => Self::Page(numbered(number)?),
            ("control", Some(number), _) => Self::Control(numbered(number)?),
            ("receipt", Some(number), _) => Self::Receipt(numbered(number)?),
            ("turn", Some(number), _) => match number.strip_suffix("-end") {
                Some(number) => Self::TurnEnd(numbered(number)?),
                None => Self::Turn(numbered(number)?),
            },
            _ => return None,
        };
        Some(record)
    }
}

/// Reads six or more digits; a longer number has no leading zero.
fn numbered(digits: &str) -> Option<u64> {
    let number: u64 = digits.parse().ok()?;
    (format!("{number:06}") == digits).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        let layout = Layout::new("20261122-rustlang-k3v9x2m7qa".parse().unwrap());
        for number in [0, 7, 999_999, 1_000_000] {
            let names = [
                (layout.page(number), RecordName::Page(number)),
                (layout.turn(number), RecordName::Turn(number)),
                (layout.turn_end(number), RecordName::TurnEnd(number)),
                (layout.control(number), RecordName::Control(number)),
                (layout.receipt(number), RecordName::Receipt(number)),
            ];
            for (path, record) in names {
                assert_eq!(RecordName::parse(path.filename().unwrap()), Some(record));
            }
        }
        assert_eq!(layout.created().as_ref(), "20261122-rustlang-k3v9x2m7qa/_log/created.json");
    }

    #[test]
    fn foreign_names_are_no_records() {
        for name in
            ["page-1.json.zst", "page-0000001.json.zst", "notes.txt", "page-000001.json", ""]
        {
            assert_eq!(RecordName::parse(name), None, "{name}");
        }
    }
}
