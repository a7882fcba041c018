//! Posts as JSON, in the dialect and with the fields that a request selected.
//!
//! What is absent is left out; X writes neither nulls nor empty lists (docs.x.com,
//! consistency, read 2026-08-22). `source` has been absent since 2022-12-20.

use serde_json::{Map, Value, json};

use super::clock::answer_time;
use super::draw::hash;
use super::fields::{Expansion, PostField, Selection};
use super::people::{Badge, People};
use super::post::Post;
use super::query::point;
use super::text::{Composed, Entities, Link, Tag, Target};
use super::universe::Universe;
use super::words::{PLACES, TOPICS};

/// What rendering needs to know besides the post.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The world.
    pub universe: &'a Universe,
    /// What was asked for.
    pub selection: &'a Selection,
    /// Simulated time.
    pub now_ms: i64,
    /// Added to metrics by the fault that changes them.
    pub growth: u64,
}

impl Scene<'_> {
    /// A post.
    pub fn post(&self, post: &Post) -> Value {
        let mut object = Map::new();
        for field in &self.selection.post {
            if let Some(value) = self.field(post, *field) {
                object.insert(field.key(self.selection.dialect).to_owned(), value);
            }
        }
        Value::Object(object)
    }

    fn field(&self, post: &Post, field: PostField) -> Option<Value> {
        Some(match field {
            PostField::Id => json!(post.id.to_string()),
            PostField::Text => json!(post.text.text),
            PostField::EditHistory => {
                json!(post.versions().iter().map(u64::to_string).collect::<Vec<_>>())
            }
            PostField::AuthorId => json!(person_id(post.author)),
            PostField::InReplyToUserId => json!(person_id(post.in_reply_to?)),
            PostField::Referenced => self.references(post)?,
            PostField::Username => json!(self.universe.people.username(post.author)),
            PostField::Article => article(post)?,
            PostField::Attachments => attachments(post)?,
            PostField::CardUri => json!(format!("card://{}", post.poll?)),
            PostField::CommunityId => {
                (post.luck % 300 == 7).then(|| json!("1493446837214187523"))?
            }
            PostField::ContextAnnotations => topics(post)?,
            PostField::ConversationId => json!(post.conversation.to_string()),
            PostField::CreatedAt => json!(answer_time(post.written_ms)),
            PostField::DisplayTextRange => json!([0, post.text.length]),
            PostField::EditControls => self.edit_controls(post),
            PostField::Entities => self.entities(&post.text, Kind::Text)?,
            PostField::Geo => geo(post)?,
            PostField::Lang => json!(post.lang),
            PostField::MediaMetadata => media_metadata(post)?,
            PostField::Note => self.note(post)?,
            PostField::PaidPartnership => (post.luck % 50 == 3).then_some(json!(true))?,
            PostField::PossiblySensitive => json!(post.luck.is_multiple_of(40)),
            PostField::PublicMetrics => self.metrics(post),
            PostField::ReplySettings => json!(reply_settings(post)),
            PostField::Scopes => (post.luck % 400 == 9).then(|| json!({"followers": false}))?,
            PostField::Withheld => self.withheld(post)?,
            PostField::NonPublicMetrics
            | PostField::OrganicMetrics
            | PostField::PromotedMetrics => {
                return None;
            }
        })
    }

    fn references(&self, post: &Post) -> Option<Value> {
        let item = |(how, at): &(super::post::Reference, _)| json!({"type": how.name(), "id": self.universe.timeline.id(*at).to_string()});
        let list: Vec<Value> = post.references.iter().map(item).collect();
        (!list.is_empty()).then(|| json!(list))
    }

    fn edit_controls(&self, post: &Post) -> Value {
        let eligible = self.universe.people.person(post.author).badge != Badge::None;
        json!({
            "edits_remaining": 5 - post.edits,
            "is_edit_eligible": eligible && post.references.is_empty(),
            "editable_until": answer_time(post.written_ms + 3_600_000)
        })
    }

    fn metrics(&self, post: &Post) -> Value {
        let grown = |index: usize| match self.growth {
            0 => post.metrics[index],
            growth => post.metrics[index] + 1 + hash(&[growth, post.id, index as u64]) % 9,
        };
        json!({
            (self.selection.dialect.pick("retweet_count", "repost_count")): grown(0),
            "reply_count": grown(1),
            "like_count": grown(2),
            "quote_count": grown(3),
            "bookmark_count": grown(4),
            "impression_count": grown(5)
        })
    }

    fn note(&self, post: &Post) -> Option<Value> {
        let note = post.note.as_ref()?;
        let mut object = Map::new();
        object.insert("text".to_owned(), json!(note.text));
        if let Some(entities) = self.entities(note, Kind::Note) {
            object.insert("entities".to_owned(), entities);
        }
        Some(Value::Object(object))
    }

    fn withheld(&self, post: &Post) -> Option<Value> {
        let withheld = post.withheld.as_ref()?;
        let mut object = json!({"copyright": false, "country_codes": withheld.countries});
        if withheld.has_scope {
            object["scope"] = json!(self.selection.dialect.pick("tweet", "post"));
        }
        Some(object)
    }

    fn entities(&self, composed: &Composed, kind: Kind) -> Option<Value> {
        let Entities { hashtags, cashtags, mentions, urls } = &composed.entities;
        let mut object = Map::new();
        let mut put = |key: &str, list: Vec<Value>| {
            if !list.is_empty() {
                object.insert(key.to_owned(), Value::Array(list));
            }
        };
        put("hashtags", hashtags.iter().map(tag).collect());
        put("cashtags", cashtags.iter().map(tag).collect());
        put("urls", urls.iter().map(|link| url(link, kind)).collect());
        let mention = |own: &super::text::Mention| {
            json!({
                "start": own.start, "end": own.end,
                "username": self.universe.people.username(own.person),
                "id": person_id(own.person)
            })
        };
        put("mentions", mentions.iter().map(mention).collect());
        (!object.is_empty()).then_some(Value::Object(object))
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

fn person_id(number: u32) -> String {
    People::id(number).to_string()
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    /// Links of notes have fewer keys (OpenAPI 2.167, `PostNotePost`).
    Note,
}

fn tag(tag: &Tag) -> Value {
    json!({"start": tag.start, "end": tag.end, "tag": tag.name})
}

fn url(link: &Link, kind: Kind) -> Value {
    let mut object = json!({"start": link.start, "end": link.end, "url": link.short});
    let (expanded, display) = match &link.target {
        Target::Page(expanded, display, _)
        | Target::Media(expanded, display, _)
        | Target::Post(expanded, display) => (expanded, display),
    };
    object["expanded_url"] = json!(expanded);
    object["display_url"] = json!(display);
    if kind == Kind::Note {
        return object;
    }
    match &link.target {
        Target::Media(_, _, key) => object["media_key"] = json!(key),
        Target::Page(expanded, _, title) if link.short.as_bytes()[13].is_multiple_of(2) => {
            object["unwound_url"] = json!(expanded);
            object["status"] = json!(200);
            object["title"] = json!(title);
            object["description"] = json!(format!("{title}, \"in full\""));
            object["images"] = json!([{
                "url": "https://pbs.twimg.com/news_img/1/x?format=jpg&name=orig", "width": 1200, "height": 630
            }]);
        }
        Target::Page(..) | Target::Post(..) => {}
    }
    object
}

fn article(post: &Post) -> Option<Value> {
    (post.note.is_some() && post.luck.is_multiple_of(10))
        .then(|| json!({"title": "Notes from the marsh"}))
}

fn attachments(post: &Post) -> Option<Value> {
    let mut object = Map::new();
    if !post.media.is_empty() {
        let keys: Vec<&String> = post.media.iter().map(|media| &media.key).collect();
        object.insert("media_keys".to_owned(), json!(keys));
    }
    if let Some(poll) = post.poll {
        object.insert("poll_ids".to_owned(), json!([poll.to_string()]));
    }
    (!object.is_empty()).then_some(Value::Object(object))
}

fn topics(post: &Post) -> Option<Value> {
    let item = |index: &usize| {
        let (domain_id, domain, entity_id, entity) = TOPICS[*index];
        json!({
            "domain": {"id": domain_id, "name": domain, "description": "A subject of posts"},
            "entity": {"id": entity_id, "name": entity}
        })
    };
    (!post.topics.is_empty()).then(|| post.topics.iter().map(item).collect())
}

fn geo(post: &Post) -> Option<Value> {
    let mut object = json!({"place_id": PLACES[post.place?].id});
    if let Some(point) = point(post) {
        object["coordinates"] = json!({"type": "Point", "coordinates": point});
    }
    Some(object)
}

fn media_metadata(post: &Post) -> Option<Value> {
    let item = |media: &super::post::Media| json!({"media_key": media.key, "alt_text": "a bird, probably"});
    let list: Vec<Value> =
        post.media.iter().filter(|media| media.luck.is_multiple_of(3)).map(item).collect();
    (!list.is_empty()).then(|| json!(list))
}

fn reply_settings(post: &Post) -> &'static str {
    match post.luck % 30 {
        0 => "following",
        1 => "mentionedUsers",
        2 => "subscribers",
        _ => "everyone",
    }
}
