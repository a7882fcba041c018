//! A query cut into words, phrases, parentheses and OR.

use super::error::QueryError;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `(`
    Open,
    /// `)`
    Close,
    /// `OR`
    Or,
    /// `"…"`
    Phrase,
    /// A keyword, `#tag`, or an operator.
    Word,
}

/// A piece of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Its text, without a minus in front.
    pub(super) text: String,
    /// Whether there is a minus in front.
    pub(super) negated: bool,
    /// Where it begins, in characters from 1.
    pub(super) position: usize,
}

/// Cuts a query; fails where no token can be.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, QueryError> {
    let mut scanner = Scanner { chars: text.chars().collect(), at: 0 };
    let mut tokens = Vec::new();
    while let Some(token) = scanner.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Scanner {
    chars: Vec<char>,
    at: usize,
}

impl Scanner {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Result<Option<Token>, QueryError> {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
        let position = self.at + 1;
        let negated = self.peek() == Some('-');
        if negated {
            self.at += 1;
        }
        let begin = self.at;
        let kind = match self.peek() {
            None | Some(')') if negated => return Err(lone_minus(position)),
            Some(c) if negated && c.is_whitespace() => return Err(lone_minus(position)),
            None => return Ok(None),
            Some('(') if negated => return Err(negated_group(position)),
            Some('(') => self.single(Kind::Open),
            Some(')') => self.single(Kind::Close),
            Some('"') => {
                self.quoted()?;
                Kind::Phrase
            }
            Some(_) => self.word()?,
        };
        let text: String = self.chars[begin..self.at].iter().collect();
        let kind = if text == "OR" && !negated { Kind::Or } else { kind };
        Ok(Some(Token { kind, text, negated, position }))
    }

    fn single(&mut self, kind: Kind) -> Kind {
        self.at += 1;
        kind
    }

    /// From a quote to the next one that has no backslash before it.
    fn quoted(&mut self) -> Result<(), QueryError> {
        let position = self.at + 1;
        self.at += 1;
        while let Some(c) = self.peek() {
            self.at += 1;
            match c {
                '\\' => self.at = (self.at + 1).min(self.chars.len()),
                '"' if self.at == position + 1 => {
                    return Err(QueryError::new(position, "these quotes are empty", "remove them"));
                }
                '"' => return Ok(()),
                _ => {}
            }
        }
        Err(QueryError::new(position, "this quote is never closed", "add a \""))
    }

    /// Up to a blank or a parenthesis; quotes and brackets (`point_radius:[…]`) may hold blanks.
    fn word(&mut self) -> Result<Kind, QueryError> {
        while let Some(c) = self.peek() {
            match c {
                '(' | ')' => break,
                '"' => self.quoted()?,
                '[' => self.bracketed()?,
                '“' | '”' | '„' => return Err(curly_quote(self.at + 1)),
                c if c.is_whitespace() => break,
                c if c.is_control() => {
                    let problem = format!("{c:?} is no printable character");
                    return Err(QueryError::new(self.at + 1, problem, "remove it"));
                }
                _ => self.at += 1,
            }
        }
        Ok(Kind::Word)
    }

    fn bracketed(&mut self) -> Result<(), QueryError> {
        let position = self.at + 1;
        match self.chars[self.at..].iter().position(|c| *c == ']') {
            Some(length) => {
                self.at += length + 1;
                Ok(())
            }
            None => Err(QueryError::new(position, "this [ is never closed", "add a ]")),
        }
    }
}

fn lone_minus(position: usize) -> QueryError {
    let fix = "write it directly before what to exclude: -is:retweet";
    QueryError::new(position, "this minus excludes nothing", fix)
}

fn negated_group(position: usize) -> QueryError {
    let fix = "exclude each thing by itself: -(a OR b) is -a -b";
    QueryError::new(position, "a group can't be excluded", fix)
}

fn curly_quote(position: usize) -> QueryError {
    QueryError::new(position, "a curly quote is no quote for X", "type straight quotes: \"…\"")
}
