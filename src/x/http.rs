//! The transport over the network.
//!
//! One client for all requests, so that connections are reused. Redirects are off (X sends none,
//! and one could carry the token elsewhere). Answers are asked for in gzip, except of a loopback
//! address: there nothing goes over a wire, and both sides would only compute. The token is added to each request in a
//! header that is marked sensitive, and cut out of every body, should a proxy echo it.
//!
//! Whether X can have seen a request is decided in [`describe`]: only failures before a
//! connection stood count as not sent. Everything later counts as perhaps processed.

use std::fmt;
use std::time::Duration;

use ::http::{HeaderValue, header};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use super::transport::{HttpRequest, HttpResponse, MAX_ANSWER_BYTES, Transport, TransportError};

/// How long a connection may take. Our own choice: a slow line connects within three seconds.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the whole answer may take. Our own choice: X answers a full page within a few seconds
/// and gives up by itself (504) well before this.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(1);

/// X over HTTP.
pub struct ReqwestTransport {
    client: reqwest::Client,
    base_url: Url,
    encoding: HeaderValue,
    token: SecretString,
    authorization: HeaderValue,
}

/// A transport that can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The token has characters that no header can carry.
    #[error("the bearer token has characters that no HTTP header can carry (a line break?)")]
    Token,
    /// The base URL is not one to which a path can be added.
    #[error("{host:?} is no base URL for the X API: it must begin with https:// or http://")]
    BaseUrl {
        /// Its host, or what stands in its place; never its user or password.
        host: String,
    },
    /// TLS or the resolver could not be initialised.
    #[error("no HTTP client can be set up")]
    Client(#[source] reqwest::Error),
}

impl ReqwestTransport {
    /// X at `base_url` (for example `https://api.x.com`), asked with `token`.
    pub fn new(base_url: Url, token: SecretString, user_agent: &str) -> Result<Self, SetupError> {
        if !matches!(base_url.scheme(), "http" | "https") {
            return Err(SetupError::BaseUrl { host: base_url.host_str().unwrap_or("").to_owned() });
        }
        let client = reqwest::Client::builder()
            .user_agent(user_agent)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .gzip(true)
            .build()
            .map_err(SetupError::Client)?;
        let authorization = bearer(&token)?;
        let encoding = HeaderValue::from_static(accepted_encoding(&base_url));
        Ok(Self { client, base_url, encoding, token, authorization })
    }

    fn url(&self, request: &HttpRequest) -> Url {
        let mut url = self.base_url.clone();
        url.set_path(&format!("{}{}", self.base_url.path().trim_end_matches('/'), request.path));
        url.set_query(Some(&request.query_string()));
        url
    }
}

/// How X is to send bodies. Whatever this says, gzip is understood.
fn accepted_encoding(url: &Url) -> &'static str {
    let is_loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if is_loopback { "identity" } else { "gzip" }
}

fn bearer(token: &SecretString) -> Result<HeaderValue, SetupError> {
    let text = format!("Bearer {}", token.expose_secret().trim());
    let mut value = HeaderValue::try_from(text).map_err(|_| SetupError::Token)?;
    value.set_sensitive(true);
    Ok(value)
}

impl fmt::Debug for ReqwestTransport {
    /// Shows the host only: a URL may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransport")
            .field("host", &self.base_url.host_str())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn get(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let sent = self
            .client
            .get(self.url(&request))
            .header(header::AUTHORIZATION, self.authorization.clone())
            .header(header::ACCEPT_ENCODING, self.encoding.clone())
            .send()
            .await;
        let mut response = sent.map_err(describe)?;
        let body = read(&mut response).await?;
        let status = response.status().as_u16();
        let token = self.token.expose_secret().trim();
        let is_page = status < 300 && token.len() < SHORTEST_SECRET;
        let body = if is_page { body } else { redact(body, token) };
        Ok(HttpResponse { status, headers: response.headers().clone(), body })
    }
}

/// Reads the body to its end. An end before the announced length, or before gzip's own checksum,
/// is an error of the connection below.
async fn read(response: &mut reqwest::Response) -> Result<Bytes, TransportError> {
    // What is announced may be a lie, and of a compressed body it is not the size.
    let announced = response.content_length().unwrap_or_default().min(MAX_ANSWER_BYTES as u64);
    let mut body = BytesMut::with_capacity(usize::try_from(announced).unwrap_or_default());
    while let Some(chunk) = response.chunk().await.map_err(lost)? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            let detail = format!("it is larger than {MAX_ANSWER_BYTES} bytes");
            return Err(TransportError::AnswerLost { detail });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// The bill hangs on this: an error on the way to a connection is certainly not paid.
fn describe(error: reqwest::Error) -> TransportError {
    if error.is_connect() || error.is_builder() {
        TransportError::NotSent { detail: chain(error) }
    } else {
        lost(error)
    }
}

fn lost(error: reqwest::Error) -> TransportError {
    TransportError::AnswerLost { detail: chain(error) }
}

/// The error and its causes, without the URL: the caller knows what it asked.
fn chain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

/// Tokens shorter than this are not looked for in pages, where they could stand by chance: X's have
/// some 110 characters (recorded 2021-26), and made-up ones of tests may have one.
const SHORTEST_SECRET: usize = 20;

fn redact(body: Bytes, token: &str) -> Bytes {
    let token = token.as_bytes();
    if token.is_empty() || memchr::memmem::find(&body, token).is_none() {
        return body;
    }
    let (body, token) = (String::from_utf8_lossy(&body), String::from_utf8_lossy(token));
    Bytes::from(body.replace(token.as_ref(), "[redacted]"))
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
