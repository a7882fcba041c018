//! The limiter against a model of X's: both limits, in virtual time.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::Timestamp;

use super::*;
use crate::clock::{Clock, TestClock};
use crate::model::Cursor;
use crate::x::client::{Client, Settings};
use crate::x::failure::Failure;
use crate::x::request::search_request;
use crate::x::script::{response, spec};
use crate::x::transport::{HttpRequest, HttpResponse, Transport, TransportError};

const WINDOW: Duration = Duration::from_mins(15);

/// X's limiter: one request a second, 300 in the 15 minutes after the first one.
#[derive(Debug)]
struct ModelOfX {
    clock: TestClock,
    setting: Setting,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy)]
struct Setting {
    /// There and back again.
    latency_ms: u64,
    /// Added to the latency of every second request.
    jitter_ms: u64,
    /// How far X's clock is ahead of ours.
    skew_s: i64,
    headers: Headers,
    /// How many requests of each window another program with the same token uses.
    taken_by_others: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Headers {
    All,
    NoDate,
    None,
}

const PLAIN: Setting =
    Setting { latency_ms: 200, jitter_ms: 0, skew_s: 0, headers: Headers::All, taken_by_others: 0 };

#[derive(Debug, Default)]
struct State {
    opened: Option<Duration>,
    used: u64,
    last: Option<Duration>,
    served: u64,
    refused: u64,
}

impl ModelOfX {
    fn unix(&self, elapsed: Duration) -> i64 {
        let base = Timestamp::from_second(1_795_334_400 + self.setting.skew_s).unwrap();
        (base + elapsed).as_second()
    }

    /// Decides about a request that arrives now.
    fn decide(&self) -> HttpResponse {
        let now = self.clock.elapsed();
        let mut state = self.state.lock().unwrap();
        if state.opened.is_none_or(|opened| now >= opened + WINDOW) {
            state.opened = Some(now);
            state.used = self.setting.taken_by_others;
        }
        let too_soon = state.last.is_some_and(|last| now < last + Duration::from_secs(1));
        let refused = too_soon || state.used >= 300;
        state.last = Some(now);
        state.used += u64::from(!refused);
        state.served += u64::from(!refused);
        state.refused += u64::from(refused);
        let reset = self.unix(state.opened.unwrap() + WINDOW).to_string();
        let date = Timestamp::from_second(self.unix(now)).unwrap();
        let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let remaining = (300 - state.used).to_string();
        let mut headers = vec![
            ("x-rate-limit-limit", "300"),
            ("x-rate-limit-remaining", remaining.as_str()),
            ("x-rate-limit-reset", reset.as_str()),
            ("date", date.as_str()),
        ];
        match self.setting.headers {
            Headers::All => {}
            Headers::NoDate => headers.truncate(3),
            Headers::None => headers.clear(),
        }
        response(if refused { 429 } else { 200 }, &headers, r#"{"meta":{}}"#)
    }
}

#[async_trait]
impl Transport for ModelOfX {
    async fn get(&self, _: HttpRequest) -> Result<HttpResponse, TransportError> {
        let odd = self.state.lock().unwrap().served % 2;
        let way = Duration::from_millis(self.setting.latency_ms + odd * self.setting.jitter_ms) / 2;
        self.clock.sleep(way).await;
        let answer = self.decide();
        self.clock.sleep(way).await;
        Ok(answer)
    }
}

/// Lets `collections` fetch as fast as they may for `windows` windows: (served, refused).
async fn run(setting: Setting, collections: usize, windows: u32) -> (u64, u64) {
    let clock = TestClock::at(Timestamp::from_second(1_795_334_400).unwrap());
    let x = Arc::new(ModelOfX { clock, setting, state: Mutex::default() });
    let client = Client::new(x.clone(), Arc::new(clock), Settings::default());
    let workers = (0..collections).map(|_| fetch(client.clone(), clock, WINDOW * windows));
    futures::future::join_all(workers).await;
    let state = x.state.lock().unwrap();
    (state.served, state.refused)
}

async fn fetch(client: Client, clock: TestClock, end: Duration) {
    let request = search_request(&spec(), &Cursor::START, 500);
    while clock.elapsed() < end {
        match client.search(&request).await {
            Ok(_) => {}
            Err(Failure::Wait { until, .. }) => {
                clock.sleep(until.duration_since(clock.now()).unsigned_abs()).await;
            }
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_window_is_used_to_the_full_without_one_429() {
    for latency_ms in [0, 200, 800, 2500] {
        for skew_s in [0, 3600, -3600] {
            for headers in [Headers::All, Headers::NoDate, Headers::None] {
                for collections in [1, 4] {
                    let setting = Setting { latency_ms, skew_s, headers, ..PLAIN };
                    let (served, refused) = run(setting, collections, 4).await;
                    let what = format!("{setting:?}, {collections}: {served}, {refused}");
                    assert_eq!(refused, 0, "{what}");
                    assert!(served >= 1200 * 995 / 1000, "{what}");
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_window_is_missed_in_a_day() {
    let (served, refused) = run(PLAIN, 3, 96).await;
    assert!(refused == 0 && served >= 96 * 300 * 995 / 1000, "{served}, {refused}");
}

#[tokio::test(start_paused = true)]
async fn requests_that_bunch_up_cost_a_few_refusals_and_no_throughput() {
    let (served, refused) = run(Setting { jitter_ms: 700, ..PLAIN }, 4, 12).await;
    assert!(refused <= 12 && served >= 3600 * 995 / 1000, "{served}, {refused}");
}

#[tokio::test(start_paused = true)]
async fn what_another_program_uses_is_left_to_it() {
    let (served, refused) = run(Setting { taken_by_others: 120, ..PLAIN }, 4, 4).await;
    assert!(refused == 0 && served >= 4 * (180 - 4), "{served}, {refused}");
}

fn headers(remaining: Option<u64>, reset: Option<i64>, date: Option<i64>) -> LimitHeaders {
    LimitHeaders { limit: Some(300), remaining, reset, date, retry_after: None }
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[test]
fn a_wait_is_never_longer_than_a_window() {
    let mut limiter = Limiter::new(300);
    limiter.start(seconds(0)).unwrap();
    limiter.answered(seconds(0), &headers(Some(0), Some(99_999), Some(0)));
    let pause = limiter.refused(seconds(0), &headers(Some(0), Some(99_999), Some(0)));
    assert_eq!(pause.why, WaitReason::WindowExhausted);
    assert!(pause.wait <= LONGEST_WINDOW + ROUNDING, "{pause:?}");
    let asked = LimitHeaders { retry_after: Some(seconds(99_999)), ..LimitHeaders::default() };
    assert_eq!(Limiter::new(300).refused(seconds(0), &asked).wait, LONGEST_WINDOW);
}

#[test]
fn a_window_that_x_says_is_over_but_refuses_is_not_hammered() {
    let mut limiter = Limiter::new(300);
    let over = headers(Some(0), Some(1000), Some(5000));
    let mut now = seconds(0);
    let mut waits = vec![];
    for _ in 0..8 {
        limiter.start(now).unwrap();
        limiter.answered(now, &over);
        let pause = limiter.refused(now, &over);
        waits.push(pause.wait.as_secs());
        now += pause.wait;
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128]);
}

#[test]
fn refusals_without_headers_end_in_long_waits() {
    let mut limiter = Limiter::new(300);
    let none = LimitHeaders::default();
    let waits: Vec<_> = (0..8).map(|_| limiter.refused(seconds(0), &none).wait.as_secs()).collect();
    assert_eq!(waits, [2, 4, 60, 120, 240, 480, 901, 901]);
    limiter.accepted();
    assert_eq!(limiter.refused(seconds(0), &none).why, WaitReason::OnePerSecond);
}

#[test]
fn an_answer_of_an_earlier_window_changes_nothing() {
    let mut limiter = Limiter::new(300);
    limiter.start(seconds(0)).unwrap();
    limiter.start(seconds(2)).unwrap();
    limiter.answered(seconds(3), &headers(Some(298), Some(1900), Some(1000)));
    limiter.answered(seconds(3), &headers(Some(0), Some(1000), Some(999)));
    assert!(limiter.start(seconds(4)).is_ok());
}

#[test]
fn a_request_that_was_not_sent_uses_nothing_up() {
    let mut limiter = Limiter::new(1);
    limiter.start(seconds(0)).unwrap();
    limiter.not_sent();
    limiter.start(seconds(2)).unwrap();
    limiter.lost();
    let pause = limiter.start(seconds(4)).unwrap_err();
    assert_eq!((pause.wait, pause.why), (seconds(897), WaitReason::WindowExhausted));
}

proptest::proptest! {
    /// Whatever the headers of refusals and answers say, a window passes and requests go on.
    #[test]
    fn no_headers_make_a_pause_longer_than_a_window(
        answers in proptest::collection::vec(
            (
                proptest::option::of(0_u64..=3),
                proptest::option::of(proptest::num::u64::ANY),
                proptest::option::of(proptest::num::i64::ANY),
                proptest::option::of(proptest::num::i64::ANY),
                proptest::option::of(proptest::num::u64::ANY),
                proptest::bool::ANY,
            ),
            1..40,
        ),
    ) {
        let mut limiter = Limiter::new(300);
        let mut now = Duration::from_secs(5);
        for (remaining, limit, reset, date, retry_after, refused) in answers {
            let retry_after = retry_after.map(Duration::from_secs);
            let headers = LimitHeaders { limit, remaining, reset, date, retry_after };
            let started = limiter.start(now);
            if let Err(pause) = started {
                proptest::prop_assert!(pause.wait <= LONGEST_WINDOW + ROUNDING, "{pause:?}");
                now += pause.wait;
                continue;
            }
            limiter.answered(now, &headers);
            if refused {
                let pause = limiter.refused(now, &headers);
                proptest::prop_assert!(pause.wait <= LONGEST_WINDOW + ROUNDING, "{pause:?}");
            }
        }
    }
}
