//! Drift: fields that X sends and nobody here knows.
//!
//! X adds fields without notice. Nothing of them is lost (the column `extra` has their values, the
//! log whole pages), but somebody should hear of them. Their names are those that `extra` has:
//! `new`, `public_metrics.new`, `author.new`, `author.withheld.new`, `place.new`, `poll.new`.
//!
//! Promises: of every tweet, its own fields are looked at. What lies in a tweet and what belongs to
//! it (author, place, poll) costs as much to look at as a row costs to make, and X gives a new field
//! to all objects of a kind; so that is done for one tweet of many, beginning with the first. Names
//! are few and short, however many a page has.
//!
//! Deliberately does not: look into what a row has whole, as JSON (entities, media, affiliations),
//! or into posts that others refer to, which have the fields of posts; look at types.

use std::collections::BTreeSet;

use super::{
    AttachmentField, Attachments, EditControls, Field, Geo, GeoField, Metrics, Note, Object, Page,
    Reference, Tweet, TweetField, User, UserField, UserMetrics, Withheld, key,
};
use crate::json::Raw;

/// Most names that are kept: enough to see what is new, and an end for hostile input.
const NAMES: usize = 50;

/// How much of a field's name is kept, in characters.
const NAME_CHARACTERS: usize = 60;

/// One of so many tweets is looked into while sampling, which costs less than half a hundredth of
/// what making all rows does.
const SAMPLE: u64 = 256;

/// What was noticed so far.
#[derive(Debug)]
pub struct Drift {
    names: BTreeSet<String>,
    every: u64,
    tweets: u64,
}

impl Drift {
    /// Looks into every tweet: for the first of many.
    pub fn thorough() -> Self {
        Self { names: BTreeSet::new(), every: 1, tweets: 0 }
    }

    /// Looks into the first tweet, and then into one of 256.
    pub fn sampling() -> Self {
        Self { every: SAMPLE, ..Self::thorough() }
    }

    /// Looks at a page.
    pub fn page(&mut self, page: &Page<'_>) {
        // An entry of `data` that is no object has no fields, and so none that is new.
        for tweet in page.tweets.iter().filter(|tweet| tweet.raw().is_some()) {
            for (name, _) in tweet.unknown() {
                self.name("", name);
            }
            if self.tweets.is_multiple_of(self.every) {
                self.inside(page, tweet);
            }
            self.tweets += 1;
        }
    }

    /// The names, at most 50: the first of them by the alphabet.
    pub fn into_names(self) -> BTreeSet<String> {
        self.names
    }

    /// What lies in a tweet, and what belongs to it.
    fn inside(&mut self, page: &Page<'_>, tweet: &Tweet<'_>) {
        let (field, includes) = (|field: TweetField| tweet.get(field), &page.includes);
        self.object("public_metrics.", field(TweetField::PublicMetrics).and_then(Metrics::read));
        self.object("edit_controls.", field(TweetField::EditControls).and_then(EditControls::read));
        self.object("note_tweet.", field(TweetField::NoteTweet).and_then(Note::read));
        self.object("withheld.", field(TweetField::Withheld).and_then(Withheld::read));
        for reference in field(TweetField::ReferencedTweets).into_iter().flat_map(Raw::items) {
            self.object("referenced_tweets.", Reference::read(reference));
        }
        self.author(field(TweetField::AuthorId).and_then(|id| includes.user(key(id))));
        let attachments = field(TweetField::Attachments).and_then(Attachments::read);
        let polls = attachments.as_ref().and_then(|all| all.get(AttachmentField::PollIds));
        let poll = polls.and_then(|ids| ids.items().next());
        self.object("poll.", poll.and_then(|id| includes.poll(key(id))));
        self.object("attachments.", attachments);
        let geo = field(TweetField::Geo).and_then(Geo::read);
        let place = geo.as_ref().and_then(|geo| geo.get(GeoField::PlaceId));
        self.object("place.", place.and_then(|id| includes.place(key(id))));
        self.object("geo.", geo);
    }

    fn author(&mut self, author: Option<User<'_>>) {
        let field = |field: UserField| author.as_ref().and_then(|author| author.get(field));
        let metrics = field(UserField::PublicMetrics).and_then(UserMetrics::read);
        let withheld = field(UserField::Withheld).and_then(Withheld::read);
        self.object("author.public_metrics.", metrics);
        self.object("author.withheld.", withheld);
        self.object("author.", author);
    }

    /// Notes the unknown fields of an object that stands at `place`.
    fn object<F: Field, const N: usize>(&mut self, place: &str, object: Option<Object<'_, F, N>>) {
        let Some(object) = object else { return };
        for (name, _) in object.unknown() {
            self.name(place, name);
        }
    }

    fn name(&mut self, place: &str, name: &str) {
        let name = place.chars().chain(name.chars().take(NAME_CHARACTERS)).collect();
        join(&mut self.names, std::iter::once(name));
    }
}

/// Adds names to others, of which there stay 50 at most.
pub fn join(names: &mut BTreeSet<String>, more: impl IntoIterator<Item = String>) {
    for name in more {
        names.insert(name);
        if names.len() > NAMES {
            names.pop_last();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::tweet::Body;

    fn names(mut drift: Drift, page: &Value) -> Vec<String> {
        let text = page.to_string();
        drift.page(&Body::new(text.as_bytes()).decode().unwrap());
        drift.into_names().into_iter().collect()
    }

    #[test]
    fn new_fields_are_named_wherever_a_row_would_lose_them() {
        let new = json!({"new": 1});
        let page = json!({
            "data": [{"id": "1", "author_id": "5", "fresh": true, "public_metrics": new,
                "edit_controls": new, "note_tweet": new, "withheld": new,
                "attachments": {"poll_ids": ["8"], "new": 1}, "geo": {"place_id": "9", "new": 1},
                "referenced_posts": [{"type": "quoted", "id": "2"}, {"id": "3", "new": 1}],
                "entities": {"kept_whole": 1}}],
            "includes": {"users": [{"id": "5", "new": 1, "public_metrics": new, "withheld": new}],
                "polls": [{"id": "8", "new": 1}], "places": [{"id": "9", "new": 1}],
                "tweets": [{"id": "2", "of_another_post": 1}]},
        });
        let expected = [
            "attachments.new",
            "author.new",
            "author.public_metrics.new",
            "author.withheld.new",
            "edit_controls.new",
            "fresh",
            "geo.new",
            "note_tweet.new",
            "place.new",
            "poll.new",
            "public_metrics.new",
            "referenced_tweets.new",
            "withheld.new",
        ];
        assert_eq!(names(Drift::thorough(), &page), expected);
        assert_eq!(names(Drift::sampling(), &page), expected);
    }

    #[test]
    fn of_many_tweets_all_are_looked_at_and_some_looked_into() {
        let tweet = |at: u64| json!({"id": "1", "public_metrics": {format!("inner_{at}"): 1}});
        let pages = |drift: Drift| {
            let mut tweets: Vec<_> = (0..300).map(tweet).collect();
            tweets[299]["own"] = 1.into();
            let page = |tweets: &[Value]| json!({ "data": tweets }).to_string();
            let mut drift = drift;
            for page in tweets.chunks(100).map(page) {
                drift.page(&Body::new(page.as_bytes()).decode().unwrap());
            }
            drift.into_names().into_iter().collect::<Vec<_>>()
        };
        let inner = ["own", "public_metrics.inner_0", "public_metrics.inner_256"];
        assert_eq!(pages(Drift::sampling()), inner);
        assert_eq!(pages(Drift::thorough()).len(), NAMES);
    }

    #[test]
    fn names_are_few_and_short_however_many_there_are() {
        let fields: serde_json::Map<_, _> =
            (0..1000).map(|n| (format!("{n:04}{}", "x".repeat(1000)), json!(1))).collect();
        let names = names(Drift::thorough(), &json!({"data": [fields]}));
        assert_eq!(names.len(), NAMES);
        assert!(names.iter().all(|name| name.len() == NAME_CHARACTERS && name.starts_with("00")));
    }
}
