//! Where two JSON documents differ.
//!
//! A document that is there is compared with the one that this program would write. Another version
//! may have written fewer fields or more, which is no damage; a field that is called otherwise is,
//! because then one is missing and one is too many.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The most differences of one document that are named: one edit may change thousands of places.
const MOST: usize = 20;

/// What differs, each with its place, for a person. `found` is what is there.
pub(super) fn between(found: &Value, expected: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    compare("", found, expected, &mut differences);
    if differences.len() > MOST {
        let more = differences.len() - MOST;
        differences.truncate(MOST);
        differences.push(format!("{more} more places differ"));
    }
    differences
}

/// A record as it is there, and what about its text is not as it would be written: a value that is
/// read as the same, such as a time with a small `t`, and is not the same text.
pub(super) fn parse<T: Serialize + DeserializeOwned>(
    bytes: &[u8],
) -> Result<(T, Vec<String>), String> {
    let found: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let record: T = serde_json::from_value(found.clone()).map_err(|error| error.to_string())?;
    let written = serde_json::to_value(&record).map_err(|error| error.to_string())?;
    Ok((record, between(&found, &written)))
}

fn compare(place: &str, found: &Value, expected: &Value, differences: &mut Vec<String>) {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            compare_fields(place, found, expected, differences);
        }
        (Value::Array(found), Value::Array(expected)) if found.len() == expected.len() => {
            for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
                compare(&format!("{place}[{at}]"), found, expected, differences);
            }
        }
        (Value::Array(found), Value::Array(expected)) => {
            let (found, expected) = (found.len(), expected.len());
            let place = if place.is_empty() { "it" } else { place };
            differences.push(format!("{place} has {found} entries, the log says {expected}"));
        }
        _ if found == expected => {}
        _ => {
            let place = if place.is_empty() { "it" } else { place };
            differences.push(format!(
                "{place} is {}, the log says {}",
                shortened(found),
                shortened(expected)
            ));
        }
    }
}

fn compare_fields(
    place: &str,
    found: &Map<String, Value>,
    expected: &Map<String, Value>,
    differences: &mut Vec<String>,
) {
    let below = |name: &str| {
        if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
    };
    let unknown = found.keys().find(|name| !expected.contains_key(*name));
    let missing = expected.keys().find(|name| !found.contains_key(*name));
    if let (Some(unknown), Some(missing)) = (unknown, missing) {
        let (unknown, missing) = (below(unknown), below(missing));
        differences.push(format!("{missing} is missing, and {unknown} is unknown"));
    }
    for (name, found) in found {
        if let Some(expected) = expected.get(name) {
            compare(&below(name), found, expected, differences);
        }
    }
}

fn shortened(value: &Value) -> String {
    const MOST_CHARACTERS: usize = 80;
    let text = value.to_string();
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_that_differ_are_named_with_their_place() {
        let expected = json!({"a": 1, "b": {"c": ["x", "y"]}, "d": [1, 2]});
        assert_eq!(between(&expected, &expected), Vec::<String>::new());
        let found = json!({"a": 2, "b": {"c": ["x", "z"]}, "d": [1]});
        let differences = between(&found, &expected);
        assert_eq!(
            differences,
            [
                "a is 2, the log says 1",
                "b.c[1] is \"z\", the log says \"y\"",
                "d has 1 entries, the log says 2",
            ]
        );
    }

    #[test]
    fn fields_of_another_version_are_no_damage_but_a_changed_name_is() {
        let ours = json!({"a": 1, "b": 2});
        assert!(between(&json!({"a": 1}), &ours).is_empty());
        assert!(between(&json!({"a": 1, "b": 2, "new": 3}), &ours).is_empty());
        let renamed = between(&json!({"a": 1, "c": 2}), &ours);
        assert_eq!(renamed, ["b is missing, and c is unknown"]);
    }

    #[test]
    fn one_edit_in_many_places_is_said_shortly() {
        let list = |value: u64| Value::from(vec![value; 1_000]);
        assert_eq!(between(&list(1), &list(2)).len(), MOST + 1);
    }
}
