//! The fields that mistnet knows, by kind of object.
//!
//! Source: X's OpenAPI documents 2.166 (`tweet.fields`, read 2026-07-01) and 2.167 (`post.fields`,
//! read 2026-08-22). A field that stands here has a column; any other ends in the column `extra`.
//! So what X tells only a post's author (private metrics, e-mail address) is left out on purpose.

use super::define::fields;

fields! {
    /// The fields of a post.
    TweetField of Tweet {
        Id = "id",
        Text = "text",
        AuthorId = "author_id",
        ConversationId = "conversation_id",
        CreatedAt = "created_at",
        Lang = "lang",
        PublicMetrics = "public_metrics",
        Entities = "entities",
        ReferencedTweets = "referenced_tweets" | "referenced_posts",
        EditHistoryTweetIds = "edit_history_tweet_ids" | "edit_history_post_ids",
        Attachments = "attachments",
        InReplyToUserId = "in_reply_to_user_id",
        PossiblySensitive = "possibly_sensitive",
        ReplySettings = "reply_settings",
        ContextAnnotations = "context_annotations",
        Geo = "geo",
        NoteTweet = "note_tweet" | "note_post",
        Source = "source",
        Withheld = "withheld",
        EditControls = "edit_controls",
        DisplayTextRange = "display_text_range",
        CardUri = "card_uri",
        CommunityId = "community_id",
        Article = "article",
        ArticleTitle = "article_title",
        MatchedMediaNotes = "matched_media_notes",
        MediaMetadata = "media_metadata",
        NoteRequestSuggestions = "note_request_suggestions",
        PaidPartnership = "paid_partnership",
        Scopes = "scopes",
        SuggestedSourceLinks = "suggested_source_links",
        SuggestedSourceLinksWithCounts = "suggested_source_links_with_counts",
    }
}

fields! {
    /// The counts of a post.
    MetricField of Metrics {
        RetweetCount = "retweet_count" | "repost_count",
        ReplyCount = "reply_count",
        LikeCount = "like_count",
        QuoteCount = "quote_count",
        BookmarkCount = "bookmark_count",
        ImpressionCount = "impression_count",
    }
}

fields! {
    /// What is marked in a text.
    EntityField of Entities {
        Hashtags = "hashtags",
        Urls = "urls",
        Mentions = "mentions",
        Cashtags = "cashtags",
        Annotations = "annotations",
    }
}

fields! {
    /// One thing that is marked in a text.
    EntityItemField of EntityItem {
        Tag = "tag",
        Username = "username",
        Id = "id",
        Url = "url",
        ExpandedUrl = "expanded_url",
        DisplayUrl = "display_url",
        MediaKey = "media_key",
    }
}

fields! {
    /// A reference to another post.
    ReferenceField of Reference {
        Type = "type",
        Id = "id",
    }
}

fields! {
    /// What is attached to a post.
    AttachmentField of Attachments {
        MediaKeys = "media_keys",
        PollIds = "poll_ids",
        MediaSourceTweetId = "media_source_tweet_id",
    }
}

fields! {
    /// Where a post was written.
    GeoField of Geo {
        PlaceId = "place_id",
        Coordinates = "coordinates",
    }
}

fields! {
    /// An exact point (RFC 7946).
    PointField of Point {
        Type = "type",
        Coordinates = "coordinates",
    }
}

fields! {
    /// The outline of a place (RFC 7946).
    OutlineField of Outline {
        Type = "type",
        Bbox = "bbox",
    }
}

fields! {
    /// Whether and how long a post can be edited.
    EditField of EditControls {
        EditsRemaining = "edits_remaining",
        IsEditEligible = "is_edit_eligible",
        EditableUntil = "editable_until",
    }
}

fields! {
    /// The whole text of a long post.
    NoteField of Note {
        Text = "text",
        Entities = "entities",
    }
}

fields! {
    /// Where a post or an account is withheld.
    WithheldField of Withheld {
        Copyright = "copyright",
        CountryCodes = "country_codes",
        Scope = "scope",
    }
}

fields! {
    /// The fields of an account.
    UserField of User {
        Id = "id",
        Username = "username",
        Name = "name",
        CreatedAt = "created_at",
        Description = "description",
        Location = "location",
        PublicMetrics = "public_metrics",
        Verified = "verified",
        VerifiedType = "verified_type",
        Protected = "protected",
        ProfileImageUrl = "profile_image_url",
        ProfileBannerUrl = "profile_banner_url",
        Url = "url",
        Entities = "entities",
        PinnedTweetId = "pinned_tweet_id" | "pinned_post_id",
        MostRecentTweetId = "most_recent_tweet_id" | "most_recent_post_id",
        IsIdentityVerified = "is_identity_verified",
        Parody = "parody",
        SubscriptionType = "subscription_type",
        VerifiedFollowersCount = "verified_followers_count",
        Affiliation = "affiliation",
        Withheld = "withheld",
    }
}

fields! {
    /// The texts of a profile in which something may be marked.
    ProfileField of ProfileEntities {
        Url = "url",
        Description = "description",
    }
}

fields! {
    /// The counts of an account.
    UserMetricField of UserMetrics {
        FollowersCount = "followers_count",
        FollowingCount = "following_count",
        TweetCount = "tweet_count" | "post_count",
        ListedCount = "listed_count",
        LikeCount = "like_count",
        MediaCount = "media_count",
    }
}

fields! {
    /// The fields of a photo, video or animated GIF that a row needs by themselves.
    MediaField of Media {
        MediaKey = "media_key",
        Type = "type",
    }
}

fields! {
    /// The fields of a poll.
    PollField of Poll {
        Id = "id",
        Options = "options",
        DurationMinutes = "duration_minutes",
        EndDatetime = "end_datetime",
        VotingStatus = "voting_status",
    }
}

fields! {
    /// The fields of a place.
    PlaceField of Place {
        Id = "id",
        FullName = "full_name",
        Name = "name",
        PlaceType = "place_type",
        Country = "country",
        CountryCode = "country_code",
        ContainedWithin = "contained_within",
        Geo = "geo",
    }
}

fields! {
    /// What twarc adds to the pages that it stores.
    TwarcField of Twarc {
        RetrievedAt = "retrieved_at",
        Url = "url",
        Version = "version",
    }
}
