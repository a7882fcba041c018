//! Laws of paging.

use jiff::Timestamp;
use mistnet_sim_x::{Options, Simulator};
use proptest::prelude::*;

use crate::support::*;

const TAG: (&str, &str) = ("query", "#cumpleanos");

fn run<T>(test: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().start_paused(true).build().expect("a runtime").block_on(test)
}

fn descending(ids: &[u64]) -> bool {
    ids.windows(2).all(|pair| pair[0] > pair[1])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_post_comes_exactly_once_for_any_page_size(seed: u64, tweets in 0_u64..700, size in 10_u64..=500) {
        let sim = Simulator::new(options(tweets, seed));
        let size = size.to_string();
        let ids = run(walked_ids(&sim, ALL, &[TAG, FLOOR, ("max_results", &size)]));
        prop_assert_eq!(ids.len() as u64, tweets);
        prop_assert!(descending(&ids));
        prop_assert_eq!(ids, sim.matching_ids("#CUMPLEAÑOS").expect("a query"));
    }

    #[test]
    fn windows_side_by_side_share_nothing_and_lose_nothing(seed: u64, cut in 1_150_000_000_i64..1_788_000_000) {
        let sim = Simulator::new(options(300, seed));
        let cut = Timestamp::from_second(cut).expect("a time").to_string();
        let older = run(walked_ids(&sim, ALL, &[TAG, FLOOR, ("end_time", &cut), ("max_results", "100")]));
        let newer = run(walked_ids(&sim, ALL, &[TAG, ("start_time", &cut), ("max_results", "100")]));
        let mut both = newer;
        both.extend(older);
        prop_assert_eq!(both, sim.matching_ids("#cumpleaños").expect("a query"));
    }

    #[test]
    fn ids_as_bounds_are_exclusive(seed: u64, low in 0_usize..200, high in 0_usize..200) {
        let sim = Simulator::new(full_pages(200, seed));
        let truth = sim.matching_ids("#cumpleaños").expect("a query");
        let (low, high) = (low.min(high), low.max(high));
        let (until, since) = (truth[low].to_string(), truth[high].to_string());
        let pairs = [TAG, ("since_id", since.as_str()), ("until_id", until.as_str()), ("max_results", "500")];
        let ids = run(walked_ids(&sim, ALL, &pairs));
        prop_assert_eq!(&ids[..], truth.get(low + 1..high).unwrap_or_default());
    }

    #[test]
    fn other_queries_find_exactly_what_matches(seed: u64, which in 0_usize..8) {
        let query = [
            "#cumpleaños -is:reply", "#cumpleaños lang:en", "#cumpleaños has:media OR #cumpleaños has:links",
            "#birding", "herons OR 渡り鳥", "#cumpleaños (is:quote OR is:reply) -has:mentions",
            "\"count is finished\"", "#cumpleaños is:verified min_likes:10",
        ][which];
        let sim = Simulator::new(options(300, seed));
        let ids = run(walked_ids(&sim, ALL, &[("query", query), FLOOR, ("max_results", "37")]));
        prop_assert!(descending(&ids));
        prop_assert_eq!(ids, sim.matching_ids(query).expect("a query"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_always_leads_to_the_same_page() {
    let sim = Simulator::new(options(600, 3));
    let first = get(&sim, ALL, &[TAG, FLOOR, ("max_results", "100")]).await;
    let token = first.next_token().expect("more");
    let pairs = [TAG, FLOOR, ("max_results", "100"), ("pagination_token", &token)];
    let once = get(&sim, ALL, &pairs).await;
    tokio::time::advance(std::time::Duration::from_secs(86_400)).await;
    let again = get(&sim, ALL, &pairs).await;
    assert_eq!(once.ids(), again.ids());
    assert_eq!(once.next_token(), again.next_token());
    let restarted = Simulator::new(options(600, 3));
    assert_eq!(get(&restarted, ALL, &pairs).await.ids(), once.ids());
}

#[tokio::test(start_paused = true)]
async fn a_token_is_refused_with_other_parameters() {
    let sim = Simulator::new(options(600, 3));
    let token = get(&sim, ALL, &[TAG, FLOOR]).await.next_token().expect("more");
    for pairs in [
        [("query", "#birding"), FLOOR],
        [TAG, ("start_time", "2006-03-22T00:00:00Z")],
        [TAG, ("since_id", "20")],
    ] {
        let mut pairs = pairs.to_vec();
        pairs.push(("next_token", &token));
        assert!(get(&sim, ALL, &pairs).await.message().contains("next_token"), "{pairs:?}");
    }
    // Page size and fields may change.
    let pairs =
        [TAG, FLOOR, ("next_token", &token), ("max_results", "50"), ("tweet.fields", "lang")];
    assert_eq!(get(&sim, ALL, &pairs).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn pages_of_500_hold_394_to_500_and_some_are_empty() {
    let sim = Simulator::new(options(60_000, 11));
    let pages = walk(&sim, ALL, &[TAG, FLOOR, ("max_results", "500")]).await;
    let (last, pages) = pages.split_last().expect("pages");
    assert!(last.next_token().is_none());
    let lengths: Vec<usize> = pages.iter().map(|page| page.ids().len()).collect();
    assert!(lengths.iter().all(|n| *n == 0 || (394..=500).contains(n)), "{lengths:?}");
    assert!(lengths.iter().filter(|n| **n < 500).count() * 10 > lengths.len() * 8, "{lengths:?}");
    let empty = pages.iter().find(|page| page.ids().is_empty()).expect("an empty page");
    let body = empty.json();
    assert!(body.get("data").is_none() && body.get("includes").is_none());
    assert_eq!(body["meta"]["result_count"], 0);
    assert!(body["meta"].get("newest_id").is_none());
}

#[tokio::test(start_paused = true)]
async fn without_a_start_the_last_thirty_days_are_searched() {
    let sim = Simulator::new(full_pages(3_000, 5));
    let ids = walked_ids(&sim, ALL, &[TAG, ("max_results", "500")]).await;
    let pairs = [TAG, ("start_time", "2026-08-02T12:00:00Z"), ("max_results", "500")];
    assert_eq!(ids, walked_ids(&sim, ALL, &pairs).await);
    assert!((3..40).contains(&ids.len()), "{}", ids.len());
    let recent = walked_ids(&sim, "/2/tweets/search/recent", &[TAG]).await;
    assert!(recent.len() < ids.len() && ids.starts_with(&recent));
}

#[tokio::test(start_paused = true)]
async fn a_hundred_million_posts_start_at_once_and_page_fast() {
    let sim = Simulator::new(Options { tweets: 100_000_000, ..options(0, 1) });
    let page = get(&sim, ALL, &[TAG, FLOOR, ("max_results", "500")]).await;
    assert!(page.ids().len() >= 394);
    assert!(page.next_token().is_some());
    let empty = Simulator::new(options(0, 1));
    let page = get(&empty, ALL, &[TAG, FLOOR]).await;
    assert_eq!(page.json(), serde_json::json!({"meta": {"result_count": 0}}));
}

#[tokio::test(start_paused = true)]
async fn no_post_is_ever_in_the_simulated_future() {
    let time = |text: &str| text.parse::<Timestamp>().expect("a time");
    for (since, until) in [
        ("2026-08-31T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"),
        ("1999-01-01T00:00:00Z", "2026-09-01T12:00:00Z"),
    ] {
        let span = Options { since: time(since), until: time(until), ..options(200, 2) };
        let sim = Simulator::new(span);
        let ids = walked_ids(&sim, ALL, &[TAG, FLOOR, ("max_results", "100")]).await;
        assert_eq!(ids.len(), 200, "{since}");
    }
}

#[tokio::test(start_paused = true)]
async fn relevancy_changes_the_order_and_not_the_page() {
    let sim = Simulator::new(full_pages(200, 8));
    let by_time = get(&sim, ALL, &[TAG, FLOOR, ("max_results", "200")]).await;
    let pairs = [TAG, FLOOR, ("max_results", "200"), ("sort_order", "relevancy")];
    let by_likes = get(&sim, ALL, &pairs).await;
    let (mut one, mut other) = (by_time.ids(), by_likes.ids());
    assert_ne!(one, other);
    one.sort_unstable();
    other.sort_unstable();
    assert_eq!(one, other);
    assert_eq!(by_time.json()["meta"]["newest_id"], by_likes.json()["meta"]["newest_id"]);
}
