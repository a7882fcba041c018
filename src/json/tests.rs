//! The index is held against `serde_json`, which has been fuzzed for years.

use proptest::prelude::*;
use serde_json::Value;
use serde_json::value::RawValue;

use super::*;

/// A value for tests elsewhere, which stays for as long as they run.
pub(crate) fn raw(json: &str) -> Raw<'static> {
    Box::leak(Box::new(Document::new(json.to_owned()).unwrap())).root()
}

/// The value that an index describes.
fn value(raw: Raw<'_>) -> Value {
    match raw.get().as_bytes().first() {
        Some(b'{') => raw.fields().map(|(key, raw)| (key.into_owned(), value(raw))).collect(),
        Some(b'[') => raw.items().map(value).collect(),
        Some(b'"') => raw.text().unwrap().into(),
        _ => serde_json::from_str(raw.get()).unwrap(),
    }
}

fn read(text: &str) -> Option<Value> {
    Document::new(text).ok().map(|document| value(document.root()))
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[ -~\u{e9}\u{1f600}\"\\\\\n]{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..8)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn every_value_is_read_as_it_was_written(json in any_json()) {
        let (plain, pretty) = (json.to_string(), serde_json::to_string_pretty(&json).unwrap());
        let expected: Value = serde_json::from_str(&plain).unwrap();
        prop_assert_eq!(read(&plain), Some(expected.clone()));
        prop_assert_eq!(read(&pretty), Some(expected));
    }

    #[test]
    fn a_field_is_found_by_its_name_however_that_is_written(
        fields in prop::collection::btree_map(any::<String>(), any::<u8>(), 1..6),
        escaped in any::<bool>(),
    ) {
        let expected = fields.clone();
        let mut json = Value::from_iter(fields).to_string();
        if escaped {
            json.insert_str(1, r#""\u006e\u006f":null,"#);
        }
        let pretty = json.replacen(':', "\t:\r\n ", 1).replacen('{', "{ ", 1);
        for text in [json.as_str(), pretty.as_str()] {
            let Ok(document) = Document::new(text) else { continue };
            for (name, number) in &expected {
                let found = document.root().field(name).map(|raw| raw.get().to_owned());
                prop_assert_eq!(found, Some(number.to_string()), "{}", text);
            }
            prop_assert!(document.root().entries().all(|(key, _)| key.says(&key.text())));
        }
    }

    #[test]
    fn a_text_is_taken_if_serde_json_takes_it(
        json in any_json(), at in any::<prop::sample::Index>(), byte in "[ -~\n]",
    ) {
        let mut text = json.to_string();
        let at = text.char_indices().map(|(at, _)| at).nth(at.index(text.chars().count())).unwrap();
        let end = at + text[at..].chars().next().unwrap().len_utf8();
        text.replace_range(at..end, &byte);
        let taken = serde_json::from_str::<&RawValue>(&text);
        let ours = Document::new(text.as_str());
        prop_assert_eq!(ours.is_ok(), taken.is_ok(), "{} {:?}", text, ours.err());
        prop_assert_eq!(ours.map(|d| d.root().get().to_owned()).ok(), taken.map(|r| r.get().to_owned()).ok());
    }

    #[test]
    fn a_text_that_ends_too_early_is_called_so(json in any_json(), at in any::<prop::sample::Index>()) {
        let text = format!("[{json}]");
        let cut = text.char_indices().map(|(at, _)| at).nth(at.index(text.chars().count())).unwrap();
        let error = Document::new(&text[..cut]).unwrap_err();
        prop_assert!(error.cut_off && error.at == cut, "{} {:?}", &text[..cut], error);
    }
}

#[test]
fn what_is_no_json_is_refused_where_it_goes_wrong() {
    for (text, at) in [
        ("", 0),
        ("  ", 2),
        ("nul", 3),
        ("nulL", 3),
        ("[1,]", 3),
        ("{\"a\" 1}", 5),
        ("{\"a\":1,}", 7),
        ("{a:1}", 1),
        ("01", 1),
        ("-", 1),
        ("1.", 2),
        ("1.e3", 2),
        ("1e", 2),
        ("\"\n\"", 1),
        (r#""\x""#, 2),
        (r#""\u12g4""#, 5),
        ("[1 2]", 3),
        ("{} {}", 3),
        ("+1", 0),
        (".5", 0),
        ("\u{feff}1", 0),
    ] {
        let error = Document::new(text).unwrap_err();
        assert_eq!(error.at, at, "{text}: {error}");
        assert!(serde_json::from_str::<&RawValue>(text).is_err(), "{text}");
    }
}

#[test]
fn values_lie_as_deep_in_one_another_as_serde_json_allows() {
    for (depth, taken) in [(MAX_DEPTH, true), (MAX_DEPTH + 1, false)] {
        let text = "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(Document::new(text.as_str()).is_ok(), taken, "{depth}");
        assert_eq!(serde_json::from_str::<Value>(&text).is_ok(), taken, "{depth}");
    }
}

#[test]
fn escapes_are_resolved_and_lone_surrogates_replaced() {
    for (json, text) in [
        (r#""""#, ""),
        (r#""\"\\\/\b\f\n\r\t\u00e9""#, "\"\\/\u{8}\u{c}\n\r\té"),
        (r#""a\ud83d\ude00b""#, "a😀b"),
        (r#""\ud83d""#, "\u{fffd}"),
        (r#""\ud83d\u0041""#, "\u{fffd}A"),
        (r#""\ude00\ud83d\ude00""#, "\u{fffd}😀"),
    ] {
        assert_eq!(Document::new(json).unwrap().root().text().unwrap(), text, "{json}");
    }
}

#[test]
fn fields_and_items_are_those_of_the_value_alone() {
    let document = Document::new(r#" {"a":[1,[2,3],{"x":"y"}],"b":{},"a":null} "#).unwrap();
    let fields: Vec<_> = document.root().fields().map(|(k, v)| (k, v.get())).collect();
    let expected =
        [("a", r#"[1,[2,3],{"x":"y"}]"#), ("b", "{}"), ("a", "null")].map(|(k, v)| (k.into(), v));
    assert_eq!(fields, expected);
    let (_, list) = document.root().fields().next().unwrap();
    let items: Vec<_> = list.items().map(Raw::get).collect();
    assert_eq!(items, ["1", "[2,3]", r#"{"x":"y"}"#]);
    assert_eq!((list.fields().count(), document.root().items().count()), (0, 0));
    assert_eq!(list.offset(), 6);
}
