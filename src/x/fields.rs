//! Names of fields and expansions, in both of X's dialects.
//!
//! Source: X's OpenAPI documents 2.166 (2026-07-01, `tweet.fields`) and 2.167 (2026-08-22,
//! `post.fields`). Since August 2026 X drops names that it does not know in silence and answers
//! 200, billed; so only names of these documents are asked for, never a mixture, and
//! [`missing_on_first_page`] looks whether they arrived.
//!
//! Not asked for: `context_annotations` (caps a page at 100 tweets, DocNow/twarc issue 504); the
//! private metrics (an error for each tweet without a user's consent); what only writers of
//! community notes see; the expansions of mentions, of replied-to users and of older versions, each
//! of which would buy objects that no column shows and that the worst case of a page does not
//! count.

use super::page::PageSummary;
use crate::model::Spec;
use crate::model::record::Trouble;
use crate::model::spec::Dialect;

/// A name of one thing in both dialects; `None` where it can't be asked for as a field.
struct Name {
    tweet: Option<&'static str>,
    post: Option<&'static str>,
}

const fn both(name: &'static str) -> Name {
    Name { tweet: Some(name), post: Some(name) }
}

const fn differs(tweet: &'static str, post: &'static str) -> Name {
    Name { tweet: Some(tweet), post: Some(post) }
}

const fn tweet_only(name: &'static str) -> Name {
    Name { tweet: Some(name), post: None }
}

/// Fields of a post. The date is when X's changelog first names the newer ones.
const POST: &[Name] = &[
    both("article"), // 2024-07
    Name { tweet: None, post: Some("article_title") },
    both("attachments"),
    tweet_only("author_id"), // `post.fields` knows it as a paid expansion only
    both("card_uri"),
    both("community_id"), // 2024-11
    both("conversation_id"),
    both("created_at"),
    both("display_text_range"),
    both("edit_controls"),                // 2022-09-29
    tweet_only("edit_history_tweet_ids"), // 2022-09-29; a default of either dialect
    both("entities"),
    both("geo"),
    both("id"),
    tweet_only("in_reply_to_user_id"), // `post.fields` knows it as a paid expansion only
    both("lang"),
    both("media_metadata"),
    differs("note_tweet", "note_post"), // 2023-05
    both("paid_partnership"),           // 2026-06
    both("possibly_sensitive"),
    both("public_metrics"),
    tweet_only("referenced_tweets"), // `post.fields` knows it as a paid expansion only
    both("reply_settings"),
    both("scopes"),
    both("source"), // withdrawn 2022-12-20, still accepted
    both("text"),
    both("withheld"),
];

/// Fields of a user.
const USER: &[Name] = &[
    tweet_only("affiliation"),
    both("created_at"),
    both("description"),
    both("entities"),
    both("id"),
    both("is_identity_verified"),
    both("location"),
    tweet_only("most_recent_tweet_id"),
    both("name"),
    both("parody"), // 2025-03
    tweet_only("pinned_tweet_id"),
    both("profile_banner_url"),
    both("profile_image_url"),
    both("protected"),
    both("public_metrics"),
    both("url"),
    both("username"),
    both("verified"),
    both("verified_followers_count"),
    both("verified_type"), // 2022-12
    both("withheld"),
];

/// Fields of a photo, video or animated GIF.
const MEDIA: &[Name] = &[
    both("alt_text"),
    both("duration_ms"),
    both("height"),
    both("media_key"),
    both("preview_image_url"),
    both("public_metrics"),
    both("type"),
    both("url"),
    both("variants"),
    both("width"),
];

/// Fields of a poll.
const POLL: &[Name] = &[
    both("duration_minutes"),
    both("end_datetime"),
    both("id"),
    both("options"),
    both("voting_status"),
];

/// Fields of a place.
const PLACE: &[Name] = &[
    both("contained_within"),
    both("country"),
    both("country_code"),
    both("full_name"),
    both("geo"),
    both("id"),
    both("name"),
    both("place_type"),
];

fn list(names: &[Name], dialect: Dialect) -> String {
    let of = |name: &Name| match dialect {
        Dialect::Tweet => name.tweet,
        Dialect::Post => name.post,
    };
    names.iter().filter_map(of).collect::<Vec<_>>().join(",")
}

/// The parameters that say which fields and objects a page shall have.
pub fn parameters(spec: &Spec) -> Vec<(&'static str, String)> {
    let post_fields = match spec.dialect {
        Dialect::Tweet => "tweet.fields",
        Dialect::Post => "post.fields",
    };
    let groups = [
        (true, post_fields, POST),
        (spec.expand.authors, "user.fields", USER),
        (spec.expand.media, "media.fields", MEDIA),
        (spec.expand.polls, "poll.fields", POLL),
        (spec.expand.places, "place.fields", PLACE),
    ];
    let wanted = groups.into_iter().filter(|(asked, ..)| *asked);
    let mut parameters: Vec<_> =
        wanted.map(|(_, name, fields)| (name, list(fields, spec.dialect))).collect();
    let expansions = expansions(spec);
    if !expansions.is_empty() {
        parameters.push(("expansions", expansions.join(",")));
    }
    parameters
}

fn expansions(spec: &Spec) -> Vec<&'static str> {
    let expand = spec.expand;
    let tweet = spec.dialect == Dialect::Tweet;
    let table = [
        (expand.authors, "author_id"),
        (expand.media, "attachments.media_keys"),
        (expand.polls, "attachments.poll_ids"),
        (expand.places, "geo.place_id"),
        (expand.referenced && tweet, "referenced_tweets.id"),
        (expand.referenced && tweet && expand.authors, "referenced_tweets.id.author_id"),
        (expand.referenced && tweet && expand.media, "referenced_tweets.id.attachments.media_keys"),
        (expand.referenced && !tweet, "referenced_posts"),
    ];
    table.into_iter().filter(|(asked, _)| *asked).map(|(_, name)| name).collect()
}

/// On how many tweets without a single author a page is taken to have lost its authors. An author
/// may be missing (6 of 21,736 recorded posts), so that one or two tweets prove nothing.
const TWEETS_TO_MISS_AUTHORS: usize = 5;

/// What was asked for but is on no tweet of a non-empty page: X has dropped it in silence, and
/// every further page would be paid for without it.
///
/// Only fields that every post has are looked for.
pub fn missing_on_first_page(spec: &Spec, page: &PageSummary) -> Option<Trouble> {
    if page.ids.is_empty() {
        return None;
    }
    let authored = spec.dialect == Dialect::Tweet || spec.expand.authors;
    let always = [
        (true, "created_at"),
        (true, "conversation_id"),
        (true, "public_metrics"),
        (authored, "author_id"),
    ];
    let missing =
        always.into_iter().filter(|(asked, key)| *asked && !page.post_keys.contains(*key));
    let mut missing: Vec<_> = missing.map(|(_, key)| key).collect();
    let no_users = page.reads.users == 0 && page.ids.len() >= TWEETS_TO_MISS_AUTHORS;
    if spec.expand.authors && no_users {
        missing.push("includes.users");
    }
    (!missing.is_empty()).then(|| dropped(&missing))
}

fn dropped(missing: &[&str]) -> Trouble {
    Trouble {
        code: "fields_dropped".into(),
        detail: format!("X did not return what was asked for: {}", missing.join(", ")),
        hint: "X may have renamed its fields: try the other dialect (`dialect = \"post\"` or \
               `\"tweet\"`), or look for a newer mistnet; the page is kept, nothing more is \
               fetched until you resume"
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::spec::Expand;
    use crate::model::spec::tests::NOTHING_BESIDES;
    use crate::x::page::summarise;
    use crate::x::script::spec;

    fn value(spec: &Spec, name: &str) -> Option<String> {
        parameters(spec).into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    #[test]
    fn a_request_speaks_one_dialect_only() {
        let mut spec = spec();
        spec.expand = Expand { referenced: true, ..Expand::default() };
        let tweet = format!("{:?}", parameters(&spec));
        assert!(tweet.contains("tweet.fields") && !tweet.contains("post"), "{tweet}");
        spec.dialect = Dialect::Post;
        let post = format!("{:?}", parameters(&spec));
        assert!(post.contains("post.fields") && !post.contains("tweet"), "{post}");
    }

    #[test]
    fn nothing_is_bought_that_was_not_asked_for() {
        let mut spec = spec();
        spec.expand.authors = false;
        let expansions = value(&spec, "expansions").unwrap();
        assert_eq!(expansions, "attachments.media_keys,attachments.poll_ids,geo.place_id");
        assert_eq!(value(&spec, "user.fields"), None);
        assert!(value(&spec, "tweet.fields").unwrap().contains("author_id"));
        spec.expand = NOTHING_BESIDES;
        assert_eq!(value(&spec, "expansions"), None);
    }

    #[test]
    fn no_field_caps_the_page_or_needs_a_users_consent() {
        let all = format!("{:?}", parameters(&spec()));
        for name in ["context_annotations", "non_public", "organic_metrics", "promoted_metrics"] {
            assert!(!all.contains(name), "{name}");
        }
    }

    #[test]
    fn dropped_fields_are_noticed_on_the_first_page() {
        let spec = spec();
        let page = |data: &str| {
            summarise(format!("{{\"data\":[{data}],\"meta\":{{}}}}").as_bytes()).unwrap()
        };
        let full = r#"{"id":"1","created_at":"","conversation_id":"","public_metrics":{},"author_id":"2"}"#;
        assert_eq!(missing_on_first_page(&spec, &page("")), None);
        assert_eq!(missing_on_first_page(&spec, &page(full)), None);
        let trouble = missing_on_first_page(&spec, &page(r#"{"id":"1","text":""}"#)).unwrap();
        assert_eq!(trouble.code, "fields_dropped");
        assert!(trouble.detail.contains("created_at") && trouble.detail.contains("author_id"));
        let trouble = missing_on_first_page(&spec, &page(&[full; 5].join(","))).unwrap();
        assert!(trouble.detail.ends_with("includes.users"));
    }
}
