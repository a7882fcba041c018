//! What has to work for a collection to be accepted, and how long are the queues: looked up seldom,
//! however often somebody asks.

use std::collections::HashMap;
use std::time::Duration;

use object_store::path::Path;
use serde::Serialize;
use tokio::sync::Mutex;
use utoipa::ToSchema;

use crate::app::App;
use crate::queue::Depth;
use crate::store::StoreError;

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
    pub(super) name: String,
    /// Why it does not work; absent if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) failure: Option<String>,
}

impl Readiness {
    /// What works and what does not, at most [`FRESH`] old. Callers at the same time share a look.
    pub(super) async fn look(&self, app: &App) -> Vec<Check> {
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
    pub(super) async fn due<E>(
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
