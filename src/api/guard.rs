//! What every request passes on its way in and every answer on its way out.
//!
//! In: the name of this service ([`only_our_names`]) against DNS rebinding, the origin
//! ([`super::routes`] puts tower-http's layer there) against other web pages, the key
//! ([`super::auth`]), the time limit ([`in_time`]).
//!
//! Out ([`finish`]): a request id, security headers, a problem in place of an answer that nobody
//! wrote, the predecessor's shape on its own endpoint, one log line and the metrics.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{MatchedPath, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Face;
use super::problem::{Kind, Problem};
use super::search::{self, SearchError};
use crate::config::HostRule;
use crate::telemetry::{HTTP_REQUEST_SECONDS, HTTP_REQUESTS};

/// The header by which a caller and the log speak of the same request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What pages of ours may load: nothing from elsewhere.
const OWN_CONTENT: &str =
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What Swagger UI needs besides: it writes style attributes and has pictures in its style sheet
/// (Swagger UI 5, read 2026-11).
const SWAGGER_CONTENT: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src \
     'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Whether this is asked by orchestrators, who have no key and may use an address for a name.
pub(super) fn is_probe(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz")
}

/// Refuses requests that were meant for another name.
pub(super) async fn only_our_names(
    State(face): State<Face>,
    request: Request,
    next: Next,
) -> Response {
    let rule = face.app.config().http.host_rule();
    let known = match (&rule, host(request.uri(), request.headers())) {
        (HostRule::Any, _) => true,
        (HostRule::Only(names), Some(host)) => names.contains(&host),
        (HostRule::Only(_), None) => false,
    };
    if known || is_probe(request.uri().path()) {
        return next.run(request).await;
    }
    let detail = "the name in the header Host is not one of this service's";
    Problem::new(Kind::Misdirected, detail).into_response()
}

/// The name that a request was sent to: lower case, without port.
fn host(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let several = headers.get_all(header::HOST).iter().nth(1).is_some();
    let from_header = || headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = uri.authority().map(Authority::as_str).or_else(from_header)?;
    let name = match authority.rfind(':') {
        Some(colon) if !authority.ends_with(']') => authority.get(..colon)?,
        _ => authority,
    };
    (!several).then(|| name.trim_end_matches('.').to_ascii_lowercase())
}

/// Gives up on an answer that does not begin in time.
pub(super) async fn in_time(State(face): State<Face>, request: Request, next: Next) -> Response {
    let limit = face.limits.request_time;
    let answer = tokio::time::timeout(limit, next.run(request)).await;
    answer.unwrap_or_else(|_| {
        let detail = format!("there was no answer within {} s", limit.as_secs_f64());
        Problem::new(Kind::TimedOut, detail).into_response()
    })
}

/// Sees every answer off.
pub(super) async fn finish(State(face): State<Face>, request: Request, next: Next) -> Response {
    let id = format!("{:016x}", rand::random::<u64>());
    let path = request.uri().path().to_owned();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let started = face.app.clock().elapsed();
    let mut response = named(next.run(request).await);
    let took = face.app.clock().elapsed().saturating_sub(started);
    record(route, &response, &id, took);
    if search::is_at(&path) {
        response = in_the_predecessors_shape(response);
    }
    add_headers(response.headers_mut(), &path, &id);
    response
}

/// The answer, or a problem in place of an error that says nothing (an unknown address, say).
fn named(response: Response) -> Response {
    let status = response.status();
    let fine = !status.is_client_error() && !status.is_server_error();
    if fine || response.extensions().get::<Arc<Problem>>().is_some() {
        return response;
    }
    let kind = Kind::of_status(status);
    let detail = match kind {
        Kind::NotFound => "there is nothing at this address",
        Kind::MethodNotAllowed => "this address does not take this method; see the header Allow",
        _ => status.canonical_reason().unwrap_or("the request failed"),
    };
    let mut problem = Problem::new(kind, detail).into_response();
    if let Some(allow) = response.headers().get(header::ALLOW) {
        problem.headers_mut().insert(header::ALLOW, allow.clone());
    }
    problem
}

/// One log line and the metrics. The path itself is not logged: the route is, and ids have a field.
fn record(route: &str, response: &Response, id: &str, took: Duration) {
    let status = response.status().as_u16();
    let labels = [("route", route.to_owned()), ("status", status.to_string())];
    metrics::counter!(HTTP_REQUESTS, &labels).increment(1);
    metrics::histogram!(HTTP_REQUEST_SECONDS, "route" => route.to_owned()).record(took);
    let problem = response.extensions().get::<Arc<Problem>>();
    let duration_seconds = took.as_secs_f64();
    match problem {
        Some(problem) if response.status().is_server_error() => {
            let error = problem.cause().unwrap_or(problem.detail());
            tracing::error!(
                request.id = id,
                http.route = route,
                http.status = status,
                duration_seconds,
                error,
                "request failed"
            );
        }
        _ => tracing::debug!(
            request.id = id,
            http.route = route,
            http.status = status,
            duration_seconds,
            "request answered"
        ),
    }
}

/// The predecessor had one shape for errors, and its callers read that.
fn in_the_predecessors_shape(mut response: Response) -> Response {
    let Some(problem) = response.extensions().get::<Arc<Problem>>() else { return response };
    let (head, body) = Json(SearchError::of(problem)).into_response().into_parts();
    response.headers_mut().remove(header::CONTENT_LENGTH);
    for (name, value) in &head.headers {
        response.headers_mut().insert(name, value.clone());
    }
    *response.body_mut() = body;
    response
}

fn add_headers(headers: &mut HeaderMap, path: &str, id: &str) {
    let swagger = path == "/docs" || path.starts_with("/docs/");
    let content = if swagger { SWAGGER_CONTENT } else { OWN_CONTENT };
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, content),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !swagger {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
}

/// The answer to a request whose handler tripped over a defect. The panic's own message is written
/// to the log by the panic hook.
pub(super) fn after_panic(_: Box<dyn std::any::Any + Send>) -> Response {
    Problem::new(Kind::Internal, "the request hit a defect of this program").into_response()
}

/// The answer to a request of another web page.
pub(super) fn cross_origin(_: tower_http::csrf::ProtectionError) -> Response {
    Problem::new(Kind::CrossOrigin, "the request comes from a page of another origin")
        .into_response()
}
