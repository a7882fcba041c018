//! JSON inside a cell: always in one notation, whatever X's notation is.

use std::borrow::Cow;

use memchr::memchr;

use crate::json::Raw;

/// `raw` without white space between its tokens, and with no more escapes in its strings than
/// JSON demands, so that equal values are equal cells. Numbers and the order of keys stay.
pub(crate) fn canonical(raw: Raw<'_>) -> Cow<'_, str> {
    let json = raw.get();
    if raw.is_compact() && memchr(b'\\', json.as_bytes()).is_none() {
        return Cow::Borrowed(json);
    }
    Cow::Owned(rewritten(json))
}

fn rewritten(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(quote) = rest.find('"') {
        let (structure, string) = rest.split_at(quote);
        push_structure(&mut out, structure);
        let (string, after) = string.split_at(string_length(string));
        push_canonical_string(&mut out, string);
        rest = after;
    }
    push_structure(&mut out, rest);
    out
}

/// Appends [`canonical`] JSON.
pub(crate) fn push_canonical(out: &mut String, raw: Raw<'_>) {
    out.push_str(&canonical(raw));
}

/// A list of values, each [`canonical`].
pub(crate) fn array<'r>(values: impl Iterator<Item = Raw<'r>>) -> String {
    list(values.map(canonical))
}

/// A list of values that are JSON already.
pub(crate) fn list(values: impl Iterator<Item = impl AsRef<str>>) -> String {
    let mut out = String::from("[");
    for (at, json) in values.enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(json.as_ref());
    }
    out.push(']');
    out
}

/// Appends `text` as a JSON string.
pub(crate) fn push_string(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

fn push_structure(out: &mut String, structure: &str) {
    out.extend(structure.chars().filter(|c| !c.is_ascii_whitespace()));
}

/// The length of the JSON string with which `text` begins, quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().skip(1).position(|b| {
        let closes = b == b'"' && !escaped;
        escaped = b == b'\\' && !escaped;
        closes
    });
    end.map_or(text.len(), |end| end + 2)
}

fn push_canonical_string(out: &mut String, json: &str) {
    match json.contains('\\').then(|| serde_json::from_str::<String>(json)) {
        Some(Ok(text)) => push_string(out, &text),
        _ => out.push_str(json),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::tests::raw;
    use serde_json::Value;

    #[test]
    fn one_value_has_one_notation() {
        let sent = "{ \"a b\" : [ 1.50 ,\n true ],\t\"\\u00e9\\\"\\/\" : \"\\\\\" }";
        assert_eq!(canonical(raw(sent)), r#"{"a b":[1.50,true],"é\"/":"\\"}"#);
        assert!(matches!(canonical(raw(r#"{"a":[1,"é b"]}"#)), Cow::Borrowed(_)));
    }

    proptest::proptest! {
        #[test]
        fn the_value_stays_the_same(texts: Vec<String>, number: i64) {
            let value = serde_json::json!({ "k": texts, "n": [number, { "x y": null }] });
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            let read: Value = serde_json::from_str(&canonical(raw(&pretty))).unwrap();
            proptest::prop_assert_eq!(&read, &value);
            proptest::prop_assert_eq!(canonical(raw(&pretty)), value.to_string());
        }
    }
}
