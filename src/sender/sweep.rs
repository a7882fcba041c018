//! The sweep: what the log says is unfinished and nobody has touched goes back on the queue.
//!
//! Queues may be lost, deleted or swapped; the log is the truth. A sweep reads it and wakes what
//! has been lying still. It may wake what is not asleep: that costs a message, never a tweet.

use std::time::Duration;

use jiff::Timestamp;

use super::accept::wake;
use crate::model::CollectionId;
use crate::model::state::History;
use crate::queue::Queue;
use crate::store::layout::{LOG, Layout};
use crate::store::{Collections, Log, OLD, Store, StoreError};
use crate::telemetry;

/// How long a collection must have lain still. A sender that works at one touches its log at every
/// page, at least every minute; a crash is found sooner, when the lease runs out.
const STILL: Duration = Duration::from_mins(2);

/// What a sweep found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// Collections that were put back on the queue.
    pub woken: Vec<CollectionId>,
    /// Logs that can't be read, with the reason.
    pub unreadable: Vec<(CollectionId, String)>,
}

/// Looks at every collection of the store once.
pub async fn sweep(store: &Store, queue: &dyn Queue, now: Timestamp) -> Result<Swept, StoreError> {
    let mut swept = Swept::default();
    // An empty place is no sign that nothing is left to do.
    store.recognise().await?;
    let Collections { ids, damaged, unread } = store.collections().await?;
    for entry in unread {
        say_once(|| format!("{}/{entry}", store.shown()), "something in the store can't be read");
    }
    for (id, reason) in damaged {
        say_once(|| format!("{id}: {reason}"), "collection can't be read");
        swept.unreadable.push((id, reason));
    }
    for id in ids {
        match due(store, &id, now).await {
            Ok(Some(delay)) => {
                tracing::info!(collection.id = %id, "nobody works at it; back on the queue");
                wake(store, queue, &id, delay).await;
                swept.woken.push(id);
            }
            Ok(None) => {}
            Err(error) => {
                say_once(|| format!("{id}: {error}"), "log can't be read");
                swept.unreadable.push((id, error.to_string()));
            }
        }
    }
    Ok(swept)
}

/// After which time a collection should be taken in hand, if it should be at all.
async fn due(
    store: &Store,
    id: &CollectionId,
    now: Timestamp,
) -> Result<Option<Duration>, StoreError> {
    if store.exists(&Layout::new(id.clone()).manifest()).await? {
        return Ok(None);
    }
    let found = Log::new(store, id.clone()).history_and_foreign().await?;
    let Some((history, foreign)) = found else { return Ok(None) };
    store.remove_half_written(&Layout::new(id.clone()), OLD).await?;
    for entry in foreign {
        say_once(|| format!("{id}/{LOG}/{entry}"), "something in a log is left alone");
    }
    Ok(delay(&history, now))
}

/// Says what a sweep found, but not at each sweep.
fn say_once(what: impl Fn() -> String, message: &'static str) {
    let what = what();
    if telemetry::is_first(&what) {
        tracing::warn!(what, "{message}");
    }
}

fn delay(history: &History, now: Timestamp) -> Option<Duration> {
    let still = |since: Timestamp| now.duration_since(since).unsigned_abs() >= STILL;
    let untouched = history.touched_at.is_none_or(still);
    if !history.wants_a_sender() || !untouched {
        return None;
    }
    let wait = history.waits_until().map(|(until, _)| now.duration_until(until));
    Some(wait.and_then(|wait| wait.try_into().ok()).unwrap_or(Duration::ZERO))
}
