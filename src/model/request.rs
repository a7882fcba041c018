//! A user's request, and the specification that it comes to.
//!
//! The command line and the HTTP API both make a [`Request`], in which everything may be missing;
//! [`resolve`] fills in the defaults, turns dates into instants and refuses what makes no sense,
//! before anything is logged or paid. Every problem is reported at once, with the field, the
//! value, the reason and the fix.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use super::hashtag::Hashtag;
use super::query::Query;
use super::spec::{Archive, Dialect, Expand, FileFormat, FileLayout, Profile, Spec, Window};
use super::usd::Usd;
use super::window::{DateError, DateField, Resolved};

/// Most rows in a part. A part is encoded in memory at up to a few KiB a row, so this bounds a
/// receiver at a few hundred MiB.
pub const MAX_PARTITION_SIZE: u64 = 100_000;

/// What a user asks for. What is missing is filled in from [`Defaults`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// A hashtag, with or without `#`. Either this or `query`.
    pub hashtag: Option<String>,
    /// Any query in X's language.
    pub query: Option<String>,
    /// The most rows, or `all`.
    pub num_results: Option<Limit>,
    /// The first day or instant.
    pub start_date: Option<String>,
    /// The last day or instant.
    pub end_date: Option<String>,
    /// The most that it may cost at worst.
    pub max_cost_usd: Option<Usd>,
    /// Rows in a part.
    pub partition_size: Option<u64>,
    /// File formats.
    pub formats: Option<Vec<FileFormat>>,
    /// Columns.
    pub profile: Option<Profile>,
    /// How the files are named.
    pub layout: Option<FileLayout>,
    /// Whether there is also one file with all rows.
    pub single_file: Option<bool>,
    /// Which index of X is searched.
    pub archive: Option<Archive>,
    /// Whether authors come along (paid).
    pub authors: Option<bool>,
    /// Whether photos and videos come along.
    pub media: Option<bool>,
    /// Whether polls come along.
    pub polls: Option<bool>,
    /// Whether places come along.
    pub places: Option<bool>,
    /// Whether the tweets that a tweet refers to come along (paid).
    pub referenced: Option<bool>,
}

/// What a collection is like unless its request says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defaults {
    /// The most rows.
    pub limit: Limit,
    /// The most that it may cost at worst.
    pub max_cost: Option<Usd>,
    /// Rows in a part.
    pub partition_size: u64,
    /// The first day or instant; `None`: 30 days before the end.
    pub start: Option<String>,
    /// The last day or instant; `None`: now.
    pub end: Option<String>,
    /// File formats, at least one.
    pub formats: Vec<FileFormat>,
    /// Columns.
    pub profile: Profile,
    /// How the files are named.
    pub layout: FileLayout,
    /// Whether there is also one file with all rows; `None`: the layout decides.
    pub single_file: Option<bool>,
    /// Which index of X is searched.
    pub archive: Archive,
    /// Which field names are used towards X.
    pub dialect: Dialect,
    /// Which objects come along.
    pub expand: Expand,
}

/// The most rows that a dataset may have. In JSON a number or `"all"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// So many.
    Rows(NonZeroU64),
    /// All there are.
    All,
}

impl Limit {
    /// The number, if there is one.
    pub fn rows(self) -> Option<u64> {
        match self {
            Self::Rows(rows) => Some(rows.get()),
            Self::All => None,
        }
    }
}

/// A text that is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a number of rows; use 1 or more, or all")]
pub struct InvalidLimit;

impl FromStr for Limit {
    type Err = InvalidLimit;

    fn from_str(text: &str) -> Result<Self, InvalidLimit> {
        match text {
            "all" => Ok(Self::All),
            number => number.parse().map(Self::Rows).map_err(|_| InvalidLimit),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows(rows) => rows.fmt(f),
            Self::All => f.write_str("all"),
        }
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.parse().map_err(|error| serde::de::Error::custom(format!("{text} is {error}")))
    }
}

/// A request that makes no sense: everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct InvalidRequest {
    /// One entry for each problem, at least one.
    pub problems: Vec<InvalidField>,
}

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {value:?}: {reason} ({fix})")]
pub struct InvalidField {
    /// The field, by its name in [`Request`].
    pub field: &'static str,
    /// What it was.
    pub value: String,
    /// Why it can't be.
    pub reason: String,
    /// What would be right.
    pub fix: String,
}

impl InvalidField {
    fn new(
        field: &'static str,
        value: &dyn ToString,
        reason: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { field, value: value.to_string(), reason: reason.into(), fix: fix.into() }
    }
}

/// The specification that a request comes to at the moment `now`.
pub fn resolve(
    request: &Request,
    defaults: &Defaults,
    now: Timestamp,
) -> Result<Spec, InvalidRequest> {
    let mut problems = Vec::new();
    let archive = request.archive.unwrap_or(defaults.archive);
    let limit = request.num_results.unwrap_or(defaults.limit);
    let max_cost = request.max_cost_usd.or(defaults.max_cost);
    let subject = keep(subject(request, archive), &mut problems);
    let window = keep(window(request, defaults, archive, now), &mut problems);
    let partition_size = keep(partition_size(request, defaults), &mut problems);
    keep(check_brake(limit, max_cost), &mut problems);
    let formats = request.formats.clone().unwrap_or_else(|| defaults.formats.clone());
    keep(check_formats(&formats), &mut problems);
    let layout = request.layout.unwrap_or(defaults.layout);
    let (Some((query, hashtag)), Some(window), Some(partition_size), true) =
        (subject, window, partition_size, problems.is_empty())
    else {
        return Err(InvalidRequest { problems });
    };
    Ok(Spec {
        query,
        hashtag,
        window,
        limit: limit.rows(),
        max_cost,
        partition_size,
        formats,
        profile: request.profile.unwrap_or(defaults.profile),
        layout,
        single_file: request.single_file.or(defaults.single_file).unwrap_or(has_one_file(layout)),
        archive,
        dialect: defaults.dialect,
        expand: expand(request, defaults),
    })
}

/// Whether a dataset has one file with all rows if nobody says: the predecessor made none.
fn has_one_file(layout: FileLayout) -> bool {
    match layout {
        FileLayout::Mistnet => true,
        FileLayout::Original => false,
    }
}

/// Collects the problem of a part of the request and goes on with the next.
fn keep<T>(part: Result<T, InvalidField>, problems: &mut Vec<InvalidField>) -> Option<T> {
    part.map_err(|problem| problems.push(problem)).ok()
}

/// The query, and the hashtag if it is just one.
fn subject(request: &Request, archive: Archive) -> Result<(String, Option<String>), InvalidField> {
    match (&request.hashtag, &request.query) {
        (Some(hashtag), None) => {
            let parsed = Hashtag::parse(hashtag).map_err(|error| {
                InvalidField::new("hashtag", &error.value, error.reason, error.fix)
            })?;
            Ok((parsed.as_query(), Some(parsed.as_str().to_owned())))
        }
        (None, Some(query)) => {
            let checked = Query::check(query, archive).map_err(|error| {
                let reason = format!("at character {}: {}", error.position, error.problem);
                InvalidField::new("query", query, reason, error.fix)
            })?;
            Ok((checked.as_str().to_owned(), None))
        }
        (None, None) => {
            let fix = "give a hashtag, for example #rustlang";
            Err(InvalidField::new("hashtag", &"", "nothing to search for", fix))
        }
        (Some(_), Some(query)) => {
            let reason = "a request has either a hashtag or a query";
            Err(InvalidField::new("query", query, reason, "leave one of them out"))
        }
    }
}

fn window(
    request: &Request,
    defaults: &Defaults,
    archive: Archive,
    now: Timestamp,
) -> Result<Window, InvalidField> {
    let start = request.start_date.as_deref().or(defaults.start.as_deref());
    let end = request.end_date.as_deref().or(defaults.end.as_deref());
    let resolved = Window::resolve(start, end, now, archive);
    resolved.map(|Resolved { window, .. }| window).map_err(InvalidField::from)
}

impl From<DateError> for InvalidField {
    fn from(DateError { field, value, reason, fix }: DateError) -> Self {
        let field = match field {
            DateField::Start => "start_date",
            DateField::End => "end_date",
        };
        Self::new(field, &value, reason, fix)
    }
}

/// Whether a specification that was made a while ago can be collected at `now`.
pub fn check_reach(spec: &Spec, now: Timestamp) -> Result<(), InvalidRequest> {
    let checked = spec.window.check_reach(now, spec.archive);
    checked.map_err(|error| InvalidRequest { problems: vec![error.into()] })
}

fn partition_size(request: &Request, defaults: &Defaults) -> Result<u64, InvalidField> {
    let size = request.partition_size.unwrap_or(defaults.partition_size);
    if (1..=MAX_PARTITION_SIZE).contains(&size) {
        Ok(size)
    } else {
        let fix = format!("use 1 to {MAX_PARTITION_SIZE}");
        Err(InvalidField::new("partition_size", &size, "out of range", fix))
    }
}

/// No collection is without a brake: everything there is only up to a price.
pub fn check_brake(limit: Limit, max_cost: Option<Usd>) -> Result<(), InvalidField> {
    match (limit, max_cost) {
        (Limit::All, None) => Err(InvalidField::new(
            "num_results",
            &limit,
            "a collection of all there is has no ceiling on its price",
            "give max_cost_usd (--max-cost USD) too, or a number of results",
        )),
        (Limit::All, Some(_)) | (Limit::Rows(_), _) => Ok(()),
    }
}

fn check_formats(formats: &[FileFormat]) -> Result<(), InvalidField> {
    if formats.is_empty() {
        let reason = "a dataset has at least one format";
        return Err(InvalidField::new("formats", &"[]", reason, "use csv"));
    }
    Ok(())
}

fn expand(request: &Request, defaults: &Defaults) -> Expand {
    let default = defaults.expand;
    Expand {
        authors: request.authors.unwrap_or(default.authors),
        media: request.media.unwrap_or(default.media),
        polls: request.polls.unwrap_or(default.polls),
        places: request.places.unwrap_or(default.places),
        referenced: request.referenced.unwrap_or(default.referenced),
    }
}
