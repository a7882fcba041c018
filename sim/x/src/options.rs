//! What can be chosen about a simulator, and what it is by default.

use std::time::Duration;

use jiff::Timestamp;

use super::clock::real_now;

/// The first second that full-archive search knows, 2006-03-21T00:00:00Z
/// (docs.x.com, full-archive search quickstart, read 2026-08-22).
pub const FLOOR_MS: i64 = 1_142_899_200_000;

/// Posts end this long before the simulated start, so that the default end of a
/// search (thirty seconds ago) still covers every one of them.
pub const QUIET_MS: i64 = 60_000;

/// Whether requests are counted against X's documented limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RateLimits {
    /// As documented (docs.x.com, rate limits, read 2026-08-22).
    #[default]
    Real,
    /// Never refuse; the headers then show an untouched window.
    Off,
}

/// Whether pages come out shorter than asked for, as X's do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShortPages {
    /// A page of 500 holds about 394 to 500 posts, and one page in fifty is empty.
    #[default]
    Real,
    /// Every page but the last is full.
    Off,
}

/// The names X uses in answers. Since 2026-08-07 there are two sets of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// `tweet.fields`, `includes.tweets`, `retweet_count` (OpenAPI 2.166, 2026-07-01).
    #[default]
    Legacy,
    /// `post.fields`, `includes.posts`, `repost_count` (OpenAPI 2.167, 2026-08-22).
    Current,
}

/// The choices for one [`Simulator`](super::Simulator).
#[derive(Clone, Debug)]
pub struct Options {
    /// Two simulators with the same options serve the same posts.
    pub seed: u64,
    /// How many posts a search for the hashtag finds, exactly.
    pub tweets: u64,
    /// The hashtag, without `#`.
    pub hashtag: String,
    /// Real limits, or none.
    pub rate_limits: RateLimits,
    /// How many times faster than real time the simulated clock runs.
    pub speed: f64,
    /// How long an answer takes, in simulated time.
    pub latency: Duration,
    /// The only token accepted; with `None` any token that is not empty.
    pub bearer_token: Option<String>,
    /// The oldest post is not older than this (nor than 2006-03-21).
    pub since: Timestamp,
    /// The newest post is older than this, and older than a minute before the start.
    pub until: Timestamp,
    /// Simulated time at the start; `None` is the real time.
    pub start: Option<Timestamp>,
    /// Short and empty pages as X's, or full ones.
    pub short_pages: ShortPages,
    /// The dialect of answers to requests that leave it open (counts, usage, no fields).
    pub dialect: Dialect,
    /// How many people write the posts.
    pub authors: u32,
    /// Prepaid money in millionths of a dollar; when it is used up, 402.
    pub credits_micro_usd: Option<u64>,
    /// Post reads allowed in a billing cycle; X's is 3,000,000
    /// (docs.x.com, post cap, read 2026-08-22). `None` is no cap.
    pub post_cap: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            tweets: 1_000,
            hashtag: "mistnet".to_owned(),
            rate_limits: RateLimits::Real,
            speed: 1.0,
            latency: Duration::ZERO,
            bearer_token: None,
            since: super::clock::timestamp(FLOOR_MS),
            until: real_now(),
            start: None,
            short_pages: ShortPages::Real,
            dialect: Dialect::Legacy,
            authors: 20_000,
            credits_micro_usd: None,
            post_cap: None,
        }
    }
}
