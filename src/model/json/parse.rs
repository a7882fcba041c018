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
    /// Whether the text ends too early: what there is of it may be sound.
    pub cut_off: bool,
}

/// The nodes of a text.
pub(super) fn index(text: &str) -> Result<Vec<Node>, SyntaxError> {
    // Answers of X have a value or a key in every 20 bytes, give or take a few.
    let nodes = Vec::with_capacity(text.len() / 16 + 1);
    let mut parser = Parser { bytes: text.as_bytes(), at: 0, nodes };
    if text.len() > MAX_LENGTH {
        return Err(parser.refuse("longer than 1 GiB"));
    }
    parser.value(0)?;
    parser.skip_white_space();
    match parser.bytes.get(parser.at) {
        None => Ok(parser.nodes),
        Some(_) => Err(parser.refuse("something follows the value")),
    }
}

struct Parser<'t> {
    bytes: &'t [u8],
    at: usize,
    nodes: Vec<Node>,
}

type Checked = Result<(), SyntaxError>;

impl Parser<'_> {
    fn value(&mut self, depth: usize) -> Checked {
        match self.token()? {
            b'"' => self.string(),
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b't' => self.literal("true"),
            b'f' => self.literal("false"),
            b'n' => self.literal("null"),
            b'-' | b'0'..=b'9' => self.number(),
            _ => Err(self.refuse("a value is expected")),
        }
    }

    fn object(&mut self, depth: usize) -> Checked {
        let node = self.open(depth)?;
        if self.token()? == b'}' {
            return self.close(node);
        }
        loop {
            if self.token()? != b'"' {
                return Err(self.refuse("a key in quotes is expected"));
            }
            self.string()?;
            if self.token()? != b':' {
                return Err(self.refuse("`:` is expected"));
            }
            self.at += 1;
            self.value(depth + 1)?;
            match self.token()? {
                b',' => self.at += 1,
                b'}' => return self.close(node),
                _ => return Err(self.refuse("`,` or `}` is expected")),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Checked {
        let node = self.open(depth)?;
        if self.token()? == b']' {
            return self.close(node);
        }
        loop {
            self.value(depth + 1)?;
            match self.token()? {
                b',' => self.at += 1,
                b']' => return self.close(node),
                _ => return Err(self.refuse("`,` or `]` is expected")),
            }
        }
    }

    /// Begins an object or array, and gives the number of its node.
    fn open(&mut self, depth: usize) -> Result<usize, SyntaxError> {
        if depth >= MAX_DEPTH {
            return Err(self.refuse("values lie in one another more than 127 deep"));
        }
        let node = self.nodes.len();
        self.nodes.push(Node { start: place(self.at), end: 0, tail: 0 });
        self.at += 1;
        Ok(node)
    }

    fn close(&mut self, node: usize) -> Checked {
        self.at += 1;
        let tail = place(self.nodes.len());
        if let Some(node) = self.nodes.get_mut(node) {
            (node.end, node.tail) = (place(self.at), tail);
        }
        Ok(())
    }

    fn string(&mut self) -> Checked {
        let start = self.at;
        self.at += 1;
        let mut tail = Node::PLAIN;
        loop {
            self.at += scan::plain_run(self.bytes.get(self.at..).unwrap_or_default());
            match self.bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    tail = Node::ESCAPED;
                    self.escape()?;
                }
                Some(_) => return Err(self.refuse("a control character in a string")),
                None => return Err(self.cut_off()),
            }
        }
        self.at += 1;
        self.nodes.push(Node { start: place(start), end: place(self.at), tail });
        Ok(())
    }

    fn escape(&mut self) -> Checked {
        self.at += 1;
        match self.bytes.get(self.at) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    self.digit(u8::is_ascii_hexdigit, "four hexadecimal digits are expected")?;
                }
            }
            Some(_) => return Err(self.refuse("no such escape")),
            None => return Err(self.cut_off()),
        }
        Ok(())
    }

    fn literal(&mut self, word: &str) -> Checked {
        let start = self.at;
        for expected in word.bytes() {
            self.digit(|&byte| byte == expected, "a value is expected")?;
        }
        self.leaf(start);
        Ok(())
    }

    fn number(&mut self) -> Checked {
        const DIGIT: &str = "a digit is expected";
        let start = self.at;
        self.skip(b"-");
        if self.peek() == Some(b'0') {
            self.at += 1;
            if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return Err(self.refuse("a number begins with 0"));
            }
        } else {
            self.digit(u8::is_ascii_digit, DIGIT)?;
            self.skip_digits();
        }
        if self.skip(b".") {
            self.digit(u8::is_ascii_digit, DIGIT)?;
            self.skip_digits();
        }
        if self.skip(b"eE") {
            self.skip(b"+-");
            self.digit(u8::is_ascii_digit, DIGIT)?;
            self.skip_digits();
        }
        self.leaf(start);
        Ok(())
    }

    fn leaf(&mut self, start: usize) {
        self.nodes.push(Node { start: place(start), end: place(self.at), tail: Node::PLAIN });
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The first byte of the next token.
    fn token(&mut self) -> Result<u8, SyntaxError> {
        if self.peek().is_some_and(|byte| byte <= b' ') {
            self.skip_white_space();
        }
        self.peek().ok_or_else(|| self.cut_off())
    }

    fn skip_white_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// Takes one of `bytes`, if it comes next.
    fn skip(&mut self, bytes: &[u8]) -> bool {
        let found = self.peek().is_some_and(|byte| bytes.contains(&byte));
        self.at += usize::from(found);
        found
    }

    fn skip_digits(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }

    /// Takes a byte that must be as `expected` says.
    fn digit(&mut self, expected: impl Fn(&u8) -> bool, reason: &'static str) -> Checked {
        match self.peek() {
            Some(byte) if expected(&byte) => self.at += 1,
            Some(_) => return Err(self.refuse(reason)),
            None => return Err(self.cut_off()),
        }
        Ok(())
    }

    #[cold]
    fn refuse(&self, reason: &'static str) -> SyntaxError {
        SyntaxError { reason, at: self.at, cut_off: false }
    }

    #[cold]
    fn cut_off(&self) -> SyntaxError {
        SyntaxError { reason: "the text ends too early", at: self.at, cut_off: true }
    }
}

/// A place in a text or among nodes, in four bytes. Never too large: see [`MAX_LENGTH`].
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
