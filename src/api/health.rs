//! How the service is: alive, ready, and in numbers.
//!
//! Alive says that the process answers. Ready says that a request for a collection would be
//! accepted: the store can be written, the queues can be reached. Orchestrators ask often and
//! without a key, so readiness is looked up at most once in two seconds. Queues are counted at every
//! look at the numbers, unless that costs: then as seldom as the queue wants it
//! ([`crate::queue::Queue::depth_keeps`]).

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::Face;
use super::problem::{Kind, Problem, ProblemBody};
use super::readiness::Check;
use crate::queue::Depth;
use crate::telemetry::QUEUE_DEPTH;

/// How the service is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// `ok`
    #[schema(example = "ok")]
    status: &'static str,
    /// What was checked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checks: Vec<Check>,
}

/// Is the process alive?
#[utoipa::path(
    get, path = "/healthz", tag = "service", operation_id = "alive", security(()),
    responses((status = 200, description = "It is", body = Health)),
)]
pub(super) async fn alive() -> Json<Health> {
    Json(Health { status: "ok", checks: Vec::new() })
}

/// Would a collection be accepted?
///
/// Checks that the store can be written and both queues can be reached.
#[utoipa::path(
    get, path = "/readyz", tag = "service", operation_id = "ready", security(()),
    responses(
        (status = 200, description = "It would", body = Health),
        (status = 503, description = "It would not, and why", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn ready(State(face): State<Face>) -> Result<Json<Health>, Problem> {
    let checks = face.readiness.look(&face.app).await;
    let failed: Vec<String> = checks
        .iter()
        .filter_map(|check| Some(format!("{}: {}", check.name, check.failure.as_ref()?)))
        .collect();
    if failed.is_empty() {
        Ok(Json(Health { status: "ok", checks }))
    } else {
        Err(Problem::new(Kind::NotReady, failed.join("; ")))
    }
}

/// Numbers for Prometheus
#[utoipa::path(
    get, path = "/metrics", tag = "service", operation_id = "metrics",
    responses(
        (status = 200, description = "Metrics as Prometheus text", body = String, content_type = "text/plain"),
        (status = 404, description = "This process keeps no metrics", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn metrics(State(face): State<Face>) -> Result<Response, Problem> {
    let missing = || Problem::new(Kind::NotFound, "this process keeps no metrics");
    let metrics = face.metrics.clone().ok_or_else(missing)?;
    let now = face.app.clock().elapsed();
    for queue in face.app.queues() {
        let depth = face.counts.due(queue.name(), queue.depth_keeps(), now, queue.depth()).await;
        if let Some(depth) = depth {
            show_depth(queue.name(), depth);
        }
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], metrics.render()).into_response())
}

fn show_depth(queue: &str, depth: Depth) {
    let Depth { ready, delayed, leased, dead } = depth;
    let states = [("ready", ready), ("delayed", delayed), ("leased", leased), ("dead", dead)];
    for (state, messages) in states {
        let gauge = metrics::gauge!(QUEUE_DEPTH, "queue" => queue.to_owned(), "state" => state);
        gauge.set(u32::try_from(messages).unwrap_or(u32::MAX));
    }
}
