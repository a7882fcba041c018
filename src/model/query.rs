//! A query in X's search language, checked before X would charge or refuse it.
//!
//! X refuses a bad query with a message that few can decode, and takes some for something else than
//! they look like. So the mistakes that people make are found here, each with its position and a
//! fix: unbalanced quotes and parentheses, `and`/`AND`/`NOT`, operators of the web site, operators
//! that can't stand alone, a negated group, a query that is too long.
//!
//! It is a check, not a parser: it builds no tree, and what it does not know to be wrong it lets
//! pass. The text is sent as it is, except for blanks around it. Which operators exist is data:
//! see [`operators`].

mod error;
pub mod operators;
mod tokens;

pub use self::error::QueryError;
use self::operators::{Place, fault, place};
use self::tokens::{Kind, Token, tokens};
use super::spec::Archive;

/// A query that X can be expected to accept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Query(String);

/// The longest query, in characters, of a self-serve account (docs.x.com, build a query, read
/// 2026-08-22). Enterprise accounts have 4,096 in either index: see [`Query::check_up_to`].
pub const fn max_characters(archive: Archive) -> usize {
    match archive {
        Archive::All => 1024,
        Archive::Recent => 512,
    }
}

impl Query {
    /// Checks a query for an account without special terms.
    pub fn check(text: &str, archive: Archive) -> Result<Self, QueryError> {
        Self::check_up_to(text, archive, max_characters(archive))
    }

    /// Checks a query for an account that may send `longest` characters.
    pub fn check_up_to(text: &str, archive: Archive, longest: usize) -> Result<Self, QueryError> {
        let tokens = tokens(text)?;
        if tokens.is_empty() {
            return Err(QueryError::new(1, "it is empty", "write for example #rustlang lang:en"));
        }
        check_length(text, longest)?;
        check_structure(&tokens)?;
        tokens.iter().try_for_each(|token| check_token(token, archive))?;
        check_something_is_searched(&tokens)?;
        Ok(Self(text.trim().to_owned()))
    }

    /// The query as X gets it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check_length(text: &str, longest: usize) -> Result<(), QueryError> {
    let length = text.trim().chars().count();
    if length <= longest {
        return Ok(());
    }
    let problem = format!("it has {length} characters, and X takes {longest}");
    Err(QueryError::new(longest + 1, problem, "shorten it, or split a long OR list into several"))
}

/// Parentheses match, and OR stands between two things.
fn check_structure(tokens: &[Token]) -> Result<(), QueryError> {
    let mut open = Vec::new();
    let mut before = Kind::Open;
    for token in tokens {
        match token.kind {
            Kind::Open => open.push(token.position),
            Kind::Close if open.pop().is_none() => {
                let problem = "this ) closes nothing";
                return Err(QueryError::new(token.position, problem, "remove it, or add a ("));
            }
            Kind::Close if before == Kind::Open => {
                let problem = "these parentheses are empty";
                return Err(QueryError::new(token.position, problem, "remove them"));
            }
            Kind::Close if before == Kind::Or => return Err(dangling_or(token.position)),
            Kind::Or if matches!(before, Kind::Open | Kind::Or) => {
                return Err(dangling_or(token.position));
            }
            Kind::Close | Kind::Or | Kind::Phrase | Kind::Word => {}
        }
        before = token.kind;
    }
    if let Some(position) = open.pop() {
        return Err(QueryError::new(position, "this ( is never closed", "add a )"));
    }
    match tokens.last() {
        Some(last) if last.kind == Kind::Or => Err(dangling_or(last.position)),
        Some(_) | None => Ok(()),
    }
}

fn dangling_or(position: usize) -> QueryError {
    let problem = "OR stands between two things, and one is missing here";
    QueryError::new(position, problem, "remove the OR, or quote it (\"OR\") to search for the word")
}

fn check_token(token: &Token, archive: Archive) -> Result<(), QueryError> {
    match token.kind {
        Kind::Open | Kind::Close | Kind::Or | Kind::Phrase => Ok(()),
        Kind::Word => fault(token, archive)
            .map_or(Ok(()), |(problem, fix)| Err(QueryError::new(token.position, problem, fix))),
    }
}

/// At least one thing that X can look up: not excluded, and not an operator that only narrows.
fn check_something_is_searched(tokens: &[Token]) -> Result<(), QueryError> {
    let things = || tokens.iter().filter(|t| matches!(t.kind, Kind::Word | Kind::Phrase));
    let looked_up = |token: &Token| token.kind == Kind::Phrase || place(token) == Place::Anywhere;
    if things().any(|token| looked_up(token) && !token.negated) {
        return Ok(());
    }
    let position = tokens.first().map_or(1, |token| token.position);
    if things().any(looked_up) {
        let problem = "it only excludes things";
        return Err(QueryError::new(position, problem, "add something to search for"));
    }
    let names: Vec<_> = things().map(|token| token.text.as_str()).collect();
    let problem = format!("{} can't be searched for alone", names.join(" "));
    let fix = "add a word, a \"phrase\", a #hashtag or an operator such as from:";
    Err(QueryError::new(position, problem, fix))
}

#[cfg(test)]
mod tests;
