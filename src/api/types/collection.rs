//! Collections as answers show them, and what callers may change about one.
//!
//! Links are relative to the service, so that they hold behind a proxy.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::request_body;
use super::specification::Specification;
use super::word::{Word, listed};
use crate::model::overview::{self, Overview};
use crate::model::{CollectionId, Usd, record, state};

type State = Word<state::State>;

listed!(state::State, "State", "What a collection is doing.");

/// A collection at a glance.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "public interface")]
pub(in crate::api) struct Collection {
    /// Its id.
    #[schema(value_type = String, example = "20261122-rustlang-k3v9x2m7qa")]
    collection: CollectionId,
    /// What it is doing. It goes on by itself in `queued`, `collecting`, `waiting` and `storing`;
    /// `paused` and `failed` need a person.
    state: State,
    /// What was asked for, with every default filled in.
    spec: Specification,
    /// When it was accepted.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    created_at: Timestamp,
    /// Rows so far.
    #[schema(example = 700)]
    rows: u64,
    /// Pages (answers of X) so far.
    #[schema(example = 2)]
    pages: u64,
    /// Parts that are stored.
    #[schema(example = 0)]
    parts_stored: u64,
    /// Parts in all, known when fetching has ended.
    parts: Option<u64>,
    /// What X charges for what it returned, in US dollars at list price; the bill is not higher.
    #[schema(value_type = f64, example = 10.5)]
    cost_usd: Usd,
    /// What answers that were lost on the way may have cost, in US dollars, at worst.
    #[schema(value_type = f64, example = 0.0)]
    cost_perhaps_usd: Usd,
    /// Both together: what the budget counts.
    #[schema(value_type = f64, example = 10.5)]
    cost_worst_usd: Usd,
    /// What X is likely to bill, in US dollars, by its rule that a resource is charged once a day;
    /// absent if that was not recorded.
    #[schema(value_type = Option<f64>, example = 9.2)]
    cost_likely_usd: Option<Usd>,
    /// The budget in force, in US dollars.
    #[schema(value_type = Option<f64>)]
    max_cost_usd: Option<Usd>,
    /// When it goes on, if it waits, and why.
    waiting: Option<Waiting>,
    /// What stopped it, and the next step.
    trouble: Option<Trouble>,
    /// When its log was last written to.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-22T12:00:09Z")]
    touched_at: Option<Timestamp>,
    /// Where to go from it.
    links: Links,
}

impl From<Overview> for Collection {
    fn from(overview: Overview) -> Self {
        let Overview {
            collection,
            state,
            spec,
            created_at,
            rows,
            pages,
            parts_stored,
            parts,
            cost_usd,
            cost_perhaps_usd,
            cost_worst_usd,
            cost_likely_usd,
            max_cost_usd,
            waiting,
            trouble,
            touched_at,
        } = overview;
        Self {
            links: Links::of(&collection),
            collection,
            state: Word(state),
            spec: spec.into(),
            created_at,
            rows,
            pages,
            parts_stored,
            parts,
            cost_usd,
            cost_perhaps_usd,
            cost_worst_usd,
            cost_likely_usd,
            max_cost_usd,
            waiting: waiting.map(Waiting::from),
            trouble: trouble.map(Trouble::from),
            touched_at,
        }
    }
}

/// A wait that ends by itself.
#[derive(Debug, Serialize, ToSchema)]
struct Waiting {
    /// When it ends.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:15:00Z")]
    until: Timestamp,
    /// Why.
    #[schema(example = "the rate window is used up")]
    reason: String,
}

impl From<overview::Waiting> for Waiting {
    fn from(overview::Waiting { until, reason }: overview::Waiting) -> Self {
        Self { until, reason }
    }
}

/// What stopped a collection.
#[derive(Debug, Serialize, ToSchema)]
struct Trouble {
    /// A short stable name.
    #[schema(example = "budget")]
    code: String,
    /// What happened.
    detail: String,
    /// The next step.
    hint: String,
}

impl From<record::Trouble> for Trouble {
    fn from(record::Trouble { code, detail, hint }: record::Trouble) -> Self {
        Self { code, detail, hint }
    }
}

/// Where to go from a collection.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Links {
    /// The collection.
    #[serde(rename = "self")]
    #[schema(example = "/api/v1/collections/20261122-rustlang-k3v9x2m7qa")]
    pub(in crate::api) collection: String,
    /// Its changes as server-sent events.
    events: String,
    /// Its files.
    files: String,
    /// Its first rows.
    preview: String,
}

impl Links {
    /// The links of a collection.
    pub(in crate::api) fn of(id: &CollectionId) -> Self {
        let collection = format!("/api/v1/collections/{id}");
        Self {
            events: format!("{collection}/events"),
            files: format!("{collection}/files"),
            preview: format!("{collection}/preview"),
            collection,
        }
    }
}

/// A collection that was accepted.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Accepted {
    /// Its id.
    #[schema(value_type = String, example = "20261122-rustlang-k3v9x2m7qa")]
    pub(in crate::api) collection: CollectionId,
    /// Where to go from it.
    pub(in crate::api) links: Links,
}

/// Some collections, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "public interface")]
pub(in crate::api) struct Collections {
    /// The collections.
    pub(in crate::api) collections: Vec<Collection>,
    /// Collections whose log can't be read.
    pub(in crate::api) unreadable: Vec<Unreadable>,
    /// The value of `after` for the next ones; absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "20261122-rustlang-k3v9x2m7qa")]
    pub(in crate::api) next: Option<String>,
}

/// A collection whose log can't be read.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Unreadable {
    /// Its id.
    #[schema(value_type = String, example = "20261122-rustlang-k3v9x2m7qa")]
    pub(in crate::api) collection: CollectionId,
    /// Which record, and what is wrong with it.
    pub(in crate::api) reason: String,
}

request_body! {
    /// What else to change when a collection goes on.
    #[schema(example = json!({"max_cost_usd": 10.0}))]
    Resumption {
        /// The most that the collection may cost all in all, in US dollars, in place of the old
        /// budget.
        #[schema(value_type = Option<f64>, minimum = 0, example = 10.0)]
        max_cost_usd: Usd, "use an amount of US dollars such as 5 or 12.50";
    }
}
