//! The predecessor's one endpoint, so that its callers need no change.
//!
//! Its answers are its own: `Status` and `Message`, which is a text on success and a list of texts
//! on failure. Failures get that shape in [`super::guard::finish`], whoever refused the request.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::Face;
use super::input::{self, Body};
use super::problem::Problem;
use super::types::Search;
use crate::model::CollectionId;

/// Whether this is the predecessor's address.
pub(super) fn is_at(path: &str) -> bool {
    matches!(path, "/search" | "/search/")
}

/// A collection was accepted.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SearchAnswer {
    /// `Success`
    #[serde(rename = "Status")]
    #[schema(example = "Success")]
    status: &'static str,
    /// `Your data is being loaded`
    #[serde(rename = "Message")]
    #[schema(example = "Your data is being loaded")]
    message: &'static str,
    /// The collection's id.
    #[schema(value_type = String, example = "20261122-rustlang-k3v9x2m7qa")]
    request_id: CollectionId,
}

/// A collection was not accepted.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SearchError {
    /// `Error`
    #[serde(rename = "Status")]
    #[schema(example = "Error")]
    status: &'static str,
    /// What is wrong, one text for each problem.
    #[serde(rename = "Message")]
    message: Vec<String>,
}

impl SearchError {
    /// A problem in the predecessor's shape.
    pub(super) fn of(problem: &Problem) -> Self {
        Self { status: "Error", message: problem.lines() }
    }
}

/// Collect the posts of a hashtag
///
/// The predecessor's endpoint. Without further fields: the last 30 days, at most 1000 rows, authors
/// included. The id in the answer works everywhere in the collections API.
#[utoipa::path(
    post, path = "/search/", tag = "search", operation_id = "search",
    request_body(content = Search, content_type = "application/json"),
    responses(
        (status = 200, description = "Accepted, and never forgotten from here on", body = SearchAnswer),
        (status = 400, description = "The request makes no sense; nothing was started", body = SearchError),
        (status = 503, description = "The store can't be written now; nothing was started", body = SearchError),
    ),
)]
pub(super) async fn search(
    State(face): State<Face>,
    Body(body): Body,
) -> Result<Json<SearchAnswer>, Problem> {
    let request = input::read::<Search>(&body)?.into();
    let request_id = face.app.collect(face.app.specify(&request)?, None).await?;
    let message = "Your data is being loaded";
    Ok(Json(SearchAnswer { status: "Success", message, request_id }))
}
