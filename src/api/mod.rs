//! The HTTP face: it translates between HTTP and [`App`], and decides nothing about collections.
//!
//! | file | what |
//! |---|---|
//! | `routes` | every route on one page |
//! | `search` | the predecessor's `POST /search/` |
//! | `collections`, `control`, `events`, `files`, `preview` | the collections API, v1 |
//! | `watchers` | one reader of the log for each collection that is watched |
//! | `subscribers` | how many streams of events each caller may have open |
//! | `health`, `readiness` | `/healthz`, `/readyz`, `/metrics` |
//! | `page` | the plain page at `/` |
//! | `input` | bodies and query strings, with every problem named |
//! | `problem` | what went wrong, in two faces: RFC 9457 outside, the chain in the log |
//! | `types` | what callers send and are answered: JSON and OpenAPI document in one |
//! | `keys`, `auth`, `guard` | keys, hosts, origins, headers, time limits |
//! | `server` | connections: how many, how long, and how they end |
//!
//! Promises: no path is made of what a caller sends; no answer has a secret or the inside of an
//! error; without an API key only this machine is served (`routes_ask_for_a_key`,
//! `hostile_names_touch_no_file`, `answers_have_no_secret`).
//!
//! Deliberately absent: business rules, sessions, cookies, CORS, scripts of our own.

mod auth;
mod collections;
mod control;
mod events;
mod files;
mod guard;
mod health;
mod input;
mod keys;
mod page;
mod preview;
mod problem;
mod readiness;
mod routes;
mod search;
mod server;
mod subscribers;
#[cfg(test)]
mod tests;
mod types;
mod watchers;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::telemetry::Metrics;
use keys::Keys;
use readiness::{Counts, Readiness};
use subscribers::Subscribers;
use watchers::Watchers;

use routes::health_router;
pub use routes::router;
pub use server::{serve, serve_health};

/// What the HTTP service needs: the program behind it, its limits and its metrics.
#[derive(Debug, Clone)]
pub struct Face {
    app: App,
    metrics: Option<Metrics>,
    limits: Limits,
    keys: Arc<Keys>,
    subscribers: Arc<Subscribers>,
    watchers: Arc<Watchers>,
    readiness: Arc<Readiness>,
    counts: Arc<Counts>,
    stop: CancellationToken,
}

/// How much a caller may ask of the service.
///
/// Each value is our choice: far above what people and tools send, and low enough that a hostile
/// caller costs little.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request's body. The largest sensible one has a few hundred.
    pub body_bytes: usize,
    /// Bytes of a request's header fields together.
    pub header_bytes: u32,
    /// From the beginning of a connection to the end of its first header, and from each request to
    /// the next.
    pub header_time: Duration,
    /// From a header's end to the beginning of the answer. Streams go on after it.
    pub request_time: Duration,
    /// Connections at a time.
    pub connections: usize,
    /// Streams of events at a time for each key; for all callers together if there is none. Far
    /// more than a person has open, and all of them together cost one reader of each log.
    pub subscribers: usize,
    /// From the wish to stop to the end of the last connection. Orchestrators kill after 30 s.
    pub drain_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 64 * 1024,
            header_bytes: 16 * 1024,
            header_time: Duration::from_secs(10),
            request_time: Duration::from_secs(30),
            connections: 512,
            subscribers: 64,
            drain_time: Duration::from_secs(25),
        }
    }
}

impl Face {
    /// The face of `app`, with the default limits and without metrics.
    pub fn new(app: App) -> Self {
        let limits = Limits::default();
        let keys = Arc::new(Keys::new(&app.config().http.api_keys));
        let subscribers = Arc::new(Subscribers::new(keys.count(), limits.subscribers));
        let stop = CancellationToken::new();
        Self {
            app,
            metrics: None,
            limits,
            keys,
            subscribers,
            watchers: Arc::default(),
            readiness: Arc::default(),
            counts: Arc::default(),
            stop,
        }
    }

    /// The same face, which shows these metrics.
    #[must_use]
    pub fn with_metrics(self, metrics: Metrics) -> Self {
        Self { metrics: Some(metrics), ..self }
    }

    /// The same face with other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        let subscribers = Arc::new(Subscribers::new(self.keys.count(), limits.subscribers));
        Self { limits, subscribers, ..self }
    }

    /// The same face, whose streams end at `stop`.
    fn until(self, stop: CancellationToken) -> Self {
        Self { stop, ..self }
    }
}

impl From<App> for Face {
    fn from(app: App) -> Self {
        Self::new(app)
    }
}
