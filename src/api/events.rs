//! A collection's changes as server-sent events.
//!
//! | event | data | when |
//! |---|---|---|
//! | `overview` | the collection | at once, then at every change |
//! | `problem` | a problem | its log can't be read; the stream ends |
//! | `end` | `{}` | nothing more will happen without a person; the stream ends |
//!
//! The log is the truth and may be written by any process, so it is read again and again, less
//! often while nothing changes. A store that is away for a while ends nothing. Clients close at
//! `end`; a browser would connect again.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::Stream;
use tokio::sync::OwnedSemaphorePermit;

use super::Face;
use super::input;
use super::problem::{Kind, Problem, ProblemBody};
use super::schema;
use super::view::Collection;
use crate::model::CollectionId;
use crate::model::overview::Overview;

/// How soon the log is read again after a change: soon enough to look live.
const SOONEST: Duration = Duration::from_millis(500);

/// How late the log is read again while nothing changes: each reading costs a listing.
const LATEST: Duration = Duration::from_secs(2);

/// How often an idle stream says that it lives; proxies cut silent ones after 30 to 60 s.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Watch a collection
///
/// Server-sent events: `overview` (the collection, at once and at every change), then `end` when
/// nothing more will happen without a person.
#[utoipa::path(
    get, path = "/api/v1/collections/{id}/events", tag = "collections", operation_id = "watch_collection",
    params(("id" = String, Path, description = "The collection's id")),
    responses(
        (status = 200, description = "A stream of events; the data of `overview` is the collection", body = schema::Collection, content_type = "text/event-stream"),
        (status = 404, description = "There is no such collection", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Too many streams are open, or the store can't be used now", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn watch(
    State(face): State<Face>,
    Path(id): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let id = input::id(&id)?;
    let first = face.overview(&id).await?;
    let seat = face.seats.clone().try_acquire_owned().map_err(|_| {
        let detail = format!("{} streams are open", face.limits.subscribers);
        Problem::new(Kind::TooManySubscribers, detail)
    })?;
    let watch = Watch { face, id, phase: Phase::Changed(Box::new(first)), _seat: seat };
    let events = futures::stream::unfold(watch, Watch::next);
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// Somebody who watches a collection.
struct Watch {
    face: Face,
    id: CollectionId,
    phase: Phase,
    _seat: OwnedSemaphorePermit,
}

/// Where a stream is.
enum Phase {
    /// This is news.
    Changed(Box<Overview>),
    /// This was told.
    Told(Box<Overview>),
    /// Nothing more will come.
    Over,
}

impl Watch {
    /// The next event, or the end of the stream.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        let event = match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Changed(overview) => {
                let event = event("overview", &Collection::from((*overview).clone()));
                self.phase = Phase::Told(overview);
                event
            }
            Phase::Told(overview) if overview.is_at_rest() => {
                Event::default().event("end").data("{}")
            }
            Phase::Told(overview) => match self.news(&overview).await? {
                Ok(overview) => {
                    let event = event("overview", &Collection::from(overview.clone()));
                    self.phase = Phase::Told(Box::new(overview));
                    event
                }
                Err(problem) => event("problem", &problem.body()),
            },
            Phase::Over => return None,
        };
        Some((Ok(event), self))
    }

    /// Waits until the collection is not as `told`; `None` if the service stops before.
    async fn news(&self, told: &Overview) -> Option<Result<Overview, Problem>> {
        let mut wait = SOONEST;
        loop {
            tokio::select! {
                () = self.face.app.clock().sleep(wait) => {}
                () = self.face.stop.cancelled() => return None,
            }
            match self.face.app.overview(&self.id).await {
                Ok(Some(overview)) if overview != *told => return Some(Ok(overview)),
                Ok(None) => return None,
                Err(error) if !error.is_passing() => return Some(Err(error.into())),
                Ok(Some(_)) | Err(_) => wait = (wait * 3 / 2).min(LATEST),
            }
        }
    }
}

fn event(name: &'static str, data: &impl serde::Serialize) -> Event {
    let named = Event::default().event(name);
    named.json_data(data).unwrap_or_else(|_| Event::default().event("end").data("{}"))
}
