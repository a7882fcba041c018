//! Every route on one page, and how they are served.

use std::future::Future;

use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;

use super::clock::timestamp;
use super::endpoint::Endpoint;
use super::faults::ScheduledFault;
use super::request::{pairs, value};
use super::simulator::Simulator;

impl Simulator {
    /// The routes, as a service: X's endpoints, and below `/_sim/` what X does not have.
    pub fn router(&self) -> Router {
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
            .with_state(self.clone())
    }

    /// Serves until `shutdown` is ready.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        // Answers are small and awaited: never hold one back to fill a packet.
        let listener = listener.tap_io(|socket| drop(socket.set_nodelay(true)));
        axum::serve(listener, self.router()).with_graceful_shutdown(shutdown).await
    }
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
    Json(json!({"now_ms": now_ms, "now": timestamp(now_ms), "speed": speed})).into_response()
}

async fn no_such_path(State(simulator): State<Simulator>, request: Parts) -> Response {
    simulator.no_such_path(&request)
}
