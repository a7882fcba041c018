//! Tokens, both rate limits, headers, money.

use std::time::Duration;

use mistnet_sim_x::{Options, RateLimits, Simulator};
use serde_json::json;
use tokio::time::advance;

use crate::support::*;

const TAG: (&str, &str) = ("query", "#cumpleaños");

fn limited(tweets: u64) -> Simulator {
    Simulator::new(Options { rate_limits: RateLimits::Real, ..options(tweets, 1) })
}

fn too_many() -> serde_json::Value {
    json!({"title": "Too Many Requests", "type": "about:blank", "status": 429, "detail": "Too Many Requests"})
}

#[tokio::test(start_paused = true)]
async fn a_second_search_within_a_second_is_refused_with_requests_left() {
    let sim = limited(10);
    assert_eq!(get(&sim, ALL, &[TAG]).await.status, 200);
    advance(Duration::from_millis(999)).await;
    let refused = get(&sim, ALL, &[TAG]).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.json(), too_many());
    assert_eq!(refused.number("x-rate-limit-remaining"), 299);
    advance(Duration::from_millis(1)).await;
    assert_eq!(get(&sim, ALL, &[TAG]).await.status, 200);
    assert_eq!(sim.ledger().throttled.one_per_second, 1);
}

#[tokio::test(start_paused = true)]
async fn three_hundred_searches_in_a_quarter_of_an_hour_are_the_most() {
    let sim = limited(10);
    let start = sim.now_ms() / 1000;
    for left in (0..300).rev() {
        let got = get(&sim, ALL, &[TAG]).await;
        assert_eq!(got.status, 200);
        assert_eq!(got.number("x-rate-limit-limit"), 300);
        assert_eq!(got.number("x-rate-limit-remaining"), left);
        assert_eq!(got.number("x-rate-limit-reset"), start + 900);
        advance(Duration::from_secs(1)).await;
    }
    let refused = get(&sim, ALL, &[TAG]).await;
    assert_eq!((refused.status, refused.number("x-rate-limit-remaining")), (429, 0));
    assert_eq!(sim.ledger().windows[ALL], 300);
    assert_eq!(get(&sim, "/2/tweets/counts/all", &[TAG]).await.status, 200);
    let wait = refused.number("x-rate-limit-reset") - sim.now_ms() / 1000;
    advance(Duration::from_secs(wait as u64)).await;
    let got = get(&sim, ALL, &[TAG]).await;
    assert_eq!((got.status, got.number("x-rate-limit-remaining")), (200, 299));
    assert_eq!(sim.ledger().throttled.window, 1);
}

#[tokio::test(start_paused = true)]
async fn bad_requests_use_up_the_window_and_carry_its_headers() {
    let sim = limited(10);
    let got = get(&sim, ALL, &[TAG, ("max_results", "1")]).await;
    assert_eq!((got.status, got.number("x-rate-limit-remaining")), (400, 299));
}

#[tokio::test(start_paused = true)]
async fn each_endpoint_and_token_has_its_own_window() {
    let sim = limited(10);
    for (path, limit) in [
        ("/2/tweets/search/recent", 450),
        ("/2/tweets/counts/all", 300),
        ("/2/tweets/counts/recent", 300),
        ("/2/tweets", 3_500),
        ("/2/usage/tweets", 50),
    ] {
        let got = get(&sim, path, &[]).await;
        assert_eq!(got.number("x-rate-limit-limit"), limit, "{path}");
        let other = get_with(&sim, path, &[], &[("authorization", "Bearer other")]).await;
        assert_eq!(other.number("x-rate-limit-remaining"), limit - 1);
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_right_token_nothing_is_answered() {
    let body = json!({"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"});
    let sim = Simulator::new(Options { bearer_token: Some("right".into()), ..options(10, 1) });
    for headers in [
        &[][..],
        &[("authorization", "Bearer wrong")],
        &[("authorization", "right")],
        &[("authorization", "Bearer ")],
    ] {
        let got = get_with(&sim, ALL, &[TAG], headers).await;
        assert_eq!((got.status, got.json()), (401, body.clone()));
    }
    let right = [("authorization", "Bearer right")];
    assert_eq!(get_with(&sim, ALL, &[TAG], &right).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn headers_tell_simulated_time_and_a_transaction() {
    let sim = Simulator::new(Options {
        speed: 60.0,
        latency: Duration::from_millis(600),
        ..options(10, 1)
    });
    let before = tokio::time::Instant::now();
    let got = get(&sim, ALL, &[TAG]).await;
    // Tokio's timers have a resolution of a millisecond.
    assert!((10..=12).contains(&before.elapsed().as_millis()), "{:?}", before.elapsed());
    assert_eq!(got.header("date"), Some("Tue, 01 Sep 2026 12:00:00 GMT"));
    assert_eq!(got.header("x-access-level"), Some("read"));
    assert_eq!(got.header("x-response-time"), Some("600"));
    assert_eq!(got.header("content-type"), Some("application/json; charset=utf-8"));
    advance(Duration::from_secs(60)).await;
    let later = get(&sim, ALL, &[TAG]).await;
    assert_eq!(later.header("date"), Some("Tue, 01 Sep 2026 13:00:01 GMT"));
    assert_ne!(later.header("x-transaction-id"), got.header("x-transaction-id"));
}

#[tokio::test(start_paused = true)]
async fn bodies_are_compressed_when_asked_for() {
    let sim = Simulator::new(full_pages(50, 1));
    let pairs = [TAG, FLOOR];
    let plain = get(&sim, ALL, &pairs).await;
    let headers = [("authorization", "Bearer t"), ("accept-encoding", "br, gzip;q=0.9")];
    let zipped = get_with(&sim, ALL, &pairs, &headers).await;
    assert_eq!(plain.header("content-encoding"), None);
    assert_eq!(zipped.header("content-encoding"), Some("gzip"));
    assert_eq!(zipped.number("content-length"), zipped.bytes.len() as i64);
    assert_eq!(gunzip(&zipped.bytes).expect("gzip"), plain.bytes);
}

#[tokio::test(start_paused = true)]
async fn posts_and_users_are_charged_once_a_day_and_errors_never() {
    let sim = Simulator::new(full_pages(100, 1));
    let pairs =
        [TAG, FLOOR, ("max_results", "100"), ("expansions", "author_id,referenced_tweets.id")];
    let body = get(&sim, ALL, &pairs).await.json();
    let count = |list: &str| body["includes"][list].as_array().map_or(0, Vec::len) as u64;
    get(&sim, ALL, &pairs).await;
    get(&sim, ALL, &[TAG, ("max_results", "5")]).await;
    let ledger = sim.ledger();
    assert_eq!(ledger.billed.posts, 100 + count("tweets"));
    assert_eq!(ledger.billed.users, count("users"));
    assert_eq!(ledger.undeduplicated.posts, 2 * ledger.billed.posts);
    assert_eq!(ledger.billed.micro_usd, 5_000 * ledger.billed.posts + 10_000 * ledger.billed.users);
    assert!(ledger.served_posts.values().all(|times| *times == 2));
    advance(Duration::from_secs(12 * 3600)).await;
    get(&sim, ALL, &pairs).await;
    assert_eq!(sim.ledger().billed.posts, 2 * ledger.billed.posts);
    get(&sim, "/2/tweets/counts/all", &[TAG]).await;
    get(&sim, "/2/tweets/counts/recent", &[TAG]).await;
    assert_eq!(sim.ledger().billed.micro_usd, 2 * ledger.billed.micro_usd + 15_000);
    assert_eq!(sim.ledger().requests_by_path[ALL], 4);
}

#[tokio::test(start_paused = true)]
async fn when_the_money_or_the_cap_is_used_up_searches_stop() {
    let sim = Simulator::new(Options { credits_micro_usd: Some(40_000), ..full_pages(100, 1) });
    assert_eq!(get(&sim, ALL, &[TAG, FLOOR]).await.status, 200);
    let refused = get(&sim, ALL, &[TAG, FLOOR]).await;
    assert_eq!(refused.status, 402);
    assert_eq!(refused.json()["type"], "https://api.x.com/2/problems/credits-depleted");

    let sim = Simulator::new(Options { post_cap: Some(10), ..full_pages(100, 1) });
    assert_eq!(get(&sim, ALL, &[TAG, FLOOR]).await.status, 200);
    let refused = get(&sim, ALL, &[TAG, FLOOR]).await;
    assert_eq!((refused.status, refused.json()["title"].as_str()), (429, Some("UsageCapExceeded")));
    assert!(refused.number("x-rate-limit-remaining") > 0);
    let usage = get(&sim, "/2/usage/tweets", &[]).await.json();
    assert_eq!(usage["data"]["project_usage"], 10);
}

#[tokio::test(start_paused = true)]
async fn the_control_routes_tell_the_truth() {
    let sim = Simulator::new(full_pages(30, 1));
    get(&sim, ALL, &[TAG, FLOOR]).await;
    let ledger = get(&sim, "/_sim/ledger", &[]).await.json();
    assert_eq!(ledger["billed"]["usd"], 0.05);
    assert_eq!(ledger["served_posts"].as_object().expect("posts").len(), 10);
    assert_eq!(ledger["requests"][0]["posts"], 10);
    let truth = get(&sim, "/_sim/truth", &[TAG]).await.json();
    assert_eq!(truth["count"], 30);
    assert!(truth["ids"][0].is_string());
    assert_eq!(get(&sim, "/_sim/clock", &[]).await.json()["now"], START);
    sim.reset();
    assert_eq!(sim.ledger().requests_total, 0);
}
