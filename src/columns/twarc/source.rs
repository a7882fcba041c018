//! Where the values of twarc-csv's columns come from, as far as it is not one field of the post,
//! its author or its place.

use crate::columns::row::Relation;
use crate::model::spec::Dialect;
use crate::tweet::{
    AttachmentField, EntityField, Field, MetricField, OutlineField, PointField, PollField,
    TwarcField, TweetField,
};

/// The origin of a value. What is called *content* is taken from the retweeted post if the post is
/// a retweet, as far as that post came along and has it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source {
    /// A field of the content: its text, or X's topics for it.
    Content(TweetField),
    /// A count of the content.
    Metric(MetricField),
    /// Things of a kind that are marked in the text of the content.
    Entity(EntityField),
    /// Ids of what is attached to the content.
    Attachment(AttachmentField),
    /// What is attached to the content, as it came.
    Media,
    /// A field of the poll that is attached to the content.
    Poll(PollField),
    /// The id of a post that this one refers to.
    Reference(Relation),
    /// Who wrote that post.
    ReferencedUserId(Relation),
    /// The handle of that account.
    ReferencedUsername(Relation),
    /// Things of a kind that are marked in the author's profile text.
    ProfileEntity(EntityField),
    /// The links of the author's profile, expanded.
    ProfileLinks,
    /// The last of them; without any the link as it was sent.
    ProfileLink,
    /// A field of the point where the post was written.
    Point(PointField),
    /// A field of the outline of its place.
    Outline(OutlineField),
    /// The rules of a filtered stream that the post matches.
    MatchingRules,
    /// What twarc noted when it stored the page.
    Page(TwarcField),
}

impl Source {
    /// The path in a page of that dialect.
    pub(crate) fn path(self, dialect: Dialect) -> String {
        let included = match dialect {
            Dialect::Tweet => "includes.tweets[]",
            Dialect::Post => "includes.posts[]",
        };
        let content = |path: &str| format!("data[] (of a retweet {included}).{path}");
        match self {
            Self::Content(field) => content(field.name(dialect)),
            Self::Metric(field) => content(&format!("public_metrics.{}", field.name(dialect))),
            Self::Entity(field) => content(&format!("entities.{}", field.name(dialect))),
            Self::Attachment(field) => content(&format!("attachments.{}", field.name(dialect))),
            Self::Media => "includes.media[]".to_owned(),
            Self::Poll(field) => format!("includes.polls[].{}", field.name(dialect)),
            Self::Reference(relation) => {
                let references = TweetField::ReferencedTweets.name(dialect);
                format!("data[].{references}[type={}].id", relation.name())
            }
            Self::ReferencedUserId(_) => format!("{included}.author_id"),
            Self::ReferencedUsername(_) => "includes.users[].username".to_owned(),
            Self::ProfileEntity(field) => {
                format!("includes.users[].entities.description.{}", field.name(dialect))
            }
            Self::ProfileLinks => {
                "includes.users[].entities.url.urls[].expanded_url (or url)".to_owned()
            }
            Self::ProfileLink => {
                "includes.users[].entities.url.urls[].expanded_url (or url), or .url".to_owned()
            }
            Self::Point(field) => format!("data[].geo.coordinates.{}", field.name(dialect)),
            Self::Outline(field) => format!("includes.places[].geo.{}", field.name(dialect)),
            Self::MatchingRules => "matching_rules".to_owned(),
            Self::Page(field) => format!("__twarc.{}", field.name(dialect)),
        }
    }
}
