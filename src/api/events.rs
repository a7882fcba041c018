//! A collection's changes as server-sent events.
//!
//! | event | data | when |
//! |---|---|---|
//! | `overview` | the collection | at once, then at every change |
//! | `problem` | a problem | its log can't be read; the stream ends |
//! | `end` | `{}` | nothing more can happen: it is complete, or cancelled and all is stored; the stream ends |
//!
//! A collection that is paused or has failed may be resumed at any time, so its stream stays open:
//! a browser connects again whenever a stream ends, and would do so for ever. Clients close at
//! `end`. The logs are read by [`super::watchers`], once for all who watch the same collection.
//!
//! Each key has so many streams at a time ([`super::Limits::subscribers`]), so that the holder of
//! one can't take those of another. Without a key configured, all callers share the same.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::Stream;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::Face;
use super::input;
use super::keys::Caller;
use super::problem::{Kind, Problem, ProblemBody};
use super::types::Collection;
use super::watchers::News;
use crate::model::overview::Overview;

/// How often an idle stream says that it lives; proxies cut silent ones after 30 to 60 s.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Watch a collection
///
/// Server-sent events: `overview` (the collection, at once and at every change), then `end` when
/// nothing more can happen. Of a paused or failed collection the stream stays open.
#[utoipa::path(
    get, path = "/api/v1/collections/{id}/events", tag = "collections", operation_id = "watch_collection",
    params(("id" = String, Path, description = "The collection's id")),
    responses(
        (status = 200, description = "A stream of events; the data of `overview` is the collection", body = Collection, content_type = "text/event-stream"),
        (status = 404, description = "There is no such collection", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Too many streams are open for this key, or the store can't be used now", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn watch(
    State(face): State<Face>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let id = input::id(&id)?;
    let permit = face.subscribers.admit(caller)?;
    let mut news = face.watchers.news(&face.app, &face.stop, id);
    let first = first(&mut news).await?;
    let watch = Watch { news, phase: Phase::Changed(first), _permit: permit };
    let events = futures::stream::unfold(watch, Watch::next);
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// The collection as it is now, or why there is none to watch.
async fn first(news: &mut watch::Receiver<News>) -> Result<Arc<Overview>, Problem> {
    match news.wait_for(|news| !matches!(news, News::None)).await.as_deref() {
        Ok(News::Overview(overview)) => Ok(Arc::clone(overview)),
        Ok(News::Problem(problem)) => Err(problem.clone()),
        Ok(News::None) | Err(_) => {
            Err(Problem::new(Kind::Unavailable, "the service is about to stop"))
        }
    }
}

/// Somebody who watches a collection.
struct Watch {
    news: watch::Receiver<News>,
    phase: Phase,
    _permit: OwnedSemaphorePermit,
}

/// Where a stream is.
enum Phase {
    /// This is to be told.
    Changed(Arc<Overview>),
    /// This was told.
    Told(Arc<Overview>),
    /// Nothing more will come.
    Over,
}

impl Watch {
    /// The next event, or the end of the stream.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        let phase = match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Told(told) if !told.is_over() => match self.change(&told).await? {
                Ok(overview) => Phase::Changed(overview),
                Err(problem) => return Some((Ok(event("problem", &problem.body())), self)),
            },
            other => other,
        };
        let event = match phase {
            Phase::Changed(overview) => {
                let event = event("overview", &Collection::from((*overview).clone()));
                self.phase = Phase::Told(overview);
                event
            }
            Phase::Told(_) => Event::default().event("end").data("{}"),
            Phase::Over => return None,
        };
        Some((Ok(event), self))
    }

    /// Waits until the collection is not as `told`; `None` if the service stops before.
    async fn change(&mut self, told: &Overview) -> Option<Result<Arc<Overview>, Problem>> {
        loop {
            // What was told first may have been read again before this waits.
            let news = self.news.borrow_and_update().clone();
            match news {
                News::Overview(overview) if *overview != *told => return Some(Ok(overview)),
                News::Problem(problem) => return Some(Err(problem)),
                News::Overview(_) | News::None => self.news.changed().await.ok()?,
            }
        }
    }
}

fn event(name: &'static str, data: &impl serde::Serialize) -> Event {
    let named = Event::default().event(name);
    named.json_data(data).unwrap_or_else(|_| Event::default().event("end").data("{}"))
}
