//! How the service is: alive, ready, and in numbers.
//!
//! Alive says that the process answers. Ready says that a request for a collection would be
//! accepted: the store can be written, the queues can be reached. Orchestrators ask often and
//! without a key, so readiness is looked up at most once in [`FRESH`]. Queues are counted at every
//! look at the numbers, unless that costs: then as seldom as the queue wants it
//! ([`crate::queue::Queue::depth_keeps`]).

use std::collections::HashMap;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use object_store::path::Path;
use serde::Serialize;
use tokio::sync::Mutex;
use utoipa::ToSchema;

use super::Face;
use super::problem::{Kind, Problem, ProblemBody};
use crate::app::App;
use crate::queue::Depth;
use crate::store::StoreError;
use crate::telemetry::QUEUE_DEPTH;

/// How long readiness is believed. Our choice: shorter than the probes' usual ten seconds.
const FRESH: Duration = Duration::from_secs(2);

/// How long a check may take before it counts as failed. Probes commonly give up after a few
/// seconds themselves.
const PATIENCE: Duration = Duration::from_secs(5);

/// The object that is written to see whether the store takes writes. Its bytes never differ.
const PROBE: &str = "_mistnet/probe";

/// What was found last.
#[derive(Debug, Default)]
pub(super) struct Readiness(Mutex<Option<(Duration, Vec<Check>)>>);

/// When each queue was counted last.
#[derive(Debug, Default)]
pub(super) struct Counts(Mutex<HashMap<String, Duration>>);

/// One thing that has to work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Check {
    /// What.
    #[schema(example = "store")]
    name: String,
    /// Why it does not work; absent if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

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

impl Readiness {
    /// What works and what does not, at most [`FRESH`] old. Callers at the same time share a look.
    async fn look(&self, app: &App) -> Vec<Check> {
        let mut last = self.0.lock().await;
        let now = app.clock().elapsed();
        if let Some((at, checks)) = &*last
            && now.saturating_sub(*at) < FRESH
        {
            return checks.clone();
        }
        let checks = checks(app).await;
        *last = Some((now, checks.clone()));
        checks
    }
}

impl Counts {
    /// A new count of a queue. `None` if the last one still keeps, or there is none to be had: what
    /// was shown stands, and a queue that is away is `/readyz`'s to report.
    async fn due<E>(
        &self,
        queue: &str,
        keeps: Duration,
        now: Duration,
        count: impl Future<Output = Result<Depth, E>>,
    ) -> Option<Depth> {
        let mut counted = self.0.lock().await;
        if counted.get(queue).is_some_and(|at| now.saturating_sub(*at) < keeps) {
            return None;
        }
        let depth = tokio::time::timeout(PATIENCE, count).await.ok()?.ok()?;
        counted.insert(queue.to_owned(), now);
        Some(depth)
    }
}

async fn checks(app: &App) -> Vec<Check> {
    let mut checks = vec![check("store", write_probe(app)).await];
    for queue in app.queues() {
        checks.push(check(&format!("queue {}", queue.name()), queue.reach()).await);
    }
    checks
}

async fn check<T, E: std::error::Error>(
    name: &str,
    works: impl Future<Output = Result<T, E>>,
) -> Check {
    let failure = match tokio::time::timeout(PATIENCE, works).await {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some(format!("no answer within {} s", PATIENCE.as_secs())),
    };
    Check { name: name.to_owned(), failure }
}

/// Writes to the store. A create would not do: what is there already can be read from a full disk.
async fn write_probe(app: &App) -> Result<(), StoreError> {
    let mut probe = app.store().write_large(&Path::from(PROBE)).await?;
    probe.write(b"mistnet was here\n").await?;
    probe.finish().await
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

#[cfg(test)]
mod tests {
    use super::*;

    const KEEPS: Duration = Duration::from_secs(30);

    /// The number of messages that is newly shown at `now`.
    async fn shown(counts: &Counts, now: u64, found: Result<u64, ()>) -> Option<u64> {
        let count = async { found.map(|ready| Depth { ready, ..Depth::default() }) };
        let depth = counts.due("q", KEEPS, Duration::from_secs(now), count).await;
        depth.map(|depth| depth.ready)
    }

    #[tokio::test]
    async fn a_queue_is_counted_again_when_its_count_is_too_old() {
        let counts = Counts::default();
        assert_eq!(shown(&counts, 100, Ok(1)).await, Some(1));
        assert_eq!(shown(&counts, 129, Ok(2)).await, None);
        assert_eq!(shown(&counts, 130, Ok(3)).await, Some(3));
        assert_eq!(shown(&counts, 131, Ok(4)).await, None);
        let other = async { Ok::<_, ()>(Depth::default()) };
        assert!(counts.due("other", KEEPS, Duration::from_secs(131), other).await.is_some());
        for _ in 0..2 {
            let cheap = async { Ok::<_, ()>(Depth::default()) };
            assert!(counts.due("cheap", Duration::ZERO, KEEPS, cheap).await.is_some());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_count_that_failed_or_hangs_is_tried_again_at_the_next_look() {
        let counts = Counts::default();
        assert_eq!(shown(&counts, 0, Err(())).await, None);
        let hangs = std::future::pending::<Result<Depth, ()>>();
        assert_eq!(counts.due("q", KEEPS, Duration::ZERO, hangs).await, None);
        assert_eq!(shown(&counts, 1, Ok(7)).await, Some(7));
    }
}
