//! The seam under the client: one HTTP GET, and what can go wrong with it.
//!
//! A transport knows where X is and how to prove who asks (the bearer token is its own secret and
//! appears in no `Debug` output). It returns an answer only when the answer is complete. When it
//! is not, the error says the one thing that matters for the bill: whether X can have seen the
//! request.
//!
//! It neither retries, nor follows redirects, nor interprets a status.

use std::fmt::{self, Write};

use async_trait::async_trait;
use bytes::Bytes;

/// Something that carries a request to X and the answer back.
#[async_trait]
pub trait Transport: Send + Sync + fmt::Debug {
    /// Sends the request once, and waits for the complete answer.
    async fn get(&self, request: HttpRequest) -> Result<HttpResponse, TransportError>;
}

/// A request, without the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// The path, for example `/2/tweets/search/all`.
    pub path: &'static str,
    /// The query parameters in order, not encoded.
    pub params: Vec<(String, String)>,
}

impl HttpRequest {
    /// The query string: every byte but RFC 3986's unreserved ones percent-encoded, once.
    ///
    /// A space is `%20`, because `+` means a space to some readers of a URL and a plus to others.
    pub fn query_string(&self) -> String {
        let pairs = self.params.iter().map(|(name, value)| format!("{}={}", enc(name), enc(value)));
        pairs.collect::<Vec<_>>().join("&")
    }
}

fn enc(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a `String` can't fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// A complete answer.
#[derive(Clone)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: ::http::HeaderMap,
    /// The body, decompressed.
    pub body: Bytes,
}

impl fmt::Debug for HttpResponse {
    /// Without headers and body: either may hold what nobody should log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, headers: _, body } = self;
        f.debug_struct("HttpResponse")
            .field("status", status)
            .field("body_bytes", &body.len())
            .finish_non_exhaustive()
    }
}

/// The largest answer that is taken, in decompressed bytes.
///
/// Our own limit: a page of 500 posts with everything measures 1 to 3 MB, long posts (25,000
/// characters each) could make it 15. Beyond this a proxy or an attacker is speaking, not X; if
/// that is wrong, the answer counts as lost and the next request asks for less.
pub const MAX_ANSWER_BYTES: usize = 32 * 1024 * 1024;

/// No complete answer came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// X can't have seen the request: no address, no connection, no TLS.
    #[error("the request was not sent: {detail}")]
    NotSent {
        /// What happened.
        detail: String,
    },
    /// The request went out, but no complete answer came back: perhaps X processed and charged it.
    #[error("the answer was lost: {detail}")]
    AnswerLost {
        /// What happened.
        detail: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_encoded_once_and_a_space_is_no_plus() {
        let params = vec![("query".into(), "#été -is:retweet a+b 100%".into())];
        let request = HttpRequest { path: "/", params };
        let expected = "query=%23%C3%A9t%C3%A9%20-is%3Aretweet%20a%2Bb%20100%25";
        assert_eq!(request.query_string(), expected);
    }

    #[test]
    fn debug_output_shows_neither_headers_nor_body() {
        let mut headers = ::http::HeaderMap::new();
        headers.insert("authorization", ::http::HeaderValue::from_static("canary"));
        let response = HttpResponse { status: 200, headers, body: Bytes::from_static(b"canary") };
        assert!(!format!("{response:?}").contains("canary"));
    }
}
