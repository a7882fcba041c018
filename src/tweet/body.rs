//! The bytes of an answer, made readable.
//!
//! Some defects of the bytes would make a strict JSON reader refuse a whole page that was paid for:
//! invalid UTF-8, `\u` escapes of one half of a surrogate pair (seen in archives of X posts,
//! qut-dmrc/DMRC_Academic_Twitter_Archive_Collector#2), and what [`super::repair`] names.
//! They become U+FFFD here, once, and are counted, so that everything downstream sees proper text.
//! A sound body is borrowed, not copied.

use std::borrow::Cow;
use std::string::FromUtf8Error;

use super::page::Page;
use super::repair::{self, Mended};
use super::undecodable::Undecodable;
use crate::json::{Document, SyntaxError};

/// The body of an answer of X, as text.
#[derive(Debug)]
pub struct Body<'a> {
    document: Result<Document<'a>, SyntaxError>,
    /// Why it is no JSON as it came, if it had to be mended.
    flaw: Option<SyntaxError>,
    repaired: u64,
}

impl<'a> Body<'a> {
    /// Makes text of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        let (text, broken_utf8) = utf8(bytes);
        Self::of(text, broken_utf8)
    }

    /// The same without a look at half surrogate pairs, for whoever takes ids and no texts.
    pub fn for_ids(bytes: &'a [u8]) -> Self {
        let (text, broken_utf8) = utf8(bytes);
        Self::mended(text, broken_utf8)
    }

    fn of(text: Cow<'a, str>, broken_utf8: u64) -> Self {
        let body = Self::mended(text, broken_utf8);
        match body.document {
            Ok(document) if document.has_surrogates() => {
                let (document, lone) = paired(document);
                Self { document, repaired: body.repaired + lone, ..body }
            }
            document => Self { document, ..body },
        }
    }

    fn mended(text: Cow<'a, str>, broken_utf8: u64) -> Self {
        let Mended { document, flaw, replaced } = repair::read(text);
        Self { document, flaw, repaired: broken_utf8 + replaced }
    }

    /// How many characters had to be replaced by U+FFFD.
    pub fn repaired(&self) -> u64 {
        self.repaired
    }

    /// The body as JSON, whatever it is about; or why it is none.
    pub fn document(&self) -> Result<&Document<'a>, &SyntaxError> {
        self.flaw.as_ref().map_or(self.document.as_ref(), Err)
    }

    /// The JSON that could be made of the body; or why none could.
    pub fn mended_document(&self) -> Result<&Document<'a>, &SyntaxError> {
        self.document.as_ref()
    }

    /// Why the body is no JSON, although JSON could be made of it.
    pub fn flaw(&self) -> Option<&SyntaxError> {
        self.flaw.as_ref()
    }

    /// Finds the tweets, what they refer to, and their fields, also in a body that had to be mended.
    pub fn decode(&self) -> Result<Page<'_>, Undecodable> {
        match &self.document {
            Ok(document) => Page::decode(document),
            Err(error) => Err(Undecodable { reason: error.to_string() }),
        }
    }
}

impl Body<'static> {
    /// The same of bytes that it keeps.
    pub fn owned(bytes: Vec<u8>) -> Self {
        let sound = !bytes.starts_with(BYTE_ORDER_MARK);
        match String::from_utf8(bytes) {
            Ok(text) if sound => Self::of(Cow::Owned(text), 0),
            other => {
                let bytes = other.map_or_else(FromUtf8Error::into_bytes, String::into_bytes);
                let (text, broken_utf8) = utf8(&bytes);
                Self::of(Cow::Owned(text.into_owned()), broken_utf8)
            }
        }
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The text that `bytes` are, and how many characters had to be replaced.
fn utf8(bytes: &[u8]) -> (Cow<'_, str>, u64) {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    // The strict check is several times as fast as the lossy one, and nearly always enough.
    let sound = simdutf8::basic::from_utf8(bytes).ok().map(|text| (Cow::Borrowed(text), 0));
    sound.unwrap_or_else(|| (String::from_utf8_lossy(bytes), broken_utf8(bytes)))
}

/// How many pieces of `bytes` are no UTF-8.
fn broken_utf8(bytes: &[u8]) -> u64 {
    bytes.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count() as u64
}

/// The same document without halves of surrogate pairs, and how many there were.
fn paired(document: Document<'_>) -> (Result<Document<'_>, SyntaxError>, u64) {
    match pair_surrogates(document.text()) {
        (_, 0) => (Ok(document), 0),
        (text, lone) => (Document::new(text), lone),
    }
}

/// Replaces escapes of half a surrogate pair by an escaped U+FFFD, which has the same length.
fn pair_surrogates(text: &str) -> (String, u64) {
    let lone = lone_surrogates(text);
    let mut text = text.to_owned();
    for &at in &lone {
        text.replace_range(at..at + ESCAPE, r"\ufffd");
    }
    (text, lone.len() as u64)
}

/// How many bytes an escape such as `\ud83d` takes.
const ESCAPE: usize = 6;

/// Where escapes of half a surrogate pair begin. Backslashes stand only inside JSON strings, and
/// each begins an escape, so no other structure has to be understood.
fn lone_surrogates(text: &str) -> Vec<usize> {
    let mut lone = Vec::new();
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('\\')) {
        at += found;
        match surrogate(text, at) {
            Some(Half::High) if surrogate(text, at + ESCAPE) == Some(Half::Low) => at += 2 * ESCAPE,
            Some(_) => {
                lone.push(at);
                at += ESCAPE;
            }
            None => at += 2,
        }
    }
    lone
}

#[derive(PartialEq, Eq)]
enum Half {
    High,
    Low,
}

/// Which half of a surrogate pair is escaped at `at`, if any.
fn surrogate(text: &str, at: usize) -> Option<Half> {
    let digits = text.get(at..at + ESCAPE)?.strip_prefix(r"\u")?;
    match u16::from_str_radix(digits, 16).ok()? {
        0xD800..=0xDBFF => Some(Half::High),
        0xDC00..=0xDFFF => Some(Half::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_surrogate_pairs_become_replacement_characters_and_are_counted() {
        for (sent, read, repaired) in [
            (r#""\ud83d""#, r#""\ufffd""#, 1),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#, 1),
            (r#""\ude00\uD83D\uDE00x""#, r#""\ufffd\uD83D\uDE00x""#, 1),
            (r#""\\ud83d and \ud83d\n""#, r#""\\ud83d and \ufffd\n""#, 1),
            (r#""\uD83D\uDE00\u00e9\"""#, r#""\uD83D\uDE00\u00e9\"""#, 0),
        ] {
            let body = Body::new(sent.as_bytes());
            assert_eq!((body.document.unwrap().text(), body.repaired), (read, repaired), "{sent}");
        }
    }

    #[test]
    fn invalid_utf8_becomes_replacement_characters_and_is_counted() {
        let body = Body::new(b"{\"data\":[{\"id\":\"1\",\"text\":\"a\xFFb\xC3\"}]}");
        assert_eq!(body.repaired(), 2);
        assert_eq!(body.decode().unwrap().tweets.len(), 1);
    }

    #[test]
    fn a_sound_body_is_not_copied_and_a_byte_order_mark_is_skipped() {
        let (text, _) = utf8("\u{feff}{\"meta\":{}} ".as_bytes());
        assert!(matches!(text, Cow::Borrowed("{\"meta\":{}} ")));
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_bytes_nothing_panics(bytes: Vec<u8>) {
            let body = Body::new(&bytes);
            let _ = body.decode();
            let owned = Body::owned(bytes.clone());
            let text = |body: &Body<'_>| body.document().map(|it| it.text().to_owned()).ok();
            proptest::prop_assert_eq!((text(&body), body.repaired), (text(&owned), owned.repaired));
        }

        #[test]
        fn any_string_of_escapes_can_be_read(units in proptest::collection::vec(0xD000_u16.., 0..8)) {
            let escaped: Vec<_> = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let json = format!("\"{}\"", escaped.concat());
            let read: String = serde_json::from_str(Body::new(json.as_bytes()).document.unwrap().text()).unwrap();
            proptest::prop_assert_eq!(read, String::from_utf16_lossy(&units));
        }
    }
}
