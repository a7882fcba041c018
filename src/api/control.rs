//! Interventions: pause, resume, cancel. They take hold within one page.

use axum::Json;
use axum::extract::{Path, State};

use super::Face;
use super::input::{self, Body};
use super::problem::{Problem, ProblemBody};
use super::types::{Collection, Resumption};
use crate::model::record::ControlAction;

/// Pause a collection
///
/// Fetching stops within one page and goes on after `resume`; nothing is lost or paid again.
#[utoipa::path(
    post, path = "/api/v1/collections/{id}/pause", tag = "collections", operation_id = "pause_collection",
    params(("id" = String, Path, description = "The collection's id")),
    responses(
        (status = 200, description = "The wish is recorded", body = Collection),
        (status = 404, description = "There is no such collection", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The collection is over", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The store can't be used now", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn pause(
    State(face): State<Face>,
    Path(id): Path<String>,
) -> Result<Json<Collection>, Problem> {
    face.intervene(&id, &[ControlAction::Pause]).await
}

/// Resume a collection
///
/// It goes on where it stopped. A new budget counts all in all, not from here on.
#[utoipa::path(
    post, path = "/api/v1/collections/{id}/resume", tag = "collections", operation_id = "resume_collection",
    params(("id" = String, Path, description = "The collection's id")),
    request_body(content = Option<Resumption>, content_type = "application/json"),
    responses(
        (status = 200, description = "The wish is recorded", body = Collection),
        (status = 400, description = "The body is wrong", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such collection", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The collection is over", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The store can't be used now", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn resume(
    State(face): State<Face>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Json<Collection>, Problem> {
    let Resumption { max_cost_usd } =
        if body.is_empty() { Resumption::default() } else { input::read(&body)? };
    let budget = max_cost_usd.map(|max_cost| ControlAction::Budget { max_cost });
    let actions: Vec<_> = budget.into_iter().chain([ControlAction::Resume]).collect();
    face.intervene(&id, &actions).await
}

/// Cancel a collection
///
/// Fetching stops for good; what has come is delivered.
#[utoipa::path(
    post, path = "/api/v1/collections/{id}/cancel", tag = "collections", operation_id = "cancel_collection",
    params(("id" = String, Path, description = "The collection's id")),
    responses(
        (status = 200, description = "The wish is recorded", body = Collection),
        (status = 404, description = "There is no such collection", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The collection is over", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The store can't be used now", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn cancel(
    State(face): State<Face>,
    Path(id): Path<String>,
) -> Result<Json<Collection>, Problem> {
    face.intervene(&id, &[ControlAction::Cancel]).await
}

impl Face {
    /// Records what the user wants, and shows the collection as it is then.
    async fn intervene(
        &self,
        id: &str,
        actions: &[ControlAction],
    ) -> Result<Json<Collection>, Problem> {
        let id = input::id(id)?;
        for action in actions {
            self.app.intervene(&id, *action).await?;
        }
        Ok(Json(self.overview(&id).await?.into()))
    }
}
