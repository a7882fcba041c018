//! For tests: a transport that plays X from a script, and a specification to ask with.

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use crate::model::Spec;
use crate::model::spec::Window;

/// Answers in order, and remembers what it was asked.
#[derive(Debug, Default)]
pub struct ScriptedTransport {
    answers: Mutex<VecDeque<Result<HttpResponse, TransportError>>>,
    asked: Mutex<Vec<HttpRequest>>,
}

impl ScriptedTransport {
    /// Will give `answers` in order, and refuse connections afterwards.
    pub fn new(answers: impl IntoIterator<Item = Result<HttpResponse, TransportError>>) -> Self {
        Self { answers: Mutex::new(answers.into_iter().collect()), asked: Mutex::default() }
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<HttpRequest> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Transport for ScriptedTransport {
    async fn get(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.asked.lock().unwrap().push(request);
        let end = || Err(TransportError::NotSent { detail: "the script has ended".into() });
        self.answers.lock().unwrap().pop_front().unwrap_or_else(end)
    }
}

/// An answer with these headers.
pub fn response(status: u16, headers: &[(&str, &str)], body: &str) -> HttpResponse {
    let pair = |(name, value): &(&str, &str)| {
        (HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap())
    };
    let headers: HeaderMap = headers.iter().map(pair).collect();
    HttpResponse { status, headers, body: Bytes::copy_from_slice(body.as_bytes()) }
}

/// A collection of `#rust` over three weeks, with everything else as users get it.
pub fn spec() -> Spec {
    let window = Window {
        start: "2026-11-01T00:00:00Z".parse().unwrap(),
        end: "2026-11-22T00:00:00Z".parse().unwrap(),
    };
    let (query, hashtag) = ("#rust".into(), Some("rust".into()));
    Spec { query, hashtag, window, ..crate::model::spec::tests::spec() }
}
