//! What a user asks for: the specification of a collection.
//!
//! A [`Spec`] is complete: every default has been filled in and every date resolved to an instant
//! when the collection was accepted, so that a resume years later asks X the same question. It is
//! written once, into `created.json`, and never changes (a raised budget is a control record).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Usd;
use super::price::Extras;

/// What to collect, and how to deliver it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    /// The query as X gets it, for example `#rustlang`.
    pub query: String,
    /// The hashtag without `#`, if the query is just one.
    pub hashtag: Option<String>,
    /// Which time the tweets are from.
    pub window: Window,
    /// The most rows that the dataset may have; `None`: all there are.
    pub limit: Option<u64>,
    /// The most that the collection may cost at worst.
    #[serde(rename = "max_cost_usd")]
    pub max_cost: Option<Usd>,
    /// Rows in a part.
    pub partition_size: u64,
    /// The file formats of the dataset.
    pub formats: Vec<FileFormat>,
    /// Which columns the files have.
    pub profile: Profile,
    /// How the files are named. Records from before there was a choice say nothing.
    #[serde(default)]
    pub layout: FileLayout,
    /// Whether there is also one file with all rows.
    pub single_file: bool,
    /// Which index of X is searched.
    pub archive: Archive,
    /// Which names the fields have in requests and answers.
    pub dialect: Dialect,
    /// Which objects come along with the tweets.
    pub expand: Expand,
}

impl Spec {
    /// Rows in a part, unless the caller says otherwise.
    pub const DEFAULT_PARTITION_SIZE: u64 = 1000;

    /// Rows in a dataset, unless the caller says otherwise.
    pub const DEFAULT_LIMIT: u64 = 1000;

    /// The paid extras of each tweet.
    pub fn extras(&self) -> Extras {
        Extras { authors: self.expand.authors, referenced: self.expand.referenced }
    }
}

/// A span of time: `start` is inside, `end` is not, both whole seconds.
///
/// X's `start_time` is inclusive, its `end_time` exclusive (OpenAPI 2.166, read 2026-07-01).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The first instant inside.
    pub start: Timestamp,
    /// The first instant after.
    pub end: Timestamp,
}

/// A file format of datasets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileFormat {
    /// Comma-separated values (RFC 4180).
    Csv,
    /// JSON Lines: a post with everything that belongs to it in each line.
    Jsonl,
    /// JSON Lines, compressed by gzip (RFC 1952).
    #[serde(rename = "jsonl.gz")]
    JsonlGz,
    /// JSON Lines, compressed by Zstandard (RFC 8878).
    #[serde(rename = "jsonl.zst")]
    JsonlZst,
    /// Apache Parquet.
    Parquet,
}

impl FileFormat {
    /// Every format.
    pub const ALL: [Self; 5] =
        [Self::Csv, Self::Jsonl, Self::JsonlGz, Self::JsonlZst, Self::Parquet];

    /// Those that this program can write.
    pub fn built_in() -> impl Iterator<Item = Self> {
        let is_built_in = |format: &Self| *format != Self::Parquet || cfg!(feature = "parquet");
        Self::ALL.into_iter().filter(is_built_in)
    }

    /// What records and people call it, and how its files end after the dot.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::JsonlGz => "jsonl.gz",
            Self::JsonlZst => "jsonl.zst",
            Self::Parquet => "parquet",
        }
    }

    /// Its media type: RFC 7111 for CSV; application/x-ndjson is what programs call JSON Lines, which
    /// have none that is registered (github.com/ndjson/ndjson-spec); RFC 6713 and RFC 8878 for what is
    /// compressed; Parquet's is registered (iana.org/assignments/media-types).
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Jsonl => "application/x-ndjson",
            Self::JsonlGz => "application/gzip",
            Self::JsonlZst => "application/zstd",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// How the files of a dataset are named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileLayout {
    /// `parts/part-000000.csv` beside the manifest.
    #[default]
    Mistnet,
    /// `Blob_DD_MM_YYYY/<id>/fileblock_<n>.csv` in a container `containerMMYYYY`, as mistnet's
    /// predecessor named them; by the day (UTC) on which the collection was accepted.
    Original,
}

impl FileLayout {
    /// Every way of naming.
    pub const ALL: [Self; 2] = [Self::Mistnet, Self::Original];

    /// What records and people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mistnet => "mistnet",
            Self::Original => "original",
        }
    }
}

/// A choice of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// The 25 columns of mistnet's predecessor.
    Original,
    /// Those 25 first, then everything else that the API gives.
    Full,
    /// The 84 columns of twarc-csv, the converter of twarc.
    Twarc,
}

impl Profile {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Original, Self::Full, Self::Twarc];

    /// What records and people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Full => "full",
            Self::Twarc => "twarc",
        }
    }
}

/// The newest version of the columns, which a collection that is accepted now keeps. Raised
/// whenever a column is added, so that the parts of a collection never differ from each other.
pub const COLUMNS: u32 = 1;

/// The columns of a file: a choice, as it was in one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Columns {
    /// The choice.
    pub profile: Profile,
    /// The version, from 1. (0 is what a change of columns is tried with: see `columns`.)
    pub version: u32,
}

impl From<Profile> for Columns {
    /// As they are in the newest version.
    fn from(profile: Profile) -> Self {
        Self { profile, version: COLUMNS }
    }
}

/// An index of X.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Archive {
    /// Everything since 2006: `/2/tweets/search/all`.
    All,
    /// The last seven days: `/2/tweets/search/recent`.
    Recent,
}

impl Archive {
    /// Every index.
    pub const ALL: [Self; 2] = [Self::All, Self::Recent];

    /// What records and people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Recent => "recent",
        }
    }

    /// The most tweets that one request may ask for (docs.x.com, search, read 2026-08-22).
    pub const fn max_results(self) -> u64 {
        match self {
            Self::All => 500,
            Self::Recent => 100,
        }
    }

    /// The fewest tweets that one request may ask for (docs.x.com, search, read 2026-08-22).
    pub const MIN_RESULTS: u64 = 10;
}

/// A vocabulary of X's API. The request decides which one the answer speaks; they never mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// `tweet.fields`, which every older tool speaks.
    Tweet,
    /// `post.fields`, X's documented names since 2026-08-07.
    Post,
}

impl Dialect {
    /// Every vocabulary.
    pub const ALL: [Self; 2] = [Self::Tweet, Self::Post];

    /// What records and people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tweet => "tweet",
            Self::Post => "post",
        }
    }
}

/// Which objects come along with the tweets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "five independent options of the API")]
pub struct Expand {
    /// The author of each tweet (paid).
    pub authors: bool,
    /// Photos, videos and animated GIFs.
    pub media: bool,
    /// Polls.
    pub polls: bool,
    /// Places.
    pub places: bool,
    /// The tweets that a tweet refers to (paid).
    pub referenced: bool,
}

impl Default for Expand {
    fn default() -> Self {
        Self { authors: true, media: true, polls: true, places: true, referenced: false }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// No objects besides the tweets.
    pub(crate) const NOTHING_BESIDES: Expand =
        Expand { authors: false, media: false, polls: false, places: false, referenced: false };

    /// A specification with every default: the one literal of tests, from which others are made.
    pub(crate) fn spec() -> Spec {
        let start: Timestamp = "2026-10-23T00:00:00Z".parse().unwrap();
        let end: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        Spec {
            query: "#rustlang".into(),
            hashtag: Some("rustlang".into()),
            window: Window { start, end },
            limit: Some(Spec::DEFAULT_LIMIT),
            max_cost: None,
            partition_size: Spec::DEFAULT_PARTITION_SIZE,
            formats: vec![FileFormat::Csv],
            profile: Profile::Full,
            layout: FileLayout::default(),
            single_file: true,
            archive: Archive::All,
            dialect: Dialect::Tweet,
            expand: Expand::default(),
        }
    }
}
