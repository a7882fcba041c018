//! A simulator of the X API v2: full-archive and recent search, counts, lookup, usage.
//!
//! It promises what X's documentation of 2026-08-22 and recorded behaviour say: page
//! order, tokens, short and empty pages, both field dialects, limits, prices, error
//! bodies. Exactly [`Options::tweets`] posts match the hashtag, and paging through
//! search/all from 2006-03-21 shows each of them once. The same options give the same
//! posts, and under paused tokio time the same run. It shares no type with mistnet and is written
//! from documentation and recorded behaviour alone, so that it can testify for or against any
//! client.
//!
//! It deliberately is no social network: nothing can be posted, and every post is computed from a
//! seed and a number when it is asked for. It has no retweets (X's search returns none since
//! 2026-05-04), no filtered stream, no user endpoints, no OAuth 1.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "numbers here are draws reduced to a small range, or times between 2006 and 2106"
)]

mod clock;
mod counts;
mod delivery;
mod draw;
mod effects;
mod endpoint;
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
mod world;

pub use faults::{Fault, Form, ScheduledFault, Stage, When};
pub use ledger::{Bill, Entry, Ledger, Throttled};
pub use options::{Dialect, Options, RateLimits, ShortPages};
pub use query::QueryError;
pub use simulator::Simulator;

/// Runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
