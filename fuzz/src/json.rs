//! Our index of JSON beside `serde_json`.

use mistnet::json::{Document, Raw};
use mistnet::tweet::Body;
use serde_json::Value;
use serde_json::value::RawValue;

/// A text is taken if `serde_json` takes it, and then says the same. What [`Body`] has repaired is
/// taken as well.
pub fn json(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        same(text);
    }
    if let Ok(document) = Body::new(bytes).document() {
        same(document.text());
        every_string(document.root());
    }
}

fn same(text: &str) {
    let theirs = serde_json::from_str::<&RawValue>(text);
    match (Document::new(text), theirs) {
        (Ok(document), Ok(raw)) => {
            assert_eq!(document.root().get(), raw.get());
            // Numbers beyond f64 and halves of surrogate pairs have no `Value`.
            if let Ok(expected) = serde_json::from_str::<Value>(text) {
                assert_eq!(value(document.root()), expected);
            }
        }
        (Err(error), Ok(_)) => {
            // What is skipped may be of any depth there; what is built may not.
            let built = serde_json::from_str::<Value>(text).map_err(|error| error.to_string());
            let too_deep = built.is_err_and(|reason| reason.contains("recursion limit"));
            assert!(too_deep, "refused: {error}");
        }
        (Ok(_), Err(error)) => panic!("taken, but {error}"),
        (Err(error), Err(_)) => assert!(error.at <= text.len()),
    }
}

/// The value that an index describes.
fn value(raw: Raw<'_>) -> Value {
    if raw.is_object() {
        raw.fields().map(|(key, raw)| (key.into_owned(), value(raw))).collect()
    } else if raw.is_array() {
        raw.items().map(value).collect()
    } else if let Some(text) = raw.text() {
        text.into()
    } else {
        serde_json::from_str(raw.get()).expect("a number or a word")
    }
}

/// In what was repaired, every string can be read by others, keys too.
fn every_string(raw: Raw<'_>) {
    if raw.text().is_some() {
        let theirs: String = serde_json::from_str(raw.get()).expect("a sound string");
        assert_eq!(raw.text().as_deref(), Some(theirs.as_str()));
    }
    raw.items().for_each(every_string);
    raw.fields().for_each(|(_, raw)| every_string(raw));
}
