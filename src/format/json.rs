//! JSON inside a cell: always in one notation, whatever X's notation is.

use std::borrow::Cow;

/// `raw` without white space between its tokens, and with no more escapes in its strings than
/// JSON demands, so that equal values are equal cells. Numbers and the order of keys stay.
pub(super) fn canonical(raw: &str) -> Cow<'_, str> {
    // Looks at every byte whatever the first ones are, which processors do many at a time.
    let odd = |byte: u8| u8::from(byte <= b' ') | u8::from(byte == b'\\');
    if raw.bytes().fold(0, |found, byte| found | odd(byte)) == 0 {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(quote) = rest.find('"') {
        let (structure, string) = rest.split_at(quote);
        push_structure(&mut out, structure);
        let (string, after) = string.split_at(string_length(string));
        push_canonical_string(&mut out, string);
        rest = after;
    }
    push_structure(&mut out, rest);
    Cow::Owned(out)
}

/// Appends `text` as a JSON string.
pub(super) fn push_string(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

/// A JSON array of values that are JSON already.
pub(super) fn array(items: impl Iterator<Item = impl AsRef<str>>) -> String {
    let mut out = String::from("[");
    for item in items {
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(item.as_ref());
    }
    out.push(']');
    out
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
    use serde_json::Value;

    #[test]
    fn one_value_has_one_notation() {
        let sent = "{ \"a b\" : [ 1.50 ,\n true ],\t\"\\u00e9\\\"\\/\" : \"\\\\\" }";
        assert_eq!(canonical(sent), r#"{"a b":[1.50,true],"é\"/":"\\"}"#);
        assert!(matches!(canonical(r#"{"a":[1,"é"]}"#), Cow::Borrowed(_)));
        assert_eq!(array(["1", "\"a\""].iter()), r#"[1,"a"]"#);
        assert_eq!(array([""; 0].iter()), "[]");
    }

    proptest::proptest! {
        #[test]
        fn the_value_stays_the_same(texts: Vec<String>, number: i64) {
            let value = serde_json::json!({ "k": texts, "n": [number, { "x y": null }] });
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            let read: Value = serde_json::from_str(&canonical(&pretty)).unwrap();
            proptest::prop_assert_eq!(&read, &value);
            proptest::prop_assert_eq!(canonical(&pretty), value.to_string());
        }
    }
}
