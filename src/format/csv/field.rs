//! A field, quoted as RFC 4180 says, and the end of a row.

use memchr::memchr_iter;

/// Puts the end of a row in place of its last comma.
pub(super) fn end_row(out: &mut [u8]) {
    if let Some(last) = out.last_mut() {
        *last = b'\n';
    }
}

/// Appends a field, in quotes only if it must be.
pub(super) fn push_field(out: &mut Vec<u8>, field: &str) {
    let field = field.as_bytes();
    // Looks at every byte whatever the first ones are, which processors do many at a time.
    let (special, quotes) = field.iter().fold((false, false), |(special, quotes), byte| {
        (special | matches!(byte, b',' | b'\n' | b'\r'), quotes | (*byte == b'"'))
    });
    if quotes {
        push_doubling_quotes(out, field);
    } else if special {
        push_in_quotes(out, field);
    } else {
        out.extend_from_slice(field);
    }
}

/// Appends a field in which there are no quotes.
pub(super) fn push_in_quotes(out: &mut Vec<u8>, field: &[u8]) {
    out.reserve(field.len() + 2);
    out.push(b'"');
    out.extend_from_slice(field);
    out.push(b'"');
}

/// Appends a field in quotes, and each quote in it twice.
fn push_doubling_quotes(out: &mut Vec<u8>, field: &[u8]) {
    out.push(b'"');
    let mut from = 0;
    for quote in memchr_iter(b'"', field) {
        out.extend_from_slice(field.get(from..=quote).unwrap_or_default());
        from = quote;
    }
    out.extend_from_slice(field.get(from..).unwrap_or_default());
    out.push(b'"');
}
