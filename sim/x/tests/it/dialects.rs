//! The request decides the dialect of the answer; unknown names are dropped.

use mistnet_sim_x::{Dialect, Options, Simulator};
use serde_json::Value;

use crate::support::*;

const TAG: (&str, &str) = ("query", "#cumpleaños");

async fn page(pairs: &[(&str, &str)]) -> Value {
    let sim = Simulator::new(full_pages(500, 4));
    let mut all = vec![TAG, FLOOR, ("max_results", "500")];
    all.extend(pairs);
    get(&sim, ALL, &all).await.json()
}

fn keys(body: &Value) -> Vec<String> {
    let mut keys: Vec<String> = body["data"]
        .as_array()
        .expect("data")
        .iter()
        .flat_map(|post| post.as_object().expect("a post").keys().cloned())
        .collect();
    keys.sort();
    keys.dedup();
    keys
}

#[tokio::test(start_paused = true)]
async fn each_row_of_the_table() {
    let legacy = page(&[
        ("tweet.fields", "note_tweet,referenced_tweets,public_metrics,author_id,withheld"),
        ("expansions", "referenced_tweets.id,author_id"),
        ("user.fields", "public_metrics,pinned_tweet_id"),
    ])
    .await;
    assert_eq!(
        keys(&legacy),
        [
            "author_id",
            "edit_history_tweet_ids",
            "id",
            "note_tweet",
            "public_metrics",
            "referenced_tweets",
            "text",
            "withheld"
        ]
    );
    assert!(legacy["data"][0]["public_metrics"]["retweet_count"].is_number());
    assert!(legacy["includes"]["tweets"].is_array());
    assert!(legacy["includes"]["users"][0]["public_metrics"]["tweet_count"].is_number());
    assert!(legacy.to_string().contains("\"scope\":\"tweet\""));
    assert!(legacy.to_string().contains("\"pinned_tweet_id\""));

    let current = page(&[
        ("post.fields", "note_post,public_metrics,withheld"),
        ("expansions", "referenced_posts,author_id,edit_history_post_ids,username"),
        ("user.fields", "public_metrics,pinned_tweet_id"),
    ])
    .await;
    assert_eq!(
        keys(&current),
        [
            "author_id",
            "edit_history_post_ids",
            "id",
            "note_post",
            "public_metrics",
            "referenced_posts",
            "text",
            "username",
            "withheld"
        ]
    );
    assert!(current["data"][0]["public_metrics"]["repost_count"].is_number());
    assert!(current["includes"]["posts"].is_array());
    assert!(current["includes"]["users"][0]["public_metrics"]["post_count"].is_number());
    assert!(current.to_string().contains("\"scope\":\"post\""));
    assert!(!current.to_string().contains("\"pinned_tweet_id\""));
}

#[tokio::test(start_paused = true)]
async fn defaults_are_id_text_and_in_the_legacy_dialect_the_versions() {
    assert_eq!(keys(&page(&[]).await), ["edit_history_tweet_ids", "id", "text"]);
    assert_eq!(keys(&page(&[("post.fields", "id")]).await), ["id", "text"]);
    let users = page(&[("expansions", "author_id")]).await;
    let user = users["includes"]["users"][0].as_object().expect("a user").clone();
    assert_eq!(user.keys().collect::<Vec<_>>(), ["id", "name", "username"]);
}

#[tokio::test(start_paused = true)]
async fn unknown_names_are_dropped_without_a_word() {
    let legacy = page(&[
        ("tweet.fields", "lang,note_post,no_such_field"),
        ("expansions", "referenced_posts.id,no.such.expansion"),
        ("user.fields", "shoe_size"),
        ("media.fields", ""),
    ])
    .await;
    assert_eq!(keys(&legacy), ["edit_history_tweet_ids", "id", "lang", "text"]);
    assert!(legacy.get("includes").is_none() && legacy.get("errors").is_none());
    let current =
        page(&[("post.fields", "author_id,referenced_posts,referenced_tweets,lang")]).await;
    assert_eq!(keys(&current), ["id", "lang", "text"]);
}

#[tokio::test(start_paused = true)]
async fn private_metrics_are_refused_post_by_post() {
    let body = page(&[("tweet.fields", "non_public_metrics")]).await;
    let errors = body["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 500);
    assert_eq!(errors[0]["title"], "Field Authorization Error");
    assert_eq!(errors[0]["field"], "non_public_metrics");
}

#[tokio::test(start_paused = true)]
async fn problems_carry_the_host_of_their_dialect() {
    let sim = Simulator::new(full_pages(5, 4));
    let got = get(&sim, ALL, &[TAG, ("post.fields", "lang"), ("max_results", "1")]).await.json();
    assert_eq!(got["type"], "https://api.x.com/2/problems/invalid-request");
    assert_eq!(got["parameter"], "max_results");
    assert!(got.get("errors").is_none());
}

#[tokio::test(start_paused = true)]
async fn counts_and_usage_follow_the_open_dialect_or_the_request() {
    let sim = Simulator::new(Options { dialect: Dialect::Current, ..full_pages(50, 4) });
    let path = "/2/tweets/counts/all";
    let body = get(&sim, path, &[TAG]).await.json();
    assert!(
        body["meta"]["total_post_count"].is_number() && body["data"][0]["post_count"].is_number()
    );
    let body =
        get(&sim, path, &[TAG, ("search_count.fields", "end,start,tweet_count")]).await.json();
    assert!(
        body["meta"]["total_tweet_count"].is_number() && body["data"][0]["tweet_count"].is_number()
    );
    let usage = get(&sim, "/2/usage/tweets", &[]).await.json();
    assert_eq!(usage["data"]["project_cap"], "3000000");
}
