//! From an answer to bytes on the wire: headers, compression, and broken deliveries.
//!
//! A body stream that fails makes hyper close the connection. Failing before the first
//! byte closes it before any header is sent, because hyper has not flushed them yet.
//! Called as a service without a socket, the same faults show as a body that errors.

use std::convert::Infallible;
use std::io::{Error, ErrorKind, Write as _};
use std::time::Duration;

use axum::body::Body as HttpBody;
use axum::http::{HeaderValue, Response, header};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use futures::stream::{self, StreamExt as _};

use super::clock::{Clock, http_date};
use super::draw::hash;
use super::effects::SURROGATE_MARK;
use super::errors::Body;
use super::faults::{Fault, Stage};
use super::limits::RateHeaders;

/// Everything about a response but its bytes.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// HTTP status.
    pub status: u16,
    /// `x-rate-limit-*`; without a token there are none.
    pub rate: Option<RateHeaders>,
    /// Simulated time of the answer.
    pub now_ms: i64,
    /// The number of the request, for the transaction id.
    pub number: u64,
    /// `x-response-time`, milliseconds.
    pub took_ms: u64,
    /// Whether the client takes gzip.
    pub encoding: Encoding,
}

/// How the client takes bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As they are.
    Identity,
    /// gzip
    Gzip,
}

impl Encoding {
    /// From the `accept-encoding` header.
    pub fn accepted(header: Option<&HeaderValue>) -> Self {
        let accepted = header.and_then(|value| value.to_str().ok()).unwrap_or_default();
        if accepted.split(',').any(|coding| coding.trim().starts_with("gzip")) {
            Self::Gzip
        } else {
            Self::Identity
        }
    }
}

/// Makes the response.
pub fn deliver(
    mut envelope: Envelope,
    body: Body,
    faults: &[Fault],
    clock: &Clock,
) -> Response<HttpBody> {
    let (content_type, mut bytes) = written(body, faults);
    let mut broken = Delivery::Whole;
    for fault in faults {
        match fault {
            Fault::NoRateHeaders => envelope.rate = None,
            Fault::ClockSkew { seconds } => envelope.now_ms += seconds * 1_000,
            Fault::LargeBody { bytes: blanks } => {
                bytes.resize(bytes.len() + *blanks as usize, b' ');
            }
            Fault::CutBody { percent } => broken = Delivery::Cut { percent: *percent },
            Fault::SlowBody { bytes_per_second } => {
                broken = Delivery::Slow { bytes_per_second: (*bytes_per_second).max(1) };
            }
            Fault::Reset { stage: Stage::BeforeWork | Stage::AfterWork } => {
                broken = Delivery::Reset;
            }
            Fault::TruncatedGzip => envelope.encoding = Encoding::Gzip,
            _ => {}
        }
    }
    let zipped = envelope.encoding == Encoding::Gzip && !bytes.is_empty();
    if zipped {
        bytes = gzip(&bytes);
    }
    if faults.contains(&Fault::TruncatedGzip) {
        bytes.truncate(bytes.len() * 2 / 3);
    }
    let length = bytes.len();
    let mut response = Response::new(broken.body(bytes.into(), clock.clone()));
    *response.status_mut() = status(envelope.status);
    envelope.write_headers(&mut response);
    let headers = response.headers_mut();
    if broken != Delivery::Reset {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    if let Some(content_type) = content_type {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    if zipped {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

fn status(code: u16) -> axum::http::StatusCode {
    axum::http::StatusCode::from_u16(code).unwrap_or(axum::http::StatusCode::INTERNAL_SERVER_ERROR)
}

fn written(body: Body, faults: &[Fault]) -> (Option<&'static str>, Vec<u8>) {
    const JSON: &str = "application/json; charset=utf-8";
    match body {
        Body::Answer(text) if faults.contains(&Fault::LoneSurrogates) => {
            (Some(JSON), text.replace(SURROGATE_MARK, "\\ud83d").into_bytes())
        }
        Body::Answer(text) => (Some(JSON), text.into_bytes()),
        Body::Json(value) => (Some(JSON), value.to_string().into_bytes()),
        Body::Problem(value) => {
            (Some("application/problem+json; charset=utf-8"), value.to_string().into_bytes())
        }
        Body::Html(page) => (Some("text/html; charset=utf-8"), page.as_bytes().to_vec()),
        Body::Empty => (None, Vec::new()),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
    // Writing to memory cannot fail; if it did, the plain bytes would say so.
    if encoder.write_all(bytes).is_err() {
        return bytes.to_vec();
    }
    encoder.finish().unwrap_or_else(|_| bytes.to_vec())
}

impl Envelope {
    fn write_headers(&self, response: &mut Response<HttpBody>) {
        let headers = response.headers_mut();
        let text = |text: String| {
            HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
        };
        headers.insert(header::DATE, text(http_date(self.now_ms)));
        headers.insert("x-access-level", HeaderValue::from_static("read"));
        headers.insert("x-response-time", HeaderValue::from(self.took_ms));
        headers.insert("x-transaction-id", text(format!("{:016x}", hash(&[self.number]))));
        if let Some(rate) = self.rate {
            headers.insert("x-rate-limit-limit", HeaderValue::from(rate.limit));
            headers.insert("x-rate-limit-remaining", HeaderValue::from(rate.remaining));
            headers.insert("x-rate-limit-reset", HeaderValue::from(rate.reset));
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Delivery {
    Whole,
    Cut { percent: u8 },
    Slow { bytes_per_second: u32 },
    Reset,
}

impl Delivery {
    fn body(self, bytes: Bytes, clock: Clock) -> HttpBody {
        match self {
            Self::Whole => HttpBody::from(bytes),
            Self::Reset => HttpBody::from_stream(stream::once(async { Err::<Bytes, _>(gone()) })),
            Self::Cut { percent } => {
                let end = bytes.len() * usize::from(percent.min(99)) / 100;
                let part = bytes.slice(..end);
                let end = stream::once(async {
                    // Lets hyper flush what came before.
                    tokio::task::yield_now().await;
                    Err(gone())
                });
                HttpBody::from_stream(stream::once(async { Ok(part) }).chain(end))
            }
            Self::Slow { bytes_per_second } => {
                HttpBody::from_stream(trickle(bytes, bytes_per_second, clock))
            }
        }
    }
}

fn gone() -> Error {
    Error::new(ErrorKind::ConnectionReset, "connection reset by the simulator")
}

fn trickle(
    bytes: Bytes,
    per_second: u32,
    clock: Clock,
) -> impl stream::Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold((bytes, clock), move |(mut rest, clock)| async move {
        if rest.is_empty() {
            return None;
        }
        let piece = rest.split_to((per_second as usize).min(rest.len()));
        clock.sleep(Duration::from_secs(1)).await;
        Some((Ok(piece), (rest, clock)))
    })
}
