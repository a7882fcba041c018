//! A JSON object, cut into its fields.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Field, Tweet, TweetField};
use crate::model::TweetId;

/// A JSON object: known fields in their places, the others beside them, each as raw JSON.
///
/// `null` is the same as absent: X omits what is empty (docs.x.com, consistency, read 2026-08-22),
/// but its OpenAPI document calls many fields nullable. If a field comes twice (or once in each
/// dialect), the first is taken, and the second is kept among the unknown ones.
#[derive(Debug, Clone)]
pub struct Object<'a, F, const N: usize> {
    known: [Option<&'a RawValue>; N],
    unknown: Vec<(Cow<'a, str>, &'a RawValue)>,
    fields: PhantomData<F>,
}

impl<'a, F: Field, const N: usize> Object<'a, F, N> {
    /// An object without fields.
    pub const fn empty() -> Self {
        Self { known: [None; N], unknown: Vec::new(), fields: PhantomData }
    }

    /// Cuts `raw` into its fields; `None` if it is no object.
    pub fn read(raw: &'a RawValue) -> Option<Self> {
        let is_object = raw.get().starts_with('{');
        is_object.then(|| serde_json::from_str(raw.get()).ok()).flatten()
    }

    /// A field, if it came.
    pub fn get(&self, field: F) -> Option<&'a RawValue> {
        self.known.get(field.index()).copied().flatten()
    }

    /// The fields that nobody knows, in the order in which they came.
    pub fn unknown(&self) -> &[(Cow<'a, str>, &'a RawValue)] {
        &self.unknown
    }

    fn put(&mut self, key: Key<'a, F>, raw: &'a RawValue) {
        if raw.get() == "null" {
            return;
        }
        match key {
            Key::Unknown(name) => self.unknown.push((name, raw)),
            Key::Known(field, name) => match self.known.get_mut(field.index()) {
                Some(slot @ None) => *slot = Some(raw),
                _ => self.unknown.push((name, raw)),
            },
        }
    }
}

impl<'a> Tweet<'a> {
    /// The row of something in `data` that is no object: it has no fields but itself.
    pub(super) fn of_a_stranger(raw: &'a RawValue) -> Self {
        let mut tweet = Self::empty();
        tweet.unknown.push((Cow::Borrowed("tweet"), raw));
        tweet
    }

    /// Its id, if it is one.
    pub fn id(&self) -> Option<TweetId> {
        self.get(TweetField::Id).and_then(|raw| key(raw).parse().ok())
    }
}

/// The text of a JSON string; `None` if `raw` is something else.
pub fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inside = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if inside.contains('\\') {
        serde_json::from_str(raw.get()).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inside))
    }
}

/// An id as the key of a look-up: the same for `"1"` and `1`.
pub fn key(raw: &RawValue) -> &str {
    raw.get().trim_matches('"')
}

/// The elements of a JSON array; none if `raw` is something else.
pub fn items(raw: &RawValue) -> Vec<&RawValue> {
    serde_json::from_str(raw.get()).unwrap_or_default()
}

/// The name of a field.
enum Key<'a, F> {
    Known(F, Cow<'a, str>),
    Unknown(Cow<'a, str>),
}

impl<'a, F: Field> Key<'a, F> {
    fn new(name: Cow<'a, str>) -> Self {
        match F::named(&name) {
            Some(field) => Self::Known(field, name),
            None => Self::Unknown(name),
        }
    }
}

impl<'de: 'a, 'a, F: Field> Deserialize<'de> for Key<'a, F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor(PhantomData))
    }
}

struct KeyVisitor<F>(PhantomData<F>);

impl<'de, F: Field> Visitor<'de> for KeyVisitor<F> {
    type Value = Key<'de, F>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Key::new(Cow::Borrowed(name)))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Key::new(Cow::Owned(name.to_owned())))
    }
}

impl<'de: 'a, 'a, F: Field, const N: usize> Deserialize<'de> for Object<'a, F, N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<F, const N: usize>(PhantomData<F>);

impl<'de, F: Field, const N: usize> Visitor<'de> for ObjectVisitor<F, N> {
    type Value = Object<'de, F, N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut object = Object::empty();
        while let Some((key, raw)) = map.next_entry()? {
            object.put(key, raw);
        }
        Ok(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tweet::{MetricField, Metrics};

    #[test]
    fn both_dialects_fill_the_same_place_and_a_second_value_is_kept() {
        let json = r#"{"repost_count":1,"retweet_count":2,"reply_count":null,"new":3}"#;
        let raw: &RawValue = serde_json::from_str(json).unwrap();
        let metrics = Metrics::read(raw).unwrap();
        assert_eq!(metrics.get(MetricField::RetweetCount).unwrap().get(), "1");
        assert!(metrics.get(MetricField::ReplyCount).is_none());
        let unknown: Vec<_> = metrics.unknown().iter().map(|(k, v)| (&**k, v.get())).collect();
        assert_eq!(unknown, [("retweet_count", "2"), ("new", "3")]);
    }

    #[test]
    fn only_objects_are_objects() {
        for other in ["[]", "\"{}\"", "1", "true"] {
            assert!(Metrics::read(serde_json::from_str(other).unwrap()).is_none());
        }
    }

    #[test]
    fn text_is_unescaped_only_if_it_must_be() {
        let raw = |json| serde_json::from_str::<&RawValue>(json).unwrap();
        assert!(matches!(text(raw(r#""plain &amp;""#)), Some(Cow::Borrowed("plain &amp;"))));
        assert_eq!(text(raw(r#""\ud83d\ude00\n""#)).unwrap(), "😀\n");
        assert_eq!(text(raw(r#"["a"]"#)), None);
    }
}
