//! JSON, written straight into a text.
//!
//! A page of X is a megabyte, and a tree of values costs ten times what its text does. The writers
//! here know where commas and quotes go. They deliberately do not sort: whoever writes an object
//! names its keys in alphabetical order, so that the same universe gives the same bytes, those
//! that a tree of `serde_json` would give (`conform` in `tests/x/schemas.rs`).

use std::fmt::{Display, Write as _};

use serde::Serialize;
use serde_json::Value;

/// An object that is being written.
#[derive(Debug)]
pub struct Object<'t> {
    out: &'t mut String,
}

/// Writes an object.
pub fn object(out: &mut String, fill: impl FnOnce(&mut Object<'_>)) {
    out.push('{');
    fill(&mut Object { out });
    out.push('}');
}

/// Writes a list.
pub fn list<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    mut item: impl FnMut(&mut String, T),
) {
    out.push('[');
    for (at, value) in items.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        item(out, value);
    }
    out.push(']');
}

/// Writes a string.
pub fn text(out: &mut String, text: &str) {
    let special = |byte| byte < b' ' || byte == b'"' || byte == b'\\';
    // Looks at every byte whatever the first ones are, which processors do many at a time.
    if text.bytes().fold(false, |found, byte| found | special(byte)) {
        value(out, text);
    } else {
        out.push('"');
        out.push_str(text);
        out.push('"');
    }
}

/// Writes a string in which nothing has to be escaped: names, links, times.
pub fn plain(out: &mut String, text: impl Display) {
    out.push('"');
    // Writing to a `String` can't fail.
    let _ = write!(out, "{text}");
    out.push('"');
}

/// Writes an id: its digits, in quotes.
pub fn id(out: &mut String, id: u64) {
    out.push('"');
    number(out, id);
    out.push('"');
}

/// Writes a whole number.
pub fn number(out: &mut String, number: impl itoa::Integer) {
    out.push_str(itoa::Buffer::new().format(number));
}

/// Writes anything, through serde.
pub fn value(out: &mut String, value: &(impl Serialize + ?Sized)) {
    out.push_str(&serde_json::to_string(value).unwrap_or_default());
}

impl Object<'_> {
    /// Writes a key; its value has to follow.
    pub fn key(&mut self, key: &str) -> &mut String {
        // No value ends like this.
        self.out.push_str(if self.out.ends_with('{') { "\"" } else { ",\"" });
        self.out.push_str(key);
        self.out.push_str("\":");
        self.out
    }

    /// A string.
    pub fn text(&mut self, key: &str, value: &str) {
        text(self.key(key), value);
    }

    /// A string in which nothing has to be escaped.
    pub fn plain(&mut self, key: &str, value: impl Display) {
        plain(self.key(key), value);
    }

    /// An id.
    pub fn id(&mut self, key: &str, value: u64) {
        id(self.key(key), value);
    }

    /// A whole number.
    pub fn number(&mut self, key: &str, value: impl itoa::Integer) {
        number(self.key(key), value);
    }

    /// True or false.
    pub fn flag(&mut self, key: &str, value: bool) {
        self.key(key).push_str(if value { "true" } else { "false" });
    }

    /// Anything, through serde.
    pub fn value(&mut self, key: &str, value: &(impl Serialize + ?Sized)) {
        self::value(self.key(key), value);
    }

    /// An object.
    pub fn object(&mut self, key: &str, fill: impl FnOnce(&mut Object<'_>)) {
        object(self.key(key), fill);
    }

    /// A list, even if it is empty.
    pub fn list<T>(
        &mut self,
        key: &str,
        items: impl IntoIterator<Item = T>,
        item: impl FnMut(&mut String, T),
    ) {
        list(self.key(key), items, item);
    }

    /// A list, unless it is empty.
    pub fn some<'a, T: 'a>(
        &mut self,
        key: &str,
        items: &'a [T],
        item: impl FnMut(&mut String, &'a T),
    ) {
        if !items.is_empty() {
            self.list(key, items, item);
        }
    }
}

/// The items of a list that grows.
#[derive(Clone, Debug, Default)]
pub struct Items {
    text: String,
}

impl Items {
    /// Adds an item, which has to be written.
    pub fn next(&mut self) -> &mut String {
        if !self.text.is_empty() {
            self.text.push(',');
        }
        &mut self.text
    }

    /// What stands between the brackets.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Object<'_> {
    /// A list, unless it is empty.
    pub fn items(&mut self, key: &str, items: &Items) {
        if !items.text.is_empty() {
            let out = self.key(key);
            out.push('[');
            out.push_str(&items.text);
            out.push(']');
        }
    }
}

/// The body of an answer.
#[derive(Clone, Debug, Default)]
pub struct Text(pub String);

impl From<Value> for Text {
    fn from(value: Value) -> Self {
        Self(value.to_string())
    }
}

impl Text {
    /// Changes it as a tree. That is slow, and for faults only.
    pub fn change(&mut self, change: impl FnOnce(&mut Value)) {
        let mut tree = self.tree();
        change(&mut tree);
        *self = tree.into();
    }

    /// The same as a tree.
    pub fn tree(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_written_as_serde_writes_them() {
        let mut out = String::new();
        object(&mut out, |outer| {
            outer.list("a", [1, 2], self::number);
            outer.object("b", |_| {});
            outer.flag("c", true);
            outer.some("d", &[] as &[u8], |_, _| {});
            outer.text("e", "{\"\\\n\u{1}\u{7f}é🐦{");
            outer.plain("f", 7);
            outer.value("g", &[0.5, 2.0]);
        });
        let tree = json!({"a": [1, 2], "b": {}, "c": true, "e": "{\"\\\n\u{1}\u{7f}é🐦{",
            "f": "7", "g": [0.5, 2.0]});
        assert_eq!(out, tree.to_string());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_escaped_as_serde_does_it(any: String) {
            let mut out = String::new();
            text(&mut out, &any);
            proptest::prop_assert_eq!(out, Value::from(any).to_string());
        }
    }
}
