//! A webhook: the CloudEvent, signed, by HTTP POST.
//!
//! | answer | means |
//! |---|---|
//! | 2xx | delivered, whatever the body says |
//! | 410 | refused for good: whoever says so knows that nobody will come back |
//! | everything else, no answer within ten seconds, no connection | tried again |
//!
//! Everything but 410 may pass: an app that is stopped or being deployed answers 403 or 404, a wrong
//! key or address is put right. `Retry-After` is passed on as it is.
//!
//! The request follows Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`
//! (see [`super::signature`]). Redirects are not followed and no proxy is used, because either
//! would lead around the [`Guard`]. Each try makes a connection of its own, so that each looks the
//! name up anew and is checked anew; there is one for each dataset, so nothing is lost by it.
//!
//! The URL may carry a key in its path or query, so only its host is ever shown.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;
use url::Url;

use super::guard::{Forbidden, Guard, Lookup, Reach};
use super::signature::Signer;
use super::{Notice, NoticeError, Notifier, cloud_event};
use crate::clock::Clock;
use crate::model::record::Channel;

/// How long a connection may take, in which time an address that is away should not use up all of
/// [`ANSWER_TIMEOUT`]. Our own choice.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a try may take altogether. Our own choice: a receiver of webhooks is expected to store
/// the event and answer at once.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// How much of an answer's body is taken off its sender's hands before the line is cut. Nothing in
/// it is used.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// One webhook.
pub struct Webhook {
    client: reqwest::Client,
    url: Url,
    signer: Signer,
    clock: Arc<dyn Clock>,
}

/// A webhook that can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// Its address may not be reached.
    #[error("the webhook may not be called")]
    Forbidden(#[from] Forbidden),
    /// TLS could not be initialised.
    #[error("no HTTP client can be set up for the webhook")]
    Client(#[source] reqwest::Error),
}

impl Webhook {
    /// The webhook at `url`. Names are looked up by `lookup` when a notice is told.
    pub fn new(
        url: Url,
        reach: Reach,
        lookup: Arc<dyn Lookup>,
        signer: Signer,
        clock: Arc<dyn Clock>,
        user_agent: &str,
    ) -> Result<Self, SetupError> {
        let guard = Guard::new(&url, reach, lookup)?;
        let client = reqwest::Client::builder()
            .user_agent(user_agent)
            .dns_resolver(Arc::new(guard))
            .https_only(url.scheme() == "https")
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .gzip(false)
            .pool_max_idle_per_host(0)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            .build()
            .map_err(SetupError::Client)?;
        Ok(Self { client, url, signer, clock })
    }

    fn request(&self, notice: &Notice) -> reqwest::RequestBuilder {
        let (id, body, now) = (notice.id(), cloud_event::body(notice), self.clock.now());
        let signature = self.signer.sign(&id, now, body.as_bytes());
        self.client
            .post(self.url.clone())
            .header(header::CONTENT_TYPE, HeaderValue::from_static(cloud_event::CONTENT_TYPE))
            .header("webhook-id", id)
            .header("webhook-timestamp", now.as_second())
            .header("webhook-signature", signature)
            .body(body)
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Notifier for Webhook {
    fn channel(&self) -> Channel {
        Channel::Webhook
    }

    async fn tell(&self, notice: &Notice) -> Result<(), NoticeError> {
        let answer = self.request(notice).send().await.map_err(|error| failed(&error))?;
        let status = answer.status().as_u16();
        let retry_after = retry_after(answer.headers(), self.clock.now());
        take(answer).await;
        verdict(status, retry_after)
    }
}

/// Takes an answer's body, or as much of it as is decent.
async fn take(mut answer: reqwest::Response) {
    let mut left = MAX_ANSWER_BYTES;
    while let Ok(Some(piece)) = answer.chunk().await {
        match left.checked_sub(piece.len()) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

/// What a status means.
fn verdict(status: u16, retry_after: Option<Duration>) -> Result<(), NoticeError> {
    let reason = format!("the webhook answered with status {status}");
    match status {
        200..=299 => Ok(()),
        410 => Err(NoticeError::Refused { reason }),
        _ => Err(NoticeError::Passing { reason, retry_after }),
    }
}

/// How long the webhook asks to be left alone: a number of seconds, or a date (RFC 9110, section
/// 10.2.3), which counts from the answer's own date if it has one. What is neither says nothing.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let asked = text(header::RETRY_AFTER)?;
    if !asked.is_empty() && asked.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(asked.parse().unwrap_or(u64::MAX)));
    }
    let now = text(header::DATE).and_then(date).unwrap_or(now);
    Duration::try_from(date(asked)?.duration_since(now)).ok()
}

/// `Sun, 22 Nov 2026 08:00:00 GMT` (RFC 9110, section 5.6.7).
fn date(text: &str) -> Option<Timestamp> {
    Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp())
}

/// What it means that there is no answer.
fn failed(error: &reqwest::Error) -> NoticeError {
    if let Some(forbidden) = causes(error).find_map(|cause| cause.downcast_ref::<Forbidden>()) {
        return NoticeError::Refused { reason: forbidden.to_string() };
    }
    let reason = if error.is_timeout() {
        "the webhook did not answer in time".to_owned()
    } else {
        // The error itself names the URL; its causes do not.
        causes(error).skip(1).map(ToString::to_string).collect::<Vec<_>>().join(": ")
    };
    NoticeError::passing(reason)
}

/// An error and everything behind it.
fn causes<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
