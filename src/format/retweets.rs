//! A retweet with the content of the post that it repeats, in every format.

use serde_json::{Value, json};

use crate::columns::SideTable;
use crate::format::sample::value;
use crate::format::{Encoder, FileWriter, Options, Retweets, TableEncoder};
use crate::model::record::Span;
use crate::model::spec::{FileFormat, Profile};
use crate::tweet::Body;

const MERGED: Options = Options {
    newlines: crate::format::Newlines::Keep,
    reader: crate::format::Reader::Programs,
    retweets: Retweets::Merged,
};

type Rows = Vec<std::collections::HashMap<String, String>>;

fn read(bytes: &[u8]) -> Rows {
    csv::Reader::from_reader(bytes).deserialize().map(Result::unwrap).collect()
}

fn rows(profile: Profile, options: Options, page: &Value) -> Rows {
    let page = page.to_string();
    let body = Body::new(page.as_bytes());
    let page = body.decode().unwrap();
    let mut encoder = Encoder::new(FileFormat::Csv, profile, options).unwrap();
    encoder.page(&page, &[Span { from: 0, to: page.tweets.len() as u64 }]).unwrap();
    let mut file = FileWriter::new(FileFormat::Csv, profile, options, Vec::new()).unwrap();
    file.chunk(encoder.chunk().unwrap()).unwrap();
    read(&file.finish().unwrap())
}

/// The sample, in which the second post retweets a third, with content to be merged.
fn page() -> Value {
    let mut page = value();
    let original = &mut page["includes"]["tweets"][2];
    original["entities"] = json!({"hashtags": [{"start": 150, "end": 158, "tag": "ringing"}]});
    original["attachments"] = json!({"media_keys": ["3_11"]});
    original["public_metrics"] = json!({"retweet_count": 5, "like_count": 77});
    page
}

#[test]
fn a_retweet_shows_the_content_of_the_retweeted_post_and_stays_itself() {
    let (sent, merged) =
        (rows(Profile::Full, Options::default(), &page()), rows(Profile::Full, MERGED, &page()));
    assert_eq!((&merged[0], &merged[2]), (&sent[0], &sent[2]));
    let (sent, merged) = (&sent[1], &merged[1]);
    assert!(sent["tweet"].starts_with("RT @warden: All night"), "{}", sent["tweet"]);
    assert!(merged["tweet"].starts_with("All night"), "{}", merged["tweet"]);
    for (column, cell) in [
        ("hashtags", r#"["ringing"]"#),
        ("mentions", ""),
        ("media", r#"[["3_11","photo"]]"#),
        ("like_count", "77"),
        ("retweet_count", "5"),
        ("impression_count", ""),
    ] {
        assert_eq!(merged[column], cell, "{column}");
    }
    assert!(merged["note_text"].contains("#ringing"));
    for column in
        ["id", "user_id", "created_at", "references", "full_text", "retweeted_id", "extra"]
    {
        assert_eq!(merged[column], sent[column], "{column}");
    }
}

#[test]
fn what_the_retweeted_post_does_not_have_stays() {
    let mut page = page();
    let original = page["includes"]["tweets"][2].as_object_mut().unwrap();
    original.retain(|name, _| name == "id" || name == "entities");
    page["data"][1]["attachments"] = json!({"media_keys": ["7_12"]});
    let merged = rows(Profile::Full, MERGED, &page);
    assert_eq!(merged, rows(Profile::Full, Options::default(), &page));
    page["includes"].as_object_mut().unwrap().remove("tweets");
    let merged = rows(Profile::Original, MERGED, &page);
    assert_eq!(merged, rows(Profile::Original, Options::default(), &page));
}

#[test]
fn the_profile_twarc_merges_by_itself() {
    let merged = rows(Profile::Twarc, MERGED, &page());
    assert_eq!(merged, rows(Profile::Twarc, Options::default(), &page()));
}

#[test]
fn where_the_retweeted_post_has_everything_the_cells_are_those_of_twarc() {
    let (ours, theirs) =
        (rows(Profile::Full, MERGED, &page()), rows(Profile::Twarc, MERGED, &page()));
    let count = |row: &std::collections::HashMap<String, String>, name: &str| row[name].clone();
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(ours["tweet"].replace('\r', "").replace('\n', "\\n"), theirs["text"]);
        for name in ["like_count", "retweet_count", "impression_count"] {
            assert_eq!(ours[name], count(theirs, &format!("public_metrics.{name}")), "{name}");
        }
        assert_eq!(ours["media_keys"].replace("\",\"", "\", \""), theirs["attachments.media_keys"]);
    }
}

#[test]
fn tables_have_what_is_marked_in_the_retweeted_post() {
    let mut page = page();
    page["includes"]["tweets"][2].as_object_mut().unwrap().remove("note_tweet");
    let page = page.to_string();
    let body = Body::new(page.as_bytes());
    let page = body.decode().unwrap();
    for (options, count) in [(Options::default(), 0), (MERGED, 1)] {
        let (table, format) = (SideTable::Hashtags, FileFormat::Jsonl);
        let mut encoder = TableEncoder::new(table, format, Profile::Original, options).unwrap();
        encoder.page(&page, &[Span { from: 1, to: 2 }]).unwrap();
        assert_eq!(encoder.chunk().unwrap().rows(), count);
    }
}
