//! The transport over an axum `Router` in this process: a whole collection without a socket.
//!
//! The demonstration and the tests ask the X simulator through it. It sends a token of its own,
//! because the simulator, like X, answers nobody without one. It loses no answers; faults are the
//! simulator's business.

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use secrecy::{ExposeSecret, SecretString};
use tower::ServiceExt;

use super::transport::{HttpRequest, HttpResponse, MAX_ANSWER_BYTES, Transport, TransportError};

/// X as a `Router`.
#[derive(Debug, Clone)]
pub struct RouterTransport {
    router: Router,
    token: SecretString,
}

impl RouterTransport {
    /// Asks `router`, with a bearer token that only simulators know.
    pub fn new(router: Router, token: &str) -> Self {
        Self { router, token: token.into() }
    }
}

#[async_trait]
impl Transport for RouterTransport {
    async fn get(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let uri = format!("{}?{}", request.path, request.query_string());
        let request = ::http::Request::get(uri)
            .header(::http::header::AUTHORIZATION, format!("Bearer {}", self.token.expose_secret()))
            .header(::http::header::HOST, "api.x.com")
            .body(Body::empty())
            .map_err(|error| TransportError::NotSent { detail: error.to_string() })?;
        let response = match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let (head, body) = response.into_parts();
        let body = to_bytes(body, MAX_ANSWER_BYTES)
            .await
            .map_err(|error| TransportError::AnswerLost { detail: error.to_string() })?;
        Ok(HttpResponse { status: head.status.as_u16(), headers: head.headers, body })
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, StatusCode, Uri};
    use axum::routing::get;

    use super::*;

    #[tokio::test]
    async fn the_router_sees_what_x_would_see() {
        let answer = |uri: Uri, headers: HeaderMap| async move {
            let token = headers["authorization"].to_str().unwrap().to_owned();
            (StatusCode::IM_A_TEAPOT, [("x-a", "b")], format!("{uri} {token}"))
        };
        let router = Router::new().route("/2/tweets/search/all", get(answer));
        let transport = RouterTransport::new(router, "canary");
        let params = vec![("query".to_owned(), "#a b".to_owned())];
        let request = HttpRequest { path: "/2/tweets/search/all", params };
        let response = transport.get(request).await.unwrap();
        assert_eq!((response.status, &response.headers["x-a"]), (418, &"b".parse().unwrap()));
        let expected = "/2/tweets/search/all?query=%23a%20b Bearer canary";
        assert_eq!(response.body, expected.as_bytes());
        assert!(!format!("{transport:?}").contains("canary"));
    }
}
