//! A page of a collection as request parameters.
//!
//! Pure functions of the specification and the cursor, so that a resume years later sends the same
//! bytes: X asks for identical parameters with a `next_token` (docs.x.com, pagination, read
//! 2026-08-22). `start_time` is always sent, because X's default silently cuts a collection to 30
//! days (DocNow/twarc, `client2.py`); results are asked for newest first, the only complete order.
//!
//! `since_id` is never used: X allows one of it and `start_time`.

use jiff::Timestamp;

use super::fields;
use crate::model::spec::Archive;
use crate::model::{Cursor, Spec};

/// An endpoint of X; each has limits of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// Tweets since 2006.
    SearchAll,
    /// Tweets of the last seven days.
    SearchRecent,
    /// How many tweets there are since 2006.
    CountsAll,
    /// How many there are of the last seven days.
    CountsRecent,
}

impl Endpoint {
    /// Its path.
    pub const fn path(self) -> &'static str {
        match self {
            Self::SearchAll => "/2/tweets/search/all",
            Self::SearchRecent => "/2/tweets/search/recent",
            Self::CountsAll => "/2/tweets/counts/all",
            Self::CountsRecent => "/2/tweets/counts/recent",
        }
    }

    /// Requests in 15 minutes for an app (docs.x.com, rate limits, read 2026-08-22). The headers
    /// correct them; only without headers do they decide.
    pub const fn documented_limit(self) -> u64 {
        match self {
            Self::SearchAll | Self::CountsAll | Self::CountsRecent => 300,
            Self::SearchRecent => 450,
        }
    }
}

/// A request for one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchRequest {
    /// Which index.
    pub archive: Archive,
    /// The parameters in order, not encoded.
    pub params: Vec<(String, String)>,
}

impl SearchRequest {
    /// Where it goes.
    pub fn endpoint(&self) -> Endpoint {
        match self.archive {
            Archive::All => Endpoint::SearchAll,
            Archive::Recent => Endpoint::SearchRecent,
        }
    }

    /// A parameter's value.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The request for the page of `spec` at `cursor`, for at most `max_results` tweets (moved into
/// what X allows: 10 to [`Archive::max_results`]).
pub fn search_request(spec: &Spec, cursor: &Cursor, max_results: u64) -> SearchRequest {
    let size = max_results.clamp(Archive::MIN_RESULTS, spec.archive.max_results());
    let end = match cursor.until_id {
        Some(id) => ("until_id", id.to_string()),
        None => ("end_time", seconds(spec.window.end)),
    };
    let token = cursor.token.as_ref().map(|token| ("next_token", token.0.clone()));
    let page = [
        ("query", spec.query.clone()),
        ("start_time", seconds(spec.window.start)),
        end,
        ("max_results", size.to_string()),
        ("sort_order", "recency".to_owned()),
    ];
    let params = page.into_iter().chain(fields::parameters(spec)).chain(token);
    let params = params.map(|(name, value)| (name.to_owned(), value)).collect();
    SearchRequest { archive: spec.archive, params }
}

/// `2026-11-22T08:00:00Z`: X counts whole seconds and refuses fractions (OpenAPI 2.166, read
/// 2026-07-01).
pub(super) fn seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PageToken, TweetId};
    use crate::x::script::spec;

    #[test]
    fn the_first_page_states_the_whole_window() {
        let request = search_request(&spec(), &Cursor::START, 500);
        assert_eq!(request.endpoint().path(), "/2/tweets/search/all");
        assert_eq!(request.param("query"), Some("#rust"));
        assert_eq!(request.param("start_time"), Some("2026-11-01T00:00:00Z"));
        assert_eq!(request.param("end_time"), Some("2026-11-22T00:00:00Z"));
        assert_eq!(request.param("max_results"), Some("500"));
        assert_eq!(request.param("next_token"), None);
    }

    #[test]
    fn a_token_changes_nothing_but_itself() {
        let first = search_request(&spec(), &Cursor::START, 500);
        let cursor = Cursor::START.followed_by(PageToken("b26v".into()));
        let mut second = search_request(&spec(), &cursor, 500);
        assert_eq!(second.params.pop(), Some(("next_token".into(), "b26v".into())));
        assert_eq!(second, first);
    }

    #[test]
    fn until_id_takes_the_place_of_the_end_time() {
        let below = search_request(&spec(), &Cursor::below(TweetId(7)), 500);
        assert_eq!((below.param("until_id"), below.param("end_time")), (Some("7"), None));
        assert_eq!(below.param("start_time"), Some("2026-11-01T00:00:00Z"));
        let cursor = Cursor::below(TweetId(7)).followed_by(PageToken("b26v".into()));
        let token = search_request(&spec(), &cursor, 500);
        assert_eq!((token.param("until_id"), token.param("end_time")), (Some("7"), None));
    }

    #[test]
    fn the_size_stays_within_what_the_index_allows() {
        let mut spec = spec();
        let size = |spec: &Spec, n| {
            search_request(spec, &Cursor::START, n).param("max_results").map(str::to_owned)
        };
        assert_eq!(size(&spec, 3).as_deref(), Some("10"));
        assert_eq!(size(&spec, 9999).as_deref(), Some("500"));
        spec.archive = Archive::Recent;
        assert_eq!(size(&spec, 500).as_deref(), Some("100"));
    }
}
