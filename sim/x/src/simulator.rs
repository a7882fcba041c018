//! The simulator itself: state, and the path of a request through it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::Response;

use super::clock::{Clock, real_now};
use super::delivery::{Encoding, Envelope, deliver};
use super::effects::{before_work, on_answer};
use super::endpoint::Endpoint;
use super::errors::{self, Body, Refusal};
use super::faults::{Deletions, Fault, Schedule, ScheduledFault};
use super::ledger::{Entry, Ledger, Served};
use super::limits::{Limits, RateHeaders, Verdict};
use super::options::{Options, QUIET_MS, RateLimits};
use super::people::People;
use super::profiles::Profiles;
use super::query::{Query, QueryError};
use super::request::{last_segment, pairs};
use super::search::{Answer, search, truth};
use super::timeline::Timeline;
use super::universe::Universe;
use super::world::World;
use super::{counts, lookup, usage};

const DAY_MS: i64 = 86_400_000;

/// A simulated X API. Clones share everything.
#[derive(Clone, Debug)]
pub struct Simulator {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    options: Options,
    universe: Universe,
    profiles: Profiles,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    limits: Limits,
    ledger: Ledger,
    schedule: Schedule,
    deletions: Deletions,
    /// Where each walk through pages is, for faults that bring a page back.
    walks: HashMap<u64, Walk>,
}

/// The tokens of the two latest different pages of a walk.
#[derive(Debug)]
struct Walk {
    before: Option<String>,
    latest: String,
}

impl Walk {
    fn step(walks: &mut HashMap<u64, Self>, walk: u64, own: &str) {
        let fresh = || Self { before: None, latest: own.to_owned() };
        let here = walks.entry(walk).or_insert_with(fresh);
        if here.latest != own {
            here.before = Some(std::mem::replace(&mut here.latest, own.to_owned()));
        }
    }
}

/// How a request ends before it is delivered.
struct Outcome {
    status: u16,
    body: Body,
    rate: Option<RateHeaders>,
    faults: Vec<Fault>,
    number: u64,
}

impl Simulator {
    /// A simulator; its clock starts now.
    pub fn new(options: Options) -> Self {
        let start = options.start.unwrap_or_else(real_now);
        let until_ms = options.until.as_millisecond().min(start.as_millisecond() - QUIET_MS);
        // Posts in the simulated future could not be found: rather move them a day back.
        let since_ms = options.since.as_millisecond();
        let since_ms = if since_ms < until_ms { since_ms } else { until_ms - DAY_MS };
        let span = since_ms..until_ms;
        let timeline = Timeline::new(options.seed, options.tweets, span, options.short_pages);
        let people = People::new(options.seed, options.authors);
        let universe = Universe::new(options.seed, timeline, people, &options.hashtag);
        let clock = Clock::new(start, options.speed);
        let inner = Inner {
            options,
            universe,
            profiles: Profiles::default(),
            clock,
            state: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// What was asked, served and charged so far.
    pub fn ledger(&self) -> Ledger {
        let state = self.state();
        let mut ledger = state.ledger.clone();
        ledger.windows = state.limits.in_use(self.now_ms());
        ledger
    }

    /// Schedules faults, besides those already scheduled.
    pub fn faults(&self, faults: Vec<ScheduledFault>) {
        self.state().schedule.add(faults);
    }

    /// Forgets ledger, rate windows, faults and deletions. The clock runs on.
    pub fn reset(&self) {
        *self.state() = State::default();
    }

    /// The ids that paging through a query over all time shows, newest first. Looks at
    /// every post, unless the query is the hashtag itself.
    pub fn matching_ids(&self, query: &str) -> Result<Vec<u64>, QueryError> {
        let query = Query::parse(query)?;
        let state = self.state();
        let deletions = state.deletions.clone();
        drop(state);
        let empty = std::collections::BTreeMap::new();
        Ok(truth(&self.world(&deletions, &empty, self.now_ms(), 0, &[]), &query))
    }

    /// Simulated time, milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.inner.clock.now_ms()
    }

    /// The options it was made with.
    pub fn options(&self) -> &Options {
        &self.inner.options
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn world<'a>(
        &'a self,
        deletions: &'a Deletions,
        reads_by_day: &'a std::collections::BTreeMap<i64, u64>,
        now_ms: i64,
        number: u64,
        faults: &[Fault],
    ) -> World<'a> {
        let (options, universe) = (&self.inner.options, &self.inner.universe);
        let profiles = &self.inner.profiles;
        let growth = if faults.contains(&Fault::ChangeMetrics) { number } else { 0 };
        let reserved = faults.iter().map(|fault| fault.repeated_posts()).sum();
        World { options, universe, profiles, deletions, reads_by_day, now_ms, growth, reserved }
    }

    /// Answers a request to one of X's endpoints.
    pub(super) async fn respond(&self, endpoint: Endpoint, request: &Parts) -> Response {
        let now_ms = self.now_ms();
        let outcome = self.decide(endpoint, request, now_ms);
        self.inner.clock.sleep(self.inner.options.latency).await;
        self.delivered(outcome, &request.headers)
    }

    /// The HTML 404.
    pub(super) fn no_such_path(&self, request: &Parts) -> Response {
        let refusal = errors::no_such_path();
        let mut state = self.state();
        let number = state.ledger.requests_total + 1;
        let entry = entry(number, self.now_ms(), request, refusal.status, &[]);
        state.ledger.enter(entry, &Served::default());
        drop(state);
        let outcome =
            Outcome { status: 404, body: refusal.body, rate: None, faults: Vec::new(), number };
        self.delivered(outcome, &request.headers)
    }

    fn delivered(&self, outcome: Outcome, headers: &HeaderMap) -> Response {
        let envelope = Envelope {
            status: outcome.status,
            rate: outcome.rate,
            now_ms: self.now_ms(),
            number: outcome.number,
            took_ms: self.inner.options.latency.as_millis() as u64,
            encoding: Encoding::accepted(headers.get(header::ACCEPT_ENCODING)),
        };
        deliver(envelope, outcome.body, &outcome.faults, &self.inner.clock)
    }

    /// Token, limits, money, faults, work, ledger: in this order, in one step.
    fn decide(&self, endpoint: Endpoint, request: &Parts, now_ms: i64) -> Outcome {
        let mut state = self.state();
        let state = &mut *state;
        let number = state.ledger.requests_total + 1;
        let faults = state.schedule.draw(request.uri.path());
        for fault in &faults {
            if let Fault::DeletePosts { permille, seed } = fault {
                state.deletions.add(*seed, *permille);
            }
        }
        let mut rate = None;
        let answer = self
            .admit(state, endpoint, request, now_ms, &mut rate)
            .and_then(|()| self.work(state, endpoint, request, now_ms, &faults));
        if let Some(rate) = &mut rate {
            overrule(rate, &faults, now_ms);
        }
        let (status, body, served) = match answer {
            Ok(answer) => (200, Body::Answer(answer.body.0), answer.served),
            Err(refusal) => (refusal.status, refusal.body, Served::default()),
        };
        state.ledger.enter(entry(number, now_ms, request, status, &faults), &served);
        Outcome { status, body, rate, faults, number }
    }

    fn admit(
        &self,
        state: &mut State,
        endpoint: Endpoint,
        request: &Parts,
        now_ms: i64,
        rate: &mut Option<RateHeaders>,
    ) -> Result<(), Refusal> {
        let token = self.accepted_token(&request.headers).ok_or_else(errors::unauthorized)?;
        if self.inner.options.rate_limits == RateLimits::Off {
            *rate = Some(Limits::untouched(endpoint, now_ms));
        } else {
            let (verdict, headers) = state.limits.take(token, endpoint, now_ms);
            *rate = Some(headers);
            match verdict {
                Verdict::Within => {}
                Verdict::WindowUsedUp => {
                    state.ledger.throttled.window += 1;
                    return Err(errors::too_many_requests());
                }
                Verdict::TooSoon => {
                    state.ledger.throttled.one_per_second += 1;
                    return Err(errors::too_many_requests());
                }
            }
        }
        if endpoint == Endpoint::Usage { Ok(()) } else { self.afford(state, now_ms) }
    }

    fn afford(&self, state: &mut State, now_ms: i64) -> Result<(), Refusal> {
        let options = &self.inner.options;
        if options.credits_micro_usd.is_some_and(|credits| state.ledger.billed.micro_usd >= credits)
        {
            return Err(errors::payment_required());
        }
        let reads = || usage::this_month(&state.ledger.reads_by_day, now_ms);
        if options.post_cap.is_some_and(|cap| reads() >= cap) {
            state.ledger.throttled.usage_cap += 1;
            return Err(errors::usage_capped());
        }
        Ok(())
    }

    fn accepted_token<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let token = value.strip_prefix("Bearer ").filter(|token| !token.trim().is_empty())?;
        let expected = self.inner.options.bearer_token.as_deref();
        expected.is_none_or(|expected| expected == token).then_some(token)
    }

    fn work(
        &self,
        state: &mut State,
        endpoint: Endpoint,
        request: &Parts,
        now_ms: i64,
        faults: &[Fault],
    ) -> Result<Answer, Refusal> {
        let pairs = pairs(&request.uri);
        for fault in faults {
            if let Some(refusal) = before_work(*fault, &pairs, self.inner.options.dialect, now_ms) {
                count_throttled(&mut state.ledger, *fault);
                return Err(refusal);
            }
        }
        let number = state.ledger.requests_total + 1;
        let world =
            self.world(&state.deletions, &state.ledger.reads_by_day, now_ms, number, faults);
        let mut answer = match endpoint {
            Endpoint::SearchAll | Endpoint::SearchRecent => search(&world, endpoint, &pairs),
            Endpoint::CountsAll | Endpoint::CountsRecent => {
                counts::counts(&world, endpoint, &pairs)
            }
            Endpoint::Lookup => lookup::lookup(&world, &pairs),
            Endpoint::LookupOne => lookup::lookup_one(&world, last_segment(&request.uri), &pairs),
            Endpoint::Usage => usage::usage(&world, &pairs),
        }?;
        let mut before = None;
        if let Some(place) = &answer.place {
            Walk::step(&mut state.walks, place.walk, &place.token);
            let token = state.walks.get(&place.walk).and_then(|walk| walk.before.as_deref());
            if let Some(token) = token.filter(|_| faults.iter().any(|fault| fault.looks_back())) {
                let whole = World { reserved: 0, ..world };
                before = search(&whole, endpoint, &with_token(&pairs, token)).ok();
            }
        }
        for fault in faults {
            on_answer(*fault, &mut answer, before.as_ref());
        }
        Ok(answer)
    }
}

/// The same request for another page.
fn with_token(pairs: &[(String, String)], token: &str) -> Vec<(String, String)> {
    let is_token = |name: &str| matches!(name, "next_token" | "pagination_token");
    let same = pairs.iter().filter(|(name, _)| !is_token(name)).cloned();
    same.chain([("next_token".to_owned(), token.to_owned())]).collect()
}

/// Faults that speak through the rate headers.
fn overrule(rate: &mut RateHeaders, faults: &[Fault], now_ms: i64) {
    for fault in faults {
        match fault {
            Fault::RateWindow { reset_in_seconds, .. } => {
                rate.remaining = 0;
                rate.reset = now_ms.div_euclid(1_000) + reset_in_seconds;
            }
            Fault::OnePerSecond | Fault::UsageCap => rate.remaining = rate.remaining.max(1),
            _ => {}
        }
    }
}

fn count_throttled(ledger: &mut Ledger, fault: Fault) {
    match fault {
        Fault::RateWindow { .. } => ledger.throttled.window += 1,
        Fault::OnePerSecond => ledger.throttled.one_per_second += 1,
        Fault::UsageCap => ledger.throttled.usage_cap += 1,
        _ => {}
    }
}

fn entry(number: u64, at_ms: i64, request: &Parts, status: u16, faults: &[Fault]) -> Entry {
    Entry {
        number,
        at_ms,
        path: request.uri.path().to_owned(),
        query: request.uri.query().unwrap_or_default().to_owned(),
        status,
        posts: 0,
        newest_id: None,
        oldest_id: None,
        faults: faults.iter().map(|fault| fault.name()).collect(),
    }
}
