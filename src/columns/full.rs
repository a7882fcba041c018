//! The further columns of the profile `full`, and last `extra`.

use super::cell::CellType::{Boolean, DateTime, Id, Integer, Json, List, Object, Text};
use super::column::{Column, Origin};
use super::derived;
use super::origin::ApiField;
use super::sent::{attached, author, author_count, count, place, tweet};
use crate::tweet::{
    AttachmentField, EditField, GeoField, MetricField, NoteField, PlaceField, PollField,
    TweetField, UserField, UserMetricField, WithheldField,
};

pub(super) static COLUMNS: &[Column] = &[
    // The text and what is marked in it.
    Column::derived(
        "full_text",
        Text,
        &derived::FULL_TEXT,
        "the whole text, HTML entities decoded: of a long post its note, of a retweet the text of \
         the retweeted post if that came along",
    ),
    Column::sent(
        "note_text",
        Text,
        ApiField::Note(NoteField::Text),
        "the whole text of a long post, as X sends it",
    ),
    Column::sent(
        "note_entities",
        Object,
        ApiField::Note(NoteField::Entities),
        "what is marked in `note_text`",
    ),
    tweet(
        "display_text_range",
        List,
        TweetField::DisplayTextRange,
        "which part of the text X shows",
    ),
    Column::derived("mentions", List, &derived::MENTIONS, "handles that it mentions, without `@`")
        .of_texts(),
    Column::derived("mentioned_user_ids", List, &derived::MENTIONED_IDS, "ids of those accounts")
        .of_texts(),
    Column::derived("cashtags", List, &derived::CASHTAGS, "its cashtags, without `$`").of_texts(),
    Column::derived(
        "annotations",
        List,
        &derived::ANNOTATIONS,
        "things that X recognised in the text",
    ),
    tweet(
        "entities",
        Object,
        TweetField::Entities,
        "all that is marked in the text, as X sends it: positions are code points of `tweet`",
    ),
    tweet("context_annotations", List, TweetField::ContextAnnotations, "X's topics for it"),
    // What it refers to.
    Column::derived("replied_to_id", Id, &derived::REPLIED_TO_ID, "the post that it replies to"),
    Column::derived("quoted_id", Id, &derived::QUOTED_ID, "the post that it quotes"),
    Column::derived("retweeted_id", Id, &derived::RETWEETED_ID, "the post that it retweets"),
    Column::derived(
        "in_reply_to_screen_name",
        Text,
        &derived::IN_REPLY_TO_NAME,
        "the handle of the account that it replies to, if that came along",
    ),
    Column::derived(
        "replied_to_text",
        Text,
        &derived::REPLIED_TO_TEXT,
        "the whole text of the post that it replies to, if that came along",
    ),
    Column::derived("quoted_user_id", Id, &derived::QUOTED_USER_ID, "who wrote the quoted post"),
    Column::derived("quoted_screen_name", Text, &derived::QUOTED_NAME, "that account's handle"),
    Column::derived(
        "quoted_text",
        Text,
        &derived::QUOTED_TEXT,
        "the whole text of the quoted post, if that came along",
    ),
    Column::derived(
        "retweeted_user_id",
        Id,
        &derived::RETWEETED_USER_ID,
        "who wrote the retweeted post",
    ),
    Column::derived(
        "retweeted_screen_name",
        Text,
        &derived::RETWEETED_NAME,
        "that account's handle",
    ),
    // The post itself.
    count("impression_count", MetricField::ImpressionCount, "views when it was fetched"),
    count("bookmark_count", MetricField::BookmarkCount, "bookmarks when it was fetched"),
    tweet(
        "possibly_sensitive",
        Boolean,
        TweetField::PossiblySensitive,
        "whether a link is sensitive",
    ),
    tweet("reply_settings", Text, TweetField::ReplySettings, "who may reply"),
    tweet("paid_partnership", Boolean, TweetField::PaidPartnership, "disclosed as paid promotion"),
    tweet("community_id", Id, TweetField::CommunityId, "the community that it belongs to"),
    tweet("card_uri", Text, TweetField::CardUri, "its card"),
    tweet("article", Object, TweetField::Article, "the article that is attached"),
    tweet("article_title", Json, TweetField::ArticleTitle, "the title of that article"),
    tweet("scopes", Object, TweetField::Scopes, "who can see it"),
    tweet(
        "edit_history_tweet_ids",
        List,
        TweetField::EditHistoryTweetIds,
        "its versions, the oldest first",
    )
    .of_texts(),
    Column::sent(
        "edits_remaining",
        Integer,
        ApiField::Edits(EditField::EditsRemaining),
        "how often it could still be edited",
    ),
    Column::sent(
        "is_edit_eligible",
        Boolean,
        ApiField::Edits(EditField::IsEditEligible),
        "whether it could be edited",
    ),
    Column::sent(
        "editable_until",
        DateTime,
        ApiField::Edits(EditField::EditableUntil),
        "until when",
    ),
    Column::sent(
        "withheld_copyright",
        Boolean,
        ApiField::Withheld(WithheldField::Copyright),
        "withheld because of a copyright claim",
    ),
    Column::sent(
        "withheld_country_codes",
        List,
        ApiField::Withheld(WithheldField::CountryCodes),
        "where it is withheld",
    )
    .of_texts(),
    Column::derived(
        "withheld_scope",
        Text,
        &derived::WITHHELD_SCOPE,
        "what is withheld: `tweet` or `user`",
    ),
    tweet(
        "matched_media_notes",
        Json,
        TweetField::MatchedMediaNotes,
        "community notes on its media",
    ),
    tweet(
        "note_request_suggestions",
        Json,
        TweetField::NoteRequestSuggestions,
        "what requests for a community note suggest",
    ),
    tweet(
        "suggested_source_links",
        List,
        TweetField::SuggestedSourceLinks,
        "links suggested in requests for a community note",
    )
    .of_texts(),
    tweet(
        "suggested_source_links_with_counts",
        List,
        TweetField::SuggestedSourceLinksWithCounts,
        "those links and how often each was suggested",
    ),
    // Media, poll, place.
    attached("media_keys", AttachmentField::MediaKeys, "keys of its media").of_texts(),
    attached(
        "media_source_tweet_ids",
        AttachmentField::MediaSourceTweetId,
        "posts that its media come from",
    )
    .of_texts(),
    Column::derived(
        "media_details",
        List,
        &derived::MEDIA_DETAILS,
        "its media as X sends them: URL, size in pixels, length in ms, alternative text, views, \
         variants",
    ),
    tweet("media_metadata", List, TweetField::MediaMetadata, "titles and texts of its media"),
    attached("poll_ids", AttachmentField::PollIds, "its poll, as a list").of_texts(),
    Column::sent("poll_id", Id, ApiField::Poll(PollField::Id), "its poll"),
    Column::sent(
        "poll_options",
        List,
        ApiField::Poll(PollField::Options),
        "answers and their votes",
    ),
    Column::sent(
        "poll_duration_minutes",
        Integer,
        ApiField::Poll(PollField::DurationMinutes),
        "how long the poll runs",
    )
    .unit("min"),
    Column::sent(
        "poll_end_datetime",
        DateTime,
        ApiField::Poll(PollField::EndDatetime),
        "when it ends",
    ),
    Column::sent(
        "poll_voting_status",
        Text,
        ApiField::Poll(PollField::VotingStatus),
        "open or closed",
    ),
    Column::sent(
        "coordinates",
        Object,
        ApiField::Geo(GeoField::Coordinates),
        "the exact point as GeoJSON: longitude, then latitude",
    )
    .unit("°"),
    Column::sent("place_id", Text, ApiField::Geo(GeoField::PlaceId), "the tagged place"),
    place("place_full_name", Text, PlaceField::FullName, "its name with its region"),
    place("place_name", Text, PlaceField::Name, "its name"),
    place("place_type", Text, PlaceField::PlaceType, "poi, neighborhood, city, admin or country"),
    place("place_country", Text, PlaceField::Country, "its country"),
    place("place_country_code", Text, PlaceField::CountryCode, "its country, ISO 3166-1"),
    place("place_contained_within", List, PlaceField::ContainedWithin, "larger places around it")
        .of_texts(),
    place(
        "place_geo",
        Object,
        PlaceField::Geo,
        "its outline as GeoJSON; `bbox` is west, south, east, north",
    )
    .unit("°"),
    // The author.
    author("user_url", Text, UserField::Url, "the link in the profile, shortened"),
    author("user_entities", Object, UserField::Entities, "what is marked in profile text and link"),
    author("user_protected", Boolean, UserField::Protected, "whether the account is private"),
    author(
        "user_verified_type",
        Text,
        UserField::VerifiedType,
        "blue, business, government or none",
    ),
    author(
        "user_is_identity_verified",
        Boolean,
        UserField::IsIdentityVerified,
        "whether the author proved who they are",
    ),
    author("user_parody", Boolean, UserField::Parody, "whether the account is a parody"),
    author("user_subscription_type", Text, UserField::SubscriptionType, "the author's plan"),
    author("user_affiliation", Object, UserField::Affiliation, "whom the account belongs to"),
    author_count("user_listed_count", UserMetricField::ListedCount, "lists with the author"),
    author_count("user_like_count", UserMetricField::LikeCount, "likes that the author gave"),
    author_count("user_media_count", UserMetricField::MediaCount, "media that the author posted"),
    author(
        "user_verified_followers_count",
        Integer,
        UserField::VerifiedFollowersCount,
        "followers who are verified",
    ),
    author("user_profile_image_url", Text, UserField::ProfileImageUrl, "the profile picture"),
    author("user_profile_banner_url", Text, UserField::ProfileBannerUrl, "the profile banner"),
    author("user_pinned_tweet_id", Id, UserField::PinnedTweetId, "the pinned post"),
    author(
        "user_most_recent_tweet_id",
        Id,
        UserField::MostRecentTweetId,
        "the newest post when it was fetched",
    ),
    Column::sent(
        "user_withheld_country_codes",
        List,
        ApiField::AuthorWithheld(WithheldField::CountryCodes),
        "where the account is withheld",
    )
    .of_texts(),
    Column::derived(
        "user_withheld_scope",
        Text,
        &derived::USER_WITHHELD_SCOPE,
        "what of it is withheld: `tweet` or `user`",
    ),
];

/// What stands behind all others, in every version.
pub(super) const LAST: &[Column] = &[Column::new(
    "extra",
    Object,
    Origin::Extra,
    "what came along and has no column: fields that are new at X, and values of a type that \
         does not fit their column; the author's below `author`",
)];

/// The columns of a version. No program ever wrote version 0: it lacks the column that was added
/// last, so that tests have a change of columns in the middle of a collection.
pub(super) fn in_version(version: u32) -> &'static [Column] {
    match version {
        0 => COLUMNS.split_last().map_or(COLUMNS, |(_, before)| before),
        _ => COLUMNS,
    }
}
