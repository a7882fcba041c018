//! JSON, indexed once: where every value of a text begins and ends.
//!
//! A page of X holds some 60,000 values, of which a row needs forty. [`Document::new`] checks the
//! whole text against the grammar (RFC 8259) in one pass and notes the place of each value; a
//! [`Raw`] is such a place, as small as a slice, and going from a value to its fields never reads
//! the text again. Nothing is built, converted or copied before it is asked for.
//!
//! Promises: takes and refuses the same texts as `serde_json` does when it skips a value (held by
//! property tests and a fuzz target); no `unsafe`; memory is 16 bytes for each value.
//! Deliberately does not: convert numbers, look for repeated keys, repair anything (a lone half of
//! a surrogate pair is read as U+FFFD).

mod node;
mod parse;
mod scan;
mod spare;
mod text;

#[cfg(test)]
pub(crate) mod tests;

use std::borrow::Cow;
use std::fmt;

pub use node::{MAX_DEPTH, MAX_LENGTH};
use node::{Node, Notes};
pub use parse::SyntaxError;

/// A JSON text and the places of its values.
#[derive(Clone, Default)]
pub struct Document<'t> {
    text: Cow<'t, str>,
    nodes: Vec<Node>,
    notes: Notes,
}

/// A value in a [`Document`].
#[derive(Clone, Copy)]
pub struct Raw<'a> {
    document: &'a Document<'a>,
    at: u32,
}

impl<'t> Document<'t> {
    /// Indexes `text`, which must be one JSON value with nothing but white space around it.
    pub fn new(text: impl Into<Cow<'t, str>>) -> Result<Self, SyntaxError> {
        Self::or_text(text.into()).map_err(|(error, _)| error)
    }

    /// The same; a text that is no JSON comes back.
    pub(crate) fn or_text(text: Cow<'t, str>) -> Result<Self, (SyntaxError, Cow<'t, str>)> {
        match parse::index(&text) {
            Ok(parse::Index { nodes, notes }) => Ok(Self { text, nodes, notes }),
            Err(error) => Err((error, text)),
        }
    }

    /// The value that the text is.
    pub fn root(&self) -> Raw<'_> {
        Raw { document: self, at: 0 }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether there is an escape of a surrogate in it (`\ud83d`); it may be half of a pair.
    pub fn has_surrogates(&self) -> bool {
        self.notes.surrogates
    }
}

impl Drop for Document<'_> {
    fn drop(&mut self) {
        spare::keep(std::mem::take(&mut self.nodes));
    }
}

impl fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").field("bytes", &self.text.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Raw<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.get())
    }
}

/// Equal if they are written alike, byte for byte.
impl PartialEq for Raw<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<'a> Raw<'a> {
    /// The value at a place that [`Raw::place`] gave.
    #[inline]
    pub(crate) fn at(document: &'a Document<'a>, place: u32) -> Self {
        Self { document, at: place }
    }

    /// Its place in the document, to be kept in four bytes.
    #[inline]
    pub(crate) fn place(self) -> u32 {
        self.at
    }

    /// The document that it is in.
    #[inline]
    pub(crate) fn document(self) -> &'a Document<'a> {
        self.document
    }

    /// The value as it is written.
    #[inline]
    pub fn get(self) -> &'a str {
        let node = self.node();
        self.document.text.get(node.start as usize..node.end as usize).unwrap_or_default()
    }

    /// Whether there is no white space between its tokens, nor between others of its document.
    #[inline]
    pub fn is_compact(self) -> bool {
        !self.document.notes.spaces
    }

    /// How many bytes stand before it in the text.
    pub fn offset(self) -> usize {
        self.node().start as usize
    }

    /// Whether it is `null`.
    #[inline]
    pub fn is_null(self) -> bool {
        self.node().tail == Node::NULL
    }

    /// Whether it is an object.
    #[inline]
    pub fn is_object(self) -> bool {
        self.first() == b'{'
    }

    /// Whether it is an array.
    #[inline]
    pub fn is_array(self) -> bool {
        self.first() == b'['
    }

    /// The text of a string; `None` if it is something else.
    #[inline]
    pub fn text(self) -> Option<Cow<'a, str>> {
        let inside = self.inside_quotes()?;
        Some(match self.node().tail {
            Node::PLAIN => Cow::Borrowed(inside),
            _ => Cow::Owned(text::unescape(inside)),
        })
    }

    /// What stands between the quotes of a string, escapes and all; `None` if it is no string.
    #[inline]
    pub fn inside_quotes(self) -> Option<&'a str> {
        let Node { start, end, tail, .. } = self.node();
        if tail < Node::PLAIN {
            return None;
        }
        self.document.text.get(start as usize + 1..(end as usize).saturating_sub(1))
    }

    /// The elements of an array; none if it is something else.
    #[inline]
    pub fn items(self) -> Items<'a> {
        let end = if self.is_array() { self.node().tail } else { self.at };
        Items { document: self.document, at: self.at + 1, end }
    }

    /// The fields of an object, in order, repeated ones too; none if it is something else.
    #[inline]
    pub fn fields(self) -> Fields<'a> {
        let end = if self.is_object() { self.node().tail } else { self.at };
        Fields { items: Items { document: self.document, at: self.at + 1, end } }
    }

    /// The first field of that name that is not `null`.
    #[inline]
    pub fn field(self, name: &str) -> Option<Self> {
        self.entries().find(|(key, raw)| key.says(name) && !raw.is_null()).map(|(_, raw)| raw)
    }

    /// Whether it is a string with that text.
    #[inline]
    pub fn says(self, text: &str) -> bool {
        match self.plain() {
            Some(plain) => plain == text.as_bytes(),
            None => self.text().is_some_and(|own| own == text),
        }
    }

    /// The fields of an object with their keys as they are written.
    #[inline]
    pub(crate) fn entries(self) -> impl Iterator<Item = (Key<'a>, Self)> {
        self.fields().items.map(|raw| (Key(raw), raw))
    }

    /// The text of a string without escapes in it, which stands in the page as it is.
    #[inline]
    #[cfg(feature = "parquet")]
    pub(crate) fn plain_text(self) -> Option<&'a str> {
        if self.node().tail == Node::PLAIN { self.inside_quotes() } else { None }
    }

    /// The same, as bytes.
    #[inline]
    pub(crate) fn plain(self) -> Option<&'a [u8]> {
        let Node { start, end, tail, .. } = self.node();
        if tail != Node::PLAIN {
            return None;
        }
        self.document.text.as_bytes().get(start as usize + 1..(end as usize).saturating_sub(1))
    }

    #[inline]
    fn node(self) -> Node {
        self.document.nodes.get(self.at as usize).copied().unwrap_or(Node::NOTHING)
    }

    #[inline]
    fn first(self) -> u8 {
        let start = self.node().start as usize;
        self.document.text.as_bytes().get(start).copied().unwrap_or_default()
    }
}

impl Node {
    const NOTHING: Self = Self { key: 0, start: 0, end: 0, tail: Self::OTHER };
    /// The `tail` of a string with escapes, and of one without.
    const ESCAPED: u32 = u32::MAX;
    const PLAIN: u32 = u32::MAX - 1;
    /// The `tail` of `null`, and of numbers and words otherwise.
    const NULL: u32 = u32::MAX - 2;
    const OTHER: u32 = u32::MAX - 3;

    #[inline]
    fn next(self, at: u32) -> u32 {
        if self.tail >= Self::OTHER { at + 1 } else { self.tail }
    }
}

/// See [`Raw::items`].
#[derive(Debug, Clone)]
pub struct Items<'a> {
    document: &'a Document<'a>,
    at: u32,
    end: u32,
}

impl<'a> Iterator for Items<'a> {
    type Item = Raw<'a>;

    #[inline]
    fn next(&mut self) -> Option<Raw<'a>> {
        if self.at >= self.end {
            return None;
        }
        let raw = Raw { document: self.document, at: self.at };
        self.at = raw.node().next(self.at);
        Some(raw)
    }
}

/// See [`Raw::fields`].
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    items: Items<'a>,
}

impl<'a> Iterator for Fields<'a> {
    type Item = (Cow<'a, str>, Raw<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let raw = self.items.next()?;
        Some((Key(raw).text(), raw))
    }
}

/// The key of a field.
#[derive(Clone, Copy)]
pub(crate) struct Key<'a>(Raw<'a>);

impl<'a> Key<'a> {
    /// What it says.
    #[inline]
    pub(crate) fn text(self) -> Cow<'a, str> {
        let (start, end) = self.inside_quotes();
        let inside = self.0.document.text.get(start..end).unwrap_or_default();
        if self.may_have_escapes() && inside.contains('\\') {
            Cow::Owned(text::unescape(inside))
        } else {
            Cow::Borrowed(inside)
        }
    }

    /// The same as bytes, if it stands in the page as it is.
    #[inline]
    pub(crate) fn plain(self) -> Option<&'a [u8]> {
        let (start, end) = self.inside_quotes();
        let inside = self.0.document.text.as_bytes().get(start..end)?;
        (!self.may_have_escapes() || !inside.contains(&b'\\')).then_some(inside)
    }

    /// Whether it is that text.
    #[inline]
    pub(crate) fn says(self, text: &str) -> bool {
        let (start, end) = self.inside_quotes();
        if self.may_have_escapes() {
            return self.text() == text;
        }
        let length = text.len();
        end.wrapping_sub(start) == length
            && self.0.document.text.as_bytes().get(start..end) == Some(text.as_bytes())
    }

    #[inline]
    fn may_have_escapes(self) -> bool {
        self.0.document.notes.escaped_keys
    }

    /// From where to where, at least as far as it begins.
    #[inline]
    fn inside_quotes(self) -> (usize, usize) {
        let Node { key, start, .. } = self.0.node();
        let (key, start) = (key as usize, start as usize);
        // Between key and value are a colon and perhaps white space.
        let end = if self.0.is_compact() { start.wrapping_sub(1) } else { self.end(key, start) };
        (key + 1, end.wrapping_sub(1))
    }

    /// The place behind the key of a value that begins at `start`, if there may be white space.
    #[inline(never)]
    fn end(self, key: usize, start: usize) -> usize {
        let both = self.0.document.text.get(key..start).unwrap_or_default();
        key + both.trim_end().trim_end_matches(':').trim_end().len()
    }
}
