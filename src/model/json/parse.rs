//! The pass that checks a text against the grammar (RFC 8259) and notes where its values are.
//!
//! One loop and no recursion: a value, and then what may follow one. Where it is in the text stays
//! in a register, because each step waits for the one before.

use super::scan::Specials;
use super::{MAX_DEPTH, MAX_LENGTH, Node, Notes};

/// Why a text is no JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at byte {at}")]
pub struct SyntaxError {
    /// What is wrong.
    pub reason: &'static str,
    /// Where, from 0.
    pub at: usize,
    /// Whether it is the end of the text that is wrong: what there is of it may be sound.
    pub cut_off: bool,
}

/// What the pass gives.
pub(super) struct Index {
    pub(super) nodes: Vec<Node>,
    pub(super) notes: Notes,
}

/// Goes through a text.
pub(super) fn index(text: &str) -> Result<Index, SyntaxError> {
    if text.len() > MAX_LENGTH {
        return Err(SyntaxError { reason: "longer than 1 GiB", at: MAX_LENGTH, cut_off: false });
    }
    let mut indexer = Indexer {
        specials: Specials::new(text.as_bytes()),
        // Answers of X have a value or a key in every 13 bytes, give or take a few.
        nodes: Vec::with_capacity(text.len() / 12 + 1),
        notes: Notes::default(),
    };
    match indexer.document(Text(text.as_bytes())) {
        Ok(()) => Ok(Index { nodes: indexer.nodes, notes: indexer.notes }),
        Err(Unexpected { what, at }) => {
            let cut_off = at >= text.len();
            let reason = if cut_off { "the text ends too early" } else { what.text() };
            Err(SyntaxError { reason, at, cut_off })
        }
    }
}

/// The text, passed on by value: what is behind a reference is read again after every write.
#[derive(Clone, Copy)]
struct Text<'t>(&'t [u8]);

struct Indexer<'t> {
    specials: Specials<'t>,
    nodes: Vec<Node>,
    notes: Notes,
}

/// What is not as it must be, and where.
struct Unexpected {
    what: What,
    at: usize,
}

/// The place behind what was looked at.
type Behind = Result<usize, Unexpected>;

#[derive(Debug, Clone, Copy)]
enum What {
    End,
    Value,
    Key,
    Colon,
    EndOfObject,
    EndOfArray,
    Depth,
    EndOfString,
    Hexadecimal,
    Escape,
    LeadingZero,
    Digit,
}

impl What {
    fn at(self, at: usize) -> Unexpected {
        Unexpected { what: self, at }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::End => "something follows the value",
            Self::Value => "a value is expected",
            Self::Key => "a key in quotes is expected",
            Self::Colon => "`:` is expected",
            Self::EndOfObject => "`,` or `}` is expected",
            Self::EndOfArray => "`,` or `]` is expected",
            Self::Depth => "values lie in one another more than 127 deep",
            Self::EndOfString => "a string is not closed, or has a control character",
            Self::Hexadecimal => "four hexadecimal digits are expected",
            Self::Escape => "no such escape",
            Self::LeadingZero => "a number begins with 0",
            Self::Digit => "a digit is expected",
        }
    }
}

/// What stands for the end: no byte that JSON allows.
const END: u8 = 0;

/// The objects and arrays around a place.
#[derive(Default)]
struct Around {
    /// The innermost one's node; each node knows the next by its `tail` until it is closed.
    innermost: u32,
    depth: usize,
    /// Whether each is an object, the innermost in the lowest bit.
    objects: u128,
}

impl Around {
    #[inline]
    fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }
}

impl Indexer<'_> {
    fn document(&mut self, text: Text<'_>) -> Result<(), Unexpected> {
        let mut around = Around::default();
        let mut at = text.token(0);
        loop {
            if around.in_object() {
                at = self.key(text, at)?;
            }
            at = match text.byte(at) {
                b'"' => self.string(text, at)?,
                b'{' => {
                    self.open(&mut around, at, true)?;
                    let inside = self.token(text, at + 1);
                    if text.byte(inside) != b'}' {
                        at = inside;
                        continue;
                    }
                    inside
                }
                b'[' => {
                    self.open(&mut around, at, false)?;
                    let inside = self.token(text, at + 1);
                    if text.byte(inside) != b']' {
                        at = inside;
                        continue;
                    }
                    inside
                }
                b't' => self.word(text, at, b"true", Node::OTHER)?,
                b'f' => self.word(text, at, b"false", Node::OTHER)?,
                b'n' => self.word(text, at, b"null", Node::NULL)?,
                b'-' | b'0'..=b'9' => self.number(text, at)?,
                _ => return Err(What::Value.at(at)),
            };
            match self.after_value(text, &mut around, at)? {
                Some(next) => at = next,
                None => return Ok(()),
            }
        }
    }

    /// Closes what ends behind a value, and gives the place of the next one; `None` at the end.
    #[inline]
    fn after_value(
        &mut self,
        text: Text<'_>,
        around: &mut Around,
        at: usize,
    ) -> Result<Option<usize>, Unexpected> {
        let mut at = at;
        while around.depth > 0 {
            at = self.token(text, at);
            let in_object = around.in_object();
            match text.byte(at) {
                b',' => return Ok(Some(self.token(text, at + 1))),
                b'}' if in_object => {}
                b']' if !in_object => {}
                _ if in_object => return Err(What::EndOfObject.at(at)),
                _ => return Err(What::EndOfArray.at(at)),
            }
            at += 1;
            self.close(around, at);
        }
        let at = text.token(at);
        if at < text.0.len() { Err(What::End.at(at)) } else { Ok(None) }
    }

    /// Begins an object or array.
    #[inline]
    fn open(&mut self, around: &mut Around, at: usize, is_object: bool) -> Result<(), Unexpected> {
        if around.depth >= MAX_DEPTH {
            return Err(What::Depth.at(at));
        }
        let node = place(self.nodes.len());
        self.nodes.push(Node { start: place(at), end: 0, tail: around.innermost });
        around.innermost = node;
        around.depth += 1;
        around.objects = around.objects << 1 | u128::from(is_object);
        Ok(())
    }

    /// Ends the innermost object or array.
    #[inline]
    fn close(&mut self, around: &mut Around, end: usize) {
        let tail = place(self.nodes.len());
        if let Some(node) = self.nodes.get_mut(around.innermost as usize) {
            node.end = place(end);
            around.innermost = std::mem::replace(&mut node.tail, tail);
        }
        around.depth -= 1;
        around.objects >>= 1;
    }

    /// A key and its colon.
    #[inline]
    fn key(&mut self, text: Text<'_>, at: usize) -> Behind {
        if text.byte(at) != b'"' {
            return Err(What::Key.at(at));
        }
        let at = self.string(text, at)?;
        let at = self.token(text, at);
        if text.byte(at) != b':' {
            return Err(What::Colon.at(at));
        }
        Ok(self.token(text, at + 1))
    }

    /// The place of the next token, from `at` on; notes if there is white space before it.
    #[inline]
    fn token(&mut self, text: Text<'_>, at: usize) -> usize {
        if !is_space(text.byte(at)) {
            return at;
        }
        self.notes.spaces = true;
        text.token(at + 1)
    }

    #[inline]
    fn string(&mut self, text: Text<'_>, start: usize) -> Behind {
        let mut at = self.specials.next(start + 1);
        let mut tail = Node::PLAIN;
        if text.byte(at) != b'"' {
            tail = Node::ESCAPED;
            at = self.rest_of_string(text, at)?;
        }
        Ok(self.leaf(start, at + 1, tail))
    }

    /// The place of the closing quote of a string that is not plain up to there.
    #[inline(never)]
    fn rest_of_string(&mut self, text: Text<'_>, mut at: usize) -> Behind {
        loop {
            match text.byte(at) {
                b'"' => return Ok(at),
                b'\\' => at = self.escape(text, at + 1)?,
                _ => return Err(What::EndOfString.at(at)),
            }
            at = self.specials.next(at);
        }
    }

    /// What follows a backslash.
    fn escape(&mut self, text: Text<'_>, at: usize) -> Behind {
        match text.byte(at) {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(at + 1),
            b'u' => {
                self.notes.surrogates |= matches!(text.byte(at + 1), b'd' | b'D');
                let odd = (at + 1..at + 5).find(|at| !text.byte(*at).is_ascii_hexdigit());
                odd.map_or(Ok(at + 5), |at| Err(What::Hexadecimal.at(at)))
            }
            _ => Err(What::Escape.at(at)),
        }
    }

    fn word(&mut self, text: Text<'_>, start: usize, word: &[u8], tail: u32) -> Behind {
        let odd = (start..).zip(word).find(|(at, byte)| text.byte(*at) != **byte);
        match odd {
            Some((at, _)) => Err(What::Value.at(at)),
            None => Ok(self.leaf(start, start + word.len(), tail)),
        }
    }

    #[inline]
    fn number(&mut self, text: Text<'_>, start: usize) -> Behind {
        let mut at = start + usize::from(text.byte(start) == b'-');
        if text.byte(at) == b'0' {
            at += 1;
            if text.byte(at).is_ascii_digit() {
                return Err(What::LeadingZero.at(at));
            }
        } else {
            at = text.digits(at)?;
        }
        if matches!(text.byte(at), b'.' | b'e' | b'E') {
            at = text.fraction(at)?;
        }
        Ok(self.leaf(start, at, Node::OTHER))
    }

    #[inline]
    fn leaf(&mut self, start: usize, end: usize, tail: u32) -> usize {
        self.nodes.push(Node { start: place(start), end: place(end), tail });
        end
    }
}

impl Text<'_> {
    /// What makes a number other than whole, or large.
    #[inline(never)]
    fn fraction(self, mut at: usize) -> Behind {
        if self.byte(at) == b'.' {
            at = self.digits(at + 1)?;
        }
        if matches!(self.byte(at), b'e' | b'E') {
            let sign = matches!(self.byte(at + 1), b'+' | b'-');
            at = self.digits(at + 1 + usize::from(sign))?;
        }
        Ok(at)
    }

    /// At least one digit.
    #[inline]
    fn digits(self, start: usize) -> Behind {
        let mut at = start;
        while self.byte(at).is_ascii_digit() {
            at += 1;
        }
        if at == start { Err(What::Digit.at(at)) } else { Ok(at) }
    }

    #[inline]
    fn byte(self, at: usize) -> u8 {
        self.0.get(at).copied().unwrap_or(END)
    }

    /// The place of the next token, from `at` on.
    #[inline]
    fn token(self, mut at: usize) -> usize {
        while is_space(self.byte(at)) {
            at += 1;
        }
        at
    }
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// A place in a text or among nodes, in four bytes.
#[expect(clippy::cast_possible_truncation, reason = "a text is no longer than MAX_LENGTH")]
const fn place(at: usize) -> u32 {
    at as u32
}
