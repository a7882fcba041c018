//! The pass that checks a text and notes where its values are.
//!
//! One function for each rule of the grammar (RFC 8259), none of them looking back.

use super::{MAX_DEPTH, MAX_LENGTH, Node, scan};

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

/// The nodes of a text, and whether there is an escape of a surrogate in it.
pub(super) fn index(text: &str) -> Result<(Vec<Node>, bool), SyntaxError> {
    if text.len() > MAX_LENGTH {
        return Err(SyntaxError { reason: "longer than 1 GiB", at: MAX_LENGTH, cut_off: false });
    }
    // Answers of X have a value or a key in every 13 bytes, give or take a few.
    let nodes = Vec::with_capacity(text.len() / 12 + 1);
    let mut parser = Parser { bytes: text.as_bytes(), at: 0, nodes, surrogates: false };
    match parser.document() {
        Ok(()) => Ok((parser.nodes, parser.surrogates)),
        Err(unexpected) => {
            let cut_off = parser.at >= text.len();
            let reason = if cut_off { "the text ends too early" } else { unexpected.text() };
            Err(SyntaxError { reason, at: parser.at, cut_off })
        }
    }
}

struct Parser<'t> {
    bytes: &'t [u8],
    at: usize,
    nodes: Vec<Node>,
    surrogates: bool,
}

/// Whether what was looked at is as it must be; if not, it is so at [`Parser::at`].
type Checked = Result<(), Unexpected>;

/// What is wrong. As small as it can be, because every value of a page comes back with one.
#[derive(Debug, Clone, Copy)]
enum Unexpected {
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

impl Unexpected {
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

impl Parser<'_> {
    fn document(&mut self) -> Checked {
        self.value(0)?;
        self.token();
        check(self.at >= self.bytes.len(), Unexpected::End)
    }

    fn value(&mut self, depth: usize) -> Checked {
        match self.token() {
            b'"' => self.string(),
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            b'-' | b'0'..=b'9' => self.number(),
            _ => Err(Unexpected::Value),
        }
    }

    fn object(&mut self, depth: usize) -> Checked {
        let node = self.open(depth)?;
        if self.token() != b'}' {
            loop {
                let quote = self.token() == b'"';
                check(quote, Unexpected::Key)?;
                self.string()?;
                let colon = self.token() == b':';
                self.take(colon, Unexpected::Colon)?;
                self.value(depth + 1)?;
                match self.token() {
                    b',' => self.at += 1,
                    b'}' => break,
                    _ => return Err(Unexpected::EndOfObject),
                }
            }
        }
        self.close(node);
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Checked {
        let node = self.open(depth)?;
        if self.token() != b']' {
            loop {
                self.value(depth + 1)?;
                match self.token() {
                    b',' => self.at += 1,
                    b']' => break,
                    _ => return Err(Unexpected::EndOfArray),
                }
            }
        }
        self.close(node);
        Ok(())
    }

    /// Begins an object or array, and gives the number of its node.
    fn open(&mut self, depth: usize) -> Result<usize, Unexpected> {
        check(depth < MAX_DEPTH, Unexpected::Depth)?;
        let node = self.nodes.len();
        self.nodes.push(Node { start: place(self.at), end: 0, tail: 0 });
        self.at += 1;
        Ok(node)
    }

    fn close(&mut self, node: usize) {
        self.at += 1;
        let (end, tail) = (place(self.at), place(self.nodes.len()));
        if let Some(node) = self.nodes.get_mut(node) {
            (node.end, node.tail) = (end, tail);
        }
    }

    #[inline]
    fn string(&mut self) -> Checked {
        let start = self.at;
        let inside = self.bytes.get(start + 1..).unwrap_or_default();
        let run = scan::plain_run(inside);
        self.at += 1 + run;
        let mut tail = Node::PLAIN;
        if inside.get(run) != Some(&b'"') {
            tail = Node::ESCAPED;
            self.rest_of_string()?;
        }
        self.at += 1;
        self.nodes.push(Node { start: place(start), end: place(self.at), tail });
        Ok(())
    }

    /// Goes on to the closing quote of a string that is not plain up to there.
    fn rest_of_string(&mut self) -> Checked {
        loop {
            match self.peek() {
                b'"' => return Ok(()),
                b'\\' => self.escape()?,
                _ => return Err(Unexpected::EndOfString),
            }
            self.at += scan::plain_run(self.bytes.get(self.at..).unwrap_or_default());
        }
    }

    fn escape(&mut self) -> Checked {
        self.at += 1;
        match self.peek() {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 1,
            b'u' => {
                self.at += 1;
                self.surrogates |= matches!(self.peek(), b'd' | b'D');
                for _ in 0..4 {
                    let digit = self.peek().is_ascii_hexdigit();
                    self.take(digit, Unexpected::Hexadecimal)?;
                }
            }
            _ => return Err(Unexpected::Escape),
        }
        Ok(())
    }

    fn word(&mut self, word: &[u8]) -> Checked {
        let start = self.at;
        for &byte in word {
            self.take(self.peek() == byte, Unexpected::Value)?;
        }
        self.leaf(start);
        Ok(())
    }

    fn number(&mut self) -> Checked {
        let start = self.at;
        self.skip(b"-");
        if self.peek() == b'0' {
            self.at += 1;
            check(!self.peek().is_ascii_digit(), Unexpected::LeadingZero)?;
        } else {
            self.digits()?;
        }
        if self.skip(b".") {
            self.digits()?;
        }
        if self.skip(b"eE") {
            self.skip(b"+-");
            self.digits()?;
        }
        self.leaf(start);
        Ok(())
    }

    /// At least one digit.
    fn digits(&mut self) -> Checked {
        self.take(self.peek().is_ascii_digit(), Unexpected::Digit)?;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        Ok(())
    }

    fn leaf(&mut self, start: usize) {
        self.nodes.push(Node { start: place(start), end: place(self.at), tail: Node::PLAIN });
    }

    /// Takes a byte if it is as it should be.
    fn take(&mut self, is_so: bool, otherwise: Unexpected) -> Checked {
        self.at += usize::from(is_so);
        check(is_so, otherwise)
    }

    /// Takes one of `bytes`, if it comes next.
    fn skip(&mut self, bytes: &[u8]) -> bool {
        let found = bytes.contains(&self.peek());
        self.at += usize::from(found);
        found
    }

    #[inline]
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(END)
    }

    /// The first byte of the next token.
    #[inline]
    fn token(&mut self) -> u8 {
        while let b' ' | b'\n' | b'\r' | b'\t' = self.peek() {
            self.at += 1;
        }
        self.peek()
    }
}

fn check(is_so: bool, otherwise: Unexpected) -> Checked {
    if is_so { Ok(()) } else { Err(otherwise) }
}

/// A place in a text or among nodes, in four bytes.
#[expect(clippy::cast_possible_truncation, reason = "a text is no longer than MAX_LENGTH")]
const fn place(at: usize) -> u32 {
    at as u32
}
