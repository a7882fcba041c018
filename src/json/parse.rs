//! The pass that checks a text against the grammar (RFC 8259) and notes where its values are.
//!
//! One loop and no recursion: a value, and then what may follow one. Where it is in the text stays
//! in a register, because each step waits for the one before.

use super::node::{MAX_DEPTH, MAX_LENGTH, Node, Notes};
use super::scan::Specials;
use super::spare;

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
    /// Whether the text begins with a whole value, which ends at or before that byte.
    pub follows: bool,
}

/// What the pass gives.
pub(super) struct Index {
    pub(super) nodes: Vec<Node>,
    pub(super) notes: Notes,
}

/// Goes through a text.
pub(super) fn index(text: &str) -> Result<Index, SyntaxError> {
    if text.len() > MAX_LENGTH {
        return Err(SyntaxError {
            reason: "longer than 1 GiB",
            at: MAX_LENGTH,
            cut_off: false,
            follows: false,
        });
    }
    let mut indexer = Indexer {
        specials: Specials::new(text.as_bytes()),
        // Answers of X have a value in every 25 bytes, give or take a few.
        nodes: spare::take(text.len() / 20 + 1),
        notes: Notes::default(),
        around: Around::default(),
    };
    match indexer.document(Text(text.as_bytes())) {
        Ok(()) => Ok(Index { nodes: indexer.nodes, notes: indexer.notes }),
        Err(Unexpected { what, at }) => {
            let cut_off = at >= text.len();
            let reason = if cut_off { "the text ends too early" } else { what.text() };
            let follows = !cut_off && matches!(what, What::End);
            Err(SyntaxError { reason, at, cut_off, follows })
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
    around: Around,
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

/// Where something begins that is no white space, and its first byte.
#[derive(Clone, Copy)]
struct Token {
    at: usize,
    byte: u8,
}

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
    /// What closes the innermost one; [`END`] if there is none.
    #[inline]
    fn closing(&self) -> u8 {
        if self.objects & 1 == 1 {
            b'}'
        } else if self.depth > 0 {
            b']'
        } else {
            END
        }
    }
}

impl Indexer<'_> {
    fn document(&mut self, text: Text<'_>) -> Result<(), Unexpected> {
        // What closes the innermost object or array, for it is asked at every value.
        let mut closing = END;
        let mut token = text.token(0);
        loop {
            let mut key = 0;
            if closing == b'}' {
                key = token.at;
                token = self.key(text, token)?;
            }
            let at = token.at;
            let mut end = at + 1;
            if matches!(token.byte, b'{' | b'[') {
                closing = self.open(key, token)?;
                let inside = self.token(text, end);
                if inside.byte != closing {
                    token = inside;
                    continue;
                }
            } else {
                let (behind, tail) = self.leaf(text, token)?;
                self.node(key, at, behind, tail);
                end = behind;
                if closing != END
                    && let Some(next) = self.after(text, end, b',')
                {
                    token = next;
                    continue;
                }
            }
            match self.close(text, end)? {
                Some(next) => token = next,
                None => return Ok(()),
            }
            closing = self.around.closing();
        }
    }

    /// Begins an object or array, and gives what closes it.
    #[inline]
    fn open(&mut self, key: usize, token: Token) -> Result<u8, Unexpected> {
        let around = &mut self.around;
        if around.depth >= MAX_DEPTH {
            return Err(What::Depth.at(token.at));
        }
        let is_object = token.byte == b'{';
        around.depth += 1;
        around.objects = around.objects << 1 | u128::from(is_object);
        let next = std::mem::replace(&mut around.innermost, place(self.nodes.len()));
        self.node(key, token.at, 0, next);
        Ok(if is_object { b'}' } else { b']' })
    }

    /// Ends the objects and arrays that end behind a value, and gives the first byte of the value
    /// or key that follows; `None` at the end.
    fn close(&mut self, text: Text<'_>, end: usize) -> Result<Option<Token>, Unexpected> {
        let mut at = end;
        loop {
            let closing = self.around.closing();
            if closing == END {
                let at = text.token(at).at;
                return if at < text.0.len() { Err(What::End.at(at)) } else { Ok(None) };
            }
            let token = self.token(text, at);
            if token.byte == b',' {
                return Ok(Some(self.token(text, token.at + 1)));
            }
            if token.byte != closing {
                let in_object = closing == b'}';
                let what = if in_object { What::EndOfObject } else { What::EndOfArray };
                return Err(what.at(token.at));
            }
            at = token.at + 1;
            self.close_one(at);
        }
    }

    /// Ends the innermost object or array.
    #[inline]
    fn close_one(&mut self, end: usize) {
        let tail = place(self.nodes.len());
        if let Some(node) = self.nodes.get_mut(self.around.innermost as usize) {
            node.end = place(end);
            self.around.innermost = std::mem::replace(&mut node.tail, tail);
        }
        self.around.depth -= 1;
        self.around.objects >>= 1;
    }

    /// A key and its colon; then its value begins.
    #[inline]
    fn key(&mut self, text: Text<'_>, token: Token) -> Result<Token, Unexpected> {
        if token.byte != b'"' {
            return Err(What::Key.at(token.at));
        }
        let (end, tail) = self.string(text, token.at)?;
        self.notes.escaped_keys |= tail == Node::ESCAPED;
        let value = self.after(text, end, b':');
        value.ok_or_else(|| What::Colon.at(text.token(end).at))
    }

    /// The token behind a comma or colon; `None` if that does not come next.
    #[inline]
    fn after(&mut self, text: Text<'_>, at: usize, separator: u8) -> Option<Token> {
        if let Some([first, byte]) = text.two(at)
            && first == separator
            && byte > b' '
        {
            return Some(Token { at: at + 1, byte });
        }
        self.after_space(text, at, separator)
    }

    /// The same, if there may be white space around it.
    #[inline(never)]
    fn after_space(&mut self, text: Text<'_>, at: usize, separator: u8) -> Option<Token> {
        let token = text.token(at);
        (token.byte == separator).then(|| {
            let next = text.token(token.at + 1);
            self.notes.spaces |= next.at > at + 1;
            next
        })
    }

    /// The next token, from `at` on; notes if there is white space before it.
    #[inline]
    fn token(&mut self, text: Text<'_>, at: usize) -> Token {
        let token = text.token(at);
        self.notes.spaces |= token.at > at;
        token
    }

    /// The place behind a value that is neither object nor array, and what it is.
    #[inline]
    fn leaf(&mut self, text: Text<'_>, token: Token) -> Result<(usize, u32), Unexpected> {
        if token.byte == b'"' {
            return self.string(text, token.at);
        }
        let (behind, tail) = match token.byte {
            b't' => (text.word(token.at, b"true"), Node::OTHER),
            b'f' => (text.word(token.at, b"false"), Node::OTHER),
            b'n' => (text.word(token.at, b"null"), Node::NULL),
            _ => (text.number(token), Node::OTHER),
        };
        Ok((behind?, tail))
    }

    /// The place behind a string, and what it is.
    #[inline]
    fn string(&mut self, text: Text<'_>, start: usize) -> Result<(usize, u32), Unexpected> {
        let at = self.specials.next(start + 1);
        if text.byte(at) == b'"' {
            Ok((at + 1, Node::PLAIN))
        } else {
            Ok((self.rest_of_string(text, at)? + 1, Node::ESCAPED))
        }
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

    #[inline]
    fn node(&mut self, key: usize, start: usize, end: usize, tail: u32) {
        self.nodes.push(Node { key: place(key), start: place(start), end: place(end), tail });
    }
}

impl Text<'_> {
    /// The place behind a word.
    #[inline]
    fn word<const N: usize>(self, at: usize, word: &[u8; N]) -> Behind {
        if self.0.get(at..).and_then(<[u8]>::first_chunk) == Some(word) {
            return Ok(at + N);
        }
        let odd = (at..).zip(word).find(|(at, byte)| self.byte(*at) != **byte);
        Err(What::Value.at(odd.map_or(at, |(at, _)| at)))
    }

    /// The place behind a number.
    #[inline]
    fn number(self, token: Token) -> Behind {
        let Token { at, byte } = token;
        match byte {
            b'1'..=b'9' => self.behind_whole(self.digits(at)),
            b'0' => self.behind_zero(at + 1),
            b'-' => match self.byte(at + 1) {
                b'0' => self.behind_zero(at + 2),
                b'1'..=b'9' => self.behind_whole(self.digits(at + 1)),
                _ => Err(What::Digit.at(at + 1)),
            },
            _ => Err(What::Value.at(at)),
        }
    }

    fn behind_zero(self, at: usize) -> Behind {
        if self.byte(at).is_ascii_digit() {
            return Err(What::LeadingZero.at(at));
        }
        self.behind_whole(at)
    }

    #[inline]
    fn behind_whole(self, at: usize) -> Behind {
        if matches!(self.byte(at), b'.' | b'e' | b'E') { self.fraction(at) } else { Ok(at) }
    }

    /// What makes a number other than whole, or large.
    #[inline(never)]
    fn fraction(self, mut at: usize) -> Behind {
        if self.byte(at) == b'.' {
            at = self.some_digits(at + 1)?;
        }
        if matches!(self.byte(at), b'e' | b'E') {
            let sign = matches!(self.byte(at + 1), b'+' | b'-');
            at = self.some_digits(at + 1 + usize::from(sign))?;
        }
        Ok(at)
    }

    /// At least one digit.
    fn some_digits(self, start: usize) -> Behind {
        let at = self.digits(start);
        if at == start { Err(What::Digit.at(at)) } else { Ok(at) }
    }

    #[inline]
    fn digits(self, mut at: usize) -> usize {
        while self.byte(at).is_ascii_digit() {
            at += 1;
        }
        at
    }

    /// A byte and the one behind it; `None` if the text ends before.
    #[inline]
    fn two(self, at: usize) -> Option<[u8; 2]> {
        let second = *self.0.get(at.checked_add(1)?)?;
        Some([*self.0.get(at)?, second])
    }

    #[inline]
    fn byte(self, at: usize) -> u8 {
        self.0.get(at).copied().unwrap_or(END)
    }

    /// The next token, from `at` on.
    #[inline]
    fn token(self, mut at: usize) -> Token {
        while is_space(self.byte(at)) {
            at += 1;
        }
        Token { at, byte: self.byte(at) }
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
