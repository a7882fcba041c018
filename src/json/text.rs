//! What the inside of a JSON string says.

/// The text of a string whose escapes have been checked. Half a surrogate pair becomes U+FFFD.
pub(super) fn unescape(inside: &str) -> String {
    let mut text = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        rest = push_escape(&mut text, escape);
    }
    text.push_str(rest);
    text
}

/// Appends what the escape at the start of `escape` (after its backslash) stands for, and gives
/// what follows it.
fn push_escape<'e>(text: &mut String, escape: &'e str) -> &'e str {
    let mut chars = escape.chars();
    let Some(kind) = chars.next() else { return "" };
    match kind {
        'b' => text.push('\u{8}'),
        'f' => text.push('\u{c}'),
        'n' => text.push('\n'),
        'r' => text.push('\r'),
        't' => text.push('\t'),
        'u' => return push_unicode(text, chars.as_str()),
        other => text.push(other),
    }
    chars.as_str()
}

fn push_unicode<'e>(text: &mut String, escape: &'e str) -> &'e str {
    let Some((first, rest)) = code_unit(escape) else { return "" };
    let second = rest.strip_prefix("\\u").and_then(code_unit);
    if let (0xD800..=0xDBFF, Some((low @ 0xDC00..=0xDFFF, after))) = (first, second) {
        let pair = 0x1_0000 + ((u32::from(first) - 0xD800) << 10) + (u32::from(low) - 0xDC00);
        text.push(char::from_u32(pair).unwrap_or(char::REPLACEMENT_CHARACTER));
        return after;
    }
    text.push(char::from_u32(first.into()).unwrap_or(char::REPLACEMENT_CHARACTER));
    rest
}

fn code_unit(digits: &str) -> Option<(u16, &str)> {
    let (unit, rest) = digits.split_at_checked(4)?;
    Some((u16::from_str_radix(unit, 16).ok()?, rest))
}
