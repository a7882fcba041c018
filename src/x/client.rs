//! One attempt at a request: wait for a turn, send, say what came of it.
//!
//! All collections of a process share one client, since X counts requests per token: turns are
//! first come, first served, whichever collection asks. A turn is waited for here only if it comes
//! soon ([`Settings::max_wait`]); else [`Failure::Wait`] says when, and the caller can lay the work
//! down meanwhile.
//!
//! One call is at most one request. The client never repeats one by itself, because only the
//! caller keeps the account of what a repetition may cost.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use parking_lot::{Mutex, MutexGuard};

use super::classify::{Verdict, classify};
use super::counts::CountRequest;
use super::failure::{Failure, Paid, Size};
use super::headers::LimitHeaders;
use super::limits::{Limiter, Pause};
use super::page::{self, NoPage, Page};
use super::request::{Endpoint, SearchRequest};
use super::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use crate::clock::Clock;
use crate::model::record::Trouble;

/// How the client behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Whether it keeps X's limits by itself.
    pub pacing: Pacing,
    /// The longest wait inside one call.
    pub max_wait: Duration,
}

impl Default for Settings {
    /// As X wants it; waits of up to 20 s are not worth giving a lease back.
    fn default() -> Self {
        Self { pacing: Pacing::On, max_wait: Duration::from_secs(20) }
    }
}

/// Whether the client keeps X's limits by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pacing {
    /// Yes.
    On,
    /// No: for simulators without limits, tests and benchmarks. A 429 is still understood.
    Off,
}

/// An answer of X, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<T = Page> {
    /// The body: a JSON object, complete.
    pub body: Bytes,
    /// When it was complete.
    pub fetched_at: Timestamp,
    /// What is in it, if somebody had to look.
    pub page: T,
}

/// The X API, within its limits. Clones share them.
#[derive(Debug, Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    settings: Settings,
    lanes: Lanes,
    trust: Mutex<Trust>,
}

impl Client {
    /// A client for the token of `transport`.
    pub fn new(transport: Arc<dyn Transport>, clock: Arc<dyn Clock>, settings: Settings) -> Self {
        let shared =
            Shared { transport, clock, settings, lanes: Lanes::new(), trust: Mutex::default() };
        Self { shared: Arc::new(shared) }
    }

    /// Makes one attempt at a page.
    pub async fn search(&self, request: &SearchRequest) -> Result<Answer, Failure> {
        let answer = self.attempt(request.endpoint(), &request.params, page::read).await;
        answer.map_err(|failure| about_the_cursor(failure, request))
    }

    /// Makes one attempt at a page of counts, each of which costs [`super::counts::price`].
    pub async fn count(&self, request: &CountRequest) -> Result<Answer<()>, Failure> {
        self.attempt(request.endpoint(), &request.params, page::look).await
    }

    async fn attempt<T>(
        &self,
        endpoint: Endpoint,
        params: &[(String, String)],
        read: fn(&[u8]) -> Result<T, NoPage>,
    ) -> Result<Answer<T>, Failure> {
        let flight = self.turn(self.shared.lanes.of(endpoint)).await?;
        let request = HttpRequest { path: endpoint.path(), params: params.to_vec() };
        match self.shared.transport.get(request).await {
            Ok(response) => self.judge(flight, response, read),
            Err(TransportError::NotSent { detail }) => {
                flight.not_sent();
                Err(unreachable(Paid::No, Size::Keep, detail))
            }
            Err(TransportError::AnswerLost { detail }) => {
                Err(unreachable(Paid::Perhaps, Size::Smaller, detail))
            }
        }
    }

    /// Waits for a turn, or says when there will be one.
    async fn turn<'a>(&self, lane: &'a Lane) -> Result<Flight<'a>, Failure> {
        let Shared { clock, settings, .. } = &*self.shared;
        if settings.pacing == Pacing::Off {
            return Ok(Flight::new(lane));
        }
        let _first_come_first_served = lane.turn.lock().await;
        loop {
            let started = lane.limiter().start(clock.elapsed());
            match started {
                Ok(()) => return Ok(Flight::new(lane)),
                Err(pause) if pause.wait > settings.max_wait => return Err(self.wait(pause)),
                Err(pause) => clock.sleep(pause.wait).await,
            }
        }
    }

    fn wait(&self, pause: Pause) -> Failure {
        let until = self.shared.clock.now().checked_add(pause.wait).unwrap_or(Timestamp::MAX);
        Failure::Wait { until, why: pause.why }
    }

    fn judge<T>(
        &self,
        flight: Flight<'_>,
        response: HttpResponse,
        read: fn(&[u8]) -> Result<T, NoPage>,
    ) -> Result<Answer<T>, Failure> {
        let (now, wall) = (self.shared.clock.elapsed(), self.shared.clock.now());
        let headers = LimitHeaders::read(&response.headers);
        let lane = flight.landed();
        lane.limiter().answered(now, &headers);
        let verdict = classify(response.status, &headers, &response.body, read);
        if response.status != 429 && !matches!(verdict, Verdict::RateLimited) {
            lane.limiter().accepted();
        }
        match verdict {
            Verdict::Answer(page) => {
                self.trust().accepted();
                Ok(Answer { body: response.body, fetched_at: wall, page })
            }
            Verdict::RateLimited => {
                let pause = lane.limiter().refused(now, &headers);
                Err(self.wait(pause))
            }
            Verdict::Unauthorized(trouble) => Err(self.trust().refused(now, trouble)),
            Verdict::Failure(failure) => Err(failure),
        }
    }

    fn trust(&self) -> MutexGuard<'_, Trust> {
        self.shared.trust.lock()
    }
}

fn unreachable(paid: Paid, size: Size, detail: String) -> Failure {
    Failure::Unavailable { retry_after: None, paid, size, detail }
}

/// A refused token is news only if there was one; else X complains about something of ours.
fn about_the_cursor(failure: Failure, request: &SearchRequest) -> Failure {
    match failure {
        Failure::CursorRefused { detail } if request.param("next_token").is_none() => {
            let hint = "X complains about a page token that was not sent; this is a mistake in \
                        mistnet worth reporting";
            Failure::Failed(Trouble { code: "bad_request".into(), detail, hint: hint.into() })
        }
        other => other,
    }
}

/// One lane for each endpoint.
#[derive(Debug)]
struct Lanes {
    search_all: Lane,
    search_recent: Lane,
    counts_all: Lane,
    counts_recent: Lane,
}

impl Lanes {
    fn new() -> Self {
        Self {
            search_all: Lane::new(Endpoint::SearchAll),
            search_recent: Lane::new(Endpoint::SearchRecent),
            counts_all: Lane::new(Endpoint::CountsAll),
            counts_recent: Lane::new(Endpoint::CountsRecent),
        }
    }

    fn of(&self, endpoint: Endpoint) -> &Lane {
        match endpoint {
            Endpoint::SearchAll => &self.search_all,
            Endpoint::SearchRecent => &self.search_recent,
            Endpoint::CountsAll => &self.counts_all,
            Endpoint::CountsRecent => &self.counts_recent,
        }
    }
}

/// An endpoint's queue and limits.
#[derive(Debug)]
struct Lane {
    /// Whoever holds this is next; tokio's mutex is first come, first served.
    turn: tokio::sync::Mutex<()>,
    limiter: Mutex<Limiter>,
}

impl Lane {
    fn new(endpoint: Endpoint) -> Self {
        let limiter = Limiter::new(endpoint.documented_limit());
        Self { turn: tokio::sync::Mutex::new(()), limiter: Mutex::new(limiter) }
    }

    fn limiter(&self) -> MutexGuard<'_, Limiter> {
        self.limiter.lock()
    }
}

/// A request under way. Dropped, it counts as lost: a cancelled call may have reached X.
struct Flight<'a> {
    lane: Option<&'a Lane>,
    landed_at: &'a Lane,
}

impl<'a> Flight<'a> {
    fn new(lane: &'a Lane) -> Self {
        Self { lane: Some(lane), landed_at: lane }
    }

    /// An answer came.
    fn landed(mut self) -> &'a Lane {
        self.lane = None;
        self.landed_at
    }

    fn not_sent(self) {
        self.landed().limiter().not_sent();
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        if let Some(lane) = self.lane {
            lane.limiter().lost();
        }
    }
}

/// Whether the token is known to be good.
///
/// X has refused good tokens for a while (outage of 2026-07-01), so a 401 after a success is
/// doubted for [`DOUBT`] before it is believed.
#[derive(Debug, Default)]
enum Trust {
    /// Nothing is known.
    #[default]
    Unknown,
    /// It has been accepted.
    Proven,
    /// It was accepted once, and is refused since then.
    Doubted { since: Duration },
}

/// How long a 401 is doubted. Our own choice: one retry, a little later.
const DOUBT: Duration = Duration::from_mins(1);

impl Trust {
    fn accepted(&mut self) {
        *self = Self::Proven;
    }

    fn refused(&mut self, now: Duration, trouble: Trouble) -> Failure {
        match *self {
            Self::Proven => *self = Self::Doubted { since: now },
            Self::Doubted { since } if now < since + DOUBT => {}
            Self::Doubted { .. } | Self::Unknown => return Failure::Failed(trouble),
        }
        let retry_after = Some(DOUBT);
        let detail = format!("{}, although the token was accepted before", trouble.detail);
        Failure::Unavailable { retry_after, paid: Paid::No, size: Size::Keep, detail }
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
