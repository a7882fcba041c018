//! One answer of X: posts, and what they refer to.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::includes::{Includes, Wire};
use super::object::items;
use super::{Tweet, Undecodable, User};
use crate::model::price::Reads;

/// A page of posts.
#[derive(Debug)]
pub struct Page<'a> {
    /// The posts that match, in the order in which they came.
    pub tweets: Vec<Tweet<'a>>,
    /// What they refer to.
    pub includes: Includes<'a>,
    /// What X could not deliver, as it says so.
    pub errors: Vec<&'a RawValue>,
    /// What X says about the page.
    pub meta: Option<&'a RawValue>,
}

impl<'a> Page<'a> {
    /// Paid resources on the page.
    pub fn reads(&self) -> Reads {
        let posts = self.tweets.len() + self.includes.tweets().len();
        Reads { posts: posts as u64, users: self.includes.user_count() as u64 }
    }

    pub(super) fn decode(text: &'a str) -> Result<Self, Undecodable> {
        match serde_json::from_str::<Proper<'a>>(text) {
            Ok(page) => Self::of_proper(page),
            Err(_) => Self::of_odd(text),
        }
    }

    /// The usual case, in one pass.
    fn of_proper(page: Proper<'a>) -> Result<Self, Undecodable> {
        let parts = [
            page.data.is_some(),
            page.includes.is_some(),
            page.errors.is_some(),
            page.meta.is_some(),
        ];
        if !parts.contains(&true) {
            return Err(undecodable(&"it has none of data, includes, errors, meta"));
        }
        Ok(Self {
            tweets: page.data.unwrap_or_default(),
            includes: Includes::new(page.includes.unwrap_or_default()),
            errors: page.errors.unwrap_or_default(),
            meta: page.meta,
        })
    }

    /// A page in which something is of another type than it should be. A lone object in place of
    /// a list is taken for its only element, as single look-ups and streams send it.
    fn of_odd(text: &'a str) -> Result<Self, Undecodable> {
        let odd: Odd<'a> = serde_json::from_str(text).map_err(|e| undecodable(&e))?;
        let data = odd.data.filter(|raw| raw.get() != "null");
        if data.is_some_and(|raw| !raw.get().starts_with(['{', '['])) {
            return Err(undecodable(&"its data is neither a list nor an object"));
        }
        let tweets = data.map(one_or_many).unwrap_or_default().into_iter();
        let page = Proper {
            data: Some(tweets.map(|t| Tweet::read(t).unwrap_or(Tweet::of_a_stranger(t))).collect()),
            includes: odd.includes.and_then(odd_includes),
            errors: odd.errors.map(one_or_many),
            meta: odd.meta,
        };
        Self::of_proper(page)
    }
}

/// A page as it should be.
#[derive(Deserialize)]
struct Proper<'a> {
    #[serde(borrow)]
    data: Option<Vec<Tweet<'a>>>,
    #[serde(borrow)]
    includes: Option<Wire<'a>>,
    #[serde(borrow)]
    errors: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    meta: Option<&'a RawValue>,
}

/// A page of which only the outline is as it should be.
#[derive(Deserialize)]
struct Odd<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    includes: Option<&'a RawValue>,
    #[serde(borrow)]
    errors: Option<&'a RawValue>,
    #[serde(borrow)]
    meta: Option<&'a RawValue>,
}

/// `includes` of which only the outline is as it should be.
#[derive(Default, Deserialize)]
struct OddIncludes<'a> {
    #[serde(borrow)]
    users: Option<&'a RawValue>,
    #[serde(borrow)]
    tweets: Option<&'a RawValue>,
    #[serde(borrow)]
    posts: Option<&'a RawValue>,
    #[serde(borrow)]
    media: Option<&'a RawValue>,
    #[serde(borrow)]
    polls: Option<&'a RawValue>,
    #[serde(borrow)]
    places: Option<&'a RawValue>,
}

fn odd_includes(raw: &RawValue) -> Option<Wire<'_>> {
    let odd: OddIncludes<'_> = serde_json::from_str(raw.get()).ok()?;
    let tweets = |raw| one_or_many(raw).into_iter().filter_map(Tweet::read).collect();
    Some(Wire {
        users: odd.users.map(|raw| one_or_many(raw).into_iter().filter_map(User::read).collect()),
        tweets: odd.tweets.map(tweets),
        posts: odd.posts.map(tweets),
        media: odd.media.map(one_or_many),
        polls: odd.polls.map(one_or_many),
        places: odd.places.map(one_or_many),
    })
}

fn one_or_many(raw: &RawValue) -> Vec<&RawValue> {
    if raw.get().starts_with('{') { vec![raw] } else { items(raw) }
}

fn undecodable(reason: &impl ToString) -> Undecodable {
    Undecodable { reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tweet::{Body, TweetField};

    fn tweets(json: &str) -> Result<usize, String> {
        let body = Body::new(json.as_bytes());
        body.decode().map(|page| page.tweets.len()).map_err(|e| e.to_string())
    }

    #[test]
    fn every_element_of_data_is_a_tweet_whatever_it_is() {
        for (json, count) in [
            (r#"{"meta":{"result_count":0}}"#, 0),
            (r#"{"errors":[{"title":"Not Found Error"}]}"#, 0),
            (r#"{"data":[],"meta":null}"#, 0),
            (r#"{"data":null,"includes":{}}"#, 0),
            (r#"{"data":{"id":"1"}}"#, 1),
            (r#"{"data":[{"id":"1"},null,7,"x",[],{}]}"#, 6),
            (r#"{"data":[{"id":1,"text":{}}],"includes":[],"errors":{},"meta":5}"#, 1),
            (r#"{"data":[{"id":"1"}],"includes":{"users":{},"tweets":7,"media":["x"]}}"#, 1),
            (r#"{"data":[{"i\ud83dd":"1"}]}"#, 1),
        ] {
            assert_eq!(tweets(json), Ok(count), "{json}");
        }
    }

    #[test]
    fn what_is_no_page_is_refused_with_the_reason() {
        for json in
            ["", "<html>", "{", r#"{"data":[{"id":"1"}"#, "[]", "7", r#"{"data":"x"}"#, "{}{}"]
        {
            assert!(tweets(json).is_err(), "{json}");
        }
        let problem = r#"{"title":"Too Many Requests","status":429}"#;
        let reason = "not a page of the X API: it has none of data, includes, errors, meta";
        assert_eq!(tweets(problem), Err(reason.to_owned()));
    }

    #[test]
    fn includes_are_found_by_id_in_both_dialects_and_counted_as_paid() {
        let json = r#"{"data":[{"id":"1"}],"includes":{"users":[{"id":"5"},{"id":"5"}],
            "tweets":[{"id":"2"}],"posts":[{"id":3}],"media":[{"media_key":"3_1","type":"photo"}],
            "polls":[{"id":"8"}],"places":[{"id":"0a"}]}}"#;
        let body = Body::new(json.as_bytes());
        let page = body.decode().unwrap();
        let includes = &page.includes;
        assert!(includes.user("5").is_some() && includes.user("6").is_none());
        assert_eq!(includes.tweet("3").unwrap().get(TweetField::Id).unwrap().get(), "3");
        assert!(includes.media("3_1").is_some() && includes.poll("8").is_some());
        assert!(includes.tweet("2").is_some() && includes.place("0a").is_some());
        assert_eq!(page.reads(), Reads { posts: 3, users: 2 });
    }
}
