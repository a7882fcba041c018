//! What the answers of X are about.
//!
//! Answers about accounts (`/2/users/…`) and counts (`/2/tweets/counts/…`) have the form of pages,
//! and would pass for pages of tweets without text or id. They are told by their fields (X's OpenAPI
//! document 2.167, schemas `User` and `SearchCount`, read 2026-08-22).
//!
//! Promises: a page with anything in it that may be a tweet is a page of tweets, however odd the
//! rest of it is; nearly always the first tweet decides. Deliberately does not: recognise whatever
//! else X can be asked for (lists, spaces): a strange page costs strange rows, never a lost tweet.

use crate::model::spec::Dialect;
use crate::tweet::{Field, Page, Tweet, TweetField, UserField};

/// Why a page can't be converted: none of its data is a tweet.
pub(super) fn refusal(page: &Page<'_>) -> Option<&'static str> {
    let subject = Subject::of(page.tweets.first()?)?;
    page.tweets.iter().all(|tweet| Subject::of(tweet) == Some(subject)).then_some(match subject {
        Subject::Account => {
            "accounts, and only tweets can be converted: twarc2 csv --input-data-type users converts \
             accounts"
        }
        Subject::Count => {
            "counts of tweets, and only tweets can be converted: twarc2 csv --input-data-type counts \
             converts counts"
        }
    })
}

/// Something that is no tweet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Account,
    Count,
}

impl Subject {
    /// What an element of `data` is if it can't be a tweet.
    fn of(tweet: &Tweet<'_>) -> Option<Self> {
        let has = |wanted: &str| tweet.unknown().iter().any(|(name, _)| name == wanted);
        if has("username") && fields(tweet).all(is_of_accounts) {
            return Some(Self::Account);
        }
        let counts = has("start") && has("end") && (has("tweet_count") || has("post_count"));
        (counts && fields(tweet).next().is_none()).then_some(Self::Count)
    }
}

/// The fields of tweets that it has.
fn fields(tweet: &Tweet<'_>) -> impl Iterator<Item = TweetField> {
    TweetField::ALL.iter().copied().filter(|field| tweet.get(*field).is_some())
}

/// Whether accounts have a field of the same name.
fn is_of_accounts(field: TweetField) -> bool {
    UserField::named(field.name(Dialect::Tweet).as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tweet::Body;

    fn refused(data: &str) -> Option<&'static str> {
        let json = format!("{{\"data\":{data}}}");
        let body = Body::new(json.as_bytes());
        let what = refusal(&body.decode().unwrap());
        what.and_then(|reason| reason.split(',').next())
    }

    #[test]
    fn accounts_and_counts_are_no_tweets() {
        let account = r#"{"id":"5","name":"A","username":"a","created_at":"x","entities":{},
            "public_metrics":{"followers_count":1},"pinned_tweet_id":"1"}"#;
        let count = r#"{"start":"x","end":"y","tweet_count":7}"#;
        for (data, what) in [
            (account.to_owned(), "accounts"),
            (format!("[{account},{account}]"), "accounts"),
            (r#"[{"id":"5","username":"a"}]"#.to_owned(), "accounts"),
            (format!("[{count},{count}]"), "counts of tweets"),
            (r#"[{"start":"x","end":"y","post_count":0}]"#.to_owned(), "counts of tweets"),
        ] {
            assert_eq!(refused(&data), Some(what), "{data}");
        }
    }

    #[test]
    fn what_may_be_a_tweet_makes_a_page_of_tweets_whatever_else_is_odd() {
        let accounts = r#"{"id":"5","username":"a"},{"id":"6","username":"b"}"#;
        for data in [
            "[]",
            "null",
            "{}",
            "[{}]",
            "[null,7,\"x\"]",
            r#"[{"id":"1"}]"#,
            r#"[{"id":"1","text":"x","username":"new at X"}]"#,
            r#"[{"id":"1","author_id":"5","username":"a"}]"#,
            r#"[{"id":"1","name":"a list"}]"#,
            r#"[{"id":"1","start":"x","end":"y","tweet_count":7}]"#,
            r#"[{"start":"x","end":"y"}]"#,
            &format!("[{accounts},{{\"id\":\"1\",\"text\":\"x\"}}]"),
            &format!("[{accounts},null]"),
            r#"[{"id":"5","username":"a"},{"start":"x","end":"y","tweet_count":7}]"#,
        ] {
            assert_eq!(refused(data), None, "{data}");
        }
    }
}
