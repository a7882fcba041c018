//! Changes of pages that X may make one day: fields added, dropped, of another type, null.

use proptest::prelude::*;
use serde_json::{Value, json};

/// One change of one value somewhere in a page.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Add,
    Drop,
    Retype(Value),
}

/// A few changes, each of the value at the so-many-th pointer.
pub(super) fn changes() -> impl Strategy<Value = Vec<(usize, Change)>> {
    let other = prop_oneof![
        Just(Value::Null),
        Just(json!({ "deeper": [{}] })),
        Just(json!([[], "x"])),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let change = prop_oneof![
        1 => Just(Change::Add),
        1 => Just(Change::Drop),
        4 => other.prop_map(Change::Retype),
    ];
    prop::collection::vec((any::<usize>(), change), 1..6)
}

/// The pointers of every value below `at`.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
    let mut below = |key: String, inner: &Value| {
        let pointer = format!("{at}/{key}");
        found.push(pointer.clone());
        pointers(inner, &pointer, found);
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, inner)| below(escape(key), inner)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, x)| below(i.to_string(), x)),
        _ => {}
    }
}

/// The pointers of every value below the one at `root`.
pub(super) fn below(page: &Value, root: &str) -> Vec<String> {
    let mut found = Vec::new();
    pointers(page.pointer(root).unwrap_or(&Value::Null), root, &mut found);
    found
}

/// Changes the value at `pointer`; `data` stays a list of as many elements.
pub(super) fn apply(page: &mut Value, pointer: &str, change: &Change) {
    let Some((outer, key)) = pointer.rsplit_once('/') else { return };
    match change {
        Change::Add => {
            if let Some(Value::Object(fields)) = page.pointer_mut(pointer) {
                fields.insert("unheard_of".to_owned(), json!("unheard of"));
            }
        }
        Change::Drop => {
            if let Some(Value::Object(fields)) = page.pointer_mut(outer) {
                fields.remove(key);
            }
        }
        Change::Retype(other) => {
            if let Some(place) = page.pointer_mut(pointer) {
                *place = other.clone();
            }
        }
    }
}
