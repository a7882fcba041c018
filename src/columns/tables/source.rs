//! Where the values of side tables come from.

use crate::columns::extra::ExtraPath;
use crate::model::spec::Dialect;

/// The origin of a value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source {
    /// A field of the object that the row is made of.
    Field {
        /// The object, as a path in a page.
        object: &'static str,
        /// The object inside it that has the field; empty: it has the field itself.
        within: ExtraPath,
        /// The field in the `tweet.fields` dialect, and in that of `post.fields`.
        names: [&'static str; 2],
    },
    /// The id of the post in which it is marked.
    TweetId,
    /// In which text of the post.
    MarkedIn,
    /// What has no column.
    Extra,
}

impl Source {
    /// The path in a page of that dialect.
    pub(crate) fn path(self, dialect: Dialect) -> String {
        match self {
            Self::Field { object, within, names: [tweet, post] } => {
                let name = match dialect {
                    Dialect::Tweet => tweet,
                    Dialect::Post => post,
                };
                [&[object], within, &[name]].concat().join(".")
            }
            Self::TweetId => "data[].id".to_owned(),
            Self::MarkedIn => match dialect {
                Dialect::Tweet => "data[].entities, data[].note_tweet.entities".to_owned(),
                Dialect::Post => "data[].entities, data[].note_post.entities".to_owned(),
            },
            Self::Extra => "everything else".to_owned(),
        }
    }

    /// Whether it is a field of that name, there.
    pub(super) fn is_field(self, path: ExtraPath, name: &str) -> bool {
        match self {
            Self::Field { within, names, .. } => within == path && names.contains(&name),
            Self::TweetId | Self::MarkedIn | Self::Extra => false,
        }
    }
}
