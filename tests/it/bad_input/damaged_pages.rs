//! Pages with anything in any place: whoever reads one finds the same rows.
//!
//! A page is damaged at random, and the rows that it should have are found a second way: from the
//! tree that `serde_json` makes of it.

use mistnet::format::PartWriter;
use mistnet::model::record::Span;
use mistnet::model::spec::{FileFormat, Profile};
use mistnet::tweet::{Body, Drift};
use mistnet::x;
use proptest::prelude::*;
use serde_json::{Value, json};

const PROFILES: [Profile; 3] = [Profile::Original, Profile::Full, Profile::Twarc];

fn sound() -> Value {
    let post = |id: u64| {
        json!({"id": id.to_string(), "text": format!("post {id} \u{1F426}"), "author_id": "11",
            "created_at": "2026-11-22T00:00:00.000Z", "lang": "en",
            "public_metrics": {"like_count": 1}, "referenced_tweets": [{"type": "quoted", "id": "5"}],
            "attachments": {"media_keys": ["3_1"], "poll_ids": ["8"]}, "geo": {"place_id": "0a"},
            "entities": {"hashtags": [{"start": 0, "end": 1, "tag": "birds"}],
                "mentions": [{"start": 0, "end": 1, "username": "wren", "id": "11"}]}})
    };
    json!({
        "data": [post(1_700_000_000_000_000_004), post(1_700_000_000_000_000_003), post(2)],
        "includes": {
            "users": [{"id": "11", "username": "wren", "public_metrics": {"followers_count": 5}}],
            "tweets": [{"id": "5", "text": "quoted", "author_id": "11"}],
            "media": [{"media_key": "3_1", "type": "photo"}],
            "polls": [{"id": "8", "options": [{"position": 1, "label": "a", "votes": 2}]}],
            "places": [{"id": "0a", "full_name": "Reeds"}],
        },
        "errors": [{"title": "Not Found Error", "resource_id": "6"}],
        "meta": {"result_count": 3, "next_token": "t", "oldest_id": "2"},
    })
}

/// Puts `value` in place of the node with that number; nodes are counted as they are met.
fn damage(node: &mut Value, number: &mut usize, value: &Value) -> bool {
    if *number == 0 {
        *node = value.clone();
        return true;
    }
    *number -= 1;
    match node {
        Value::Array(items) => items.iter_mut().any(|item| damage(item, number, value)),
        Value::Object(fields) => fields.values_mut().any(|field| damage(field, number, value)),
        _ => false,
    }
}

fn nodes(node: &Value) -> usize {
    1 + match node {
        Value::Array(items) => items.iter().map(nodes).sum(),
        Value::Object(fields) => fields.values().map(nodes).sum(),
        _ => 0,
    }
}

/// The entries of `data`: what stands in its list, and in lists of objects in that list.
fn entries(data: &Value) -> Vec<&Value> {
    fn holds_objects(value: &Value) -> bool {
        let list = value.as_array().into_iter().flatten();
        list.clone().any(|item| item.is_object() || holds_objects(item))
    }
    match data {
        Value::Object(_) => vec![data],
        Value::Array(items) => items
            .iter()
            .flat_map(|item| if holds_objects(item) { entries(item) } else { vec![item] })
            .collect(),
        _ => vec![],
    }
}

fn id(entry: &Value) -> Option<u64> {
    let digits = match entry.get("id")? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let fits = (1..=19).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| digits.parse().ok()).flatten()
}

/// The spans of the entries with an id, as a page header counts them.
fn spans(entries: &[Option<mistnet::model::TweetId>]) -> Vec<Span> {
    let numbered = (0_u64..).zip(entries).filter(|(_, id)| id.is_some());
    numbered.map(|(at, _)| Span { from: at, to: at + 1 }).collect()
}

/// The ids in a file.
fn ids_in(format: FileFormat, bytes: &[u8]) -> Option<Vec<u64>> {
    match format {
        FileFormat::Csv => {
            let mut reader = csv::Reader::from_reader(bytes);
            let at = reader.headers().unwrap().iter().position(|name| name == "id").unwrap();
            Some(reader.records().map(|row| row.unwrap()[at].parse().unwrap()).collect())
        }
        FileFormat::Jsonl => {
            let lines = std::str::from_utf8(bytes).unwrap().lines();
            Some(lines.map(|line| id(&serde_json::from_str(line).unwrap()).unwrap()).collect())
        }
        _ => None,
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|b| json!(b)),
        any::<i64>().prop_map(|n| json!(n)),
        any::<u64>().prop_map(|n| json!(n)),
        any::<f64>().prop_map(|n| json!(n)),
        ".{0,12}".prop_map(|s| json!(s)),
        "[0-9]{1,20}".prop_map(|s| json!(s)),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        let key = prop_oneof![
            Just("id".to_owned()),
            Just("text".to_owned()),
            Just("next_token".to_owned()),
            "[a-z_]{1,8}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|list| json!(list)),
            prop::collection::hash_map(key, inner, 0..5).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    // Each case writes fifteen files.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_entry_with_an_id_is_a_row_in_every_format_whatever_else_is_on_the_page(
        damages in prop::collection::vec((any::<prop::sample::Index>(), any_json()), 0..6),
    ) {
        let mut page = sound();
        for (at, value) in &damages {
            let mut number = at.index(nodes(&page));
            damage(&mut page, &mut number, value);
        }
        let text = page.to_string();
        let expected: Vec<u64> =
            page.get("data").map(entries).unwrap_or_default().into_iter().filter_map(id).collect();
        let summary = match x::summarise(text.as_bytes()) {
            Ok(summary) => summary,
            Err(error) => {
                prop_assert!(expected.is_empty(), "{error}: {text}");
                return Ok(());
            }
        };
        let ids: Vec<u64> = summary.ids.iter().map(|id| id.0).collect();
        prop_assert_eq!(&ids, &expected, "{}", text);
        if expected.is_empty() {
            return Ok(());
        }
        let spans = spans(&summary.entries());
        let body = Body::new(text.as_bytes());
        let decoded = body.decode().unwrap();
        Drift::thorough().page(&decoded);
        for format in FileFormat::built_in() {
            for profile in PROFILES {
                let mut writer = PartWriter::new(format, profile).unwrap();
                writer.page(&decoded, &spans).unwrap();
                let encoded = writer.finish().unwrap();
                prop_assert_eq!(encoded.rows, expected.len() as u64, "{:?}", format);
                if let Some(found) = ids_in(format, &encoded.bytes) {
                    prop_assert_eq!(&found, &expected, "{:?} {:?} {}", format, profile, text);
                }
            }
        }
    }

    /// Bytes that are damaged on the way: sender and receiver find the same entries, or none.
    #[test]
    fn whoever_reads_damaged_bytes_finds_the_same_entries(
        at in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 0..4),
        removed in 0_usize..4,
    ) {
        let mut body = sound().to_string().into_bytes();
        let at = at.index(body.len());
        let end = (at + removed).min(body.len());
        body.splice(at..end, bytes);
        if let Ok(summary) = x::summarise(&body) && !summary.ids.is_empty() {
            let read = Body::new(&body);
            let decoded = read.decode().unwrap();
            let ids: Vec<_> = decoded.tweets.iter().map(mistnet::tweet::Tweet::id).collect();
            prop_assert_eq!(summary.entries(), ids);
        }
    }
}
