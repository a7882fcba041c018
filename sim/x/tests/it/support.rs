//! A small client for tests: asks the router, keeps what came back.

use std::collections::BTreeMap;
use std::io::Read as _;

use axum::body::Body;
use axum::http::Request;
use mistnet_sim_x::{Options, RateLimits, ShortPages, Simulator};
use serde_json::Value;
use tower::ServiceExt as _;

/// 2026-09-01T12:00:00Z: when simulated time starts in these tests.
pub const START: &str = "2026-09-01T12:00:00Z";

/// Options without limits, with a fixed start.
pub fn options(tweets: u64, seed: u64) -> Options {
    Options {
        seed,
        tweets,
        hashtag: "Cumpleaños".into(),
        rate_limits: RateLimits::Off,
        start: Some(START.parse().expect("a time")),
        authors: 300,
        ..Options::default()
    }
}

/// As [`options`], with full pages.
pub fn full_pages(tweets: u64, seed: u64) -> Options {
    Options { short_pages: ShortPages::Off, ..options(tweets, seed) }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Got {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub bytes: Vec<u8>,
    /// Whether the body ended without an error.
    pub whole: bool,
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.bytes)))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub fn number(&self, name: &str) -> i64 {
        self.header(name).expect(name).parse().expect("a number")
    }

    pub fn ids(&self) -> Vec<u64> {
        ids(&self.json())
    }

    pub fn next_token(&self) -> Option<String> {
        Some(self.json()["meta"]["next_token"].as_str()?.to_owned())
    }

    /// The only message of a legacy 400.
    pub fn message(&self) -> String {
        assert_eq!(self.status, 400, "{}", String::from_utf8_lossy(&self.bytes));
        self.json()["errors"][0]["message"].as_str().expect("a message").to_owned()
    }
}

/// The ids of `data`.
pub fn ids(body: &Value) -> Vec<u64> {
    let none = Vec::new();
    let data = body["data"].as_array().unwrap_or(&none);
    data.iter().map(|post| post["id"].as_str().expect("id").parse().expect("number")).collect()
}

/// Asks with a token.
pub async fn get(sim: &Simulator, path: &str, pairs: &[(&str, &str)]) -> Got {
    get_with(sim, path, pairs, &[("authorization", "Bearer t")]).await
}

/// Asks with headers.
pub async fn get_with(
    sim: &Simulator,
    path: &str,
    pairs: &[(&str, &str)],
    headers: &[(&str, &str)],
) -> Got {
    let query: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let uri =
        if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) };
    let mut request = Request::get(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).expect("a request");
    let response = sim.router().oneshot(request).await.expect("infallible");
    received(response).await
}

async fn received(response: axum::response::Response) -> Got {
    use futures::StreamExt as _;
    let (parts, body) = response.into_parts();
    let text = |value: &axum::http::HeaderValue| value.to_str().expect("text").to_owned();
    let headers =
        parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let mut got = Got { status: parts.status.as_u16(), headers, bytes: Vec::new(), whole: true };
    let mut stream = body.into_data_stream();
    while let Some(piece) = stream.next().await {
        match piece {
            Ok(piece) => got.bytes.extend_from_slice(&piece),
            Err(_) => got.whole = false,
        }
    }
    got
}

/// Undoes gzip; an error for a stream that ends early.
pub fn gunzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain)?;
    Ok(plain)
}

pub fn encoded(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    value
        .bytes()
        .map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

pub const ALL: &str = "/2/tweets/search/all";
pub const FLOOR: (&str, &str) = ("start_time", "2006-03-21T00:00:00Z");

/// Follows tokens to the end; every page.
pub async fn walk(sim: &Simulator, path: &str, pairs: &[(&str, &str)]) -> Vec<Got> {
    let mut pages = vec![get(sim, path, pairs).await];
    while let Some(token) = pages.last().expect("one").next_token() {
        let mut pairs = pairs.to_vec();
        pairs.push(("next_token", &token));
        pages.push(get(sim, path, &pairs).await);
        assert!(pages.len() < 20_000, "the walk does not end");
    }
    for page in &pages {
        assert_eq!(page.status, 200, "{}", String::from_utf8_lossy(&page.bytes));
    }
    pages
}

/// Every id of a walk, in the order served.
pub async fn walked_ids(sim: &Simulator, path: &str, pairs: &[(&str, &str)]) -> Vec<u64> {
    walk(sim, path, pairs).await.iter().flat_map(Got::ids).collect()
}
