//! Splits a query into parentheses, `OR` and operators, each with its position.

use super::operators::{named, tagged};
use super::term::{Property, QueryError, Sign, Term};
use crate::text::folded;

/// One piece of a query.
#[derive(Clone, Debug, PartialEq)]
pub enum Lexeme {
    /// `(`
    Open,
    /// `)`
    Close,
    /// `OR`
    Or,
    /// An operator.
    Term(Sign, Term),
}

impl Lexeme {
    /// For messages.
    pub fn shown(&self) -> &'static str {
        match self {
            Self::Open => "(",
            Self::Close => ")",
            Self::Or => "OR",
            Self::Term(..) => "operator",
        }
    }
}

/// A piece and where it begins (in code points, from 1).
#[derive(Clone, Debug)]
pub struct Token {
    /// The piece.
    pub lexeme: Lexeme,
    /// Its position.
    pub position: usize,
}

/// Splits a query.
pub fn lex(text: &str) -> Result<Vec<Token>, QueryError> {
    let mut lexer = Lexer { signs: text.chars().collect(), next: 0 };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.token()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Lexer {
    signs: Vec<char>,
    next: usize,
}

impl Lexer {
    fn peek(&self) -> Option<char> {
        self.signs.get(self.next).copied()
    }

    fn token(&mut self) -> Result<Option<Token>, QueryError> {
        while self.peek().is_some_and(char::is_whitespace) {
            self.next += 1;
        }
        let position = self.next + 1;
        let Some(first) = self.peek() else { return Ok(None) };
        let lexeme = match first {
            '(' => self.single(Lexeme::Open),
            ')' => self.single(Lexeme::Close),
            '-' => {
                self.next += 1;
                if self.peek().is_none_or(|sign| sign.is_whitespace() || "()-".contains(sign)) {
                    return Err(QueryError::new("no viable alternative at input '-'", position));
                }
                let term = self.term(position)?;
                Lexeme::Term(Sign::Minus, term)
            }
            _ => self.word_or_term(position)?,
        };
        if lexeme == Lexeme::Term(Sign::Plus, Term::Is(Property::Nullcast)) {
            let message = "The operator is:nullcast must be negated: use -is:nullcast";
            return Err(QueryError::new(message, position));
        }
        Ok(Some(Token { lexeme, position }))
    }

    fn single(&mut self, lexeme: Lexeme) -> Lexeme {
        self.next += 1;
        lexeme
    }

    fn word_or_term(&mut self, position: usize) -> Result<Lexeme, QueryError> {
        let start = self.next;
        if self.word() == "OR" {
            return Ok(Lexeme::Or);
        }
        self.next = start;
        Ok(Lexeme::Term(Sign::Plus, self.term(position)?))
    }

    fn term(&mut self, position: usize) -> Result<Term, QueryError> {
        if self.peek() == Some('"') {
            return Ok(Term::Phrase(folded(&self.quoted(position)?)));
        }
        let start = self.next;
        let word = self.word();
        if let Some((name, value)) = word.split_once(':').filter(|(name, _)| is_name(name)) {
            let name = name.to_owned();
            if value.is_empty() {
                let value = self.enclosed(position)?;
                return named(&name, &value, position);
            }
            if value.starts_with('[') {
                self.next = start + name.chars().count() + 1;
                let value = self.enclosed(position)?;
                return named(&name, &value, position);
            }
            return named(&name, value, position);
        }
        if let Some(term) = tagged(&word, position) {
            return term;
        }
        keyword(&word, position)
    }

    /// Up to the next space, parenthesis or quotation mark.
    fn word(&mut self) -> String {
        let start = self.next;
        while self.peek().is_some_and(|sign| !sign.is_whitespace() && !"()\"".contains(sign)) {
            self.next += 1;
        }
        self.signs[start..self.next].iter().collect()
    }

    fn quoted(&mut self, position: usize) -> Result<String, QueryError> {
        self.next += 1;
        let start = self.next;
        while self.peek().is_some_and(|sign| sign != '"') {
            self.next += 1;
        }
        if self.peek().is_none() {
            return Err(QueryError::new("no viable alternative at character '\"'", position));
        }
        let inner: String = self.signs[start..self.next].iter().collect();
        self.next += 1;
        if inner.trim().is_empty() {
            return Err(QueryError::new("no viable alternative at input '\"\"'", position));
        }
        Ok(inner)
    }

    /// A value in quotation marks or square brackets.
    fn enclosed(&mut self, position: usize) -> Result<String, QueryError> {
        match self.peek() {
            Some('"') => self.quoted(position),
            Some('[') => {
                let start = self.next;
                while self.peek().is_some_and(|sign| sign != ']') {
                    self.next += 1;
                }
                if self.peek().is_none() {
                    return Err(QueryError::new("missing ']' at '<EOF>'", position));
                }
                self.next += 1;
                Ok(self.signs[start..self.next].iter().collect())
            }
            _ => Err(QueryError::new("no viable alternative at input ':'", position)),
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|sign| sign.is_ascii_lowercase() || sign == '_')
}

/// A bare word. Punctuation in it must be quoted.
fn keyword(word: &str, position: usize) -> Result<Term, QueryError> {
    match word.to_lowercase().as_str() {
        "and" => {
            let message = format!(
                "Ambiguous use of {word} as a keyword. Use a space to logically join two clauses, or \"{word}\" to find occurrences of {word} in text"
            );
            return Err(QueryError::new(message, position));
        }
        "or" => {
            let message = format!(
                "Ambiguous use of {word} as a keyword. Use OR to logically join two clauses, or \"{word}\" to find occurrences of {word} in text"
            );
            return Err(QueryError::new(message, position));
        }
        _ => {}
    }
    let illegal = |sign: char| sign.is_ascii_punctuation() && !"_'-.".contains(sign);
    if let Some((at, sign)) = word.chars().enumerate().find(|(_, sign)| illegal(*sign)) {
        let message = format!("no viable alternative at character '{sign}'");
        return Err(QueryError::new(message, position + at));
    }
    Ok(Term::Keyword(folded(word)))
}
