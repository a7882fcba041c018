//! Whether a post matches a query. The quoted post's words never count in search.

use super::Query;
use super::term::{Content, Property, Sign, Term};
use crate::people::{Badge, People};
use crate::post::{MediaKind, Post, Reference};
use crate::text::{Target, folded, unescaped};
use crate::universe::Universe;
use crate::words::{PLACES, TOPICS};

impl Query {
    /// Whether a post is found by this query.
    pub fn matches(&self, universe: &Universe, post: &Post) -> bool {
        match self {
            Self::And(all) => all.iter().all(|part| part.matches(universe, post)),
            Self::Or(any) => any.iter().any(|part| part.matches(universe, post)),
            Self::Term(sign, term) => term.matches(universe, post) == (*sign == Sign::Plus),
        }
    }
}

impl Term {
    fn matches(&self, universe: &Universe, post: &Post) -> bool {
        let entities = &post.whole().entities;
        match self {
            Self::Keyword(word) => has_word(&searched(post), word),
            Self::Phrase(words) => has_phrase(&searched(post), words),
            Self::Hashtag(tag) => entities.hashtags.iter().any(|own| folded(&own.name) == *tag),
            Self::Cashtag(tag) => entities.cashtags.iter().any(|own| folded(&own.name) == *tag),
            Self::Mention(name) => {
                entities.mentions.iter().any(|own| is_person(universe, own.person, name))
            }
            Self::From(name) => is_person(universe, post.author, name),
            Self::To(name) => post.in_reply_to.is_some_and(|to| is_person(universe, to, name)),
            Self::Nothing => false,
            Self::Url(part) => leads_to(post, part),
            Self::Lang(code) => post.lang == code,
            Self::Conversation(id) => post.conversation == *id,
            Self::InReplyTo(id) => refers(universe, post, Reference::RepliedTo, *id),
            Self::QuotesOf(id) => refers(universe, post, Reference::Quoted, *id),
            Self::AtLeast(metric, least) => post.metrics[*metric] >= *least,
            Self::Context(wanted) => post.topics.iter().any(|topic| {
                let (domain, _, entity, _) = TOPICS[*topic];
                *wanted == format!("{domain}.{entity}") || *wanted == format!("{domain}.*")
            }),
            Self::Place(wanted) => post.place.map(|place| &PLACES[place]).is_some_and(|place| {
                [place.id, place.name, place.full_name].iter().any(|own| folded(own) == *wanted)
            }),
            Self::Country(code) => {
                post.place.is_some_and(|place| PLACES[place].country_code == code)
            }
            Self::Box(bounds) => point(post).is_some_and(|point| is_inside(point, *bounds)),
            Self::Near(circle) => point(post).is_some_and(|point| is_near(point, *circle)),
            Self::Is(property) => is(universe, post, *property),
            Self::Has(content) => has(post, *content),
        }
    }
}

fn searched(post: &Post) -> String {
    folded(&unescaped(&post.whole().text))
}

fn is_word_sign(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}

/// Scripts without spaces, and emoji, are found anywhere; other words only whole.
fn has_word(text: &str, word: &str) -> bool {
    let spaced =
        word.chars().all(|sign| sign < '\u{2E80}' && (is_word_sign(sign) || "'-.".contains(sign)));
    if !spaced {
        return text.contains(word);
    }
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_word_sign) && !after.is_some_and(is_word_sign)
    })
}

fn has_phrase(text: &str, words: &str) -> bool {
    let joined = |text: &str| {
        let parts = text.split(|sign: char| sign.is_whitespace() || sign.is_ascii_punctuation());
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    };
    let wanted = joined(words);
    if wanted.is_empty() {
        text.contains(words)
    } else {
        has_word(&joined(text), &wanted) || text.contains(words)
    }
}

fn is_person(universe: &Universe, person: u32, name: &str) -> bool {
    universe.people.username(person).eq_ignore_ascii_case(name)
        || name.parse() == Ok(People::id(person))
}

fn refers(universe: &Universe, post: &Post, how: Reference, id: u64) -> bool {
    post.references.iter().any(|(kind, at)| *kind == how && universe.timeline.id(*at) == id)
}

fn leads_to(post: &Post, part: &str) -> bool {
    post.whole().entities.urls.iter().any(|link| {
        let expanded = match &link.target {
            Target::Page(expanded, ..)
            | Target::Media(expanded, ..)
            | Target::Post(expanded, _) => expanded,
        };
        expanded.to_lowercase().contains(part) || link.short.to_lowercase() == part
    })
}

fn is(universe: &Universe, post: &Post, property: Property) -> bool {
    match property {
        Property::Retweet | Property::Nullcast => false,
        Property::Reply => post.refers(Reference::RepliedTo),
        Property::Quote => post.refers(Reference::Quoted),
        Property::Verified => universe.people.person(post.author).badge != Badge::None,
    }
}

fn has(post: &Post, content: Content) -> bool {
    let entities = &post.whole().entities;
    match content {
        Content::Hashtags => !entities.hashtags.is_empty(),
        Content::Cashtags => !entities.cashtags.is_empty(),
        Content::Links => !entities.urls.is_empty(),
        Content::Mentions => !entities.mentions.is_empty(),
        Content::Media => !post.media.is_empty(),
        Content::Images => post.media.iter().any(|media| media.kind == MediaKind::Photo),
        Content::Videos => post.media.iter().any(|media| media.kind == MediaKind::Video),
        Content::Geo => post.place.is_some(),
    }
}

/// The exact point of a post: the middle of its place.
pub fn point(post: &Post) -> Option<[f64; 2]> {
    let bounds = PLACES[post.place.filter(|_| post.has_point)?].bounds;
    Some([f64::midpoint(bounds[0], bounds[2]), f64::midpoint(bounds[1], bounds[3])])
}

fn is_inside([longitude, latitude]: [f64; 2], [west, south, east, north]: [f64; 4]) -> bool {
    (west..=east).contains(&longitude) && (south..=north).contains(&latitude)
}

fn is_near([longitude, latitude]: [f64; 2], [center_x, center_y, kilometres]: [f64; 3]) -> bool {
    let (lat1, lat2) = (latitude.to_radians(), center_y.to_radians());
    let half_y = ((lat2 - lat1) / 2.0).sin().powi(2);
    let half_x = ((center_x - longitude).to_radians() / 2.0).sin().powi(2);
    let angle = 2.0 * (half_y + lat1.cos() * lat2.cos() * half_x).sqrt().asin();
    angle * 6_371.0 <= kilometres
}
