//! The column `extra`: everything that came with a tweet and has no column of its own.
//!
//! One JSON object, empty if there is nothing. Unknown fields of the tweet stand in it under their
//! own names, those of objects inside it below the object's name, those of its author under
//! `author`, of its place under `place`, of its poll under `poll`. A value that did not fit its
//! column stands there too. Keys are sorted; if two claim one name, the second gets a `_`.

use std::collections::BTreeMap;

use crate::json::Raw;

use super::json;

/// Where in `extra` something stands: the names above it.
pub(crate) type ExtraPath = &'static [&'static str];

/// Something that came and has no cell.
#[derive(Debug, Clone)]
pub struct Leftover<'r> {
    pub(crate) path: ExtraPath,
    pub(crate) name: &'r str,
    pub(crate) raw: Raw<'r>,
}

impl PartialEq for Leftover<'_> {
    fn eq(&self, other: &Self) -> bool {
        let parts = |l: &Self| (l.path, l.name.to_owned(), l.raw.get().to_owned());
        parts(self) == parts(other)
    }
}

/// Where in `extra` the fields of each object stand.
pub(crate) mod path {
    use super::ExtraPath;

    pub(in crate::columns) const TWEET: ExtraPath = &[];
    pub(in crate::columns) const METRICS: ExtraPath = &["public_metrics"];
    pub(in crate::columns) const ATTACHMENTS: ExtraPath = &["attachments"];
    pub(in crate::columns) const GEO: ExtraPath = &["geo"];
    pub(in crate::columns) const EDITS: ExtraPath = &["edit_controls"];
    pub(in crate::columns) const NOTE: ExtraPath = &["note_tweet"];
    pub(in crate::columns) const WITHHELD: ExtraPath = &["withheld"];
    pub(in crate::columns) const AUTHOR: ExtraPath = &["author"];
    pub(in crate::columns) const AUTHOR_METRICS: ExtraPath = &["author", "public_metrics"];
    pub(in crate::columns) const AUTHOR_WITHHELD: ExtraPath = &["author", "withheld"];
    pub(in crate::columns) const PLACE: ExtraPath = &["place"];
    pub(in crate::columns) const POLL: ExtraPath = &["poll"];
}

/// The cell; `None` if nothing is left over.
pub(crate) fn cell<'r>(leftovers: impl Iterator<Item = Leftover<'r>>) -> Option<String> {
    let mut root = BTreeMap::new();
    // The fields of inner objects claim their names before the tweet's own unknown fields do.
    let (inner, own): (Vec<_>, Vec<_>) = leftovers.partition(|left| !left.path.is_empty());
    for left in inner.iter().chain(&own) {
        put(&mut root, left);
    }
    let mut out = String::new();
    (!root.is_empty()).then(|| write(&mut out, &root)).map(|()| out)
}

enum Node<'r> {
    Value(Raw<'r>),
    Inner(BTreeMap<String, Node<'r>>),
}

fn put<'r>(root: &mut BTreeMap<String, Node<'r>>, left: &Leftover<'r>) {
    let mut level = root;
    for name in left.path {
        let mut name = (*name).to_owned();
        while let Some(Node::Value(_)) = level.get(&name) {
            name.push('_');
        }
        let inner = level.entry(name).or_insert_with(|| Node::Inner(BTreeMap::new()));
        let Node::Inner(inner) = inner else { return };
        level = inner;
    }
    let mut name = left.name.to_owned();
    while level.contains_key(&name) {
        name.push('_');
    }
    level.insert(name, Node::Value(left.raw));
}

fn write(out: &mut String, level: &BTreeMap<String, Node<'_>>) {
    out.push('{');
    for (at, (name, node)) in level.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        json::push_string(out, name);
        out.push(':');
        match node {
            Node::Value(raw) => out.push_str(&json::canonical(*raw)),
            Node::Inner(inner) => write(out, inner),
        }
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::tests::raw as raw_json;

    fn left<'r>(path: ExtraPath, name: &'r str, raw: &'r str) -> Leftover<'r> {
        Leftover { path, name, raw: raw_json(raw) }
    }

    #[test]
    fn leftovers_stand_below_the_names_of_their_objects() {
        let all = [
            left(&[], "new", "[1, 2]"),
            left(&["author"], "badge", "\"\\u00e9\""),
            left(&["author", "public_metrics"], "x", "1"),
        ];
        let text = cell(all.into_iter()).unwrap();
        assert_eq!(text, r#"{"author":{"badge":"é","public_metrics":{"x":1}},"new":[1,2]}"#);
        assert_eq!(cell(std::iter::empty()), None);
    }

    #[test]
    fn nothing_is_lost_when_two_claim_one_name() {
        let all = [
            left(&[], "author", "1"),
            left(&[], "author", "2"),
            left(&["author"], "public_metrics", "3"),
            left(&["author", "public_metrics"], "x", "4"),
        ];
        let text = cell(all.into_iter()).unwrap();
        let expected =
            r#"{"author":{"public_metrics":3,"public_metrics_":{"x":4}},"author_":1,"author__":2}"#;
        assert_eq!(text, expected);
    }
}
