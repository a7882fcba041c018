//! A hashtag, as X recognises one.
//!
//! The rule is twitter-text's (`js/src/regexp/validHashtag.js` and its parts, read 2026-10):
//!
//! | part | rule |
//! |---|---|
//! | sign | `#` or the full-width `＃`; not followed by U+FE0F or U+20E3 (that is the keycap emoji) |
//! | body | letters, marks, decimal digits (Unicode categories L, M, Nd) and [`JOINERS`] |
//! | body | at least one letter or mark: `#16` and `#1_2` are none |
//! | after | neither another sign nor `://` |
//!
//! The sign may be left out here, blanks around are dropped, and the body is brought to Unicode
//! form NFC, because X matches hashtags as normalised text. Upper and lower case stay as typed; X
//! ignores the difference. A hashtag says nothing about whether anybody uses it, and never becomes
//! part of a path.

use unicode_general_category::{GeneralCategory, get_general_category};
use unicode_normalization::UnicodeNormalization;

use super::clip::clip;

/// A hashtag without its sign.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Hashtag(String);

/// Characters that are neither letters nor digits but belong to hashtags all the same: underscore,
/// zero-width (non-)joiner, and punctuation within words of Cyrillic, Hebrew, Japanese, Tibetan and
/// Catalan (twitter-text, `hashtagSpecialChars.js`).
const JOINERS: [char; 17] = [
    '_', '\u{200c}', '\u{200d}', '\u{a67e}', '\u{5be}', '\u{5f3}', '\u{5f4}', '\u{ff5e}',
    '\u{301c}', '\u{309b}', '\u{309c}', '\u{30a0}', '\u{30fb}', '\u{3003}', '\u{f0b}', '\u{f0c}',
    '\u{b7}',
];

/// The two hashtag signs.
const SIGNS: [char; 2] = ['#', '＃'];

/// The longest hashtag, in characters. Our own limit: twitter-text knows none, but a hashtag has to
/// fit into a post of 280 characters; if long posts prove it wrong, use a query instead.
const MAX_CHARACTERS: usize = 280;

/// A text that is no hashtag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not a hashtag: {reason}; {fix}")]
pub struct HashtagError {
    /// What was given, cut to a length that is fit for a message.
    pub value: String,
    /// Which rule it breaks.
    pub reason: String,
    /// What to do.
    pub fix: &'static str,
}

impl Hashtag {
    /// Reads `#tag`, `tag` or `＃tag`.
    pub fn parse(text: &str) -> Result<Self, HashtagError> {
        let trimmed = text.trim();
        let body = trimmed.strip_prefix(SIGNS).unwrap_or(trimmed);
        let body: String = body.nfc().collect();
        match fault(&body) {
            None => Ok(Self(body)),
            Some((reason, fix)) => Err(HashtagError { value: clip(text), reason, fix }),
        }
    }

    /// The hashtag without its sign.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The hashtag as a query: `#tag`.
    pub fn as_query(&self) -> String {
        format!("#{}", self.0)
    }
}

fn fault(body: &str) -> Option<(String, &'static str)> {
    let because = |reason: &str, fix| Some((reason.to_owned(), fix));
    if body.is_empty() {
        return because("it is empty", "write for example #rustlang");
    }
    if body.starts_with(['\u{fe0f}', '\u{20e3}']) {
        return because("`#️⃣` is an emoji, not the beginning of a hashtag", "type the sign #");
    }
    if let Some(wrong) = body.chars().find(|c| !allowed(*c)) {
        return Some(stray(wrong));
    }
    if !body.chars().any(is_letter_or_mark) {
        return because("it has no letter", "X recognises a hashtag by at least one letter");
    }
    if body.chars().count() > MAX_CHARACTERS {
        return because("it is longer than 280 characters", "check what was pasted");
    }
    None
}

fn stray(wrong: char) -> (String, &'static str) {
    let shown = if wrong.is_whitespace() { "a blank".to_owned() } else { format!("{wrong:?}") };
    let fix = match wrong {
        '#' | '＃' => "give one hashtag at a time, or use a query: #one OR #two",
        c if c.is_whitespace() => "a hashtag is one word; use a query for several",
        _ => "only letters, digits and _ belong to a hashtag; use a query for anything else",
    };
    (format!("{shown} can't be in one"), fix)
}

fn allowed(c: char) -> bool {
    is_letter_or_mark(c)
        || get_general_category(c) == GeneralCategory::DecimalNumber
        || JOINERS.contains(&c)
}

fn is_letter_or_mark(c: char) -> bool {
    use GeneralCategory as G;
    matches!(
        get_general_category(c),
        G::UppercaseLetter
            | G::LowercaseLetter
            | G::TitlecaseLetter
            | G::ModifierLetter
            | G::OtherLetter
            | G::NonspacingMark
            | G::SpacingMark
            | G::EnclosingMark
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_x_recognises_is_a_hashtag() {
        for (text, body) in [
            ("#rust", "rust"),
            ("rust", "rust"),
            ("＃rust", "rust"),
            ("  #Rust_2026\t", "Rust_2026"),
            ("#1a", "1a"),
            ("#a1", "a1"),
            ("#_a", "_a"),
            ("#été", "été"),
            ("#e\u{301}te\u{301}", "été"),
            ("#straße", "straße"),
            ("#наука", "наука"),
            ("#ελλάδα", "ελλάδα"),
            ("#さくら", "さくら"),
            ("#ツイッター", "ツイッター"),
            ("#データ・分析", "データ・分析"),
            ("#日本語２０２６", "日本語２０２６"),
            ("#한국어", "한국어"),
            ("#中文", "中文"),
            ("#علم_البيانات", "علم_البيانات"),
            ("#می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("#१२३क", "१२३क"),
            ("#हिन्दी", "हिन्दी"),
            ("#தமிழ்", "தமிழ்"),
            ("#עברית", "עברית"),
            ("#צה״ל", "צה״ל"),
            ("#ไทยแลนด์", "ไทยแลนด์"),
            ("#བོད་ཡིག", "བོད་ཡིག"),
            ("#col·lecció", "col·lecció"),
            ("#𝒜bc", "𝒜bc"),
            ("#and", "and"),
        ] {
            let tag = Hashtag::parse(text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!((tag.as_str(), tag.as_query()), (body, format!("#{body}")));
        }
    }

    #[test]
    fn what_x_does_not_recognise_is_none() {
        for (text, reason) in [
            ("", "empty"),
            ("  ", "empty"),
            ("#", "empty"),
            ("＃", "empty"),
            ("#16", "no letter"),
            ("#1_2", "no letter"),
            ("#___", "no letter"),
            ("#２０２６", "no letter"),
            ("#\u{200d}", "no letter"),
            ("#·", "no letter"),
            ("#ⓐ", "can't be in one"),
            ("#Ⅳ", "can't be in one"),
            ("#a b", "a blank"),
            ("#a\u{a0}b", "a blank"),
            ("#a\nb", "a blank"),
            ("#a-b", "'-'"),
            ("#a.b", "'.'"),
            ("#a,b", "','"),
            ("#a#b", "'#'"),
            ("##a", "'#'"),
            ("#＃a", "'＃'"),
            ("#a://b", "':'"),
            ("#a/../b", "'/'"),
            ("#a%20", "'%'"),
            ("#a'b", "'"),
            ("#😀", "'😀'"),
            ("#a😀", "'😀'"),
            ("#\u{fe0f}\u{20e3}a", "emoji"),
            ("@a", "'@'"),
            ("#a\0", "'\\0'"),
            ("#a\u{202e}b", "'\\u{202e}'"),
        ] {
            let error = Hashtag::parse(text).unwrap_err();
            assert!(error.reason.contains(reason), "{text:?}: {error}");
        }
        let long = "a".repeat(281);
        let error = Hashtag::parse(&long).unwrap_err();
        assert!(error.reason.contains("longer than 280") && error.value.len() == 80);
        assert!(Hashtag::parse(&long[1..]).is_ok());
    }

    #[test]
    fn an_error_names_the_value_the_reason_and_the_fix() {
        let error = Hashtag::parse("#one #two").unwrap_err().to_string();
        assert_eq!(
            error,
            "\"#one #two\" is not a hashtag: a blank can't be in one; a hashtag is one word; use a \
             query for several"
        );
    }

    proptest::proptest! {
        #[test]
        fn a_hashtag_reads_back_as_itself(text in "\\PC{0,40}") {
            if let Ok(tag) = Hashtag::parse(&text) {
                proptest::prop_assert_eq!(Hashtag::parse(&tag.as_query()), Ok(tag.clone()));
                proptest::prop_assert_eq!(Hashtag::parse(tag.as_str()), Ok(tag));
            }
        }
    }
}
