//! Text of posts as X delivers it, and folding as X's search does it.
//!
//! `&`, `<` and `>` arrive escaped, and entity indices count Unicode code points of
//! the escaped text: 57,086 of 57,086 recorded genuine hashtag entities match that
//! way and no other. [`Composer`] is the only writer of text, so indices cannot drift.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A `#tag` in a text; indices include the sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// First code point.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
    /// The tag without its sign.
    pub name: String,
}

/// An `@name` in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// First code point.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
    /// Whose name it is.
    pub person: u32,
}

/// What a shortened link leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A page: expanded, display, title.
    Page(String, String, &'static str),
    /// The post's own picture or film.
    Media(String, String, String),
    /// A quoted post.
    Post(String, String),
}

/// A `https://t.co/…` in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// First code point.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
    /// The short form, as in the text.
    pub short: String,
    /// Where it leads.
    pub target: Target,
}

/// The entities of one text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entities {
    /// `#tags`.
    pub hashtags: Vec<Tag>,
    /// `$TAGS`.
    pub cashtags: Vec<Tag>,
    /// `@names`.
    pub mentions: Vec<Mention>,
    /// Links.
    pub urls: Vec<Link>,
}

/// A finished text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Composed {
    /// Escaped, as delivered.
    pub text: String,
    /// Its length in code points.
    pub length: usize,
    /// What is in it.
    pub entities: Entities,
}

/// Writes a text from pieces, separated by single spaces.
#[derive(Debug, Default)]
pub struct Composer {
    done: Composed,
}

impl Composer {
    /// Plain words; escaped here and nowhere else.
    pub fn plain(&mut self, words: &str) {
        self.space();
        for sign in words.chars() {
            match sign {
                '&' => self.push("&amp;"),
                '<' => self.push("&lt;"),
                '>' => self.push("&gt;"),
                other => {
                    self.done.text.push(other);
                    self.done.length += 1;
                }
            }
        }
    }

    /// A hashtag with its sign (`#` or the full-width `＃`).
    pub fn hashtag(&mut self, sign: char, tag: &str) {
        let (start, end) = self.word(&format!("{sign}{tag}"));
        self.done.entities.hashtags.push(Tag { start, end, name: tag.to_owned() });
    }

    /// A cashtag.
    pub fn cashtag(&mut self, tag: &str) {
        let (start, end) = self.word(&format!("${tag}"));
        self.done.entities.cashtags.push(Tag { start, end, name: tag.to_owned() });
    }

    /// A mention of a person.
    pub fn mention(&mut self, name: &str, person: u32) {
        let (start, end) = self.word(&format!("@{name}"));
        self.done.entities.mentions.push(Mention { start, end, person });
    }

    /// A link, shown in its short form.
    pub fn link(&mut self, short: String, target: Target) {
        let (start, end) = self.word(&short);
        self.done.entities.urls.push(Link { start, end, short, target });
    }

    /// Another target of the link written last: X writes one link for all pictures of a
    /// post, and one entity for each of them.
    pub fn also(&mut self, target: Target) {
        if let Some(last) = self.done.entities.urls.last().cloned() {
            self.done.entities.urls.push(Link { target, ..last });
        }
    }

    /// Code points so far.
    pub fn length(&self) -> usize {
        self.done.length
    }

    /// The text.
    pub fn finish(self) -> Composed {
        self.done
    }

    fn word(&mut self, word: &str) -> (usize, usize) {
        self.space();
        let start = self.done.length;
        self.push(word);
        (start, self.done.length)
    }

    fn space(&mut self) {
        if self.done.length > 0 {
            self.push(" ");
        }
    }

    fn push(&mut self, piece: &str) {
        self.done.text.push_str(piece);
        self.done.length += piece.chars().count();
    }
}

/// The short `text` of a long post: cut before a space so that at most `limit` code
/// points and an ellipsis remain, with the entities that survive whole.
pub fn truncated(long: &Composed, limit: usize) -> Composed {
    let head: Vec<char> = long.text.chars().take(limit).collect();
    let end = head.iter().rposition(|sign| *sign == ' ').unwrap_or(head.len());
    let mut text: String = head[..end].iter().collect();
    text.push('…');
    let kept = &long.entities;
    let entities = Entities {
        hashtags: kept.hashtags.iter().filter(|tag| tag.end <= end).cloned().collect(),
        cashtags: kept.cashtags.iter().filter(|tag| tag.end <= end).cloned().collect(),
        mentions: kept.mentions.iter().filter(|mention| mention.end <= end).cloned().collect(),
        urls: kept.urls.iter().filter(|link| link.end <= end).cloned().collect(),
    };
    Composed { text, length: end + 1, entities }
}

/// Undoes the escaping of [`Composer::plain`].
pub fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// How search compares: without case, and without the diacritics of European
/// scripts (#cumpleaños also finds #cumpleanos: docs.x.com, build a query, read
/// 2026-08-22). Vowel signs of other scripts are letters to their readers and stay.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let lower = text.to_lowercase();
    lower.nfd().filter(|sign| !('\u{0300}'..='\u{036F}').contains(sign)).nfc().collect()
}

/// Whether a sign may be part of a hashtag (twitter-text, validHashtag.js).
pub fn is_hashtag_sign(sign: char) -> bool {
    const SPECIAL: &str = "_\u{200C}\u{200D}\u{A67E}\u{05BE}\u{05F3}\u{05F4}\u{FF5E}\u{301C}\u{309B}\u{309C}\u{30A0}\u{30FB}\u{3003}\u{0F0B}\u{0F0C}\u{00B7}";
    sign.is_alphanumeric() || is_combining_mark(sign) || SPECIAL.contains(sign)
}

/// Whether a text (without its sign) is a hashtag: all signs legal, one letter at least.
pub fn is_hashtag(tag: &str) -> bool {
    tag.chars().all(is_hashtag_sign)
        && tag.chars().any(|sign| sign.is_alphabetic() || is_combining_mark(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_count_code_points_of_the_escaped_text() {
        let mut composer = Composer::default();
        composer.plain("𝕭 & <b>");
        composer.hashtag('#', "tag");
        let done = composer.finish();
        assert_eq!(done.text, "𝕭 &amp; &lt;b&gt; #tag");
        let tag = &done.entities.hashtags[0];
        let slice: String = done.text.chars().skip(tag.start).take(tag.end - tag.start).collect();
        assert_eq!(slice, "#tag");
    }

    #[test]
    fn folding_drops_case_and_european_diacritics_only() {
        assert_eq!(folded("Cumpleaños"), folded("CUMPLEANOS"));
        assert_eq!(folded("cafe\u{301}"), folded("CAFÉ"));
        assert_ne!(folded("Straße"), folded("Strasse"));
        assert_ne!(folded("पक्षी"), folded("पकष"));
        assert_eq!(folded("カワセミ"), "カワセミ");
    }

    #[test]
    fn hashtags_need_a_letter_and_no_punctuation() {
        for good in ["a", "1a", "東京", "_a", "पक्षी", "nasa·x"] {
            assert!(is_hashtag(good), "{good}");
        }
        for bad in ["", "16", "1_2", "a-b", "a b", "a.b", "🐦"] {
            assert!(!is_hashtag(bad), "{bad}");
        }
    }

    #[test]
    fn cutting_never_splits_an_entity_or_an_escape() {
        let mut composer = Composer::default();
        composer.plain("a & b");
        composer.hashtag('#', "split");
        composer.hashtag('#', "gone");
        let long = composer.finish();
        let short = truncated(&long, 18);
        assert_eq!(short.text, "a &amp; b #split…");
        assert_eq!(short.entities.hashtags.len(), 1);
        assert_eq!(short.length, short.text.chars().count());
    }
}
