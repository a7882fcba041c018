//! Where a page starts.

use serde::{Deserialize, Serialize};

use super::TweetId;

/// X's opaque pointer to the next page; kept as it came.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageToken(pub String);

/// Where a page starts within the window of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cursor {
    /// At the newest tweet of the window.
    Start,
    /// Where X says that the previous page ended.
    Token(PageToken),
    /// Below an id. The way to go on when X refuses a token or returns it for ever: results come
    /// id-descending, and `until_id` is exclusive, so nothing is read twice.
    UntilId(TweetId),
}
