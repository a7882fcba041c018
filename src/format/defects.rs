//! What mistnet's predecessor and its peers lost, each as a test.

use serde_json::{Value, json};

use super::sample::{encode, rows, value};
use crate::model::spec::Profile;

const BOTH: [Profile; 2] = [Profile::Original, Profile::Full];

fn page_of(tweet: &Value) -> Value {
    json!({ "data": [tweet] })
}

#[test]
fn a_page_without_referenced_tweets_keeps_its_rows() {
    let mut page = value();
    page["includes"].as_object_mut().unwrap().remove("tweets");
    for profile in BOTH {
        assert_eq!(rows(profile, &page).len(), 3);
    }
    page.as_object_mut().unwrap().remove("includes");
    assert_eq!(rows(Profile::Full, &page).len(), 3);
}

#[test]
fn an_absent_source_is_an_empty_cell() {
    let page = page_of(&json!({ "id": "1", "text": "x" }));
    for profile in BOTH {
        assert_eq!(rows(profile, &page)[0]["source"], "");
    }
}

#[test]
fn a_tweet_whose_author_did_not_come_along_keeps_its_row_and_its_author_id() {
    for profile in BOTH {
        let row = &rows(profile, &value())[2];
        assert_eq!((&*row["user_id"], &*row["user_screen_name"]), ("404", ""));
        assert_eq!(row["id"], "2062875508879110001");
    }
}

#[test]
fn lists_are_json() {
    let page = page_of(&json!({ "id": "1", "entities": { "hashtags": [
        { "tag": "a" }, { "tag": "it's" }, { "tag": "\"x\"\\" }, { "start": 1 }
    ] } }));
    for profile in BOTH {
        let cell = rows(profile, &page)[0]["hashtags"].clone();
        assert_eq!(serde_json::from_str::<Value>(&cell).unwrap(), json!(["a", "it's", "\"x\"\\"]));
    }
}

#[test]
fn the_whole_text_of_a_retweet_is_that_of_the_retweeted_post() {
    let row = &rows(Profile::Full, &value())[1];
    assert!(row["tweet"].starts_with("RT @warden: All night") && row["tweet"].ends_with('…'));
    assert!(row["full_text"].ends_with("the far end of the reeds & back. #ringing"));
    assert_eq!(row["retweeted_screen_name"], "warden");
}

#[test]
fn the_text_of_a_retweet_whose_original_did_not_come_along_is_its_own() {
    let page = page_of(&json!({
        "id": "1", "text": "RT @a: x &amp; y…",
        "referenced_tweets": [{ "type": "retweeted", "id": "2" }]
    }));
    let row = &rows(Profile::Full, &page)[0];
    assert_eq!((&*row["full_text"], &*row["retweeted_id"]), ("RT @a: x & y…", "2"));
}

#[test]
fn the_plain_file_leaves_formulas_alone() {
    for text in ["=cmd()", "+1", "-1", "@x", "\tx", "\rx"] {
        let page = page_of(&json!({ "id": "1", "text": text }));
        assert_eq!(rows(Profile::Original, &page)[0]["tweet"], text);
    }
}

#[test]
fn ids_keep_their_last_digits() {
    let page =
        page_of(&json!({ "id": "9223372036854775807", "author_id": 9_007_199_254_740_993_u64 }));
    let row = &rows(Profile::Original, &page)[0];
    assert_eq!((&*row["id"], &*row["user_id"]), ("9223372036854775807", "9007199254740993"));
}

#[test]
fn half_a_surrogate_pair_costs_one_character_and_no_row() {
    let page = r#"{"data":[{"id":"1","text":"a\ud83dz","new":"\udc00"},{"id":"2","text":"b"}]}"#;
    let file = String::from_utf8(encode(Profile::Full, page).bytes).unwrap();
    assert!(file.contains("a\u{fffd}z") && file.lines().count() == 3, "{file}");
}

#[test]
fn a_new_field_costs_nothing_and_is_kept() {
    let row = &rows(Profile::Full, &value())[0];
    let extra: Value = serde_json::from_str(&row["extra"]).unwrap();
    assert_eq!(
        extra,
        json!({
            "author": { "birdwatcher_rank": "gold" },
            "brand_new_field": { "answer": 42 },
            "poll": { "poll_colour": "red" }
        })
    );
}

#[test]
fn a_value_of_another_type_is_an_empty_cell_and_is_kept() {
    let mut page = value();
    page["data"][0]["lang"] = json!({ "code": "en" });
    page["data"][0]["public_metrics"] = json!("many");
    page["data"][0]["geo"]["place_id"] = json!([1]);
    page["data"][0]["referenced_tweets"] = json!([{ "type": "quoted", "id": "5", "weight": 2 }]);
    page["includes"]["users"][0]["verified"] = json!("yes");
    page["includes"]["users"][0]["public_metrics"]["followers_count"] = json!(1.5);
    let row = &rows(Profile::Full, &page)[0];
    for empty in ["language", "like_count", "place_id", "user_verified", "user_followers_count"] {
        assert_eq!(row[empty], "", "{empty}");
    }
    assert_eq!((&*row["quoted_id"], &*row["user_friends_count"]), ("5", "34"));
    let extra: Value = serde_json::from_str(&row["extra"]).unwrap();
    assert_eq!(extra["lang"], json!({ "code": "en" }));
    assert_eq!(extra["public_metrics"], json!("many"));
    assert_eq!(extra["geo"], json!({ "place_id": [1] }));
    assert_eq!(extra["referenced_tweets"][0]["weight"], json!(2));
    assert_eq!(extra["author"]["verified"], json!("yes"));
    assert_eq!(extra["author"]["public_metrics"], json!({ "followers_count": 1.5 }));
}

#[test]
fn an_element_of_data_that_is_no_object_is_a_row_too() {
    let rows = rows(Profile::Full, &json!({ "data": [{ "id": "1" }, "surprise", null, [2]] }));
    let extras: Vec<_> = rows.iter().map(|row| row["extra"].as_str()).collect();
    assert_eq!(extras, ["", r#"{"tweet":"surprise"}"#, r#"{"tweet":null}"#, r#"{"tweet":[2]}"#]);
}
