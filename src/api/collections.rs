//! Collections: start one, list them, look at one.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;

use super::Face;
use super::input::{self, Body, Parameters};
use super::problem::{Problem, ProblemBody};
use super::types::{Accepted, Collection, Collections, Links, NewCollection, Unreadable};
use crate::app::Newest;
use crate::model::CollectionId;
use crate::model::overview::Overview;
use crate::sender::IdempotencyKey;
use crate::store::StoreError;

/// Collections in one answer, unless the caller says otherwise.
const DEFAULT_LIMIT: usize = 20;

/// Most collections in one answer: each costs a listing and a few reads of its log.
const MAX_LIMIT: usize = 100;

/// Logs that are read at a time.
const AT_ONCE: usize = 8;

/// Longest idempotency key, in bytes; a UUID has 36. Our choice.
const MAX_KEY_BYTES: usize = 255;

/// Start a collection
///
/// It is accepted when it is durably recorded; from then on it is never forgotten. With an
/// `Idempotency-Key`, a repetition of the same body returns the same collection and starts nothing.
#[utoipa::path(
    post, path = "/api/v1/collections", tag = "collections", operation_id = "start_collection",
    params(("Idempotency-Key" = Option<String>, Header,
        description = "A key of your choice, such as a UUID: 1 to 255 visible ASCII characters")),
    request_body(content = NewCollection, content_type = "application/json"),
    responses(
        (status = 202, description = "Accepted", body = Accepted,
            headers(("Location" = String, description = "The collection"))),
        (status = 400, description = "The request makes no sense; nothing was started", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The idempotency key belongs to another request", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The store can't be used now", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn start(
    State(face): State<Face>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    let request = input::read::<NewCollection>(&body)?.into();
    let key = idempotency_key(&headers)?.map(|key| IdempotencyKey { key, request: &body });
    let collection = face.app.collect(face.app.specify(&request)?, key).await?;
    let links = Links::of(&collection);
    let location = HeaderValue::from_str(&links.collection);
    let mut response = (StatusCode::ACCEPTED, Json(Accepted { collection, links })).into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let visible = |byte: &u8| byte.is_ascii_graphic();
    let fine = (1..=MAX_KEY_BYTES).contains(&value.len()) && value.as_bytes().iter().all(visible);
    match value.to_str() {
        Ok(text) if fine => Ok(Some(text)),
        _ => Err(Problem::field(
            "Idempotency-Key",
            &String::from_utf8_lossy(value.as_bytes()),
            "not 1 to 255 visible ASCII characters",
            "use a UUID",
        )),
    }
}

/// List collections
///
/// Newest first. If there are more, `next` (and the header `Link`) leads to them.
#[utoipa::path(
    get, path = "/api/v1/collections", tag = "collections", operation_id = "list_collections",
    params(
        ("limit" = Option<u8>, Query, description = "How many, 1 to 100. Left out: 20", minimum = 1, maximum = 100),
        ("after" = Option<String>, Query, description = "The `next` of the answer before"),
    ),
    responses(
        (status = 200, description = "Some collections", body = Collections),
        (status = 400, description = "A parameter is wrong", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The store can't be used now", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list(
    State(face): State<Face>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let parameters = Parameters::new(query, &["limit", "after"])?;
    let limit = parameters.count("limit", DEFAULT_LIMIT, MAX_LIMIT)?;
    let listed = listed(&face, parameters.get("after"), limit).await?;
    let more = listed.next.as_ref().and_then(|next| {
        let link = format!("</api/v1/collections?limit={limit}&after={next}>; rel=\"next\"");
        HeaderValue::from_str(&link).ok()
    });
    let mut response = Json(listed).into_response();
    response.headers_mut().extend(more.map(|link| (header::LINK, link)));
    Ok(response)
}

/// Collections after `after`, newest first. One that can't be read is named and hides no other.
pub(super) async fn listed(
    face: &Face,
    after: Option<&str>,
    limit: usize,
) -> Result<Collections, Problem> {
    let found = found(face, after, limit).await?;
    let mut collections = Vec::new();
    let mut unreadable = Vec::new();
    let mut away = None;
    for (collection, overview) in found.read {
        match overview {
            Ok(overview) => collections.extend(overview.map(Collection::from)),
            Err(error) => {
                let reason = reason(&collection, &error);
                unreadable.push(Unreadable { collection, reason });
                away = Some(error).filter(|error| matches!(error, StoreError::Unavailable { .. }));
            }
        }
    }
    // One log that a disk does not give back hides no other; if none can be had, the store is away.
    if let (true, Some(error)) = (collections.is_empty(), away) {
        return Err(error.into());
    }
    Ok(Collections { collections, unreadable, next: found.next })
}

/// Why a collection can't be read, as callers may know it: what back ends say stays in the log.
pub(super) fn reason(id: &CollectionId, error: &StoreError) -> String {
    if error.is_passing() {
        tracing::warn!(collection.id = %id, %error, "log can't be read now");
        "its log can't be read now; the service's own log says why".to_owned()
    } else {
        error.to_string()
    }
}

/// What reading a collection's log came to.
type Read = (CollectionId, Result<Option<Overview>, StoreError>);

/// Some collections, each read or not.
pub(super) struct Found {
    /// What reading them came to.
    pub(super) read: Vec<Read>,
    /// After which one the next ones come.
    pub(super) next: Option<String>,
}

/// Reads the logs of some collections.
pub(super) async fn found(
    face: &Face,
    after: Option<&str>,
    limit: usize,
) -> Result<Found, Problem> {
    let start = after.map(starting_point).transpose()?;
    let newest = face.app.newest(start.as_ref(), limit).await?;
    let Newest { ids, has_more } = newest.ok_or_else(|| no_start(after.unwrap_or_default()))?;
    let next = ids.last().filter(|_| has_more).map(ToString::to_string);
    let reads = ids.into_iter().map(|id| async move {
        let overview = face.app.overview(&id).await;
        (id, overview)
    });
    let mut read: Vec<Read> = futures::stream::iter(reads).buffered(AT_ONCE).collect().await;
    // If nothing can be read, it is the store that is away, and no collection.
    let is_away = |(_, read): &Read| read.as_ref().is_err_and(StoreError::is_passing);
    if read.iter().all(is_away)
        && let Some((_, Err(error))) = read.pop()
    {
        return Err(error.into());
    }
    Ok(Found { read, next })
}

fn starting_point(after: &str) -> Result<CollectionId, Problem> {
    after.parse().map_err(|_| no_start(after))
}

fn no_start(after: &str) -> Problem {
    let reason = "there is no collection with this id";
    Problem::field("after", after, reason, "use the `next` of the answer before")
}

/// Look at a collection
#[utoipa::path(
    get, path = "/api/v1/collections/{id}", tag = "collections", operation_id = "show_collection",
    params(("id" = String, Path, description = "The collection's id")),
    responses(
        (status = 200, description = "The collection", body = Collection),
        (status = 404, description = "There is no such collection", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The store can't be used now", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show(
    State(face): State<Face>,
    Path(id): Path<String>,
) -> Result<Json<Collection>, Problem> {
    Ok(Json(face.overview(&input::id(&id)?).await?.into()))
}

impl Face {
    /// A collection at a glance.
    pub(super) async fn overview(&self, id: &CollectionId) -> Result<Overview, Problem> {
        let overview = self.app.overview(id).await?;
        overview.ok_or_else(|| Problem::unknown_collection(id.as_str()))
    }
}
