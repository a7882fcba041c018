//! The query language of search and counts: parsed here, matched in [`matching`].
//!
//! Grammar (docs.x.com, search, build a query and operators, read 2026-08-22): a
//! space is AND and binds tighter than `OR`; `-` negates one operator, never a group;
//! a query needs an operator that can stand alone in every branch. Anything else is
//! refused with a position, as X does. Operators of other products (`min_faves:`,
//! `since:`, `sample:`) are refused too.

mod lexer;
mod matching;
mod operators;
mod term;

pub use matching::point;
pub use term::QueryError;

use lexer::{Lexeme, Token, lex};
use term::{Sign, Term};

/// A parsed query.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    /// All of these.
    And(Vec<Query>),
    /// One of these.
    Or(Vec<Query>),
    /// An operator.
    Term(Sign, Term),
}

impl Query {
    /// Parses a query.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        let tokens = lex(text)?;
        let mut parser = Parser { tokens, next: 0, end: text.chars().count() + 1 };
        let query = parser.alternatives()?;
        if let Some(extra) = parser.peek() {
            let message = format!("no viable alternative at input '{}'", extra.lexeme.shown());
            return Err(QueryError::new(message, extra.position));
        }
        if query.stands_alone() {
            return Ok(query);
        }
        Err(QueryError::new("Rules must contain at least one positive, non-stopword clause", 1))
    }

    /// Whether every post found must carry this hashtag (folded).
    pub fn requires_hashtag(&self, tag: &str) -> bool {
        match self {
            Self::And(all) => all.iter().any(|part| part.requires_hashtag(tag)),
            Self::Or(any) => any.iter().all(|part| part.requires_hashtag(tag)),
            Self::Term(sign, term) => {
                *sign == Sign::Plus && matches!(term, Term::Hashtag(own) if own == tag)
            }
        }
    }

    /// Whether this is nothing but the hashtag (folded).
    pub fn is_hashtag(&self, tag: &str) -> bool {
        matches!(self, Self::Term(Sign::Plus, Term::Hashtag(own)) if own == tag)
    }

    fn stands_alone(&self) -> bool {
        match self {
            Self::And(all) => all.iter().any(Self::stands_alone),
            Self::Or(any) => any.iter().all(Self::stands_alone),
            Self::Term(sign, term) => *sign == Sign::Plus && term.stands_alone(),
        }
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    end: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn peek_is(&self, lexeme: &Lexeme) -> bool {
        self.peek().is_some_and(|token| token.lexeme == *lexeme)
    }

    fn alternatives(&mut self) -> Result<Query, QueryError> {
        let mut any = vec![self.conjunction()?];
        while self.peek_is(&Lexeme::Or) {
            self.next += 1;
            any.push(self.conjunction()?);
        }
        Ok(if any.len() == 1 { any.remove(0) } else { Query::Or(any) })
    }

    fn conjunction(&mut self) -> Result<Query, QueryError> {
        let mut all = vec![self.operand()?];
        while self.peek().is_some_and(|token| !matches!(token.lexeme, Lexeme::Or | Lexeme::Close)) {
            all.push(self.operand()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Query::And(all) })
    }

    fn operand(&mut self) -> Result<Query, QueryError> {
        let Some(token) = self.peek().cloned() else {
            return Err(QueryError::new("no viable alternative at input '<EOF>'", self.end));
        };
        self.next += 1;
        match token.lexeme {
            Lexeme::Term(sign, term) => Ok(Query::Term(sign, term)),
            Lexeme::Open => {
                let inner = self.alternatives()?;
                if !self.peek_is(&Lexeme::Close) {
                    return Err(QueryError::new("missing ')' at '<EOF>'", self.end));
                }
                self.next += 1;
                Ok(inner)
            }
            other => {
                let message = format!("no viable alternative at input '{}'", other.shown());
                Err(QueryError::new(message, token.position))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> QueryError {
        Query::parse(text).expect_err(text)
    }

    #[test]
    fn and_binds_tighter_than_or() {
        let plain = Query::parse("#a #b OR #c").expect("parses");
        let grouped = Query::parse("(#a #b) OR (#c)").expect("parses");
        assert_eq!(plain, grouped);
        assert_ne!(plain, Query::parse("#a (#b OR #c)").expect("parses"));
    }

    #[test]
    fn a_lower_case_and_is_refused_with_the_recorded_words() {
        assert_eq!(
            refused("#aaaaaaaaa #bbbb and c").to_string(),
            "Ambiguous use of and as a keyword. Use a space to logically join two clauses, or \"and\" to find occurrences of and in text (at position 18)"
        );
        assert!(refused("#a or #b").message.starts_with("Ambiguous use of or"));
        assert!(Query::parse("\"and\" #a").is_ok());
    }

    #[test]
    fn operators_that_need_company_are_refused_alone() {
        for text in ["lang:en", "-#a", "is:reply has:media", "#a OR lang:en", "-is:retweet"] {
            assert!(refused(text).message.starts_with("Rules must contain"), "{text}");
        }
        for text in ["#a lang:en", "(#a OR #b) -is:reply", "from:b -lang:en"] {
            assert!(Query::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn errors_tell_where() {
        for (text, position) in [
            ("50%", 3),
            ("#a )", 4),
            ("(#a", 4),
            ("#a OR", 6),
            ("-(#a)", 1),
            ("#a \"open", 4),
            ("#123", 1),
            ("", 1),
            ("#a min_faves:3", 4),
            ("#a is:tall", 4),
            ("#a until:2020-01-01", 4),
            ("#a conversation_id:x", 4),
            ("#a is:nullcast", 4),
        ] {
            assert_eq!(refused(text).position, position, "{text}");
        }
    }

    #[test]
    fn only_a_required_hashtag_allows_the_fast_path() {
        let requires = |text| Query::parse(text).expect("parses").requires_hashtag("a");
        assert!(requires("#A"));
        assert!(requires("＃a -is:reply (x OR y)"));
        assert!(requires("(#a x) OR (#a y)"));
        assert!(!requires("#a OR #b"));
        assert!(!requires("b -#a"));
    }
}
