//! Where everything lies.
//!
//! ```text
//! <id>/manifest.json          the commit; written last
//! <id>/datapackage.json       the columns, machine-readable
//! <id>/tweets.csv             all rows in one file
//! <id>/parts/part-000000.csv
//! <id>/_log/created.json      page-000000.json.zst  turn-000000.json  turn-000000-end.json
//!           control-000000.json  sealed.json  receipt-000000.json
//!           notice.json  told-webhook.json  notified.json
//! ```
//!
//! Names are pure functions of checked ids, numbers and the day of acceptance; six digits keep a
//! listing in order up to a million, and larger numbers simply get longer.
//!
//! In the original's layout the parts, and only they, have the names that mistnet's predecessor
//! gave them, in a container of their own beside the store:
//!
//! ```text
//! container112026/Blob_22_11_2026/<id>/fileblock_0.csv
//! ```

use jiff::Timestamp;
use jiff::tz::TimeZone;
use object_store::path::Path;

use crate::model::CollectionId;
use crate::model::record::{Channel, StoredFile};
use crate::model::spec::{FileFormat, FileLayout};

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
        self.below(LOG)
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
        self.record(&page_name(page))
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

    /// The record that others are being told.
    pub fn notice(&self) -> Path {
        self.record("notice.json")
    }

    /// The record of what became of the notice on a channel.
    pub fn told(&self, channel: Channel) -> Path {
        self.record(&format!("told-{}.json", channel.name()))
    }

    /// The record that nobody is told any more.
    pub fn notified(&self) -> Path {
        self.record("notified.json")
    }

    /// The commit.
    pub fn manifest(&self) -> Path {
        self.below(MANIFEST)
    }
}

/// The name of a page's record in the log's folder.
pub fn page_name(page: u64) -> String {
    format!("page-{page:06}.json.zst")
}

/// The folder of the log below the dataset.
pub const LOG: &str = "_log";

/// The manifest's path below the dataset.
pub const MANIFEST: &str = "manifest.json";

/// The path of the table schema below the dataset.
pub const DATA_PACKAGE: &str = "datapackage.json";

/// Where a part's file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartName {
    /// The container beside the store; none: below the dataset.
    pub container: Option<String>,
    /// The path in there.
    pub path: String,
}

impl PartName {
    /// Whether `file` has this name.
    pub fn is_of(&self, file: &StoredFile) -> bool {
        self.container == file.container && self.path == file.path
    }
}

/// How the parts of one dataset are named: follows from its specification and the moment it was
/// accepted, never from the clock, so that a redelivery after midnight finds what it stored.
#[derive(Debug, Clone, Copy)]
pub struct PartNames<'a> {
    /// The collection.
    pub id: &'a CollectionId,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// What was asked for.
    pub layout: FileLayout,
}

impl PartNames<'_> {
    /// The name of a part's file.
    pub fn part(&self, part: u64, format: FileFormat) -> PartName {
        let (ending, day) = (format.name(), self.created_at.to_zoned(TimeZone::UTC));
        match self.layout {
            FileLayout::Mistnet => {
                PartName { container: None, path: format!("parts/part-{part:06}.{ending}") }
            }
            FileLayout::Original => PartName {
                container: Some(day.strftime("container%m%Y").to_string()),
                path: format!(
                    "{}/{}/fileblock_{part}.{ending}",
                    day.strftime("Blob_%d_%m_%Y"),
                    self.id
                ),
            },
        }
    }
}

/// The number in a part's path, in either layout; the one who asks compares the whole name.
pub fn part_number(path: &str) -> Option<u64> {
    let name = path.rsplit('/').next()?;
    let number = name.strip_prefix("part-").or_else(|| name.strip_prefix("fileblock_"))?;
    number.split('.').next()?.parse().ok()
}

/// The path of the file with all rows below the dataset.
pub fn single_file(format: FileFormat) -> String {
    format!("tweets.{}", format.name())
}

/// What the bytes under a key are, as HTTP says it: of a file with rows as its format says, of the
/// other names in a store RFC 8259 and RFC 8878.
pub fn content_type(key: &Path) -> &'static str {
    let name = key.filename().unwrap_or_default();
    let ends_as = |format: &FileFormat| name.ends_with(&format!(".{}", format.name()));
    match (FileFormat::ALL.iter().find(|format| ends_as(format)), key.extension()) {
        (Some(format), _) => format.media_type(),
        (None, Some("json")) => "application/json",
        (None, Some("zst")) => "application/zstd",
        (None, _) => "application/octet-stream",
    }
}

/// What a name in the log's folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogName {
    /// A record's.
    Record(RecordName),
    /// One of the form of ours that this program does not know: a newer version wrote it.
    Unknown,
    /// Somebody else's: `.DS_Store`, `notes.txt`, `created.json~`.
    Foreign,
}

impl LogName {
    /// Reads a name.
    pub fn parse(name: &str) -> Self {
        match RecordName::parse(name) {
            Some(record) => Self::Record(record),
            None if has_our_form(name) => Self::Unknown,
            None => Self::Foreign,
        }
    }
}

/// How a record may be packed: the endings that its name may have behind `.json`.
const PACKINGS: [&str; 6] = [".br", ".bz2", ".gz", ".lz4", ".xz", ".zst"];

/// Whether a name has the form of a record's, of whatever version: words of lower-case letters and
/// numbers of six digits or more, joined by hyphens, then `.json`, packed or not. The first is a
/// word.
fn has_our_form(name: &str) -> bool {
    let unpacked = PACKINGS.iter().find_map(|packing| name.strip_suffix(packing)).unwrap_or(name);
    let Some(name) = unpacked.strip_suffix(".json") else { return false };
    let mut parts = name.split('-');
    parts.next().is_some_and(is_word) && parts.all(|part| is_word(part) || is_number(part))
}

fn is_word(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn is_number(part: &str) -> bool {
    part.len() >= 6 && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// What record a name is of.
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
    /// `notice.json`
    Notice,
    /// `told-….json`
    Told(Channel),
    /// `notified.json`
    Notified,
}

impl RecordName {
    /// Reads a name; `None` if no record has it.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "created.json" => return Some(Self::Created),
            "sealed.json" => return Some(Self::Sealed),
            "notice.json" => return Some(Self::Notice),
            "notified.json" => return Some(Self::Notified),
            _ => {}
        }
        let (kind, rest) = name.split_once('-')?;
        let record = match (kind, rest.strip_suffix(".json"), rest.strip_suffix(".json.zst")) {
            ("page", _, Some(number)) => Self::Page(numbered(number)?),
            ("control", Some(number), _) => Self::Control(numbered(number)?),
            ("receipt", Some(number), _) => Self::Receipt(numbered(number)?),
            ("told", Some(name), _) => {
                Self::Told(Channel::ALL.into_iter().find(|channel| channel.name() == name)?)
            }
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
        for (path, record) in [
            (layout.notice(), RecordName::Notice),
            (layout.told(Channel::Queue), RecordName::Told(Channel::Queue)),
            (layout.told(Channel::Webhook), RecordName::Told(Channel::Webhook)),
            (layout.notified(), RecordName::Notified),
        ] {
            assert_eq!(RecordName::parse(path.filename().unwrap()), Some(record));
        }
        assert_eq!(layout.created().as_ref(), "20261122-rustlang-k3v9x2m7qa/_log/created.json");
    }

    #[test]
    fn parts_are_named_by_layout_and_day_of_acceptance() {
        let id = "20261122-rustlang-k3v9x2m7qa".parse().unwrap();
        // Still the 22nd in UTC, wherever this runs.
        let created_at = "2026-11-22T23:59:59Z".parse().unwrap();
        let name =
            |layout, part| PartNames { id: &id, created_at, layout }.part(part, FileFormat::Csv);
        let own = name(FileLayout::Mistnet, 7);
        assert_eq!((own.container, own.path.as_str()), (None, "parts/part-000007.csv"));
        let original = name(FileLayout::Original, 7);
        assert_eq!(original.container.as_deref(), Some("container112026"));
        let path = "Blob_22_11_2026/20261122-rustlang-k3v9x2m7qa/fileblock_7.csv";
        assert_eq!(original.path, path);
        assert_eq!([part_number(path), part_number("parts/part-000007.csv")], [Some(7); 2]);
        assert_eq!([part_number("tweets.csv"), part_number("part-x.csv")], [None; 2]);
    }

    #[test]
    fn foreign_names_are_no_records() {
        for name in [
            "page-1.json.zst",
            "page-0000001.json.zst",
            "notes.txt",
            "page-000001.json",
            "told-pigeon.json",
            "",
        ] {
            assert_eq!(RecordName::parse(name), None, "{name}");
        }
    }

    #[test]
    fn unknown_names_of_our_form_are_told_from_those_of_others() {
        for newer in [
            "lost-000001.json",
            "page-000001.json",
            "page-000001.json.br",
            "page-0000001.json.zst",
            "page-18446744073709551616.json.zst",
            "told-pigeon.json",
            "turn-000001-lost.json",
            "spent.json",
        ] {
            assert_eq!(LogName::parse(newer), LogName::Unknown, "{newer}");
        }
        for foreign in [
            ".DS_Store",
            "Thumbs.db",
            "._created.json",
            ".nfs000000000000",
            ".created.json.swp",
            "created.json~",
            "created.json.bak",
            "created (1).json",
            "Lost-000001.json",
            "page-1.json.zst",
            "-000001.json",
            "page-.json",
            ".json",
            "notes.txt",
            "",
        ] {
            assert_eq!(LogName::parse(foreign), LogName::Foreign, "{foreign}");
        }
        assert_eq!(LogName::parse("sealed.json"), LogName::Record(RecordName::Sealed));
    }
}
