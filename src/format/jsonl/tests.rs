use serde_json::{Value, json};

use super::*;
use crate::format::sample::{post_page, value};
use crate::tweet::Body;

fn lines(page: &str) -> String {
    let body = Body::new(page.as_bytes());
    let page = body.decode().unwrap();
    let mut lines = Lines { packing: Packing::None, out: String::new() };
    lines.page(&page, &mut page.tweets.iter());
    lines.out
}

fn rows(page: &Value) -> Vec<Value> {
    lines(&page.to_string()).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_page_with_every_field() {
    let rows: Vec<Value> = rows(&value());
    insta::assert_json_snapshot!(rows);
}

#[test]
fn both_dialects_become_the_same_lines() {
    let post: Value = serde_json::from_str(&post_page()).unwrap();
    assert_eq!(rows(&value()), rows(&post));
}

#[test]
fn a_row_is_one_line_whatever_stands_between_its_tokens() {
    let pretty = serde_json::to_string_pretty(&value()).unwrap();
    let as_sent: Vec<Value> = rows(&value());
    let read: Vec<Value> =
        lines(&pretty).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read, as_sent);
}

#[test]
fn what_did_not_come_along_is_an_empty_object() {
    let rows = rows(&json!({ "data": [{
        "id": "1", "author_id": "2", "in_reply_to_user_id": "3",
        "attachments": { "media_keys": ["3_1"], "poll_ids": ["4"] },
        "geo": { "place_id": "5" },
        "entities": { "mentions": [{ "username": "a", "start": 0 }, { "id": "6" }, 7] },
        "referenced_tweets": [{ "type": "quoted", "id": "8" }],
    }] }));
    let expected = json!([{
        "id": "1", "author_id": "2", "author": {}, "in_reply_to_user_id": "3",
        "in_reply_to_user": {},
        "attachments": { "media_keys": ["3_1"], "poll_ids": ["4"], "media": [{}], "poll": {} },
        "geo": { "place_id": "5" },
        "entities": { "mentions": [{ "username": "a", "start": 0 }, { "id": "6" }, 7] },
        "referenced_tweets": [{ "type": "quoted", "id": "8" }],
    }]);
    assert_eq!(Value::from(rows), expected);
}

#[test]
fn flattening_what_is_flat_already_loses_nothing() {
    let flat = json!({ "data": rows(&value()) });
    assert_eq!(rows(&flat), flat["data"].as_array().unwrap().clone());
}

#[test]
fn mentions_are_found_by_handle_and_else_by_id_and_keep_their_places() {
    let rows = rows(&json!({
        "data": [{ "id": "1", "note_tweet": { "text": "x", "entities": { "mentions": [
            { "start": 0, "end": 2, "username": "a" },
            { "start": 3, "end": 5, "username": "B", "id": "2" },
        ] } } }],
        "includes": { "users": [
            { "id": "1", "username": "a", "name": "A" },
            { "id": "2", "username": "b", "name": "B" },
        ] },
    }));
    assert_eq!(
        rows[0]["note_tweet"]["entities"]["mentions"],
        json!([
            { "start": 0, "end": 2, "id": "1", "username": "a", "name": "A" },
            { "start": 3, "end": 5, "id": "2", "username": "b", "name": "B" },
        ])
    );
}

#[test]
fn a_post_lies_in_each_that_refers_to_it_but_never_in_itself() {
    let refers = |id: &str, to: &str| json!({ "id": id, "referenced_tweets": [{ "type": "quoted", "id": to }] });
    let rows = rows(&json!({
        "data": [refers("1", "2")],
        "includes": { "tweets": [refers("2", "3"), refers("3", "2"), refers("1", "3")] },
    }));
    let quoted = |post: &Value| post["referenced_tweets"][0].clone();
    let third = quoted(&quoted(&rows[0]));
    assert_eq!(third["id"], "3");
    assert_eq!(quoted(&third), json!({ "type": "quoted", "id": "2" }));
}

#[test]
fn rows_do_not_explode() {
    // Each refers twice to the next: 2^40 posts, if nothing stopped it.
    let post = |n: u32| {
        let next = json!({ "type": "quoted", "id": (n + 1).to_string() });
        json!({ "id": n.to_string(), "text": "x".repeat(1000), "referenced_tweets": [next, next] })
    };
    let page = json!({ "data": [post(0)], "includes": { "tweets": (1..40).map(post).collect::<Vec<_>>() } });
    let longest = 8 * 1024 * 1024 + 40 * 2_000;
    assert!(lines(&page.to_string()).len() < longest);
}

#[test]
fn nothing_is_lost_when_a_field_comes_twice_or_a_tweet_is_none() {
    let page = r#"{"data":[{"id":"1","lang":"en","lang":"de","new":null},"surprise"]}"#;
    let expected = r#"{"id":"1","lang":"en","lang_":"de","new":null}"#;
    assert_eq!(lines(page), format!("{expected}\n{{\"tweet\":\"surprise\"}}\n"));
}

#[test]
fn numbers_escapes_and_order_stay_as_they_came() {
    let inner = r#"{"z":1.50,"a":18446744073709551616,"t":"\u00e9\/"}"#;
    let page = format!(r#"{{"data":[{{"new":{inner},"id":"1"}}]}}"#);
    assert_eq!(lines(&page), format!("{{\"new\":{inner},\"id\":\"1\"}}\n"));
}

#[test]
fn gzip_tells_no_time_and_no_system() {
    let member = gzip_member(b"x\n").unwrap();
    assert_eq!(member[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, member[8], 255]);
}
