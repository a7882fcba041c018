//! One answer of X: posts, and what they refer to.

use super::includes::{Includes, one_or_many};
use super::undecodable::Undecodable;
use super::{Object, Tweet};
use crate::json::{Document, Items, Raw};
use crate::model::price::Reads;

/// A page of posts.
#[derive(Debug, Default)]
pub struct Page<'a> {
    /// The posts that match, in the order in which they came.
    pub tweets: Vec<Tweet<'a>>,
    /// What they refer to.
    pub includes: Includes<'a>,
    /// What X could not deliver, as it says so.
    pub errors: Vec<Raw<'a>>,
    /// What X says about the page.
    pub meta: Option<Raw<'a>>,
    /// Which rules of a filtered stream the posts match.
    pub matching_rules: Option<Raw<'a>>,
    /// What twarc notes on the pages that it stores: address, time, its version.
    pub twarc: Option<Raw<'a>>,
}

impl<'a> Page<'a> {
    /// Paid resources on the page.
    pub fn reads(&self) -> Reads {
        let posts = self.tweets.len() + self.includes.tweet_count();
        Reads { posts: posts as u64, users: self.includes.user_count() as u64 }
    }

    /// Reads a page. Something of another type than it should be costs no more than itself; a part
    /// that comes twice is taken as one; but `data` that is neither a list nor an object makes it no
    /// page, unless there are posts in it all the same.
    pub(super) fn decode(document: &'a Document<'a>) -> Result<Self, Undecodable> {
        let mut page = Self::default();
        let (mut parts, mut strange_data) = (0, false);
        for (name, raw) in document.root().fields() {
            match name.as_ref() {
                "data" => strange_data |= !page.add_data(raw),
                "includes" => page.includes.add(raw),
                "errors" => page.errors.extend(one_or_many(raw)),
                "meta" => page.meta = page.meta.or(Some(raw).filter(|raw| !raw.is_null())),
                _ => {
                    page.add_note(&name, raw);
                    continue;
                }
            }
            parts += 1;
        }
        if parts == 0 {
            return Err(undecodable("it has none of data, includes, errors, meta"));
        }
        if strange_data && page.tweets.iter().all(|tweet| tweet.raw().is_none()) {
            return Err(undecodable("its data is neither a list nor an object"));
        }
        Ok(page)
    }

    /// What stands beside the parts of a page.
    fn add_note(&mut self, name: &str, raw: Raw<'a>) {
        match name {
            "matching_rules" => self.matching_rules = self.matching_rules.or(Some(raw)),
            "__twarc" => self.twarc = self.twarc.or(Some(raw)),
            _ => {}
        }
    }

    /// Adds posts; `false` if there can be none.
    fn add_data(&mut self, data: Raw<'a>) -> bool {
        let tweet = |raw| Object::read(raw).unwrap_or_else(|| Tweet::of_a_stranger(raw));
        self.tweets.extend(entries(data).map(tweet));
        data.is_object() || data.is_array() || data.is_null()
    }
}

/// The entries of `data`, in order, of which every reader of a page has to find the same: page
/// headers count them by index.
///
/// A lone object is the only entry, as single look-ups and streams send it. A list that stands in
/// the list with objects in it is taken as if those stood there themselves; anything else in the
/// list is an entry, whatever it is.
pub fn entries(data: Raw<'_>) -> impl Iterator<Item = Raw<'_>> {
    let lone = data.is_object().then_some(data);
    lone.into_iter().chain(Entries { open: vec![data.items()] })
}

/// The entries of a list. See [`entries`].
struct Entries<'a> {
    open: Vec<Items<'a>>,
}

impl<'a> Iterator for Entries<'a> {
    type Item = Raw<'a>;

    #[inline]
    fn next(&mut self) -> Option<Raw<'a>> {
        loop {
            match self.open.last_mut()?.next() {
                None => drop(self.open.pop()),
                Some(list) if list.is_array() && holds_objects(list) => {
                    self.open.push(list.items());
                }
                Some(entry) => return Some(entry),
            }
        }
    }
}

/// Whether there is an object in a list, however deep.
fn holds_objects(list: Raw<'_>) -> bool {
    list.items().any(|raw| raw.is_object() || holds_objects(raw))
}

fn undecodable(reason: &str) -> Undecodable {
    Undecodable { reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tweet::{Body, TweetField};

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
            (r#"{"data":[{"id":"1"}],"meta":{},"data":[{"id":"2"}]}"#, 2),
            (r#"{"data":[{"id":"1"},[{"id":"2"},[[{"id":"3"}],7]],[[]]]}"#, 5),
            (r#"{"data":"x","data":[{"id":"2"}]}"#, 1),
            ("{\"data\":[{\"id\":\"1\",\"text\":\"a\0b\"}],\"meta\":{}} trailing", 1),
        ] {
            assert_eq!(tweets(json), Ok(count), "{json}");
        }
    }

    #[test]
    fn what_is_no_page_is_refused_with_the_reason() {
        for json in [
            "",
            "<html>",
            "{",
            r#"{"data":[{"id":"1"}"#,
            "[]",
            "7",
            r#"{"data":"x"}"#,
            "{}{}",
            r#"{"data":[7],"data":"x"}"#,
        ] {
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
        assert!(includes.raw_media("3_1").is_some() && includes.poll("8").is_some());
        assert!(includes.tweet("2").is_some() && includes.place("0a").is_some());
        assert_eq!(page.reads(), Reads { posts: 3, users: 2 });
    }
}
