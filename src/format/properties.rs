//! Laws that hold for every page, however X changes it.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::changes::{Change, apply, below, changes};
use super::sample::{encode, rows, value};
use crate::columns::{self, CellType};
use crate::model::spec::{Dialect, Profile};
use crate::tweet::{Field, PlaceField, TweetField, UserField};

fn changed(changes: &[(usize, Change)]) -> Value {
    static SAMPLE: LazyLock<(Value, Vec<String>)> = LazyLock::new(|| {
        let page = value();
        let data = below(&page, "/data").into_iter();
        let pointers = data.chain(below(&page, "/includes")).chain(["/includes".to_owned()]);
        (page.clone(), pointers.collect())
    });
    let (page, pointers) = &*SAMPLE;
    let mut page = page.clone();
    for (pick, change) in changes {
        apply(&mut page, &pointers[pick % pointers.len()], change);
    }
    page
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    // Few cases, and the smallest that fails: many are in `crowds`.
    #[test]
    fn rows_out_are_tweets_in_however_a_page_is_changed(changes in changes()) {
        let encoded = encode(Profile::Full, changed(&changes).to_string());
        let mut reader = csv::Reader::from_reader(encoded.bytes.as_slice());
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        prop_assert_eq!((rows.len(), encoded.rows), (3, 3));
        for extra in rows.iter().map(|row| &row[row.len() - 1]) {
            prop_assert!(extra.is_empty() || serde_json::from_str::<Value>(extra).is_ok());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn cells_of_the_twarc_profile_are_of_their_columns_type(changes in changes()) {
        let rows = rows(Profile::Twarc, &changed(&changes));
        prop_assert_eq!(rows.len(), 3);
        for column in columns::of(Profile::Twarc) {
            for cell in rows.iter().map(|row| row[column.name].as_str()).filter(|c| !c.is_empty()) {
                prop_assert!(fits(column.kind, cell), "{} {cell}", column.name);
            }
        }
    }
}

fn fits(kind: CellType, cell: &str) -> bool {
    let json = || serde_json::from_str::<Value>(cell);
    match kind {
        CellType::Text => !cell.contains(['\n', '\r']),
        CellType::Id => cell.parse::<u64>().is_ok(),
        CellType::Integer => cell.parse::<i64>().is_ok(),
        CellType::Boolean => matches!(cell, "True" | "False"),
        CellType::DateTime => cell.parse::<jiff::Timestamp>().is_ok(),
        CellType::List => json().is_ok_and(|value| value.is_array()),
        CellType::Object => json().is_ok_and(|value| value.is_object()),
        CellType::Json => json().is_ok(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_reads_back_as_it_was(text: String, tag: String, name: String) {
        let page = json!({
            "data": [{ "id": "1", "text": text, "author_id": "2",
                       "entities": { "hashtags": [{ "tag": tag }] } }],
            "includes": { "users": [{ "id": "2", "name": name }] },
        });
        let row = &rows(Profile::Full, &page)[0];
        prop_assert_eq!((&row["tweet"], &row["user_name"]), (&text, &name));
        let tags: Vec<String> = serde_json::from_str(&row["hashtags"]).unwrap();
        prop_assert_eq!(tags, [tag]);
    }
}

/// Everything below a tweet, one value after the other, becomes something that nobody expects
/// there; it must stand somewhere in the row.
#[test]
fn no_value_of_a_tweet_is_ever_lost() {
    let strange = [json!("strange-8271"), json!({ "strange-8271": 1 }), json!(["strange-8271"])];
    for pointer in below(&value(), "/data/0").into_iter().chain(["/data/0".to_owned()]) {
        for strange in &strange {
            let mut page = value();
            apply(&mut page, &pointer, &Change::Retype(strange.clone()));
            let file = String::from_utf8(encode(Profile::Full, page.to_string()).bytes).unwrap();
            assert!(file.contains("strange-8271"), "{pointer} = {strange}");
        }
        let mut page = value();
        apply(&mut page, &pointer, &Change::Add);
        let added = page != value();
        let file = String::from_utf8(encode(Profile::Full, page.to_string()).bytes).unwrap();
        assert!(!added || file.contains("unheard of"), "{pointer} lost an unknown field");
    }
}

/// The same for an author, a poll and a place, except for the id by which they are found.
#[test]
fn no_value_of_what_belongs_to_a_tweet_is_ever_lost() {
    for root in
        ["/includes/users/0", "/includes/polls/0", "/includes/places/0", "/includes/media/0"]
    {
        for pointer in below(&value(), root) {
            if pointer.ends_with("/0/id") || pointer.ends_with("/0/media_key") {
                continue;
            }
            let mut page = value();
            apply(&mut page, &pointer, &Change::Retype(json!(["strange-8271"])));
            apply(&mut page, root, &Change::Add);
            let file = String::from_utf8(encode(Profile::Full, page.to_string()).bytes).unwrap();
            assert!(file.contains("strange-8271") && file.contains("unheard of"), "{pointer}");
        }
    }
}

/// A known field without a column would be in no cell and not in `extra` either.
#[test]
fn every_known_field_has_a_column() {
    let sources: Vec<_> = columns::of(Profile::Full)
        .map(|column| column.source(Dialect::Tweet).into_owned())
        .collect();
    let named = |path: String| sources.iter().any(|source| source.contains(&path));
    for field in TweetField::ALL {
        let path = format!("data[].{}", field.name(Dialect::Tweet));
        assert!(named(path.clone()), "{path}");
    }
    for field in UserField::ALL.iter().filter(|field| **field != UserField::Id) {
        let path = format!("includes.users[].{}", field.name(Dialect::Tweet));
        assert!(named(path.clone()), "{path}");
    }
    for field in PlaceField::ALL.iter().filter(|field| **field != PlaceField::Id) {
        let path = format!("includes.places[].{}", field.name(Dialect::Tweet));
        assert!(named(path.clone()), "{path}");
    }
}
