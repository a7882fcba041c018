//! Where a page starts.

use serde::{Deserialize, Serialize};

use super::TweetId;

/// X's opaque pointer to the next page; kept as it came.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageToken(pub String);

/// Where a page starts within the window of a collection.
///
/// A token belongs to the request that it came from, so the two travel together: a token that came
/// for a request below an id is sent with that id again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Only tweets below this id; the end of the window if there is none.
    ///
    /// The way to go on when X refuses a token or returns it for ever: results come id-descending,
    /// and `until_id` is exclusive, so nothing is read twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_id: Option<TweetId>,
    /// Where X says that the previous page ended; the beginning if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<PageToken>,
}

impl Cursor {
    /// At the newest tweet of the window.
    pub const START: Self = Self { until_id: None, token: None };

    /// At the newest tweet below `id`.
    pub const fn below(id: TweetId) -> Self {
        Self { until_id: Some(id), token: None }
    }

    /// Where X says that a page which started here ended.
    #[must_use]
    pub fn followed_by(&self, token: PageToken) -> Self {
        Self { until_id: self.until_id, token: Some(token) }
    }
}
