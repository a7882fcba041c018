//! People, media, polls and places as JSON, for `includes`.

use serde_json::{Map, Value, json};

use super::clock::answer_time;
use super::draw::{Draw, Purpose};
use super::options::Dialect;
use super::people::{Badge, Person, Standing};
use super::post::{Media, MediaKind};
use super::words::PLACES;

/// Keeps the default fields and those asked for; unknown names are dropped.
fn select(mut all: Map<String, Value>, defaults: &[&str], asked: &[String]) -> Value {
    all.retain(|key, value| {
        !value.is_null()
            && (defaults.contains(&key.as_str()) || asked.iter().any(|name| name == key))
    });
    Value::Object(all)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// A user. Default fields: id, name, username.
pub fn user(person: &Person, asked: &[String], dialect: Dialect) -> Value {
    let mut object = Map::new();
    for name in ["id", "name", "username"].into_iter().chain(asked.iter().map(String::as_str)) {
        if let Some(value) = user_field(person, name, dialect) {
            object.insert(name.to_owned(), value);
        }
    }
    Value::Object(object)
}

/// One field; `None` for what this person or X does not have.
fn user_field(person: &Person, name: &str, dialect: Dialect) -> Option<Value> {
    Some(match name {
        "id" => json!(person.id.to_string()),
        "name" => json!(person.name),
        "username" => json!(person.username),
        "created_at" => json!(answer_time(person.created_ms)),
        "description" => json!(description(person)),
        "entities" => profile_entities(person)?,
        "is_identity_verified" => json!(false),
        "location" => json!(person.location?),
        "parody" => json!(person.number % 97 == 5),
        "pinned_tweet_id" if dialect == Dialect::Legacy && person.has_profile => {
            json!((person.id / 2 + 1).to_string())
        }
        "profile_image_url" => {
            json!(format!("https://pbs.twimg.com/profile_images/{}/p_normal.jpg", person.id))
        }
        "protected" => json!(person.standing == Standing::Protected),
        "public_metrics" => user_metrics(person, dialect),
        "url" => json!(link(person)?),
        "verified" => json!(person.badge != Badge::None),
        "verified_type" => json!(badge(person.badge)),
        "verified_followers_count" => json!(person.counts[0] / 20),
        _ => return None,
    })
}

fn user_metrics(person: &Person, dialect: Dialect) -> Value {
    let [followers, following, posts, listed, likes] = person.counts;
    json!({
        "followers_count": followers,
        "following_count": following,
        (dialect.pick("tweet_count", "post_count")): posts,
        "listed_count": listed,
        "like_count": likes,
        "media_count": posts / 5
    })
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

fn profile_entities(person: &Person) -> Option<Value> {
    let link = link(person)?;
    Some(json!({
        "url": {"urls": [{
            "start": 0, "end": link.len(), "url": link,
            "expanded_url": format!("https://example.org/~{}", person.number),
            "display_url": format!("example.org/~{}", person.number)
        }]},
        "description": {"hashtags": [{"start": 26, "end": 34, "tag": "birding"}]}
    }))
}

/// A picture or film. Default fields: `media_key`, type.
pub fn media(media: &Media, asked: &[String]) -> Value {
    let (width, height) = if media.luck.is_multiple_of(2) { (1200, 675) } else { (720, 1280) };
    let file = media.key.replace('_', "/");
    let kind = match media.kind {
        MediaKind::Photo => "photo",
        MediaKind::Video => "video",
        MediaKind::Gif => "animated_gif",
    };
    let mut all = object(json!({
        "media_key": media.key, "type": kind, "width": width, "height": height,
        "alt_text": media.luck.is_multiple_of(3).then_some("a bird, probably")
    }));
    match media.kind {
        MediaKind::Photo => {
            all.insert("url".into(), json!(format!("https://pbs.twimg.com/media/{file}.jpg")));
        }
        MediaKind::Video | MediaKind::Gif => film(&mut all, media, &file),
    }
    select(all, &["media_key", "type"], asked)
}

fn film(all: &mut Map<String, Value>, media: &Media, file: &str) {
    let mut put = |key: &str, value: Value| all.insert(key.to_owned(), value);
    put("preview_image_url", json!(format!("https://pbs.twimg.com/preview/{file}.jpg")));
    let video = format!("https://video.twimg.com/{file}/720.mp4");
    if media.kind == MediaKind::Gif {
        put("variants", json!([{"bit_rate": 0, "content_type": "video/mp4", "url": video}]));
        return;
    }
    put("duration_ms", json!(1_000 + media.luck % 140_000));
    put("public_metrics", json!({"view_count": media.luck % 100_000}));
    let playlist = format!("https://video.twimg.com/{file}/pl.m3u8");
    put(
        "variants",
        json!([
            {"bit_rate": 2_176_000, "content_type": "video/mp4", "url": video},
            {"content_type": "application/x-mpegURL", "url": playlist}
        ]),
    );
}

/// A poll. Default fields: id, options.
pub fn poll(id: u64, written_ms: i64, now_ms: i64, asked: &[String]) -> Value {
    const LABELS: &[&str] = &["yes", "no, never", "Ask the heron 🐦", "\"maybe\""];
    let mut draw = Draw::new(id, Purpose::Attachment, 0);
    let count = 2 + draw.below(3) as usize;
    let options: Vec<Value> = (LABELS.iter().take(count).enumerate())
        .map(|(at, label)| json!({"position": at + 1, "label": label, "votes": draw.skewed(10)}))
        .collect();
    let minutes = 5 + draw.below(10_075) as i64;
    let end_ms = written_ms + minutes * 60_000;
    let all = object(json!({
        "id": id.to_string(),
        "options": options,
        "duration_minutes": minutes,
        "end_datetime": answer_time(end_ms),
        "voting_status": if end_ms > now_ms { "open" } else { "closed" }
    }));
    select(all, &["id", "options"], asked)
}

/// A place. Default fields: id, `full_name`.
pub fn place(index: usize, asked: &[String]) -> Value {
    let place = &PLACES[index];
    let all = object(json!({
        "id": place.id,
        "name": place.name,
        "full_name": place.full_name,
        "country": place.country,
        "country_code": place.country_code,
        "place_type": place.kind,
        "geo": {"type": "Feature", "bbox": place.bounds, "properties": {}}
    }));
    select(all, &["id", "full_name"], asked)
}
