//! The endpoints of X that are simulated, with their paths and limits.

/// An endpoint of X, with its documented limits (rate limits, read 2026-08-22).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Endpoint {
    /// Search in the full archive: `/2/tweets/search/all`.
    SearchAll,
    /// Search in the last seven days: `/2/tweets/search/recent`.
    SearchRecent,
    /// How many posts match, in the full archive: `/2/tweets/counts/all`.
    CountsAll,
    /// How many posts match, in the last seven days: `/2/tweets/counts/recent`.
    CountsRecent,
    /// Posts by their ids: `/2/tweets`.
    Lookup,
    /// One post by its id: `/2/tweets/{id}`.
    LookupOne,
    /// How many posts were read in this billing cycle: `/2/usage/tweets`.
    Usage,
}

impl Endpoint {
    /// Its path.
    pub fn path(self) -> &'static str {
        match self {
            Self::SearchAll => "/2/tweets/search/all",
            Self::SearchRecent => "/2/tweets/search/recent",
            Self::CountsAll => "/2/tweets/counts/all",
            Self::CountsRecent => "/2/tweets/counts/recent",
            Self::Lookup => "/2/tweets",
            Self::LookupOne => "/2/tweets/{id}",
            Self::Usage => "/2/usage/tweets",
        }
    }

    /// Requests of an app in fifteen minutes.
    pub fn limit(self) -> u64 {
        match self {
            Self::SearchAll | Self::CountsAll | Self::CountsRecent => 300,
            Self::SearchRecent => 450,
            Self::Lookup | Self::LookupOne => 3_500,
            Self::Usage => 50,
        }
    }

    /// Whether one request a second is the most.
    pub fn is_limited_by_the_second(self) -> bool {
        self == Self::SearchAll
    }

    /// Whether it knows the last seven days only.
    pub fn is_recent(self) -> bool {
        matches!(self, Self::SearchRecent | Self::CountsRecent)
    }
}
