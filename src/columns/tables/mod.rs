//! Tables beside the rows: what posts refer to, and what is marked in them.
//!
//! | table | a row is |
//! |---|---|
//! | `users`, `media` | an included object |
//! | `referenced` | an included post, with the columns of the rows |
//! | `hashtags`, `mentions`, `urls` | one place in a post that became a row |
//!
//! Promises as the rest of the room does: a row for every object and every place that it is given;
//! no field is lost, because what has no column stands in `extra`; the bytes follow from the rows
//! and from where chunks are cut. Which included objects are new is the caller's to know.

mod columns;
mod entry;
mod marks;
mod source;

pub(crate) use entry::Entry;
pub(crate) use marks::marks;
pub(super) use source::Source;

use super::column::Column;
use super::profiles::of;
use crate::json::Raw;
use crate::model::spec::Columns;
use crate::tweet::Page;

/// A table beside the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SideTable {
    /// Accounts that came along.
    Users,
    /// Posts that came along because others refer to them.
    Referenced,
    /// Photos, videos and GIFs that came along.
    Media,
    /// Hashtags, wherever they stand.
    Hashtags,
    /// Mentions of accounts, wherever they stand.
    Mentions,
    /// Links, wherever they stand.
    Urls,
}

impl SideTable {
    /// All of them, in the order of the documents.
    pub const ALL: [Self; 6] =
        [Self::Users, Self::Referenced, Self::Media, Self::Hashtags, Self::Mentions, Self::Urls];

    /// What people call it, and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Referenced => "referenced",
            Self::Media => "media",
            Self::Hashtags => "hashtags",
            Self::Mentions => "mentions",
            Self::Urls => "urls",
        }
    }

    /// Its columns, in order, beside rows with these columns.
    pub fn columns(self, columns: impl Into<Columns>) -> impl Iterator<Item = &'static Column> {
        let of_rows = (self == Self::Referenced).then(|| of(columns));
        self.own_columns().iter().chain(of_rows.into_iter().flatten())
    }

    /// The columns that only it has; referenced posts have those of the rows.
    pub(crate) fn own_columns(self) -> &'static [Column] {
        match self {
            Self::Users => columns::USERS,
            Self::Referenced => &[],
            Self::Media => columns::MEDIA,
            Self::Hashtags => columns::HASHTAGS,
            Self::Mentions => columns::MENTIONS,
            Self::Urls => columns::URLS,
        }
    }

    /// The objects of a page of which its rows are made; `None`: they are made of the rows' posts.
    pub fn objects<'p>(self, page: &Page<'p>) -> Option<Vec<Raw<'p>>> {
        match self {
            Self::Users => Some(page.includes.raw_users().collect()),
            Self::Referenced => Some(page.includes.every_tweet().collect()),
            Self::Media => Some(page.includes.every_medium().collect()),
            Self::Hashtags | Self::Mentions | Self::Urls => None,
        }
    }

    /// What its objects call their id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Media => "media_key",
            Self::Users | Self::Referenced | Self::Hashtags | Self::Mentions | Self::Urls => "id",
        }
    }
}
