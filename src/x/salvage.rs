//! What can be saved of an answer that is no JSON.
//!
//! Its posts can't be taken without a guess at its structure, but two things that X says about it
//! can be found in its bytes: where the next page starts, and its smallest id. With either, a
//! collection can go on behind the page and need not buy it again.
//!
//! Promises: takes a value only if every place that names it says the same. Inside the text of a
//! post quotes are escaped, so what posts say is never taken. Deliberately does not: judge whether
//! the id can be true (see [`crate::model::step`]).

use crate::model::step::Salvage;
use crate::model::{PageToken, TweetId};

/// The longest value that is looked at, in bytes.
const LONGEST: usize = 256;

/// Looks for the next token and the smallest id.
pub fn salvage(body: &[u8]) -> Salvage {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=');
    let token = only(body, b"\"next_token\"", is_token);
    let id = only(body, b"\"oldest_id\"", |byte| byte.is_ascii_digit());
    Salvage {
        next_token: token.map(|token| PageToken(token.to_owned())),
        lowest_id: id.and_then(|id| id.parse::<TweetId>().ok()),
    }
}

/// The string that follows every `key`, if there is one, and they are all the same.
fn only<'b>(body: &'b [u8], key: &[u8], allowed: impl Fn(u8) -> bool) -> Option<&'b str> {
    let behind = memchr::memmem::find_iter(body, key).map(|at| body.get(at + key.len()..));
    let mut values = behind.map(|rest| value(rest?, &allowed));
    let first = values.next()??;
    values.all(|other| other == Some(first)).then_some(first)
}

/// The string behind a colon.
fn value(rest: &[u8], allowed: impl Fn(u8) -> bool) -> Option<&str> {
    let rest = rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    let rest = rest.strip_prefix(b"\"")?;
    let length = rest.iter().take(LONGEST + 1).position(|byte| *byte == b'"')?;
    let text = rest.get(..length).filter(|text| !text.is_empty())?;
    text.iter().all(|byte| allowed(*byte)).then(|| str::from_utf8(text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(body: &str) -> (Option<String>, Option<u64>) {
        let Salvage { next_token, lowest_id } = salvage(body.as_bytes());
        (next_token.map(|token| token.0), lowest_id.map(|id| id.0))
    }

    #[test]
    fn what_x_says_about_a_broken_page_is_found() {
        let meta = r#"{"data":[{]},"meta":{"oldest_id" : "17","next_token":"b26v-8_9="}}"#;
        assert_eq!(found(meta), (Some("b26v-8_9=".into()), Some(17)));
        let twice = r#"{"next_token":"a"} {"next_token":"a"}"#;
        assert_eq!(found(twice).0, Some("a".into()));
    }

    #[test]
    fn what_can_be_doubted_is_not_taken() {
        for body in [
            "",
            "<html>next_token</html>",
            r#"{"next_token":""}"#,
            r#"{"next_token":5,"oldest_id":17}"#,
            r#"{"next_token":"a"} {"next_token":"b"}"#,
            r#"{"next_token":"a"} {"next_token":null}"#,
            r#"{"next_token":"a b"}"#,
            r#"{"next_token":"abc"#,
            r#"{"text":"she wrote \"next_token\":\"x\", and \"oldest_id\":\"5\""}"#,
            r#"{"oldest_id":"12345678901234567890"}"#,
        ] {
            assert_eq!(found(body), (None, None), "{body}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, middle in "[\":a-z0-9 ]{0,20}") {
            let body = [&bytes, br#""next_token""#.as_slice(), middle.as_bytes(), &bytes].concat();
            let _ = salvage(&body);
        }
    }
}
