//! The columns of side tables: names are X's, as far as it has any.
//!
//! Source: X's OpenAPI documents 2.166 (read 2026-07-01) and 2.167 (read 2026-08-22).

use super::source::Source;
use crate::columns::cell::CellType::{self, Boolean, DateTime, Id, Integer, List, Object, Text};
use crate::columns::column::{Column, Origin};
use crate::columns::extra::ExtraPath;

pub(super) static USERS: &[Column] = &[
    user("id", Id, "the account"),
    user("username", Text, "its handle, without `@`"),
    user("name", Text, "its display name"),
    user("created_at", DateTime, "when it was made"),
    user("description", Text, "its profile text"),
    user("location", Text, "where it claims to be"),
    user("url", Text, "the link in the profile, shortened"),
    user("entities", Object, "what is marked in profile text and link"),
    user("profile_image_url", Text, "the profile picture"),
    user("profile_banner_url", Text, "the profile banner"),
    user("protected", Boolean, "whether it is private"),
    user("verified", Boolean, "whether it is verified"),
    user("verified_type", Text, "blue, business, government or none"),
    user("is_identity_verified", Boolean, "whether somebody proved who they are"),
    user("parody", Boolean, "whether it is a parody"),
    user("subscription_type", Text, "its plan"),
    user("affiliation", Object, "whom it belongs to"),
    user_count(["followers_count"; 2], "its followers"),
    user_count(["following_count"; 2], "accounts that it follows"),
    user_count(["tweet_count", "post_count"], "its posts"),
    user_count(["listed_count"; 2], "lists with it"),
    user_count(["like_count"; 2], "likes that it gave"),
    user_count(["media_count"; 2], "media that it posted"),
    user("verified_followers_count", Integer, "followers who are verified"),
    user_post(["pinned_tweet_id", "pinned_post_id"], "the pinned post"),
    user_post(
        ["most_recent_tweet_id", "most_recent_post_id"],
        "the newest post when it was fetched",
    ),
    withheld("withheld_copyright", Boolean, "copyright", "withheld because of a copyright claim"),
    withheld("withheld_country_codes", List, "country_codes", "where it is withheld").of_texts(),
    withheld("withheld_scope", Text, "scope", "what is withheld: `user`"),
    EXTRA,
];

pub(super) static MEDIA: &[Column] = &[
    medium("media_key", Text, "the photo, video or GIF; `media_keys` of a post name it"),
    medium("type", Text, "photo, video or animated_gif"),
    medium("url", Text, "the photo"),
    medium("preview_image_url", Text, "a still picture of a video or GIF"),
    medium("alt_text", Text, "what it shows, in words"),
    medium("width", Integer, "its width").unit("px"),
    medium("height", Integer, "its height").unit("px"),
    medium("duration_ms", Integer, "how long a video is").unit("ms"),
    field(
        "view_count",
        Integer,
        MEDIUM,
        &["public_metrics"],
        ["view_count"; 2],
        "views of a video when it was fetched",
    ),
    medium("variants", List, "the files of a video or GIF: type, bits a second, URL"),
    EXTRA,
];

pub(super) static HASHTAGS: &[Column] = &[
    TWEET_ID,
    MARKED_IN,
    hashtag("start", Integer, START),
    hashtag("end", Integer, END),
    hashtag("tag", Text, "the hashtag, without `#`"),
    EXTRA,
];

pub(super) static MENTIONS: &[Column] = &[
    TWEET_ID,
    MARKED_IN,
    mention("start", Integer, START),
    mention("end", Integer, END),
    mention("username", Text, "the handle, without `@`"),
    field("user_id", Id, MENTION, &[], ["id"; 2], "the account"),
    EXTRA,
];

pub(super) static URLS: &[Column] = &[
    TWEET_ID,
    MARKED_IN,
    url("start", Integer, START),
    url("end", Integer, END),
    url("url", Text, "the link as it stands in the text, shortened by X"),
    url("expanded_url", Text, "where it leads"),
    url("display_url", Text, "what X shows of it"),
    url("unwound_url", Text, "where that leads in the end"),
    url("title", Text, "the title of that page"),
    url("description", Text, "its description"),
    url("status", Integer, "the HTTP status with which it answered X"),
    url("media_key", Text, "the photo, video or GIF, if it leads to one"),
    url("images", List, "pictures of that page: URL, size in pixels"),
    EXTRA,
];

const START: &str = "its first character in the text, counted from 0 in code points";
const END: &str = "the character after its last";

const TWEET_ID: Column = Column::new(
    "tweet_id",
    Id,
    Origin::Side(Source::TweetId),
    "the post in which it stands, which is a row of the output",
);

const MARKED_IN: Column = Column::new(
    "marked_in",
    Text,
    Origin::Side(Source::MarkedIn),
    "`text`; or `note`, the whole text of a long post: in it start and end count",
);

const EXTRA: Column = Column::new(
    "extra",
    Object,
    Origin::Side(Source::Extra),
    "what came along and has no column: fields that are new at X, and values of a type that does \
     not fit their column",
);

const USER: &str = "includes.users[]";
const MEDIUM: &str = "includes.media[]";
const MENTION: &str = "data[].entities.mentions[]";

const fn field(
    name: &'static str,
    kind: CellType,
    object: &'static str,
    within: ExtraPath,
    names: [&'static str; 2],
    meaning: &'static str,
) -> Column {
    Column::new(name, kind, Origin::Side(Source::Field { object, within, names }), meaning)
}

const fn user(name: &'static str, kind: CellType, meaning: &'static str) -> Column {
    field(name, kind, USER, &[], [name; 2], meaning)
}

const fn user_post(names: [&'static str; 2], meaning: &'static str) -> Column {
    let [name, _] = names;
    field(name, Id, USER, &[], names, meaning)
}

const fn user_count(names: [&'static str; 2], meaning: &'static str) -> Column {
    let [name, _] = names;
    field(name, Integer, USER, &["public_metrics"], names, meaning)
}

const fn withheld(
    name: &'static str,
    kind: CellType,
    inner: &'static str,
    meaning: &'static str,
) -> Column {
    field(name, kind, USER, &["withheld"], [inner; 2], meaning)
}

const fn medium(name: &'static str, kind: CellType, meaning: &'static str) -> Column {
    field(name, kind, MEDIUM, &[], [name; 2], meaning)
}

const fn hashtag(name: &'static str, kind: CellType, meaning: &'static str) -> Column {
    field(name, kind, "data[].entities.hashtags[]", &[], [name; 2], meaning)
}

const fn mention(name: &'static str, kind: CellType, meaning: &'static str) -> Column {
    field(name, kind, MENTION, &[], [name; 2], meaning)
}

const fn url(name: &'static str, kind: CellType, meaning: &'static str) -> Column {
    field(name, kind, "data[].entities.urls[]", &[], [name; 2], meaning)
}
