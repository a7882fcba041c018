//! What to collect: as callers ask for it, and complete as answers show it.
//!
//! Every option of a request is in [`NewCollection`] and in [`Specification`], here and nowhere
//! else in the API.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use super::body::request_body;
use super::word::{Word, listed};
use crate::model::request::{self, Request};
use crate::model::{Spec, Usd, spec};

/// A file format of datasets.
pub(in crate::api) type Format = Word<spec::FileFormat>;
type Profile = Word<spec::Profile>;
type Layout = Word<spec::FileLayout>;
type Archive = Word<spec::Archive>;
type Dialect = Word<spec::Dialect>;

listed!(spec::FileFormat, "FileFormat", "A file format of datasets.");
listed!(spec::Profile, "Profile", "A choice of columns.");
listed!(spec::FileLayout, "FileLayout", "How parts are named.");
listed!(spec::Archive, "Archive", "An index of X.");
listed!(spec::Dialect, "Dialect", "Names that fields have towards X.");

const FIX_HASHTAG: &str = "use a text such as \"#rustlang\"";
const FIX_ROWS: &str = "use a number from 1, or \"all\" together with max_cost_usd";
const FIX_START: &str = "use a text such as \"2026-11-01\" or \"2026-11-01T18:00:00Z\"";
const FIX_END: &str = "use a text such as \"2026-11-30\" or \"2026-11-30T18:00:00Z\"";
const FIX_PARTITION: &str = "use a number from 1 to 100000";
const FIX_SWITCH: &str = "use true or false";

request_body! {
    /// What to collect. Everything but `hashtag` (or `query`) may be left out.
    #[schema(example = json!({"hashtag": "#rustlang"}))]
    NewCollection {
        /// A hashtag, with or without `#`, in any script. Either this or `query`.
        #[schema(example = "#rustlang")]
        hashtag: String, FIX_HASHTAG;
        /// A query in X's language (docs.x.com, "Build a query"). Either this or `hashtag`.
        #[schema(example = "#rustlang lang:en -is:retweet")]
        query: String, "use a text such as \"#rustlang lang:en\"";
        /// The most rows, or `all`, which needs a `max_cost_usd`. Left out: 1000.
        num_results: Limit, FIX_ROWS;
        /// The first day (UTC, from midnight) or instant (RFC 3339). Left out: 30 days before
        /// the end.
        #[schema(example = "2026-11-01")]
        start_date: String, FIX_START;
        /// The last day (UTC, included whole) or the first instant after. Left out: now.
        #[schema(example = "2026-11-21")]
        end_date: String, FIX_END;
        /// The most that the collection may cost, in US dollars, at the worst case of what X may
        /// charge. Reaching it pauses the collection.
        #[schema(value_type = Option<f64>, minimum = 0, example = 5.0)]
        max_cost_usd: Usd, "use an amount of US dollars such as 5 or 12.50";
        /// Rows in a part. Left out: 1000.
        #[schema(minimum = 1, maximum = 100_000, example = 1000)]
        partition_size: u64, FIX_PARTITION;
        /// File formats. Left out: `["csv"]`.
        #[schema(example = json!(["csv"]))]
        formats: Vec<Format>, "use a list such as [\"csv\"]";
        /// Columns: `full`, the 25 of the predecessor as `original`, or the 84 of twarc-csv as
        /// `twarc`. Left out: `full`.
        profile: Profile, "use \"full\", \"original\" or \"twarc\"";
        /// How parts are named: `mistnet`, or as the predecessor did as `original`. Left out:
        /// `mistnet`.
        layout: Layout, "use \"mistnet\" or \"original\"";
        /// Whether there is also one file with all rows. Left out: true, unless `layout` is
        /// `original`.
        single_file: bool, FIX_SWITCH;
        /// Which index of X is searched: `all` (since 2006) or `recent` (seven days). Left out:
        /// `all`.
        archive: Archive, "use \"all\" or \"recent\"";
        /// Whether authors come along, at $0.010 each. Left out: true.
        authors: bool, FIX_SWITCH;
        /// Whether photos and videos come along. Left out: true.
        media: bool, FIX_SWITCH;
        /// Whether polls come along. Left out: true.
        polls: bool, FIX_SWITCH;
        /// Whether places come along. Left out: true.
        places: bool, FIX_SWITCH;
        /// Whether the posts that a post refers to come along, at $0.005 each. Left out: false.
        referenced: bool, FIX_SWITCH;
    }
}

impl From<NewCollection> for Request {
    fn from(new: NewCollection) -> Self {
        let NewCollection {
            hashtag,
            query,
            num_results,
            start_date,
            end_date,
            max_cost_usd,
            partition_size,
            formats,
            profile,
            layout,
            single_file,
            archive,
            authors,
            media,
            polls,
            places,
            referenced,
        } = new;
        Self {
            hashtag,
            query,
            num_results: num_results.map(|Limit(limit)| limit),
            start_date,
            end_date,
            max_cost_usd,
            partition_size,
            formats: formats.map(|formats| formats.into_iter().map(|Word(one)| one).collect()),
            profile: profile.map(|Word(profile)| profile),
            layout: layout.map(|Word(layout)| layout),
            single_file,
            archive: archive.map(|Word(archive)| archive),
            authors,
            media,
            polls,
            places,
            referenced,
        }
    }
}

request_body! {
    /// What to collect, as the predecessor took it. Everything but `hashtag` may be left out.
    #[schema(example = json!({"hashtag": "#rustlang"}))]
    Search {
        /// A hashtag, with or without `#`, in any script.
        // Its absence is refused later, together with whatever else makes no sense.
        #[schema(value_type = String, required = true, example = "#rustlang")]
        hashtag: String, FIX_HASHTAG;
        /// The most rows, or `all`, which needs a `max_cost_usd`. Left out: 1000.
        num_results: Limit, FIX_ROWS;
        /// The first day (UTC) or instant (RFC 3339). Left out: 30 days before the end.
        #[schema(example = "2026-11-01")]
        start_date: String, FIX_START;
        /// The last day (UTC, included whole) or the first instant after. Left out: now.
        #[schema(example = "2026-11-21")]
        end_date: String, FIX_END;
        /// Rows in a part. Left out: 1000.
        #[schema(minimum = 1, maximum = 100_000, example = 1000)]
        partition_size: u64, FIX_PARTITION;
    }
}

impl From<Search> for Request {
    /// The predecessor knew no other option, whatever else there is.
    fn from(search: Search) -> Self {
        let Search { hashtag, num_results, start_date, end_date, partition_size } = search;
        let num_results = num_results.map(|Limit(limit)| limit);
        Self { hashtag, num_results, start_date, end_date, partition_size, ..Self::default() }
    }
}

/// The most rows: a number from 1, or `"all"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(in crate::api) struct Limit(request::Limit);

impl PartialSchema for Limit {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::Integer))
            .minimum(Some(1))
            .examples([serde_json::json!(1000)]);
        let all = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .enum_values(Some([request::Limit::All.to_string()]));
        AnyOfBuilder::new().item(number).item(all).description(Some("The most rows.")).into()
    }
}

impl ToSchema for Limit {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Limit")
    }
}

/// What was asked for, complete.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Specification {
    /// The query as X gets it.
    #[schema(example = "#rustlang")]
    query: String,
    /// The hashtag without `#`, if the query is just one.
    #[schema(example = "rustlang")]
    hashtag: Option<String>,
    /// Which time the posts are from.
    window: Window,
    /// The most rows; null: all there are.
    #[schema(example = 1000)]
    limit: Option<u64>,
    /// The budget that it was accepted with, in US dollars.
    #[schema(value_type = Option<f64>)]
    max_cost_usd: Option<Usd>,
    /// Rows in a part.
    #[schema(example = 1000)]
    partition_size: u64,
    /// File formats.
    #[schema(example = json!(["csv"]))]
    formats: Vec<Format>,
    /// Columns.
    profile: Profile,
    /// How parts are named.
    layout: Layout,
    /// Whether there is also one file with all rows.
    #[schema(example = true)]
    single_file: bool,
    /// Which index of X is searched.
    archive: Archive,
    /// Which names fields have towards X.
    dialect: Dialect,
    /// Which objects come along.
    expand: Expand,
}

impl From<Spec> for Specification {
    fn from(spec: Spec) -> Self {
        let Spec {
            query,
            hashtag,
            window,
            limit,
            max_cost,
            partition_size,
            formats,
            profile,
            layout,
            single_file,
            archive,
            dialect,
            expand,
        } = spec;
        Self {
            query,
            hashtag,
            window: window.into(),
            limit,
            max_cost_usd: max_cost,
            partition_size,
            formats: formats.into_iter().map(Word).collect(),
            profile: Word(profile),
            layout: Word(layout),
            single_file,
            archive: Word(archive),
            dialect: Word(dialect),
            expand: expand.into(),
        }
    }
}

/// A span of time: the start is inside, the end is not.
#[derive(Debug, Serialize, ToSchema)]
struct Window {
    /// The first instant inside.
    #[schema(value_type = String, format = DateTime, example = "2026-10-23T00:00:00Z")]
    start: Timestamp,
    /// The first instant after.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T00:00:00Z")]
    end: Timestamp,
}

impl From<spec::Window> for Window {
    fn from(spec::Window { start, end }: spec::Window) -> Self {
        Self { start, end }
    }
}

/// Which objects come along with the posts.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "five independent options of the API")]
struct Expand {
    /// Authors (paid).
    #[schema(example = true)]
    authors: bool,
    /// Photos, videos and animated GIFs.
    #[schema(example = true)]
    media: bool,
    /// Polls.
    #[schema(example = true)]
    polls: bool,
    /// Places.
    #[schema(example = true)]
    places: bool,
    /// Posts that a post refers to (paid).
    #[schema(example = false)]
    referenced: bool,
}

impl From<spec::Expand> for Expand {
    fn from(expand: spec::Expand) -> Self {
        let spec::Expand { authors, media, polls, places, referenced } = expand;
        Self { authors, media, polls, places, referenced }
    }
}
