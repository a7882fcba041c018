//! An invented page with every field, in both dialects, and small tools for tests.

use std::collections::HashMap;
use std::fmt::Write;

use serde_json::Value;

use super::{Encoded, PartWriter};
use crate::model::record::Span;
use crate::model::spec::{FileFormat, Profile};
use crate::tweet::Body;

/// The page in the `tweet.fields` dialect.
pub(super) const PAGE: &str = include_str!("sample.json");

/// What the `post.fields` dialect calls otherwise (docs.x.com, OpenAPI 2.167, read 2026-08-22).
const POST_NAMES: [(&str, &str); 9] = [
    ("\"note_tweet\":", "\"note_post\":"),
    ("\"referenced_tweets\":", "\"referenced_posts\":"),
    ("\"edit_history_tweet_ids\":", "\"edit_history_post_ids\":"),
    ("\"tweets\":", "\"posts\":"),
    ("\"retweet_count\":", "\"repost_count\":"),
    ("\"tweet_count\":", "\"post_count\":"),
    ("\"pinned_tweet_id\":", "\"pinned_post_id\":"),
    ("\"most_recent_tweet_id\":", "\"most_recent_post_id\":"),
    ("\"scope\": \"tweet\"", "\"scope\": \"post\""),
];

/// The page in the `post.fields` dialect.
pub(super) fn post_page() -> String {
    POST_NAMES.iter().fold(PAGE.to_owned(), |page, (tweet, post)| {
        assert!(page.contains(tweet), "the sample has no {tweet}");
        page.replace(tweet, post)
    })
}

/// The page as a value.
pub(super) fn value() -> Value {
    serde_json::from_str(PAGE).unwrap()
}

/// All tweets of a page as a file.
pub(super) fn encode(profile: Profile, page: impl AsRef<[u8]>) -> Encoded {
    let body = Body::new(page.as_ref());
    let page = body.decode().unwrap();
    let mut writer = PartWriter::new(FileFormat::Csv, profile).unwrap();
    let all = Span { from: 0, to: page.tweets.len() as u64 };
    writer.page(&page, &[all]).unwrap();
    writer.finish().unwrap()
}

/// The rows of a page, read back from the file: column to cell.
pub(super) fn rows(profile: Profile, page: &Value) -> Vec<HashMap<String, String>> {
    let encoded = encode(profile, page.to_string());
    let mut reader = csv::Reader::from_reader(encoded.bytes.as_slice());
    let rows: Vec<_> = reader.deserialize().map(Result::unwrap).collect();
    assert_eq!(rows.len() as u64, encoded.rows);
    rows
}

/// Cells as `column = cell`, one a line, without empty ones.
pub(super) fn shown(encoded: &Encoded) -> String {
    let mut reader = csv::Reader::from_reader(encoded.bytes.as_slice());
    let names = reader.headers().unwrap().clone();
    let mut text = String::new();
    for row in reader.records().map(Result::unwrap) {
        text.push_str("--- row\n");
        for (name, cell) in names.iter().zip(&row).filter(|(_, cell)| !cell.is_empty()) {
            writeln!(text, "{name} = {}", cell.escape_debug()).unwrap();
        }
    }
    text.replace("\\\"", "\"")
}
