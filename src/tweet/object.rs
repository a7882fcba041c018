//! A JSON object, cut into its fields.

use std::borrow::Cow;
use std::marker::PhantomData;

use super::Field;
use crate::json::{Document, Key, Raw};
use crate::model::spec::Dialect;

/// A JSON object: known fields in their places, the others beside them, each as raw JSON.
///
/// `null` is the same as absent: X omits what is empty (docs.x.com, consistency, read 2026-08-22),
/// but its OpenAPI document calls many fields nullable. If a field comes twice (or once in each
/// dialect), the first is taken, and the second is kept among the unknown ones.
#[derive(Debug, Clone)]
pub struct Object<'a, F, const N: usize> {
    document: Option<&'a Document<'a>>,
    /// The object's own place in the document.
    at: u32,
    /// Places in the document; 0, where no field can be: it did not come.
    known: [u32; N],
    pub(super) unknown: Vec<(Cow<'a, str>, Raw<'a>)>,
    fields: PhantomData<F>,
}

impl<'a, F: Field, const N: usize> Object<'a, F, N> {
    /// An object without fields.
    pub const fn empty() -> Self {
        Self { document: None, at: 0, known: [0; N], unknown: Vec::new(), fields: PhantomData }
    }

    /// Cuts `raw` into its fields; `None` if it is no object.
    pub fn read(raw: Raw<'a>) -> Option<Self> {
        if !raw.is_object() {
            return None;
        }
        let mut object = Self { document: Some(raw.document()), at: raw.place(), ..Self::empty() };
        raw.entries().for_each(|(key, raw)| object.put(key, raw));
        Some(object)
    }

    /// The object as it came; `None` if it did not.
    pub fn raw(&self) -> Option<Raw<'a>> {
        self.document.map(|document| Raw::at(document, self.at))
    }

    /// A field, if it came.
    pub fn get(&self, field: F) -> Option<Raw<'a>> {
        let place = *self.known.get(field.index())?;
        (place != 0).then_some(Raw::at(self.document?, place))
    }

    /// The same object, except for some fields: those are as in another object of the same page,
    /// absent if they are absent there.
    #[must_use]
    pub fn with_fields_of(&self, other: &Self, fields: &[F]) -> Self {
        let documents = (self.document, other.document);
        let is_same = matches!(documents, (Some(ours), Some(theirs)) if std::ptr::eq(ours, theirs));
        let mut object = self.clone();
        if is_same {
            for index in fields.iter().map(|field| field.index()) {
                if let Some((to, from)) = object.known.get_mut(index).zip(other.known.get(index)) {
                    *to = *from;
                }
            }
        }
        object
    }

    /// The fields that nobody knows, in the order in which they came.
    pub fn unknown(&self) -> &[(Cow<'a, str>, Raw<'a>)] {
        &self.unknown
    }

    #[inline]
    fn put(&mut self, key: Key<'a>, raw: Raw<'a>) {
        if raw.is_null() {
            return;
        }
        let field = match key.plain() {
            Some(name) => F::named(name),
            None => F::named(key.text().as_bytes()),
        };
        match field.and_then(|field| self.known.get_mut(field.index())) {
            Some(place @ 0) => *place = raw.place(),
            _ => self.unknown.push((key.text(), raw)),
        }
    }
}

/// A field of an object that is not read as a whole, if it came.
pub fn field<F: Field>(object: Raw<'_>, field: F) -> Option<Raw<'_>> {
    let names = [Dialect::Tweet, Dialect::Post].map(|dialect| field.name(dialect));
    let is_it = |key: Key<'_>| names.into_iter().any(|name| key.says(name));
    object.entries().find(|(key, raw)| is_it(*key) && !raw.is_null()).map(|(_, raw)| raw)
}

/// An id as the key of a look-up: the same for `"1"` and `1`.
pub fn key(raw: Raw<'_>) -> &str {
    raw.inside_quotes().unwrap_or_else(|| raw.get())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tweet::{MetricField, Metrics};

    #[test]
    fn both_dialects_fill_the_same_place_and_a_second_value_is_kept() {
        let json = r#"{"repost_count":1,"retweet_count":2,"reply_count":null,"new":3}"#;
        let document = Document::new(json).unwrap();
        let metrics = Metrics::read(document.root()).unwrap();
        assert_eq!(metrics.get(MetricField::RetweetCount).unwrap().get(), "1");
        assert!(metrics.get(MetricField::ReplyCount).is_none());
        let unknown: Vec<_> = metrics.unknown().iter().map(|(k, v)| (&**k, v.get())).collect();
        assert_eq!(unknown, [("retweet_count", "2"), ("new", "3")]);
    }

    #[test]
    fn only_objects_are_objects() {
        for other in ["[]", "\"{}\"", "1", "true"] {
            assert!(Metrics::read(Document::new(other).unwrap().root()).is_none());
        }
    }
}
