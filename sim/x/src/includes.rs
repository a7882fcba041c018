//! A page of posts with its `includes` and partial `errors`.
//!
//! Objects are included once, only for the expansions asked for, one level deep; what
//! is deleted, suspended or protected is missing there and named in `errors`.

use std::collections::HashSet;

use serde_json::Value;

use super::errors::{Missing, field_forbidden, partial};
use super::faults::Deletions;
use super::fields::Expansion;
use super::json::{Items, object};
use super::objects;
use super::people::{People, Standing};
use super::post::{Availability, Post};
use super::render::Scene;
use super::timeline::Position;

/// A rendered page and what X charges for it.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The posts.
    pub data: Items,
    /// `includes`, empty if nothing is in it.
    pub includes: String,
    /// Partial errors.
    pub errors: Vec<Value>,
    /// Ids of the posts in `data`.
    pub data_ids: Vec<u64>,
    /// Ids of the posts in `includes`.
    pub included_ids: Vec<u64>,
    /// Ids of the users in `includes`.
    pub user_ids: Vec<u64>,
}

/// Renders posts, in their order.
pub fn page(scene: &Scene<'_>, deletions: &Deletions, posts: &[Post]) -> Page {
    let mut builder =
        Builder { scene, deletions, page: Page::default(), ..Builder::new(scene, deletions) };
    for post in posts {
        scene.post(builder.page.data.next(), post);
        builder.page.data_ids.push(post.id);
    }
    for post in posts {
        builder.expand(post);
    }
    builder.finish()
}

struct Builder<'a> {
    scene: &'a Scene<'a>,
    deletions: &'a Deletions,
    page: Page,
    seen: HashSet<(&'static str, u64)>,
    users: Items,
    posts: Items,
    media: Items,
    polls: Items,
    places: Items,
}

impl<'a> Builder<'a> {
    fn new(scene: &'a Scene<'a>, deletions: &'a Deletions) -> Self {
        Self {
            scene,
            deletions,
            page: Page::default(),
            seen: HashSet::new(),
            users: Items::default(),
            posts: Items::default(),
            media: Items::default(),
            polls: Items::default(),
            places: Items::default(),
        }
    }

    fn expand(&mut self, post: &Post) {
        let scene = self.scene;
        if scene.expands(Expansion::Author) || scene.expands(Expansion::Username) {
            self.user(post.author, "author_id");
        }
        if let Some(person) = post.in_reply_to.filter(|_| scene.expands(Expansion::InReplyTo)) {
            self.user(person, "in_reply_to_user_id");
        }
        if scene.expands(Expansion::Mentions) {
            for mention in &post.whole().entities.mentions {
                self.user(mention.person, "entities.mentions.username");
            }
        }
        if scene.expands(Expansion::Media) {
            self.media(post);
        }
        if scene.expands(Expansion::Polls) {
            self.poll(post);
        }
        if scene.expands(Expansion::Places) {
            self.place(post);
        }
        self.referenced(post);
        if scene.expands(Expansion::EditHistory) {
            self.versions(post);
        }
        for field in scene.private_fields() {
            let key = field.key(scene.selection.dialect);
            let error = field_forbidden(scene.selection.dialect, &post.id.to_string(), key);
            self.page.errors.push(error);
        }
    }

    fn referenced(&mut self, post: &Post) {
        let scene = self.scene;
        let wanted =
            [Expansion::Referenced, Expansion::ReferencedAuthors, Expansion::ReferencedMedia];
        if !wanted.iter().any(|expansion| scene.expands(*expansion)) {
            return;
        }
        for (_, at) in &post.references {
            let Some(other) = self.reachable(*at) else { continue };
            if scene.expands(Expansion::Referenced) || scene.expands(Expansion::ReferencedMedia) {
                self.include(&other);
            }
            if scene.expands(Expansion::ReferencedAuthors) {
                self.include(&other);
                self.user(other.author, "referenced_tweets.id.author_id");
            }
            if scene.expands(Expansion::ReferencedMedia) {
                self.media(&other);
            }
        }
    }

    /// A referenced post, or the error that says why it is not there.
    fn reachable(&mut self, at: Position) -> Option<Post> {
        let id = self.scene.universe.timeline.id(at);
        let deleted = self.deletions.contains(id);
        let missing = match self.scene.universe.availability(at) {
            Availability::Available if !deleted => return Some(self.scene.universe.post(at)),
            Availability::Available | Availability::Deleted => Missing::NotFound,
            Availability::Protected => Missing::Protected,
        };
        let dialect = self.scene.selection.dialect;
        let parameter = dialect.pick("referenced_tweets.id", "referenced_posts");
        if self.seen.insert(("missing post", id)) {
            self.page.errors.push(partial(dialect, missing, "tweet", parameter, &id.to_string()));
        }
        None
    }

    fn include(&mut self, post: &Post) {
        if self.seen.insert(("post", post.id)) {
            self.scene.post(self.posts.next(), post);
            self.page.included_ids.push(post.id);
        }
    }

    fn versions(&mut self, post: &Post) {
        for id in post.versions().into_iter().filter(|id| *id != post.id) {
            self.include(&post.clone().version(id));
        }
    }

    fn user(&mut self, number: u32, parameter: &str) {
        let people = &self.scene.universe.people;
        let dialect = self.scene.selection.dialect;
        if !self.seen.insert(("user", u64::from(number))) {
            return;
        }
        let missing = match people.standing(number) {
            Standing::Active | Standing::Protected => {
                let Scene { profiles, selection, .. } = self.scene;
                profiles.write(self.users.next(), people, number, selection);
                self.page.user_ids.push(People::id(number));
                return;
            }
            Standing::Suspended => Missing::Suspended,
            Standing::Gone => Missing::NotFound,
        };
        // Recorded: mentioned people are named by user name, the others by id.
        let value = match parameter {
            "entities.mentions.username" => people.username(number),
            _ => People::id(number).to_string(),
        };
        self.page.errors.push(partial(dialect, missing, "user", parameter, &value));
    }

    fn media(&mut self, post: &Post) {
        for (nth, media) in post.media.iter().enumerate() {
            if self.seen.insert(("media", post.id / 7 + nth as u64)) {
                objects::media(self.media.next(), media, &self.scene.selection.media);
            }
        }
    }

    fn poll(&mut self, post: &Post) {
        if let Some(id) = post.poll.filter(|id| self.seen.insert(("poll", *id))) {
            let asked = &self.scene.selection.poll;
            objects::poll(self.polls.next(), id, post.written_ms, self.scene.now_ms, asked);
        }
    }

    fn place(&mut self, post: &Post) {
        if let Some(place) = post.place.filter(|place| self.seen.insert(("place", *place as u64))) {
            objects::place(self.places.next(), place, &self.scene.selection.place);
        }
    }

    fn finish(mut self) -> Page {
        let posts = self.scene.selection.dialect.pick("tweets", "posts");
        let lists = [
            ("media", &self.media),
            ("places", &self.places),
            ("polls", &self.polls),
            (posts, &self.posts),
            ("users", &self.users),
        ];
        if lists.iter().any(|(_, list)| !list.as_str().is_empty()) {
            object(&mut self.page.includes, |includes| {
                for (key, list) in lists {
                    includes.items(key, list);
                }
            });
        }
        self.page
    }
}
