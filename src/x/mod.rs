//! The X API client: requests, pages, limits, errors.
//!
//! | file | what it is |
//! |---|---|
//! | [`transport`] | the seam: one HTTP GET, and what can go wrong with it |
//! | [`http`] | the seam over the network (reqwest) |
//! | [`router`] | the seam over an axum `Router` in this process: the simulator without a socket |
//! | [`request`] | a page of a collection as request parameters |
//! | [`fields`] | names of fields and expansions in both dialects |
//! | [`client`] | one attempt at a request: wait for a turn, send, say what came of it |
//! | [`limits`] | X's two rate limits as a pure state machine |
//! | [`headers`] | what the headers of an answer say about limits and time |
//! | [`classify`] | what an answer means; [`failure`] what a caller can do about it |
//! | [`problem`] | the bodies of X's errors, all families |
//! | [`backoff`] | how long to wait and how much to ask for after repeated failures |
//! | [`page`] | what an answer holds: ids, the next token, what it costs |
//! | [`salvage`](mod@salvage) | what can be saved of an answer that is no JSON |
//! | [`counts`] | how many tweets there are, by X's own count |
//!
//! The client makes exactly one attempt per call, because every attempt may cost money and only
//! the caller keeps the account. It never interprets tweets beyond counting them, and it keeps no
//! state but the limits of its token. The whole design is in `docs/adr/0004`.

pub mod backoff;
pub mod classify;
pub mod client;
pub mod counts;
pub mod failure;
pub mod fields;
pub mod headers;
pub mod http;
pub mod limits;
pub mod page;
pub mod problem;
pub mod request;
#[cfg(any(test, feature = "simulators"))]
pub mod router;
pub mod salvage;
#[cfg(test)]
pub mod script;
pub mod transport;
#[cfg(test)]
mod witness_tests;

pub use backoff::Backoff;
pub use client::{Answer, Client, Pacing, Settings};
pub use counts::{CountRequest, Tally};
pub use failure::{Failure, Paid, Size, WaitReason};
pub use fields::missing_on_first_page;
pub use http::ReqwestTransport;
pub use page::{Page, PageSummary, Undecodable, summarise};
pub use request::{SearchRequest, search_request};
pub use salvage::salvage;
pub use transport::{HttpRequest, HttpResponse, Transport, TransportError};
