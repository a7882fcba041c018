//! What the OpenAPI document says about values that other rooms define.
//!
//! These types are never made: they describe. The rooms below stay free of OpenAPI, and the test
//! `documented_fields_are_the_real_ones` holds each description against a real value.

use utoipa::ToSchema;
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Schema, SchemaType, Type};

use super::view::Links;
use crate::model::state::State;

/// What to collect. Everything but `hashtag` (or `query`) may be left out.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"hashtag": "#rustlang"}))]
pub struct NewCollection {
    /// A hashtag, with or without `#`, in any script. Either this or `query`.
    #[schema(example = "#rustlang")]
    pub hashtag: Option<String>,
    /// A query in X's language (docs.x.com, "Build a query"). Either this or `hashtag`.
    #[schema(example = "#rustlang lang:en -is:retweet")]
    pub query: Option<String>,
    /// The most rows, or `all`, which needs `max_cost_usd`. Left out: 1000.
    #[schema(schema_with = limit)]
    pub num_results: Option<u64>,
    /// The first day (UTC, from midnight) or instant (RFC 3339). Left out: 30 days before the end.
    #[schema(example = "2026-11-01")]
    pub start_date: Option<String>,
    /// The last day (UTC, included whole) or the first instant after. Left out: now.
    #[schema(example = "2026-11-21")]
    pub end_date: Option<String>,
    /// The most that the collection may cost, in US dollars, at the worst case of what X may
    /// charge. Reaching it pauses the collection.
    #[schema(minimum = 0, example = 5.0)]
    pub max_cost_usd: Option<f64>,
    /// Rows in a part. Left out: 1000.
    #[schema(minimum = 1, maximum = 100_000, example = 1000)]
    pub partition_size: Option<u64>,
    /// File formats: `csv`, `jsonl`, `jsonl.gz`, `jsonl.zst`, `parquet`. Left out: `["csv"]`.
    #[schema(example = json!(["csv"]))]
    pub formats: Option<Vec<String>>,
    /// Columns: `full`, the 25 of the predecessor as `original`, or the 84 of twarc-csv as `twarc`.
    /// Left out: `full`.
    #[schema(example = "full")]
    pub profile: Option<String>,
    /// How parts are named: `mistnet`, or as the predecessor did as `original`. Left out: `mistnet`.
    #[schema(example = "mistnet")]
    pub layout: Option<String>,
    /// Whether there is also one file with all rows. Left out: true, unless `layout` is `original`.
    pub single_file: Option<bool>,
    /// Which index of X is searched: `all` (since 2006) or `recent` (seven days). Left out: `all`.
    #[schema(example = "all")]
    pub archive: Option<String>,
    /// Whether authors come along, at $0.010 each. Left out: true.
    pub authors: Option<bool>,
    /// Whether photos and videos come along. Left out: true.
    pub media: Option<bool>,
    /// Whether polls come along. Left out: true.
    pub polls: Option<bool>,
    /// Whether places come along. Left out: true.
    pub places: Option<bool>,
    /// Whether the posts that a post refers to come along, at $0.005 each. Left out: false.
    pub referenced: Option<bool>,
}

/// What to collect, as the predecessor took it. Everything but `hashtag` may be left out.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"hashtag": "#rustlang"}))]
pub struct Search {
    /// A hashtag, with or without `#`, in any script.
    #[schema(example = "#rustlang")]
    pub hashtag: String,
    /// The most rows. Left out: 1000.
    #[schema(schema_with = limit)]
    pub num_results: Option<u64>,
    /// The first day (UTC) or instant (RFC 3339). Left out: 30 days before the end.
    #[schema(example = "2026-11-01")]
    pub start_date: Option<String>,
    /// The last day (UTC, included whole) or the first instant after. Left out: now.
    #[schema(example = "2026-11-21")]
    pub end_date: Option<String>,
    /// Rows in a part. Left out: 1000.
    #[schema(minimum = 1, maximum = 100_000, example = 1000)]
    pub partition_size: Option<u64>,
}

/// What else to change when a collection goes on.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"max_cost_usd": 10.0}))]
pub struct Resumption {
    /// The most that the collection may cost all in all, in US dollars, in place of the old budget.
    #[schema(minimum = 0, example = 10.0)]
    pub max_cost_usd: Option<f64>,
}

/// A collection at a glance.
#[derive(Debug, ToSchema)]
pub struct Collection {
    /// Its id.
    #[schema(example = "20261122-rustlang-k3v9x2m7qa")]
    pub collection: String,
    /// What it is doing. It goes on by itself in `queued`, `collecting`, `waiting` and `storing`;
    /// `paused` and `failed` need a person.
    #[schema(schema_with = state)]
    pub state: String,
    /// What was asked for, with every default filled in.
    pub spec: Specification,
    /// When it was accepted.
    #[schema(format = DateTime, example = "2026-11-22T12:00:00Z")]
    pub created_at: String,
    /// Rows so far.
    #[schema(example = 700)]
    pub rows: u64,
    /// Pages (answers of X) so far.
    #[schema(example = 2)]
    pub pages: u64,
    /// Parts that are stored.
    #[schema(example = 0)]
    pub parts_stored: u64,
    /// Parts in all, known when fetching has ended.
    pub parts: Option<u64>,
    /// What X charges for what it returned, in US dollars at list price; the bill is not higher.
    #[schema(example = 10.5)]
    pub cost_usd: f64,
    /// What answers that were lost on the way may have cost, in US dollars, at worst.
    #[schema(example = 0.0)]
    pub cost_perhaps_usd: f64,
    /// Both together: what the budget counts.
    #[schema(example = 10.5)]
    pub cost_worst_usd: f64,
    /// What X is likely to bill, in US dollars, by its rule that a resource is charged once a day;
    /// absent if that was not recorded.
    #[schema(example = 9.2)]
    pub cost_likely_usd: Option<f64>,
    /// The budget in force, in US dollars.
    pub max_cost_usd: Option<f64>,
    /// When it goes on, if it waits, and why.
    pub waiting: Option<Waiting>,
    /// What stopped it, and the next step.
    pub trouble: Option<Trouble>,
    /// When its log was last written to.
    #[schema(format = DateTime, example = "2026-11-22T12:00:09Z")]
    pub touched_at: Option<String>,
    /// Where to go from it.
    #[schema(value_type = Links)]
    pub links: (),
}

/// What was asked for, complete.
#[derive(Debug, ToSchema)]
pub struct Specification {
    /// The query as X gets it.
    #[schema(example = "#rustlang")]
    pub query: String,
    /// The hashtag without `#`, if the query is just one.
    #[schema(example = "rustlang")]
    pub hashtag: Option<String>,
    /// Which time the posts are from.
    pub window: Window,
    /// The most rows; null: all there are.
    #[schema(example = 1000)]
    pub limit: Option<u64>,
    /// The budget that it was accepted with, in US dollars.
    pub max_cost_usd: Option<f64>,
    /// Rows in a part.
    #[schema(example = 1000)]
    pub partition_size: u64,
    /// File formats.
    #[schema(example = json!(["csv"]))]
    pub formats: Vec<String>,
    /// Columns.
    #[schema(example = "full")]
    pub profile: String,
    /// How parts are named.
    #[schema(example = "mistnet")]
    pub layout: String,
    /// Whether there is also one file with all rows.
    #[schema(example = true)]
    pub single_file: bool,
    /// Which index of X is searched.
    #[schema(example = "all")]
    pub archive: String,
    /// Which names fields have towards X.
    #[schema(example = "tweet")]
    pub dialect: String,
    /// Which objects come along.
    pub expand: Expand,
}

/// A span of time: the start is inside, the end is not.
#[derive(Debug, ToSchema)]
pub struct Window {
    /// The first instant inside.
    #[schema(format = DateTime, example = "2026-10-23T00:00:00Z")]
    pub start: String,
    /// The first instant after.
    #[schema(format = DateTime, example = "2026-11-22T00:00:00Z")]
    pub end: String,
}

/// Which objects come along with the posts.
#[derive(Debug, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "five independent options of the API")]
pub struct Expand {
    /// Authors (paid).
    #[schema(example = true)]
    pub authors: bool,
    /// Photos, videos and animated GIFs.
    #[schema(example = true)]
    pub media: bool,
    /// Polls.
    #[schema(example = true)]
    pub polls: bool,
    /// Places.
    #[schema(example = true)]
    pub places: bool,
    /// Posts that a post refers to (paid).
    #[schema(example = false)]
    pub referenced: bool,
}

/// A wait that ends by itself.
#[derive(Debug, ToSchema)]
pub struct Waiting {
    /// When it ends.
    #[schema(format = DateTime, example = "2026-11-22T12:15:00Z")]
    pub until: String,
    /// Why.
    #[schema(example = "the rate window is used up")]
    pub reason: String,
}

/// What stopped a collection.
#[derive(Debug, ToSchema)]
pub struct Trouble {
    /// A short stable name.
    #[schema(example = "budget")]
    pub code: String,
    /// What happened.
    pub detail: String,
    /// The next step.
    pub hint: String,
}

fn limit() -> Schema {
    let number = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::Integer))
        .minimum(Some(1))
        .examples([serde_json::json!(1000)]);
    let all =
        ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).enum_values(Some(["all"]));
    let what = "The most rows, or `all`, which needs a `max_cost_usd`. Left out: 1000.";
    AnyOfBuilder::new().item(number).item(all).description(Some(what)).build().into()
}

fn state() -> Schema {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .description(Some(
            "What it is doing. It goes on by itself in `queued`, `collecting`, `waiting` and \
             `storing`; `paused` and `failed` need a person.",
        ))
        .enum_values(Some(State::ALL.map(State::name)))
        .examples([serde_json::json!("collecting")])
        .build()
        .into()
}
