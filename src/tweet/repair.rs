//! Nearly JSON, made JSON.
//!
//! One odd byte would make a strict reader refuse a page that was paid for. What is mended here is
//! what leaves no doubt about the rest of the text:
//!
//! | in the text | becomes |
//! |---|---|
//! | a control character inside a string | its escape if it is a line end or a tab, else U+FFFD |
//! | a backslash before something that is no escape | U+FFFD, and the something stays |
//! | a control character between values | a space |
//! | a fault of grammar inside a post | `null` in place of the innermost object or list around it |
//! | anything behind the value | is left off |
//!
//! Promises: sound text is neither changed nor copied; what was put in place of a character is
//! counted. Deliberately does not: guess where something ends. A missing quote or bracket could mean
//! several things, and a wrong guess would lose posts without a word; so would `null` in place of a
//! whole list of posts.

use std::borrow::Cow;

use crate::json::{Document, SyntaxError};

/// A text, read as well as it can be.
#[derive(Debug)]
pub(super) struct Mended<'t> {
    /// The value that the text is or begins with.
    pub(super) document: Result<Document<'t>, SyntaxError>,
    /// Why the text as a whole is no JSON, if it is none and yet could be read.
    pub(super) flaw: Option<SyntaxError>,
    /// How many characters had to be replaced by U+FFFD.
    pub(super) replaced: u64,
}

/// Reads a text, and mends it if that is needed.
pub(super) fn read(text: Cow<'_, str>) -> Mended<'_> {
    match Document::or_text(text) {
        Ok(document) => Mended { document: Ok(document), flaw: None, replaced: 0 },
        Err((error, text)) => mend(error, text),
    }
}

/// How many faults of grammar are mended in one text. Our own choice: each costs a pass over it.
const MOST_FAULTS: usize = 20;

fn mend(flaw: SyntaxError, mut text: Cow<'_, str>) -> Mended<'_> {
    let refused = |error| Mended { document: Err(error), flaw: None, replaced: 0 };
    if flaw.cut_off {
        return refused(flaw);
    }
    let mut replaced = 0;
    if let Some((clean, odd)) = clean(&text).filter(|_| !flaw.follows) {
        (text, replaced) = (Cow::Owned(clean), odd);
    }
    for _ in 0..=MOST_FAULTS {
        text = match Document::or_text(text) {
            Ok(document) => return Mended { document: Ok(document), flaw: Some(flaw), replaced },
            Err((error, text)) if error.follows => first(text, error.at),
            Err((error, text)) => match without_fault(&text, error.at) {
                Some(text) if !error.cut_off => Cow::Owned(text),
                _ => return refused(error),
            },
        };
    }
    refused(flaw)
}

/// The text before a byte.
fn first(text: Cow<'_, str>, end: usize) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(..end).unwrap_or(text)),
        Cow::Owned(mut text) => {
            if text.is_char_boundary(end) {
                text.truncate(end);
            }
            Cow::Owned(text)
        }
    }
}

/// The text with every odd character in its place mended, and how many became U+FFFD; `None` if
/// there is nothing odd that can be mended.
fn clean(text: &str) -> Option<(String, u64)> {
    let mut clean = String::with_capacity(text.len() + 16);
    let (mut replaced, mut changed, mut in_string) = (0, false, false);
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let mut length = character.len_utf8();
        let odd = match (in_string, character) {
            (_, '"') => {
                in_string = !in_string;
                None
            }
            (true, '\\') => match escape(rest) {
                Some(whole) => {
                    length = whole;
                    None
                }
                None => Some(REPLACEMENT),
            },
            (true, '\n') => Some(r"\n"),
            (true, '\r') => Some(r"\r"),
            (true, '\t') => Some(r"\t"),
            (true, '\0'..='\x1F') => Some(REPLACEMENT),
            (false, '\n' | '\r' | '\t') => None,
            (false, '\0'..='\x1F') => Some(" "),
            _ => None,
        };
        changed |= odd.is_some();
        replaced += u64::from(odd == Some(REPLACEMENT));
        let (taken, behind) = rest.split_at_checked(length)?;
        clean.push_str(odd.unwrap_or(taken));
        rest = behind;
    }
    changed.then_some((clean, replaced))
}

/// What stands for a character that can't be told.
const REPLACEMENT: &str = "\u{FFFD}";

/// The length of the escape that a text begins with; `None` if JSON knows no such escape.
fn escape(text: &str) -> Option<usize> {
    match text.as_bytes().get(1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' => {
            let digits = text.as_bytes().get(2..6)?;
            digits.iter().all(u8::is_ascii_hexdigit).then_some(6)
        }
        _ => None,
    }
}

/// How many objects and lists lie around one that may be lost: the page and its `data`.
const KEPT: usize = 2;

/// The text with `null` in place of the innermost object or list around a byte; `None` if that is
/// not inside a post, or if it can't be told where it ends.
fn without_fault(text: &str, at: usize) -> Option<String> {
    let mut brackets = Brackets::default();
    for (place, byte) in text.bytes().enumerate().take(at) {
        brackets.take(place, byte)?;
    }
    let start = brackets.open.get(KEPT..)?.last()?.0;
    let mut inside = Brackets::default();
    for (place, byte) in text.bytes().enumerate().skip(start) {
        inside.take(place, byte)?;
        if inside.open.is_empty() {
            let (before, behind) = (text.get(..start)?, text.get(place + 1..)?);
            return (place >= at).then(|| [before, "null", behind].concat());
        }
    }
    None
}

/// Brackets and strings, followed byte by byte.
#[derive(Default)]
struct Brackets {
    /// Where those begin that are open, and what closes each.
    open: Vec<(usize, u8)>,
    in_string: bool,
    escaped: bool,
    /// A string has just ended.
    behind_string: bool,
    /// The last byte outside of strings that is no white space.
    last: u8,
}

impl Brackets {
    /// Takes the next byte. `None` if it does not fit: a bracket that closes another one, or a string
    /// that begins or ends where none can, which shows that a quote is missing.
    fn take(&mut self, place: usize, byte: u8) -> Option<()> {
        if self.in_string {
            self.behind_string = byte == b'"' && !self.escaped;
            self.in_string = !self.behind_string;
            self.escaped = byte == b'\\' && !self.escaped;
            return Some(());
        }
        if byte.is_ascii_whitespace() {
            return Some(());
        }
        if std::mem::take(&mut self.behind_string) && !b",:}]".contains(&byte) {
            return None;
        }
        match byte {
            b'"' if b"{[,:".contains(&self.last) || self.open.is_empty() => self.in_string = true,
            b'"' => return None,
            b'{' => self.open.push((place, b'}')),
            b'[' => self.open.push((place, b']')),
            b'}' | b']' => {
                self.open.pop().filter(|(_, closing)| *closing == byte)?;
            }
            _ => {}
        }
        self.last = byte;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(text: &str) -> Result<(String, u64), SyntaxError> {
        let mended = read(Cow::Borrowed(text));
        assert_eq!(mended.flaw.is_some(), mended.document.is_ok(), "{text}");
        mended.document.map(|document| (document.text().to_owned(), mended.replaced))
    }

    #[test]
    fn odd_characters_cost_no_more_than_themselves() {
        for (sent, read, replaced) in [
            ("{\"a\":\"x\0y\"}", "{\"a\":\"x\u{FFFD}y\"}", 1),
            ("{\"a\":\"x\ny\tz\r\"}", r#"{"a":"x\ny\tz\r"}"#, 0),
            ("{\0\"a\"\u{b}:1}", "{ \"a\" :1}", 0),
            (r#"{"a":"\x41 \u12 \\x"}"#, "{\"a\":\"\u{FFFD}x41 \u{FFFD}u12 \\\\x\"}", 2),
            ("{\"a\":1} and more", "{\"a\":1} ", 0),
            ("{\"a\":1}\0\0", "{\"a\":1}", 0),
            ("{\"a\":1}{\"a\":2}", "{\"a\":1}", 0),
            ("{\"a\":\"\u{1}\"}]]", "{\"a\":\"\u{FFFD}\"}", 1),
        ] {
            assert_eq!(mended(sent), Ok((read.to_owned(), replaced)), "{sent:?}");
        }
    }

    #[test]
    fn a_fault_of_grammar_in_a_post_costs_no_other_post() {
        for (sent, read) in [
            (
                r#"{"data":[{"id":"1"},{"id":NaN},{"id":"3"}]}"#,
                r#"{"data":[{"id":"1"},null,{"id":"3"}]}"#,
            ),
            (r#"{"data":[{"id":"1","a":{"b":01}}]}"#, r#"{"data":[{"id":"1","a":null}]}"#),
            (
                r#"{"data":[{"id":"1","a":[1,,2]},{b:[{}]}]}"#,
                r#"{"data":[{"id":"1","a":null},null]}"#,
            ),
            (r#"{"data":[{"a":"}]\"{","b":'},{}]} x"#, r#"{"data":[null,{}]} "#),
            (
                r#"{"includes":{"users":[{"a":1.}]},"data":[]}"#,
                r#"{"includes":{"users":[null]},"data":[]}"#,
            ),
        ] {
            assert_eq!(mended(sent), Ok((read.to_owned(), 0)), "{sent}");
        }
        let deep =
            format!(r#"{{"data":[{{"id":"1","a":{}{}}}]}}"#, "[".repeat(300), "]".repeat(300));
        assert!(mended(&deep).unwrap().0.starts_with(r#"{"data":[{"id":"1","a":["#));
        let many = format!(r#"{{"data":[{}]}}"#, vec![r#"{"a":NaN}"#; MOST_FAULTS + 1].join(","));
        assert!(read(Cow::Borrowed(&many)).document.is_err(), "there is an end");
    }

    #[test]
    fn where_something_ends_is_never_guessed() {
        for broken in [
            "",
            "{",
            "<html>",
            "{\"a\":1,}",
            "{\"a\" 1}",
            "{\"a\":\"b}",
            "[1,,2]",
            "{'a':1}",
            "{\"a\":\"\0\"",
            "{\"a\":NaN}",
            r#"{"meta":{"next_token":"t","a":NaN}}"#,
            r#"{"data":[{"id":"1"}{"id":"2"}]}"#,
            r#"{"data":[{"id":"1","text":"a},{"id":"2","text":"}]"},{"id":"3"}]}"#,
            r#"{"data":[{"id":"1","text":a"},{"id":"2","text":"}"},{"id":"3"}]}"#,
            r#"{"data":[{"id":"1","a":[},{"id":"2"}]}"#,
        ] {
            assert!(read(Cow::Borrowed(broken)).document.is_err(), "{broken:?}");
        }
        let cut = read(Cow::Borrowed("{\"a\":\"\0")).document.unwrap_err();
        assert!(cut.cut_off, "an answer that ends too early is told from an odd one");
    }

    proptest::proptest! {
        #[test]
        fn sound_text_stays_as_it_is(text in "\\PC{0,40}") {
            let json = serde_json::json!({"a": text, "b": [1, null]}).to_string();
            let Mended { document, flaw, replaced } = read(Cow::Borrowed(&json));
            let document = document.unwrap();
            proptest::prop_assert_eq!(document.text(), &json);
            proptest::prop_assert!(flaw.is_none() && replaced == 0);
        }

        #[test]
        fn any_text_put_raw_into_a_string_is_read(text in "[^\"\\\\]{0,20}") {
            let json = format!("{{\"a\":\"{text}\",\"id\":\"7\"}}");
            let document = read(Cow::Borrowed(&json)).document.unwrap();
            proptest::prop_assert_eq!(document.root().field("id").unwrap().get(), "\"7\"");
        }
    }
}
