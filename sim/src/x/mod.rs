//! A simulator of the X API v2: full-archive and recent search, counts, lookup, usage.
//!
//! It promises what X's documentation of 2026-08-22 and recorded behaviour say: page
//! order, tokens, short and empty pages, both field dialects, limits, prices, error
//! bodies. Exactly [`Options::tweets`] posts match the hashtag, and paging through
//! search/all from 2006-03-21 shows each of them once. The same options give the same
//! posts, and under paused tokio time the same run.
//!
//! It deliberately has no retweets (X's search returns none since 2026-05-04), no
//! filtered stream, no user endpoints, no OAuth 1.

mod clock;
mod counts;
mod delivery;
mod draw;
mod effects;
mod errors;
mod faults;
mod fields;
mod includes;
mod json;
mod ledger;
mod limits;
mod lookup;
mod objects;
mod options;
mod people;
mod post;
mod profiles;
mod query;
mod render;
mod request;
mod routes;
mod search;
mod simulator;
mod text;
mod timeline;
mod token;
mod universe;
mod usage;
mod words;

pub use faults::{Fault, Form, ScheduledFault, Stage, When};
pub use ledger::{Bill, Entry, Ledger, Throttled};
pub use options::{Dialect, Options, RateLimits, ShortPages};
pub use query::QueryError;
pub use simulator::Simulator;

use std::collections::BTreeMap;

use faults::Deletions;
use profiles::Profiles;
use universe::Universe;

/// What answering a request may look at.
#[derive(Clone, Copy, Debug)]
struct World<'a> {
    options: &'a Options,
    universe: &'a Universe,
    profiles: &'a Profiles,
    deletions: &'a Deletions,
    reads_by_day: &'a BTreeMap<i64, u64>,
    now_ms: i64,
    growth: u64,
}
