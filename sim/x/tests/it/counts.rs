//! Counts: pages of 31 days, buckets, sums.

use mistnet_sim_x::Simulator;
use serde_json::Value;

use crate::support::*;

const TAG: (&str, &str) = ("query", "#cumpleaños");
const COUNTS: &str = "/2/tweets/counts/all";

fn sum(pages: &[Got]) -> u64 {
    let total = |page: &Got| page.json()["meta"]["total_tweet_count"].as_u64().expect("a total");
    pages.iter().map(total).sum()
}

#[tokio::test(start_paused = true)]
async fn pages_go_back_in_time_and_add_up_to_the_truth() {
    let sim = Simulator::new(full_pages(5_000, 2));
    for granularity in ["hour", "day"] {
        let pairs = [TAG, FLOOR, ("granularity", granularity)];
        let pages = walk(&sim, COUNTS, &pairs).await;
        assert_eq!(sum(&pages), 5_000);
        let most = if granularity == "day" { 31 } else { 744 };
        let mut newest_start = None::<String>;
        for page in &pages {
            let body = page.json();
            let data = body["data"].as_array().expect("data");
            assert!(data.len() <= most, "{}", data.len());
            assert!(data.windows(2).all(|pair| pair[0]["end"] == pair[1]["start"]));
            let inside: u64 = data.iter().filter_map(|bucket| bucket["tweet_count"].as_u64()).sum();
            assert_eq!(inside, body["meta"]["total_tweet_count"]);
            if let Some(start) = newest_start.take() {
                assert_eq!(data.last().expect("a bucket")["end"], Value::from(start));
            }
            newest_start = data[0]["start"].as_str().map(str::to_owned);
        }
        assert_eq!(newest_start.as_deref(), Some("2006-03-21T00:00:00.000Z"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_outermost_buckets_are_clipped() {
    let sim = Simulator::new(full_pages(5_000, 2));
    let pairs = [TAG, ("start_time", "2021-10-16T18:21:34Z"), ("end_time", "2021-10-16T20:10:00Z")];
    let body = get(&sim, COUNTS, &pairs).await.json();
    let edges: Vec<(&str, &str)> = (body["data"].as_array().expect("data").iter())
        .map(|bucket| {
            (bucket["start"].as_str().expect("start"), bucket["end"].as_str().expect("end"))
        })
        .collect();
    assert_eq!(
        edges,
        [
            ("2021-10-16T18:21:34.000Z", "2021-10-16T19:00:00.000Z"),
            ("2021-10-16T19:00:00.000Z", "2021-10-16T20:00:00.000Z"),
            ("2021-10-16T20:00:00.000Z", "2021-10-16T20:10:00.000Z"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn ids_as_bounds_are_exclusive_here_too() {
    let sim = Simulator::new(full_pages(5_000, 2));
    let truth = sim.matching_ids("#cumpleaños").expect("a query");
    let (until, since) = (truth[100].to_string(), truth[400].to_string());
    let pages = walk(&sim, COUNTS, &[TAG, ("since_id", &since), ("until_id", &until)]).await;
    assert_eq!(sum(&pages), 299);
    assert!(pages.len() < 40, "{}", pages.len());
}

#[tokio::test(start_paused = true)]
async fn filtered_counts_agree_with_search() {
    let sim = Simulator::new(full_pages(500, 2));
    for query in ["#cumpleaños -is:reply", "#cumpleaños has:media lang:en"] {
        let pairs = [("query", query), FLOOR, ("granularity", "day")];
        let pages = walk(&sim, COUNTS, &pairs).await;
        assert_eq!(sum(&pages), sim.matching_ids(query).expect("a query").len() as u64, "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn counts_know_nothing_of_compliance() {
    let sim = Simulator::new(options(5_000, 2));
    let pages = walk(&sim, COUNTS, &[TAG, FLOOR, ("granularity", "day")]).await;
    let counted = sum(&pages);
    assert!((5_100..6_300).contains(&counted), "{counted}");
}

#[tokio::test(start_paused = true)]
async fn recent_counts_cover_seven_days_in_one_page() {
    let sim = Simulator::new(full_pages(5_000, 2));
    let got = get(&sim, "/2/tweets/counts/recent", &[TAG]).await;
    let body = got.json();
    assert!(got.next_token().is_none());
    assert!((168..=169).contains(&body["data"].as_array().expect("data").len()));
    let recent = walked_ids(&sim, "/2/tweets/search/recent", &[TAG]).await;
    assert_eq!(body["meta"]["total_tweet_count"], recent.len());
    let pairs = [TAG, ("granularity", "week")];
    get(&sim, "/2/tweets/counts/recent", &pairs).await.message();
}

#[tokio::test(start_paused = true)]
async fn a_counts_token_is_refused_elsewhere() {
    let sim = Simulator::new(full_pages(50, 2));
    let token = get(&sim, COUNTS, &[TAG, FLOOR]).await.next_token().expect("more");
    assert_eq!(token.len(), 45);
    for (path, query) in [(COUNTS, "#other"), (ALL, "#cumpleaños")] {
        let got = get(&sim, path, &[("query", query), FLOOR, ("next_token", &token)]).await;
        assert_eq!(got.status, 400);
    }
}
