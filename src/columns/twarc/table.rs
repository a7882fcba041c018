//! The table of twarc-csv's columns.

use super::source::Source;
use crate::columns::cell::CellType::{self, Boolean, DateTime, Id, Integer, List, Text};
use crate::columns::column::{Column, Origin};
use crate::columns::origin::ApiField;
use crate::columns::row::Relation;
use crate::columns::sent::{author, author_count, place, tweet};
use crate::tweet::{
    AttachmentField, EditField, EntityField, GeoField, MetricField, OutlineField, PlaceField,
    PointField, PollField, TwarcField, TweetField, UserField, UserMetricField, WithheldField,
};

pub(in crate::columns) static COLUMNS: &[Column] = &[
    tweet("id", Id, TweetField::Id, "the post"),
    tweet(
        "conversation_id",
        Id,
        TweetField::ConversationId,
        "the post that began the conversation",
    ),
    derived(
        "referenced_tweets.replied_to.id",
        Id,
        Source::Reference(Relation::RepliedTo),
        "the post that it replies to",
    ),
    derived(
        "referenced_tweets.retweeted.id",
        Id,
        Source::Reference(Relation::Retweeted),
        "the post that it retweets",
    ),
    derived(
        "referenced_tweets.quoted.id",
        Id,
        Source::Reference(Relation::Quoted),
        "the post that it quotes",
    ),
    tweet("author_id", Id, TweetField::AuthorId, "its author"),
    tweet("in_reply_to_user_id", Id, TweetField::InReplyToUserId, "the account that it replies to"),
    derived(
        "in_reply_to_username",
        Text,
        Source::ReferencedUsername(Relation::RepliedTo),
        "who wrote the post that it replies to, if that post and its author came along",
    ),
    derived(
        "retweeted_user_id",
        Id,
        Source::ReferencedUserId(Relation::Retweeted),
        "who wrote the retweeted post, if that came along",
    ),
    derived(
        "retweeted_username",
        Text,
        Source::ReferencedUsername(Relation::Retweeted),
        "that account's handle",
    ),
    derived(
        "quoted_user_id",
        Id,
        Source::ReferencedUserId(Relation::Quoted),
        "who wrote the quoted post, if that came along",
    ),
    derived(
        "quoted_username",
        Text,
        Source::ReferencedUsername(Relation::Quoted),
        "that account's handle",
    ),
    tweet("created_at", DateTime, TweetField::CreatedAt, "when it was posted"),
    derived(
        "text",
        Text,
        Source::Content(TweetField::Text),
        "the text as X sends it, a long one cut; of a retweet the text of the retweeted post",
    ),
    tweet("lang", Text, TweetField::Lang, "the language that X detected"),
    tweet("source", Text, TweetField::Source, "the app that posted it"),
    metric("public_metrics.impression_count", MetricField::ImpressionCount, "views"),
    metric("public_metrics.reply_count", MetricField::ReplyCount, "replies"),
    metric("public_metrics.retweet_count", MetricField::RetweetCount, "retweets"),
    metric("public_metrics.quote_count", MetricField::QuoteCount, "quotes"),
    metric("public_metrics.like_count", MetricField::LikeCount, "likes"),
    metric("public_metrics.bookmark_count", MetricField::BookmarkCount, "bookmarks"),
    tweet("reply_settings", Text, TweetField::ReplySettings, "who may reply"),
    tweet(
        "edit_history_tweet_ids",
        List,
        TweetField::EditHistoryTweetIds,
        "its versions, the oldest first",
    )
    .of_texts(),
    edit(
        "edit_controls.edits_remaining",
        Integer,
        EditField::EditsRemaining,
        "how often it could still be edited",
    ),
    edit("edit_controls.editable_until", DateTime, EditField::EditableUntil, "until when"),
    edit(
        "edit_controls.is_edit_eligible",
        Boolean,
        EditField::IsEditEligible,
        "whether it could be edited",
    ),
    tweet(
        "possibly_sensitive",
        Boolean,
        TweetField::PossiblySensitive,
        "whether a link is sensitive",
    ),
    withheld("withheld.scope", Text, WithheldField::Scope, "what is withheld: `tweet` or `user`"),
    withheld(
        "withheld.copyright",
        Boolean,
        WithheldField::Copyright,
        "withheld because of a copyright claim",
    ),
    withheld("withheld.country_codes", List, WithheldField::CountryCodes, "where it is withheld")
        .of_texts(),
    entity("entities.annotations", EntityField::Annotations, "things that X recognised"),
    entity("entities.cashtags", EntityField::Cashtags, "cashtags, with `$`").of_texts(),
    entity("entities.hashtags", EntityField::Hashtags, "hashtags, with `#`").of_texts(),
    entity("entities.mentions", EntityField::Mentions, "handles that are mentioned, with `@`")
        .of_texts(),
    entity("entities.urls", EntityField::Urls, "links, expanded; of media what the post shows")
        .of_texts(),
    derived(
        "context_annotations",
        List,
        Source::Content(TweetField::ContextAnnotations),
        "X's topics",
    ),
    derived(
        "attachments.media",
        List,
        Source::Media,
        "photos, videos and GIFs as X sends them; `{}` is one that did not come along",
    ),
    derived(
        "attachments.media_keys",
        List,
        Source::Attachment(AttachmentField::MediaKeys),
        "the keys of photos, videos and GIFs",
    )
    .of_texts(),
    poll(
        "attachments.poll.duration_minutes",
        Integer,
        PollField::DurationMinutes,
        "how long the poll runs",
    )
    .unit("min"),
    poll("attachments.poll.end_datetime", DateTime, PollField::EndDatetime, "when it ends"),
    poll("attachments.poll.id", Id, PollField::Id, "the poll"),
    poll("attachments.poll.options", List, PollField::Options, "its choices and their votes"),
    poll("attachments.poll.voting_status", Text, PollField::VotingStatus, "open or closed"),
    derived(
        "attachments.poll_ids",
        List,
        Source::Attachment(AttachmentField::PollIds),
        "the attached poll",
    )
    .of_texts(),
    author("author.id", Id, UserField::Id, "the author, if the account came along"),
    author("author.created_at", DateTime, UserField::CreatedAt, "when the account was made"),
    author("author.username", Text, UserField::Username, "the author's handle, without `@`"),
    author("author.name", Text, UserField::Name, "the author's display name"),
    author("author.description", Text, UserField::Description, "the author's profile text"),
    profile(
        "author.entities.description.cashtags",
        EntityField::Cashtags,
        "cashtags in it, with `$`",
    ),
    profile(
        "author.entities.description.hashtags",
        EntityField::Hashtags,
        "hashtags in it, with `#`",
    ),
    profile(
        "author.entities.description.mentions",
        EntityField::Mentions,
        "handles in it, with `@`",
    ),
    profile("author.entities.description.urls", EntityField::Urls, "links in it, expanded"),
    derived(
        "author.entities.url.urls",
        List,
        Source::ProfileLinks,
        "the link in the profile, expanded",
    )
    .of_texts(),
    derived("author.url", Text, Source::ProfileLink, "the same as a text"),
    author("author.location", Text, UserField::Location, "where the author claims to be"),
    author("author.pinned_tweet_id", Id, UserField::PinnedTweetId, "the author's pinned post"),
    author(
        "author.profile_image_url",
        Text,
        UserField::ProfileImageUrl,
        "the author's profile picture",
    ),
    author("author.protected", Boolean, UserField::Protected, "whether the account is private"),
    author_count(
        "author.public_metrics.followers_count",
        UserMetricField::FollowersCount,
        "the author's followers",
    ),
    author_count(
        "author.public_metrics.following_count",
        UserMetricField::FollowingCount,
        "accounts that the author follows",
    ),
    author_count(
        "author.public_metrics.listed_count",
        UserMetricField::ListedCount,
        "lists with the author",
    ),
    author_count(
        "author.public_metrics.tweet_count",
        UserMetricField::TweetCount,
        "the author's posts",
    ),
    author("author.verified", Boolean, UserField::Verified, "whether the author is verified"),
    author(
        "author.verified_type",
        Text,
        UserField::VerifiedType,
        "blue, business, government or none",
    ),
    author_withheld(
        "author.withheld.scope",
        Text,
        WithheldField::Scope,
        "what of the account is withheld: `tweet` or `user`",
    ),
    author_withheld(
        "author.withheld.copyright",
        Boolean,
        WithheldField::Copyright,
        "withheld because of a copyright claim",
    ),
    author_withheld(
        "author.withheld.country_codes",
        List,
        WithheldField::CountryCodes,
        "where the account is withheld",
    )
    .of_texts(),
    derived(
        "geo.coordinates.coordinates",
        List,
        Source::Point(PointField::Coordinates),
        "the exact point: longitude, then latitude",
    )
    .unit("°"),
    derived("geo.coordinates.type", Text, Source::Point(PointField::Type), "always `Point`"),
    place("geo.country", Text, PlaceField::Country, "the tagged place's country"),
    place("geo.country_code", Text, PlaceField::CountryCode, "its country, ISO 3166-1"),
    place("geo.full_name", Text, PlaceField::FullName, "its name with its region"),
    derived(
        "geo.geo.bbox",
        List,
        Source::Outline(OutlineField::Bbox),
        "its outline: west, south, east, north",
    )
    .unit("°"),
    derived("geo.geo.type", Text, Source::Outline(OutlineField::Type), "always `Feature`"),
    place("geo.id", Text, PlaceField::Id, "the place, if it came along"),
    place("geo.name", Text, PlaceField::Name, "its name"),
    Column::sent("geo.place_id", Text, ApiField::Geo(GeoField::PlaceId), "the tagged place"),
    place(
        "geo.place_type",
        Text,
        PlaceField::PlaceType,
        "poi, neighborhood, city, admin or country",
    ),
    derived(
        "matching_rules",
        List,
        Source::MatchingRules,
        "the rules of a filtered stream that it matches",
    ),
    derived(
        "__twarc.retrieved_at",
        Text,
        Source::Page(TwarcField::RetrievedAt),
        "when twarc fetched the page, RFC 3339; of mistnet's own pages empty",
    ),
    derived("__twarc.url", Text, Source::Page(TwarcField::Url), "the address that twarc asked"),
    derived("__twarc.version", Text, Source::Page(TwarcField::Version), "the version of twarc"),
];

const fn derived(
    name: &'static str,
    kind: CellType,
    source: Source,
    meaning: &'static str,
) -> Column {
    Column::new(name, kind, Origin::Twarc(source), meaning)
}

const fn metric(name: &'static str, field: MetricField, meaning: &'static str) -> Column {
    derived(name, Integer, Source::Metric(field), meaning)
}

const fn edit(
    name: &'static str,
    kind: CellType,
    field: EditField,
    meaning: &'static str,
) -> Column {
    Column::sent(name, kind, ApiField::Edits(field), meaning)
}

const fn entity(name: &'static str, field: EntityField, meaning: &'static str) -> Column {
    derived(name, List, Source::Entity(field), meaning)
}

const fn poll(
    name: &'static str,
    kind: CellType,
    field: PollField,
    meaning: &'static str,
) -> Column {
    derived(name, kind, Source::Poll(field), meaning)
}

const fn profile(name: &'static str, field: EntityField, meaning: &'static str) -> Column {
    derived(name, List, Source::ProfileEntity(field), meaning).of_texts()
}

const fn withheld(
    name: &'static str,
    kind: CellType,
    field: WithheldField,
    meaning: &'static str,
) -> Column {
    Column::sent(name, kind, ApiField::Withheld(field), meaning)
}

const fn author_withheld(
    name: &'static str,
    kind: CellType,
    field: WithheldField,
    meaning: &'static str,
) -> Column {
    Column::sent(name, kind, ApiField::AuthorWithheld(field), meaning)
}
