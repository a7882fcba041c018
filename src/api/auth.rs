//! API keys: who may talk to the service.
//!
//! Keys are kept and compared as SHA-256 digests in constant time, all of them every time, so that
//! neither memory dumps nor timings tell a key. Every refusal is the same answer.
//!
//! Three ways to show a key, because callers differ: `Authorization: Bearer KEY` (tools),
//! `X-API-Key: KEY` (gateways), and `Authorization: Basic …` with the key as password, the only
//! one that a browser offers by itself. The last one is sent by browsers on behalf of any page,
//! which is why requests of other origins are refused in any case.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use super::Face;
use super::guard::is_probe;
use super::problem::{Kind, Problem};
use super::server::Seat;

/// The keys that are valid, as digests.
#[derive(Debug)]
pub(super) struct Keys(Vec<[u8; 32]>);

impl Keys {
    /// The digests of these keys.
    pub(super) fn new(keys: &[SecretString]) -> Self {
        Self(keys.iter().map(|key| digest(key.expose_secret().as_bytes())).collect())
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Who sent a request with these headers.
    fn caller(&self, headers: &HeaderMap) -> Caller {
        shown_key(headers).and_then(|key| self.number(&key)).map_or(Caller::Anyone, Caller::Key)
    }

    /// Whether this caller may pass. Without any key configured all may: then only this machine
    /// can reach the service.
    fn admit(&self, caller: Caller) -> bool {
        self.0.is_empty() || caller != Caller::Anyone
    }

    /// Which key this is, if it is one.
    fn number(&self, key: &[u8]) -> Option<usize> {
        let shown = digest(key);
        let mut found = (Choice::from(0), 0);
        for (number, known) in (0_u64..).zip(&self.0) {
            let is_equal = known.ct_eq(&shown);
            found.1.conditional_assign(&number, is_equal);
            found.0 |= is_equal;
        }
        bool::from(found.0).then(|| usize::try_from(found.1).ok()).flatten()
    }
}

/// Who sent a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Caller {
    /// Whoever it is, no valid key came with it.
    #[default]
    Anyone,
    /// A holder of the key with this number.
    Key(usize),
}

fn digest(key: &[u8]) -> [u8; 32] {
    Sha256::digest(key).into()
}

/// The key that a request shows.
fn shown_key(headers: &HeaderMap) -> Option<Vec<u8>> {
    if let Some(key) = headers.get("x-api-key") {
        return Some(key.as_bytes().to_vec());
    }
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, value) = text.split_once(' ')?;
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Some(value.trim().as_bytes().to_vec()),
        "basic" => {
            let pair = STANDARD.decode(value.trim()).ok()?;
            let colon = pair.iter().position(|byte| *byte == b':')?;
            pair.get(colon + 1..).map(<[u8]>::to_vec)
        }
        _ => None,
    }
}

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
