//! People, media, polls and places as JSON, for `includes`.
//!
//! The names of fields that are passed are sorted, each once, the defaults among them
//! ([`Selection`](super::fields::Selection)); unknown ones are dropped.

use super::clock::answer_time;
use super::draw::{Draw, Purpose};
use super::json::{self, Object, object};
use super::options::Dialect;
use super::people::{Badge, Person, Standing};
use super::post::{Media, MediaKind};
use super::words::PLACES;

/// A user.
pub fn user(out: &mut String, person: &Person, asked: &[String], dialect: Dialect) {
    object(out, |object| {
        for name in asked {
            user_field(object, person, name, dialect);
        }
    });
}

/// One field; nothing for what this person or X does not have.
fn user_field(object: &mut Object<'_>, person: &Person, name: &str, dialect: Dialect) {
    match name {
        "id" => object.id(name, person.id),
        "name" => object.text(name, person.name),
        "username" => object.plain(name, &person.username),
        "created_at" => object.plain(name, answer_time(person.created_ms)),
        "description" => object.text(name, description(person)),
        "entities" => profile_entities(object, person),
        "is_identity_verified" => object.flag(name, false),
        "location" => {
            if let Some(location) = person.location {
                object.text(name, location);
            }
        }
        "parody" => object.flag(name, person.number % 97 == 5),
        "pinned_tweet_id" if dialect == Dialect::Legacy && person.has_profile => {
            object.id(name, person.id / 2 + 1);
        }
        "profile_image_url" => {
            let id = person.id;
            let url = format_args!("https://pbs.twimg.com/profile_images/{id}/p_normal.jpg");
            object.plain(name, url);
        }
        "protected" => object.flag(name, person.standing == Standing::Protected),
        "public_metrics" => user_metrics(object, person, dialect),
        "url" => {
            if let Some(link) = link(person) {
                object.plain(name, link);
            }
        }
        "verified" => object.flag(name, person.badge != Badge::None),
        "verified_type" => object.plain(name, badge(person.badge)),
        "verified_followers_count" => object.number(name, person.counts[0] / 20),
        _ => {}
    }
}

fn user_metrics(object: &mut Object<'_>, person: &Person, dialect: Dialect) {
    let [followers, following, posts, listed, likes] = person.counts;
    object.object("public_metrics", |metrics| {
        metrics.number("followers_count", followers);
        metrics.number("following_count", following);
        metrics.number("like_count", likes);
        metrics.number("listed_count", listed);
        metrics.number("media_count", posts / 5);
        metrics.number(dialect.pick("tweet_count", "post_count"), posts);
    });
}

fn link(person: &Person) -> Option<String> {
    person.has_profile.then(|| format!("https://t.co/{:010}", person.number))
}

fn badge(badge: Badge) -> &'static str {
    match badge {
        Badge::None => "none",
        Badge::Blue => "blue",
        Badge::Business => "business",
        Badge::Government => "government",
    }
}

fn description(person: &Person) -> &'static str {
    // X writes an empty description as an empty string, not as nothing.
    if person.has_profile { "counts birds, \"carefully\"\n#birding &amp; maps" } else { "" }
}

fn profile_entities(object: &mut Object<'_>, person: &Person) {
    let Some(link) = link(person) else { return };
    object.object("entities", |entities| {
        entities.object("description", |description| {
            description.list("hashtags", ["birding"], |out, tag| {
                json::object(out, |object| {
                    object.number("end", 34);
                    object.number("start", 26);
                    object.plain("tag", tag);
                });
            });
        });
        entities.object("url", |url| {
            url.list("urls", [&link], |out, link| profile_link(out, person, link));
        });
    });
}

fn profile_link(out: &mut String, person: &Person, link: &str) {
    let number = person.number;
    object(out, |object| {
        object.plain("display_url", format_args!("example.org/~{number}"));
        object.number("end", link.len());
        object.plain("expanded_url", format_args!("https://example.org/~{number}"));
        object.number("start", 0);
        object.plain("url", link);
    });
}

/// A picture or film.
pub fn media(out: &mut String, media: &Media, asked: &[String]) {
    object(out, |object| {
        for name in asked {
            media_field(object, media, name);
        }
    });
}

fn media_field(object: &mut Object<'_>, media: &Media, name: &str) {
    let (width, height) = if media.luck.is_multiple_of(2) { (1200, 675) } else { (720, 1280) };
    match name {
        "alt_text" if media.luck.is_multiple_of(3) => object.plain(name, "a bird, probably"),
        "height" => object.number(name, height),
        "media_key" => object.plain(name, &media.key),
        "type" => object.plain(name, kind(media.kind)),
        "width" => object.number(name, width),
        "url" if media.kind == MediaKind::Photo => {
            let file = media.key.replace('_', "/");
            object.plain(name, format_args!("https://pbs.twimg.com/media/{file}.jpg"));
        }
        _ if media.kind != MediaKind::Photo => film_field(object, media, name),
        _ => {}
    }
}

fn kind(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Photo => "photo",
        MediaKind::Video => "video",
        MediaKind::Gif => "animated_gif",
    }
}

fn film_field(object: &mut Object<'_>, media: &Media, name: &str) {
    let file = media.key.replace('_', "/");
    match name {
        "preview_image_url" => {
            object.plain(name, format_args!("https://pbs.twimg.com/preview/{file}.jpg"));
        }
        "variants" if media.kind == MediaKind::Gif => {
            object.list(name, [Some(0)], |out, rate| film(out, rate, &file));
        }
        "variants" => {
            object.list(name, [Some(2_176_000), None], |out, rate| film(out, rate, &file));
        }
        "duration_ms" if media.kind == MediaKind::Video => {
            object.number(name, 1_000 + media.luck % 140_000);
        }
        "public_metrics" if media.kind == MediaKind::Video => {
            object.object(name, |metrics| metrics.number("view_count", media.luck % 100_000));
        }
        _ => {}
    }
}

/// A film at a bit rate; without one, the list of its pieces.
fn film(out: &mut String, bit_rate: Option<u32>, file: &str) {
    object(out, |object| {
        if let Some(rate) = bit_rate {
            object.number("bit_rate", rate);
            object.plain("content_type", "video/mp4");
            object.plain("url", format_args!("https://video.twimg.com/{file}/720.mp4"));
        } else {
            object.plain("content_type", "application/x-mpegURL");
            object.plain("url", format_args!("https://video.twimg.com/{file}/pl.m3u8"));
        }
    });
}

/// A poll.
pub fn poll(out: &mut String, id: u64, written_ms: i64, now_ms: i64, asked: &[String]) {
    const LABELS: &[&str] = &["yes", "no, never", "Ask the heron 🐦", "\"maybe\""];
    let mut draw = Draw::new(id, Purpose::Attachment, 0);
    let count = 2 + draw.below(3) as usize;
    let votes: Vec<u64> = LABELS.iter().take(count).map(|_| draw.skewed(10)).collect();
    let minutes = 5 + draw.below(10_075) as i64;
    let end_ms = written_ms + minutes * 60_000;
    object(out, |object| {
        for name in asked {
            match name.as_str() {
                "id" => object.id(name, id),
                "options" => object.list(name, LABELS.iter().zip(&votes).enumerate(), option),
                "duration_minutes" => object.number(name, minutes),
                "end_datetime" => object.plain(name, answer_time(end_ms)),
                "voting_status" => {
                    object.plain(name, if end_ms > now_ms { "open" } else { "closed" });
                }
                _ => {}
            }
        }
    });
}

fn option(out: &mut String, (at, (label, votes)): (usize, (&&str, &u64))) {
    object(out, |object| {
        object.text("label", label);
        object.number("position", at + 1);
        object.number("votes", *votes);
    });
}

/// A place.
pub fn place(out: &mut String, index: usize, asked: &[String]) {
    let place = &PLACES[index];
    object(out, |object| {
        for name in asked {
            match name.as_str() {
                "id" => object.text(name, place.id),
                "name" => object.text(name, place.name),
                "full_name" => object.text(name, place.full_name),
                "country" => object.text(name, place.country),
                "country_code" => object.text(name, place.country_code),
                "place_type" => object.text(name, place.kind),
                "geo" => object.object(name, |geo| {
                    geo.value("bbox", &place.bounds);
                    geo.object("properties", |_| {});
                    geo.plain("type", "Feature");
                }),
                _ => {}
            }
        }
    });
}
