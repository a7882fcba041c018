//! What the service does not have: faults, counts and a fresh start, over HTTP.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};

use super::broker::Counts;
use super::faults::Fault;
use super::simulator::Simulator;

impl Simulator {
    /// Faults and counts over HTTP, as a service: `POST /_sim/faults`, `GET /_sim/queues`,
    /// `POST /_sim/reset`.
    pub fn control(&self) -> Router {
        Router::new()
            .route("/_sim/faults", post(faults))
            .route("/_sim/queues", get(queues))
            .route("/_sim/reset", post(reset))
            .with_state(self.clone())
    }
}

async fn faults(State(simulator): State<Simulator>, Json(list): Json<Vec<Fault>>) -> StatusCode {
    for fault in list {
        simulator.inject(fault);
    }
    StatusCode::NO_CONTENT
}

async fn queues(State(simulator): State<Simulator>) -> Json<BTreeMap<String, Counts>> {
    let counted = |name: String| Some((name.clone(), simulator.counts(&name)?));
    Json(simulator.queues().into_iter().filter_map(counted).collect())
}

async fn reset(State(simulator): State<Simulator>) -> StatusCode {
    simulator.reset();
    StatusCode::NO_CONTENT
}
