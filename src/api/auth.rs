//! API keys: who may talk to the service ([`super::keys`]). Every refusal is the same answer.
//!
//! Three ways to show a key, because callers differ: `Authorization: Bearer KEY` (tools),
//! `X-API-Key: KEY` (gateways), and `Authorization: Basic …` with the key as password, the only
//! one that a browser offers by itself. The last one is sent by browsers on behalf of any page,
//! which is why requests of other origins are refused in any case.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Face;
use super::guard::is_probe;
use super::keys::Caller;
use super::problem::{Kind, Problem};
use super::server::Seat;

/// Lets requests pass that show a key, and the probes of orchestrators. Handlers find the
/// [`Caller`] among the extensions; the connection learns whether a key was shown.
pub(super) async fn ask_for_key(
    State(face): State<Face>,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = face.keys.caller(request.headers());
    if let Some(seat) = request.extensions().get::<Arc<Seat>>() {
        seat.shows_key(caller != Caller::Anyone);
    }
    request.extensions_mut().insert(caller);
    if is_probe(request.uri().path()) || face.keys.admit(caller) {
        next.run(request).await
    } else {
        Problem::new(Kind::Unauthorized, "no valid API key came with the request").into_response()
    }
}
