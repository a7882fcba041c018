//! The client against an independent witness: the simulator of X, which shares no type with it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use mistnet_sim_x::{Fault, Form, Options, RateLimits, ScheduledFault, Simulator, Stage};

use super::router::RouterTransport;
use super::*;
use crate::clock::{Clock, TestClock};
use crate::model::price::Reads;
use crate::model::query::Query;
use crate::model::spec::tests::NOTHING_BESIDES;
use crate::model::spec::{Archive, Dialect, Expand, Window};
use crate::model::{Cursor, Spec, TweetId};

const START: i64 = 1_795_334_400;

struct Lab {
    simulator: Simulator,
    client: Client,
    clock: TestClock,
    spec: Spec,
    page_size: u64,
}

fn lab(tweets: u64) -> Lab {
    let start = Timestamp::from_second(START).unwrap();
    let window = Window {
        start: "2026-10-01T00:00:00Z".parse().unwrap(),
        end: start - Duration::from_secs(30),
    };
    let options = Options {
        tweets,
        hashtag: "rust".into(),
        rate_limits: RateLimits::Real,
        latency: Duration::from_millis(200),
        since: window.start,
        until: window.end,
        start: Some(start),
        ..Options::default()
    };
    let simulator = Simulator::new(options);
    let clock = TestClock::at(start);
    let transport = Arc::new(RouterTransport::new(simulator.router(), "token"));
    let client = Client::new(transport, Arc::new(clock), Settings::default());
    Lab { simulator, client, clock, spec: Spec { window, ..script::spec() }, page_size: 500 }
}

impl Lab {
    /// Fetches every page, waiting when told to.
    async fn walk(&self) -> Vec<PageSummary> {
        let mut pages: Vec<PageSummary> = vec![];
        let mut cursor = Some(Cursor::START);
        while let Some(at) = cursor {
            let answer =
                match self.client.search(&search_request(&self.spec, &at, self.page_size)).await {
                    Ok(answer) => answer,
                    Err(Failure::Wait { until, .. }) => {
                        self.clock
                            .sleep(until.duration_since(self.clock.now()).unsigned_abs())
                            .await;
                        cursor = Some(at);
                        continue;
                    }
                    Err(other) => panic!("{other}"),
                };
            let page = summarise(&answer.body).unwrap();
            cursor = page.next_token.clone().map(|token| at.followed_by(token));
            pages.push(page);
        }
        pages
    }

    async fn first_page(&self) -> Result<Answer, Failure> {
        self.client.search(&search_request(&self.spec, &Cursor::START, 100)).await
    }
}

fn ids(pages: &[PageSummary]) -> Vec<TweetId> {
    pages.iter().flat_map(|page| page.ids.clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn every_tweet_comes_once_in_either_dialect_and_the_bill_agrees() {
    let all = Expand { referenced: true, ..Expand::default() };
    for dialect in [Dialect::Tweet, Dialect::Post] {
        for expand in [Expand::default(), all, NOTHING_BESIDES] {
            let mut lab = lab(3000);
            lab.spec.dialect = dialect;
            lab.spec.expand = expand;
            let pages = lab.walk().await;
            let what = format!("{dialect:?} {expand:?}");
            let mut expected = lab.simulator.matching_ids("#rust").unwrap();
            expected.sort_unstable_by(|a, b| b.cmp(a));
            assert_eq!(
                ids(&pages),
                expected.into_iter().map(TweetId).collect::<Vec<_>>(),
                "{what}"
            );
            let full = pages.iter().find(|page| !page.ids.is_empty()).unwrap();
            assert_eq!(missing_on_first_page(&lab.spec, full), None, "{what}");

            let reads = pages.iter().fold(Reads::default(), |sum, page| sum.plus(page.reads));
            let bill = lab.simulator.ledger().undeduplicated;
            assert_eq!((reads.posts, reads.users), (bill.posts, bill.users), "{what}");
            assert_eq!(reads.cost().micros(), bill.micro_usd, "{what}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_collection_of_several_windows_meets_no_429() {
    let mut lab = lab(7000);
    lab.page_size = 10;
    lab.spec.expand = NOTHING_BESIDES;
    let pages = lab.walk().await;
    assert!(ids(&pages).len() == 7000 && pages.len() > 600, "{}", pages.len());
    let throttled = lab.simulator.ledger().throttled;
    assert_eq!((throttled.window, throttled.one_per_second), (0, 0));
}

/// What came of it, in a word.
fn word(result: Result<Answer, Failure>) -> String {
    match result {
        Ok(answer) => summarise(&answer.body).map_or_else(|e| e.to_string(), |_| "Ok".into()),
        Err(Failure::Wait { why, .. }) => format!("wait {why:?}"),
        Err(Failure::Unavailable { paid, .. }) => format!("unavailable {paid:?}"),
        Err(Failure::NoPage { .. }) => "no page".into(),
        Err(Failure::Park(trouble)) => format!("park {}", trouble.code),
        Err(Failure::Failed(trouble)) => format!("failed {}", trouble.code),
        Err(Failure::CursorRefused { .. }) => "cursor".into(),
    }
}

#[tokio::test(start_paused = true)]
async fn every_fault_of_the_simulator_is_told_apart() {
    let rate = |form| Fault::RateWindow { reset_in_seconds: 300, form };
    let credits = |form| Fault::CreditsDepleted { form };
    let error = |status, form| Fault::ServerError { status, form };
    for (fault, expected) in [
        (rate(Form::Json), "wait WindowExhausted"),
        (rate(Form::OldJson), "wait WindowExhausted"),
        (rate(Form::Html), "wait WindowExhausted"),
        (rate(Form::Empty), "wait WindowExhausted"),
        (Fault::OnePerSecond, "wait OnePerSecond"),
        (Fault::UsageCap, "park usage_cap"),
        (credits(Form::Json), "park out_of_credits"),
        (credits(Form::OldJson), "park out_of_credits"),
        (Fault::SpendCap, "park spend_cap"),
        (Fault::NotEnrolled, "failed not_enrolled"),
        (Fault::Unauthorized, "failed unauthorized"),
        (error(500, Form::Json), "unavailable No"),
        (error(502, Form::Html), "unavailable No"),
        (error(503, Form::Empty), "unavailable No"),
        (error(504, Form::Json), "unavailable No"),
        (Fault::ProblemIn200 { status: 429 }, "wait OnePerSecond"),
        (Fault::ProblemIn200 { status: 503 }, "unavailable No"),
        (Fault::ProblemIn200 { status: 401 }, "failed unauthorized"),
        (Fault::ProblemIn200 { status: 402 }, "park out_of_credits"),
        (Fault::ProblemIn200 { status: 403 }, "failed not_enrolled"),
        (Fault::EmptyObject, "no page"),
        (Fault::ErrorsOnly, "no page"),
        (Fault::NullEntries { count: 3 }, "Ok"),
        (Fault::NoMeta, "Ok"),
        (Fault::HtmlBody, "unavailable Perhaps"),
        (Fault::EmptyBody, "unavailable Perhaps"),
        (Fault::CutBody { percent: 50 }, "unavailable Perhaps"),
        (Fault::Reset { stage: Stage::AfterWork }, "unavailable Perhaps"),
        (Fault::EmptyPage, "Ok"),
        (Fault::NoRateHeaders, "Ok"),
        (Fault::ClockSkew { seconds: 3600 }, "Ok"),
        (Fault::UnknownFields, "Ok"),
        (Fault::LoneSurrogates, "Ok"),
        (Fault::WrongTypes, "Ok"),
        (Fault::LargeBody { bytes: 1_000_000 }, "Ok"),
        (Fault::OutOfOrder, "Ok"),
    ] {
        let lab = lab(1000);
        lab.simulator.faults(vec![ScheduledFault::nth(1, fault)]);
        assert_eq!(word(lab.first_page().await), expected, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_refused_token_until_id_goes_on_without_a_gap() {
    let lab = lab(1000);
    let first = summarise(&lab.first_page().await.unwrap().body).unwrap();
    let token = first.next_token.clone().unwrap();
    lab.simulator.faults(vec![ScheduledFault::nth(1, Fault::TokenRefused)]);
    let next = search_request(&lab.spec, &Cursor::START.followed_by(token), 100);
    assert_eq!(word(lab.client.search(&next).await), "cursor");

    let lowest = first.lowest_id().unwrap();
    let below = search_request(&lab.spec, &Cursor::below(lowest), 500);
    let second = summarise(&lab.client.search(&below).await.unwrap().body).unwrap();
    let mut expected = lab.simulator.matching_ids("#rust").unwrap();
    expected.sort_unstable_by(|a, b| b.cmp(a));
    let seen = ids(&[first, second]);
    assert_eq!(seen, expected[..seen.len()].iter().copied().map(TweetId).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn the_count_is_the_simulators() {
    let lab = lab(5000);
    let mut tally = Tally::new(&lab.spec);
    while let Some(request) = tally.request() {
        tally.add(&lab.client.count(&request).await.unwrap().body).unwrap();
    }
    assert_eq!((tally.total() >= 5000, tally.uncounted()), (true, None), "{}", tally.total());
    assert!(tally.total() < 6000, "{}", tally.total());
}

#[test]
fn a_query_that_passes_here_passes_there() {
    let lab = Simulator::new(Options { tweets: 1, ..Options::default() });
    for query in [
        "#rust",
        "(#a OR #b) -is:retweet lang:en",
        "\"a b\" from:x",
        "cat -\"grumpy cat\"",
        "min_likes:10 #a",
        "has:media #a",
        "conversation_id:123",
        "#さくら lang:ja",
        "cats and dogs",
        "a -(b OR c)",
        "#a since:2020-01-01",
        "#a min_faves:1",
        "lang:en",
        "\"open",
        "(a",
        "a)",
        "-cats",
        "#a frobnicate:x",
        "a OR",
        "()",
    ] {
        let ours = Query::check(query, Archive::All).is_ok();
        assert_eq!(lab.matching_ids(query).is_ok(), ours, "{query}");
    }
}
