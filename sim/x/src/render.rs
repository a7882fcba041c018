//! Posts as JSON, in the dialect and with the fields that a request selected.
//!
//! What is absent is left out; X writes neither nulls nor empty lists (docs.x.com,
//! consistency, read 2026-08-22). `source` has been absent since 2022-12-20.

use super::clock::answer_time;
use super::draw::hash;
use super::fields::{Expansion, PostField, Selection};
use super::json::{self, Object, object, plain};
use super::people::{Badge, People};
use super::post::Post;
use super::profiles::Profiles;
use super::query::point;
use super::text::{Composed, Entities, Link, Tag, Target};
use super::universe::Universe;
use super::words::{PLACES, TOPICS};
use super::world::World;

/// What rendering needs to know besides the post.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The world.
    pub universe: &'a Universe,
    /// Who was written before.
    pub profiles: &'a Profiles,
    /// What was asked for.
    pub selection: &'a Selection,
    /// Simulated time.
    pub now_ms: i64,
    /// Added to metrics by the fault that changes them.
    pub growth: u64,
}

impl<'a> Scene<'a> {
    /// What a request to a world selects.
    pub fn new(world: &World<'a>, selection: &'a Selection) -> Self {
        let World { universe, profiles, now_ms, growth, .. } = *world;
        Self { universe, profiles, selection, now_ms, growth }
    }
}

impl Scene<'_> {
    /// Writes a post.
    pub fn post(&self, out: &mut String, post: &Post) {
        object(out, |object| {
            for (key, field) in &self.selection.keys {
                self.field(object, key, post, *field);
            }
        });
    }

    fn field(&self, object: &mut Object<'_>, key: &str, post: &Post, field: PostField) {
        match field {
            PostField::Id => object.id(key, post.id),
            PostField::Text => object.text(key, &post.text.text),
            PostField::EditHistory => object.list(key, post.versions(), json::id),
            PostField::AuthorId => object.id(key, People::id(post.author)),
            PostField::InReplyToUserId => {
                if let Some(person) = post.in_reply_to {
                    object.id(key, People::id(person));
                }
            }
            PostField::Referenced => self.references(object, key, post),
            PostField::Username => object.text(key, &self.universe.people.username(post.author)),
            PostField::Article => article(object, key, post),
            PostField::Attachments => attachments(object, key, post),
            PostField::CardUri => {
                if let Some(poll) = post.poll {
                    object.plain(key, format_args!("card://{poll}"));
                }
            }
            PostField::CommunityId => {
                if post.luck % 300 == 7 {
                    object.plain(key, "1493446837214187523");
                }
            }
            PostField::ContextAnnotations => {
                object.some(key, &post.topics, |out, topic| self::topic(out, *topic));
            }
            PostField::ConversationId => object.id(key, post.conversation),
            PostField::CreatedAt => object.text(key, &answer_time(post.written_ms)),
            PostField::DisplayTextRange => object.list(key, [0, post.text.length], json::number),
            PostField::EditControls => self.edit_controls(object, key, post),
            PostField::Entities => self.entities(object, key, &post.text, Kind::Text),
            PostField::Geo => geo(object, key, post),
            PostField::Lang => object.text(key, post.lang),
            PostField::MediaMetadata => media_metadata(object, key, post),
            PostField::Note => self.note(object, key, post),
            PostField::PaidPartnership => {
                if post.luck % 50 == 3 {
                    object.flag(key, true);
                }
            }
            PostField::PossiblySensitive => object.flag(key, post.luck.is_multiple_of(40)),
            PostField::PublicMetrics => self.metrics(object, key, post),
            PostField::ReplySettings => object.text(key, reply_settings(post)),
            PostField::Scopes => {
                if post.luck % 400 == 9 {
                    object.object(key, |scopes| scopes.flag("followers", false));
                }
            }
            PostField::Withheld => self.withheld(object, key, post),
            PostField::NonPublicMetrics
            | PostField::OrganicMetrics
            | PostField::PromotedMetrics => {}
        }
    }

    fn references(&self, object: &mut Object<'_>, key: &str, post: &Post) {
        object.some(key, &post.references, |out, (how, at)| {
            json::object(out, |reference| {
                reference.id("id", self.universe.timeline.id(*at));
                reference.text("type", how.name());
            });
        });
    }

    fn edit_controls(&self, object: &mut Object<'_>, key: &str, post: &Post) {
        let eligible = self.universe.people.badge(post.author) != Badge::None;
        object.object(key, |controls| {
            controls.text("editable_until", &answer_time(post.written_ms + 3_600_000));
            controls.number("edits_remaining", 5 - post.edits);
            controls.flag("is_edit_eligible", eligible && post.references.is_empty());
        });
    }

    fn metrics(&self, object: &mut Object<'_>, key: &str, post: &Post) {
        let grown = |index: usize| match self.growth {
            0 => post.metrics[index],
            growth => post.metrics[index] + 1 + hash(&[growth, post.id, index as u64]) % 9,
        };
        object.object(key, |metrics| {
            metrics.number("bookmark_count", grown(4));
            metrics.number("impression_count", grown(5));
            metrics.number("like_count", grown(2));
            metrics.number("quote_count", grown(3));
            metrics.number("reply_count", grown(1));
            let reposts = self.selection.dialect.pick("retweet_count", "repost_count");
            metrics.number(reposts, grown(0));
        });
    }

    fn note(&self, object: &mut Object<'_>, key: &str, post: &Post) {
        let Some(note) = &post.note else { return };
        object.object(key, |object| {
            self.entities(object, "entities", note, Kind::Note);
            object.text("text", &note.text);
        });
    }

    fn withheld(&self, object: &mut Object<'_>, key: &str, post: &Post) {
        let Some(withheld) = &post.withheld else { return };
        object.object(key, |object| {
            object.flag("copyright", false);
            object.list("country_codes", &withheld.countries, plain);
            if withheld.has_scope {
                object.plain("scope", self.selection.dialect.pick("tweet", "post"));
            }
        });
    }

    fn entities(&self, object: &mut Object<'_>, key: &str, composed: &Composed, kind: Kind) {
        let Entities { hashtags, cashtags, mentions, urls } = &composed.entities;
        let none = [hashtags, cashtags].iter().all(|tags| tags.is_empty());
        if none && mentions.is_empty() && urls.is_empty() {
            return;
        }
        let mention = |out: &mut String, own: &super::text::Mention| {
            json::object(out, |mention| {
                mention.number("end", own.end);
                mention.id("id", People::id(own.person));
                mention.number("start", own.start);
                mention.text("username", &self.universe.people.username(own.person));
            });
        };
        object.object(key, |object| {
            object.some("cashtags", cashtags, tag);
            object.some("hashtags", hashtags, tag);
            object.some("mentions", mentions, mention);
            object.some("urls", urls, |out, link| url(out, link, kind));
        });
    }

    /// Whether some private metrics were asked for; each costs a partial error.
    pub fn private_fields(&self) -> impl Iterator<Item = PostField> {
        self.selection.post.iter().copied().filter(|field| field.is_private())
    }

    /// Shorthand for the selection.
    pub fn expands(&self, expansion: Expansion) -> bool {
        self.selection.expands(expansion)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    /// Links of notes have fewer keys (OpenAPI 2.167, `PostNotePost`).
    Note,
}

fn tag(out: &mut String, tag: &Tag) {
    object(out, |object| {
        object.number("end", tag.end);
        object.number("start", tag.start);
        object.text("tag", &tag.name);
    });
}

fn url(out: &mut String, link: &Link, kind: Kind) {
    let (expanded, display) = match &link.target {
        Target::Page(expanded, display, _)
        | Target::Media(expanded, display, _)
        | Target::Post(expanded, display) => (expanded, display),
    };
    let target = Some(&link.target).filter(|_| kind == Kind::Text);
    let page = match target {
        Some(Target::Page(_, _, title)) if link.short.as_bytes()[13].is_multiple_of(2) => {
            Some(title)
        }
        _ => None,
    };
    object(out, |object| {
        if let Some(title) = page {
            object.text("description", &format!("{title}, \"in full\""));
        }
        object.text("display_url", display);
        object.number("end", link.end);
        object.text("expanded_url", expanded);
        if page.is_some() {
            object.list("images", [()], |out, ()| image(out));
        }
        if let Some(Target::Media(_, _, key)) = target {
            object.plain("media_key", key);
        }
        object.number("start", link.start);
        if let Some(title) = page {
            object.number("status", 200);
            object.text("title", title);
            object.text("unwound_url", expanded);
        }
        object.text("url", &link.short);
    });
}

fn image(out: &mut String) {
    object(out, |object| {
        object.number("height", 630);
        object.plain("url", "https://pbs.twimg.com/news_img/1/x?format=jpg&name=orig");
        object.number("width", 1200);
    });
}

fn article(object: &mut Object<'_>, key: &str, post: &Post) {
    if post.note.is_some() && post.luck.is_multiple_of(10) {
        object.object(key, |object| object.plain("title", "Notes from the marsh"));
    }
}

fn attachments(object: &mut Object<'_>, key: &str, post: &Post) {
    if post.media.is_empty() && post.poll.is_none() {
        return;
    }
    object.object(key, |object| {
        object.some("media_keys", &post.media, |out, media| plain(out, &media.key));
        if let Some(poll) = post.poll {
            object.list("poll_ids", [poll], json::id);
        }
    });
}

fn topic(out: &mut String, index: usize) {
    let (domain_id, domain, entity_id, entity) = TOPICS[index];
    object(out, |object| {
        object.object("domain", |object| {
            object.plain("description", "A subject of posts");
            object.text("id", domain_id);
            object.text("name", domain);
        });
        object.object("entity", |object| {
            object.text("id", entity_id);
            object.text("name", entity);
        });
    });
}

fn geo(object: &mut Object<'_>, key: &str, post: &Post) {
    let Some(place) = post.place else { return };
    object.object(key, |object| {
        if let Some(point) = point(post) {
            object.object("coordinates", |object| {
                object.value("coordinates", &point);
                object.plain("type", "Point");
            });
        }
        object.text("place_id", PLACES[place].id);
    });
}

fn media_metadata(object: &mut Object<'_>, key: &str, post: &Post) {
    let described = |media: &&super::post::Media| media.luck.is_multiple_of(3);
    let list: Vec<_> = post.media.iter().filter(described).collect();
    object.some(key, &list, |out, media| {
        json::object(out, |object| {
            object.plain("alt_text", "a bird, probably");
            object.plain("media_key", &media.key);
        });
    });
}

fn reply_settings(post: &Post) -> &'static str {
    match post.luck % 30 {
        0 => "following",
        1 => "mentionedUsers",
        2 => "subscribers",
        _ => "everyone",
    }
}
