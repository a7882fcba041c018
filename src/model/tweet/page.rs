//! One answer of X: posts, and what they refer to.

use super::includes::{Includes, one_or_many};
use super::{Object, Tweet, Undecodable};
use crate::model::json::{Document, Raw};
use crate::model::price::Reads;

/// A page of posts.
#[derive(Debug)]
pub struct Page<'a> {
    /// The posts that match, in the order in which they came.
    pub tweets: Vec<Tweet<'a>>,
    /// What they refer to.
    pub includes: Includes<'a>,
    /// What X could not deliver, as it says so.
    pub errors: Vec<Raw<'a>>,
    /// What X says about the page.
    pub meta: Option<Raw<'a>>,
}

impl<'a> Page<'a> {
    /// Paid resources on the page.
    pub fn reads(&self) -> Reads {
        let posts = self.tweets.len() + self.includes.tweet_count();
        Reads { posts: posts as u64, users: self.includes.user_count() as u64 }
    }

    /// Reads a page. Something of another type than it should be costs no more than itself; but
    /// what may hide tweets (`data` twice, or as a text) makes it no page.
    pub(super) fn decode(document: &'a Document<'a>) -> Result<Self, Undecodable> {
        let outline = Outline::read(document.root())?;
        let data = outline.data.filter(|raw| !raw.is_null());
        if data.is_some_and(|raw| !raw.is_object() && !raw.is_array()) {
            return Err(undecodable("its data is neither a list nor an object"));
        }
        let list = |raw: Option<Raw<'a>>| raw.into_iter().flat_map(one_or_many);
        let tweet = |raw| Object::read(raw).unwrap_or_else(|| Tweet::of_a_stranger(raw));
        Ok(Self {
            tweets: list(data).map(tweet).collect(),
            includes: outline.includes.map(Includes::read).unwrap_or_default(),
            errors: list(outline.errors).collect(),
            meta: outline.meta.filter(|raw| !raw.is_null()),
        })
    }
}

/// The four things that a page consists of.
#[derive(Default)]
struct Outline<'a> {
    data: Option<Raw<'a>>,
    includes: Option<Raw<'a>>,
    errors: Option<Raw<'a>>,
    meta: Option<Raw<'a>>,
}

impl<'a> Outline<'a> {
    fn read(root: Raw<'a>) -> Result<Self, Undecodable> {
        let mut outline = Self::default();
        for (name, raw) in root.fields() {
            let place = match name.as_ref() {
                "data" => &mut outline.data,
                "includes" => &mut outline.includes,
                "errors" => &mut outline.errors,
                "meta" => &mut outline.meta,
                _ => continue,
            };
            if place.replace(raw).is_some() {
                return Err(undecodable(&format!("its {name} comes twice")));
            }
        }
        let Self { data, includes, errors, meta } = &outline;
        if [data, includes, errors, meta].iter().all(|part| part.is_none()) {
            return Err(undecodable("it has none of data, includes, errors, meta"));
        }
        Ok(outline)
    }
}

fn undecodable(reason: &str) -> Undecodable {
    Undecodable { reason: reason.to_owned() }
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
