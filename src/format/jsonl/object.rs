//! Writing JSON objects from the fields of others.

use std::borrow::Cow;

use crate::columns::json;
use crate::json::Raw;
use crate::model::spec::Dialect;
use crate::tweet::Field;

/// Appends `{`, fields and `}` to a text.
pub(super) struct ObjectWriter<'o> {
    out: &'o mut String,
    empty: bool,
}

impl<'o> ObjectWriter<'o> {
    pub(super) fn new(out: &'o mut String) -> Self {
        out.push('{');
        Self { out, empty: true }
    }

    /// Begins a field; its value is to be appended to what this gives.
    pub(super) fn key(&mut self, name: &str) -> &mut String {
        if !std::mem::take(&mut self.empty) {
            self.out.push(',');
        }
        let plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
        if name.bytes().all(plain) {
            self.out.push('"');
            self.out.push_str(name);
            self.out.push('"');
        } else {
            json::push_string(self.out, name);
        }
        self.out.push(':');
        self.out
    }

    /// A field as it came.
    pub(super) fn field(&mut self, name: &str, raw: Raw<'_>) {
        push_raw(self.key(name), raw);
    }

    /// The fields of an object as they came, except for some.
    pub(super) fn fields(&mut self, raw: Raw<'_>, skip: impl Fn(&str) -> bool) {
        for (name, value) in raw.fields().filter(|(name, _)| !skip(name)) {
            self.field(&name, value);
        }
    }

    pub(super) fn end(self) {
        self.out.push('}');
    }
}

/// The fields of an object, each under its name in `tweet.fields`. One that comes twice, or once in
/// each vocabulary, has a `_` after its name the second time, and is no known one.
pub(super) fn named<F: Field>(
    raw: Raw<'_>,
) -> impl Iterator<Item = (Option<F>, Cow<'_, str>, Raw<'_>)> {
    let mut seen = 0_u64;
    raw.fields().map(move |(name, value)| match F::named(name.as_bytes()) {
        None => (None, name, value),
        Some(field) => {
            let bit = 1_u64 << (field.index() % 64);
            if seen & bit != 0 {
                return (None, format!("{name}_").into(), value);
            }
            seen |= bit;
            (Some(field), field.name(Dialect::Tweet).into(), value)
        }
    })
}

/// Whether an object has a field.
pub(super) fn has(raw: Raw<'_>, name: &str) -> bool {
    raw.fields().any(|(other, _)| other == name)
}

/// Appends a list, each element as `push` has it; a value that is none as it came.
pub(super) fn push_list<'a>(
    out: &mut String,
    raw: Raw<'a>,
    mut push: impl FnMut(&mut String, Raw<'a>),
) {
    if !raw.is_array() {
        return push_raw(out, raw);
    }
    out.push('[');
    for (at, item) in raw.items().enumerate() {
        if at > 0 {
            out.push(',');
        }
        push(out, item);
    }
    out.push(']');
}

/// Appends a value as it came; if it has line breaks or the like between its tokens, without them.
pub(super) fn push_raw(out: &mut String, raw: Raw<'_>) {
    if raw.is_compact() { out.push_str(raw.get()) } else { out.push_str(&json::canonical(raw)) }
}
