//! What a page becomes, for people to look at; and that both dialects become the same.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::sample::{PAGE, encode, post_page, rows, shown, value};
use crate::columns;
use crate::model::spec::Profile;

#[test]
fn the_original_profile_of_a_page_with_every_field() {
    let encoded = encode(Profile::Original, PAGE);
    insta::assert_snapshot!(String::from_utf8(encoded.bytes).unwrap());
}

#[test]
fn the_full_profile_of_a_page_with_every_field() {
    insta::assert_snapshot!(shown(&encode(Profile::Full, PAGE)));
}

/// The page, and what only twarc-csv has columns for.
fn twarc_page() -> Value {
    let mut page = value();
    let author = &mut page["includes"]["users"][0];
    author["withheld"]["copyright"] = true.into();
    author["entities"]["description"] = json!({
        "hashtags": [{ "tag": "birds" }],
        "cashtags": [{ "tag": "BIRD" }],
        "mentions": [{ "username": "warden" }],
        "urls": [{ "url": "https://t.co/dddddddddd", "expanded_url": "https://nets.example/me" }],
    });
    page["includes"]["tweets"][2]["attachments"] = json!({ "media_keys": ["7_12"] });
    page["includes"]["tweets"][2]["entities"] = json!({ "hashtags": [{ "tag": "ringing" }] });
    page["__twarc"] = json!({
        "url": "https://api.x.com/2/tweets/search/all?query=%23ringing",
        "version": "2.14.0",
        "retrieved_at": "2026-06-05T15:00:00+00:00",
    });
    page["matching_rules"] = json!([{ "id": "1", "tag": "birds" }]);
    page
}

#[test]
fn the_twarc_profile_of_a_page_with_every_field() {
    insta::assert_snapshot!(shown(&encode(Profile::Twarc, twarc_page().to_string())));
}

#[test]
fn both_dialects_become_the_same_rows() {
    for profile in [Profile::Original, Profile::Full, Profile::Twarc] {
        assert_eq!(encode(profile, PAGE), encode(profile, post_page()));
    }
}

#[test]
fn white_space_between_the_tokens_of_a_page_changes_nothing() {
    let (compact, pretty) = (value().to_string(), serde_json::to_string_pretty(&value()).unwrap());
    for profile in [Profile::Full, Profile::Twarc] {
        assert_eq!(encode(profile, &compact), encode(profile, &pretty));
    }
}

#[test]
fn the_first_25_columns_are_the_originals_in_its_order() {
    let names: Vec<_> = columns::of(Profile::Original).map(|column| column.name).collect();
    let original = "id, conversation_id, created_at, tweet, source, language, \
        in_reply_to_user_id, hashtags, urls, media, retweet_count, reply_count, like_count, \
        quote_count, user_id, user_screen_name, user_name, user_description, user_location, \
        user_created_at, user_followers_count, user_friends_count, user_statuses_count, \
        user_verified, references";
    assert_eq!(names.join(", "), original);
    let full: Vec<_> = columns::of(Profile::Full).map(|column| column.name).collect();
    assert_eq!(full[..25], names);
    assert_eq!(full.last(), Some(&"extra"));
    assert_eq!(full.iter().collect::<HashSet<_>>().len(), full.len());
}

#[test]
fn the_sample_fills_every_column() {
    let rows = rows(Profile::Full, &value());
    let is_empty = |name: &&str| rows.iter().all(|row| row[*name].is_empty());
    let empty: Vec<_> = columns::of(Profile::Full).map(|c| c.name).filter(is_empty).collect();
    assert!(empty.is_empty(), "{empty:?}");
}

#[test]
fn the_twarc_columns_are_those_of_twarc_csv_in_its_order() {
    let names: Vec<_> = columns::of(Profile::Twarc).map(|column| column.name).collect();
    assert_eq!(names.len(), 84);
    insta::assert_snapshot!(names.join("\n"));
}

#[test]
fn the_sample_and_what_twarc_adds_fill_every_column_of_the_twarc_profile() {
    let rows = rows(Profile::Twarc, &twarc_page());
    let is_empty = |name: &&str| rows.iter().all(|row| row[*name].is_empty());
    let empty: Vec<_> = columns::of(Profile::Twarc).map(|c| c.name).filter(is_empty).collect();
    assert!(empty.is_empty(), "{empty:?}");
}
