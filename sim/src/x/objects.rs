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
    const DEFAULTS: &[&str] = &["id", "name", "username"];
    if asked.is_empty() {
        let own =
            json!({"id": person.id.to_string(), "name": person.name, "username": person.username});
        return own;
    }
    let [followers, following, posts, listed, likes] = person.counts;
    let link = person.has_profile.then(|| format!("https://t.co/{:010}", person.number));
    let mut all = object(json!({
        "id": person.id.to_string(),
        "name": person.name,
        "username": person.username,
        "created_at": answer_time(person.created_ms),
        "description": description(person),
        "entities": profile_entities(person, link.as_deref()),
        "is_identity_verified": false,
        "location": person.location,
        "parody": person.number % 97 == 5,
        "profile_image_url": format!("https://pbs.twimg.com/profile_images/{}/p_normal.jpg", person.id),
        "protected": person.standing == Standing::Protected,
        "public_metrics": {
            "followers_count": followers,
            "following_count": following,
            (dialect.pick("tweet_count", "post_count")): posts,
            "listed_count": listed,
            "like_count": likes,
            "media_count": posts / 5
        },
        "url": link,
        "verified": person.badge != Badge::None,
        "verified_type": badge(person.badge),
        "verified_followers_count": followers / 20
    }));
    if dialect == Dialect::Legacy && person.has_profile {
        all.insert("pinned_tweet_id".to_owned(), json!((person.id / 2 + 1).to_string()));
    }
    select(all, DEFAULTS, asked)
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

fn profile_entities(person: &Person, link: Option<&str>) -> Value {
    let Some(link) = link else { return Value::Null };
    json!({
        "url": {"urls": [{
            "start": 0, "end": link.len(), "url": link,
            "expanded_url": format!("https://example.org/~{}", person.number),
            "display_url": format!("example.org/~{}", person.number)
        }]},
        "description": {"hashtags": [{"start": 26, "end": 34, "tag": "birding"}]}
    })
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
    let (id, name, full_name, country, code, kind, bounds) = PLACES[index];
    let all = object(json!({
        "id": id, "name": name, "full_name": full_name, "country": country,
        "country_code": code, "place_type": kind,
        "geo": {"type": "Feature", "bbox": bounds, "properties": {}}
    }));
    select(all, &["id", "full_name"], asked)
}
