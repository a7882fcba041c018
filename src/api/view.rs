//! What answers are made of.
//!
//! A collection is shown as the [`Overview`] that every face of the program shows, with links.
//! Links are relative to the service, so that they hold behind a proxy.

use serde::Serialize;
use utoipa::ToSchema;

use super::Face;
use super::problem::Problem;
use super::schema;
use crate::model::CollectionId;
use crate::model::overview::Overview;

/// A collection and where to go from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Collection {
    #[serde(flatten)]
    overview: Overview,
    links: Links,
}

/// Where to go from a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Links {
    /// The collection.
    #[serde(rename = "self")]
    #[schema(example = "/api/v1/collections/20261122-rustlang-k3v9x2m7qa")]
    pub(super) collection: String,
    /// Its changes as server-sent events.
    events: String,
    /// Its files.
    files: String,
    /// Its first rows.
    preview: String,
}

impl Links {
    /// The links of a collection.
    pub(super) fn of(id: &CollectionId) -> Self {
        let collection = format!("/api/v1/collections/{id}");
        Self {
            events: format!("{collection}/events"),
            files: format!("{collection}/files"),
            preview: format!("{collection}/preview"),
            collection,
        }
    }
}

impl From<Overview> for Collection {
    fn from(overview: Overview) -> Self {
        Self { links: Links::of(&overview.collection), overview }
    }
}

/// A collection that was accepted.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Accepted {
    /// Its id.
    #[schema(value_type = String, example = "20261122-rustlang-k3v9x2m7qa")]
    pub(super) collection: CollectionId,
    /// Where to go from it.
    pub(super) links: Links,
}

/// Some collections, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "public interface")]
pub(super) struct Collections {
    /// The collections.
    #[schema(value_type = Vec<schema::Collection>)]
    pub(super) collections: Vec<Collection>,
    /// Collections whose log can't be read.
    pub(super) unreadable: Vec<Unreadable>,
    /// The value of `after` for the next ones; absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "20261122-rustlang-k3v9x2m7qa")]
    pub(super) next: Option<String>,
}

/// A collection whose log can't be read.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Unreadable {
    /// Its id.
    #[schema(value_type = String, example = "20261122-rustlang-k3v9x2m7qa")]
    pub(super) collection: CollectionId,
    /// Which record, and what is wrong with it.
    pub(super) reason: String,
}

impl Face {
    /// A collection at a glance.
    pub(super) async fn overview(&self, id: &CollectionId) -> Result<Overview, Problem> {
        let overview = self.app.overview(id).await?;
        overview.ok_or_else(|| Problem::unknown_collection(id.as_str()))
    }
}
