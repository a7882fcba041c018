//! Every route on one page.

use axum::Json;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde_json::json;

use super::Simulator;
use super::faults::ScheduledFault;
use super::request::value;

/// An endpoint of X, with its documented limits (rate limits, read 2026-08-22).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Endpoint {
    /// `/2/tweets/search/all`
    SearchAll,
    /// `/2/tweets/search/recent`
    SearchRecent,
    /// `/2/tweets/counts/all`
    CountsAll,
    /// `/2/tweets/counts/recent`
    CountsRecent,
    /// `/2/tweets`
    Lookup,
    /// `/2/tweets/{id}`
    LookupOne,
    /// `/2/usage/tweets`
    Usage,
}

impl Endpoint {
    /// Its path.
    pub fn path(self) -> &'static str {
        match self {
            Self::SearchAll => "/2/tweets/search/all",
            Self::SearchRecent => "/2/tweets/search/recent",
            Self::CountsAll => "/2/tweets/counts/all",
            Self::CountsRecent => "/2/tweets/counts/recent",
            Self::Lookup => "/2/tweets",
            Self::LookupOne => "/2/tweets/{id}",
            Self::Usage => "/2/usage/tweets",
        }
    }

    /// Requests of an app in fifteen minutes.
    pub fn limit(self) -> u64 {
        match self {
            Self::SearchAll | Self::CountsAll | Self::CountsRecent => 300,
            Self::SearchRecent => 450,
            Self::Lookup | Self::LookupOne => 3_500,
            Self::Usage => 50,
        }
    }

    /// Whether one request a second is the most.
    pub fn is_limited_by_the_second(self) -> bool {
        self == Self::SearchAll
    }

    /// Whether it knows the last seven days only.
    pub fn is_recent(self) -> bool {
        matches!(self, Self::SearchRecent | Self::CountsRecent)
    }
}

/// The router: X's endpoints, and below `/_sim/` what X does not have.
pub fn router(simulator: Simulator) -> Router {
    let x = |endpoint: Endpoint| {
        get(move |State(simulator): State<Simulator>, request: Parts| async move {
            simulator.respond(endpoint, &request).await
        })
    };
    Router::new()
        .route("/2/tweets/search/all", x(Endpoint::SearchAll))
        .route("/2/tweets/search/recent", x(Endpoint::SearchRecent))
        .route("/2/tweets/counts/all", x(Endpoint::CountsAll))
        .route("/2/tweets/counts/recent", x(Endpoint::CountsRecent))
        .route("/2/tweets", x(Endpoint::Lookup))
        .route("/2/tweets/{id}", x(Endpoint::LookupOne))
        .route("/2/usage/tweets", x(Endpoint::Usage))
        .route("/_sim/ledger", get(ledger))
        .route("/_sim/faults", post(faults))
        .route("/_sim/reset", post(reset))
        .route("/_sim/truth", get(truth))
        .route("/_sim/clock", get(clock))
        .fallback(no_such_path)
        .with_state(simulator)
}

async fn ledger(State(simulator): State<Simulator>) -> Response {
    Json(simulator.ledger()).into_response()
}

async fn faults(
    State(simulator): State<Simulator>,
    Json(list): Json<Vec<ScheduledFault>>,
) -> Response {
    simulator.faults(list);
    StatusCode::NO_CONTENT.into_response()
}

async fn reset(State(simulator): State<Simulator>) -> Response {
    simulator.reset();
    StatusCode::NO_CONTENT.into_response()
}

async fn truth(State(simulator): State<Simulator>, uri: Uri) -> Response {
    let pairs = pairs(&uri);
    match simulator.matching_ids(value(&pairs, "query").unwrap_or_default()) {
        Ok(ids) => {
            let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
            Json(json!({"count": ids.len(), "ids": ids})).into_response()
        }
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

async fn clock(State(simulator): State<Simulator>) -> Response {
    let now_ms = simulator.now_ms();
    let speed = simulator.options().speed;
    Json(json!({"now_ms": now_ms, "now": super::clock::timestamp(now_ms), "speed": speed}))
        .into_response()
}

async fn no_such_path(State(simulator): State<Simulator>, request: Parts) -> Response {
    simulator.no_such_path(&request)
}

/// The query string, decoded. Undecodable ones read as empty.
pub fn pairs(uri: &Uri) -> Vec<(String, String)> {
    Query::try_from_uri(uri).map(|Query(pairs)| pairs).unwrap_or_default()
}

/// The id in `/2/tweets/{id}`.
pub fn last_segment(uri: &Uri) -> &str {
    uri.path().rsplit('/').next().unwrap_or_default()
}
