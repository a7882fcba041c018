//! The rules for parameters, and the recorded words of refusals.

use mistnet_sim_x::Simulator;
use serde_json::json;

use crate::support::*;

const TAG: (&str, &str) = ("query", "#cumpleaños");
const RECENT: &str = "/2/tweets/search/recent";

fn sim() -> Simulator {
    Simulator::new(full_pages(50, 1))
}

#[tokio::test(start_paused = true)]
async fn a_start_after_the_end_is_refused_with_the_recorded_body() {
    let pairs = [TAG, ("start_time", "2020-06-21T01:00:00Z"), ("end_time", "2020-06-21T00:00:00Z")];
    let got = get(&sim(), ALL, &pairs).await;
    assert_eq!(got.status, 400);
    assert_eq!(
        got.json(),
        json!({
            "errors": [{
                "parameters": {"start_time": ["2020-06-21T01:00Z"], "end_time": ["2020-06-21T00:00Z"]},
                "message": "Invalid 'start_time':'2020-06-21T01:00Z'. 'start_time' must be before 'end_time':2020-06-21T00:00Z"
            }],
            "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": "https://api.twitter.com/2/problems/invalid-request"
        })
    );
}

#[tokio::test(start_paused = true)]
async fn times_must_be_ten_seconds_old() {
    for name in ["start_time", "end_time"] {
        let message = get(&sim(), ALL, &[TAG, (name, "2026-09-01T11:59:51Z")]).await.message();
        assert_eq!(
            message,
            format!(
                "Invalid '{name}':'2026-09-01T11:59Z'. '{name}' must be a minimum of 10 seconds prior to the request time."
            )
        );
    }
    for time in ["2026-09-01T11:59:50Z", "2026-09-01T11:59:50.999Z", "2026-09-01T13:59:50+02:00"] {
        assert_eq!(get(&sim(), ALL, &[TAG, ("end_time", time)]).await.status, 200, "{time}");
    }
}

#[tokio::test(start_paused = true)]
async fn times_begin_with_the_first_post_and_recent_ones_a_week_ago() {
    assert_eq!(get(&sim(), ALL, &[TAG, FLOOR]).await.status, 200);
    let message = get(&sim(), ALL, &[TAG, ("start_time", "2006-03-20T23:59:59Z")]).await.message();
    assert!(message.contains("must be on or after 2006-03-21T00:00Z"), "{message}");
    let message =
        get(&sim(), RECENT, &[TAG, ("start_time", "2026-08-25T11:59:59Z")]).await.message();
    assert!(message.contains("must be on or after 2026-08-25T12:00Z"), "{message}");
    assert_eq!(
        get(&sim(), RECENT, &[TAG, ("start_time", "2026-08-25T12:00:00Z")]).await.status,
        200
    );
}

#[tokio::test(start_paused = true)]
async fn a_cursor_older_than_a_week_is_refused_by_recent_search() {
    let message = get(&sim(), RECENT, &[TAG, ("since_id", "12345")]).await.message();
    let id = (1_787_659_200_000_u64 - 1_288_834_974_657) << 22;
    assert_eq!(
        message,
        format!(
            "'since_id' must be a tweet id created after 2026-08-25T12:00Z. Please use a 'since_id' that is larger than {id}"
        )
    );
    assert_eq!(get(&sim(), RECENT, &[TAG, ("since_id", &id.to_string())]).await.status, 200);
    assert_eq!(get(&sim(), ALL, &[TAG, ("since_id", "12345")]).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn at_most_one_bound_for_each_side_and_one_token() {
    for pairs in [
        [TAG, FLOOR, ("since_id", "1")],
        [TAG, ("end_time", "2026-01-01T00:00:00Z"), ("until_id", "5")],
        [TAG, ("next_token", "a"), ("pagination_token", "b")],
    ] {
        let got = get(&sim(), ALL, &pairs).await;
        got.message();
        assert_eq!(got.json()["errors"][0]["parameters"].as_object().expect("names").len(), 2);
    }
    for pairs in [
        [TAG, FLOOR, ("until_id", "2000000000000000000")],
        [TAG, ("since_id", "1"), ("end_time", "2026-01-01T00:00:00Z")],
    ] {
        assert_eq!(get(&sim(), ALL, &pairs).await.status, 200, "{pairs:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn page_sizes_have_bounds() {
    for (path, size, status) in [
        (ALL, "9", 400),
        (ALL, "10", 200),
        (ALL, "500", 200),
        (ALL, "501", 400),
        (ALL, "many", 400),
        (RECENT, "100", 200),
        (RECENT, "101", 400),
    ] {
        assert_eq!(
            get(&sim(), path, &[TAG, ("max_results", size)]).await.status,
            status,
            "{path} {size}"
        );
    }
    assert_eq!(get(&sim(), ALL, &[TAG, FLOOR]).await.ids().len(), 10);
    let pairs = [TAG, ("max_results", "101"), ("tweet.fields", "context_annotations")];
    let message = get(&sim(), ALL, &pairs).await.message();
    assert_eq!(
        message,
        "when requesting `tweet.fields=context_annotations` `max_results` must be less than or equal to `100`"
    );
}

#[tokio::test(start_paused = true)]
async fn ids_unknown_parameters_and_queries_are_checked() {
    let sim = sim();
    let message = get(&sim, ALL, &[TAG, ("since_id", "abc")]).await.message();
    assert_eq!(message, "The `since_id` query parameter value [abc] does not match ^[0-9]{1,19}$");
    let message = get(&sim, "/2/tweets", &[("ids", "1,x")]).await.message();
    assert_eq!(message, "The `ids` query parameter value [x] does not match ^[0-9]{1,19}$");
    let message = get(&sim, ALL, &[TAG, ("limit", "5")]).await.message();
    assert!(message.starts_with("The query parameter [limit] is not one of [query,"), "{message}");
    let message = get(&sim, ALL, &[("query", "#aaaaaaa #bbbbb and c")]).await.message();
    assert!(
        message.starts_with(
            "There were errors processing your request: Ambiguous use of and as a keyword."
        ),
        "{message}"
    );
    assert!(message.ends_with("(at position 17)"), "{message}");
    let message = get(&sim, ALL, &[("query", "%23encoded%20twice")]).await.message();
    assert!(
        message.contains("no viable alternative at character '%' (at position 1)"),
        "{message}"
    );
    assert!(get(&sim, ALL, &[]).await.message().contains("`query`"));
    let many = vec!["7"; 101].join(",");
    get(&sim, "/2/tweets", &[("ids", &many)]).await.message();
}

#[tokio::test(start_paused = true)]
async fn queries_have_a_longest_length() {
    let query = |length: usize| format!("#cumpleaños {}", "a".repeat(length - 12));
    for (path, length, status) in
        [(ALL, 1_024, 200), (ALL, 1_025, 400), (RECENT, 512, 200), (RECENT, 513, 400)]
    {
        let got = get(&sim(), path, &[("query", &query(length))]).await;
        assert_eq!(got.status, status, "{path} {length}");
    }
}

#[tokio::test(start_paused = true)]
async fn unknown_paths_are_a_page_for_people() {
    let got = get(&sim(), "/1.1/search/tweets.json", &[]).await;
    assert_eq!(got.status, 404);
    assert_eq!(got.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(got.bytes.starts_with(b"<!DOCTYPE html>"));
}

#[tokio::test(start_paused = true)]
async fn the_hashtag_is_found_however_it_is_spelt() {
    let sim = sim();
    for query in ["#cumpleaños", "#CUMPLEAÑOS", "#cumpleanos", "＃Cumplean\u{303}os"] {
        assert_eq!(
            get(&sim, ALL, &[("query", query), FLOOR, ("max_results", "100")]).await.ids().len(),
            50,
            "{query}"
        );
    }
    for query in ["#cumpleaño", "#cumpleañoss", "#cumple"] {
        assert_eq!(get(&sim, ALL, &[("query", query), FLOOR]).await.ids().len(), 0, "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn retweets_are_never_found() {
    for query in ["#cumpleaños is:retweet", "retweets_of:quietheron"] {
        assert!(walked_ids(&sim(), ALL, &[("query", query), FLOOR]).await.is_empty());
    }
}
