//! mistnet collects X (Twitter) posts for a hashtag through the official API v2 and delivers them
//! as CSV in blob storage: nothing lost, nothing paid twice, no bill without a ceiling.
//!
//! The house, one line per room:
//!
//! | room | what happens there |
//! |---|---|
//! | [`json`] | finds where each value of a JSON text begins and ends |
//! | [`tweet`] | reads pages of X: posts, users, media, in both vocabularies |
//! | [`model`] | plain values and pure decisions; no I/O, no clock, no randomness |
//! | [`clock`] | the only door through which time comes in |
//! | [`proxy`] | which HTTP proxy a request goes through, and what never does |
//! | [`x`] | the X API client: requests, pages, limits, errors |
//! | [`queue`] | a durable queue with leases, and its back ends |
//! | [`store`] | the one primitive `create`, the log of a collection, its names, and its back ends |
//! | [`columns`] | the dictionary of columns, and what stands in a row |
//! | [`mod@format`] | rows to files: CSV, JSON Lines, Parquet |
//! | [`notice`] | tells others that a dataset is complete: CloudEvents, webhooks |
//! | [`sender`] | accepts collections and fetches their pages |
//! | [`receiver`] | stores parts, and finishes datasets |
//! | [`convert`] | archived pages and tweets to files, without asking X |
//! | [`verify`] | is a dataset what its manifest says, and what its log has? |
//! | [`app`] | wiring: opens what is configured, and joins the roles to it |
//! | [`api`] | HTTP: routes, OpenAPI, problem+json, events |
//! | [`cli`] | one file per subcommand |
//! | [`config`] | defaults < file < environment < flags |
//! | [`setting`] | what a setting is, and how its text becomes a value; what a kind of back end is |
//! | [`check`] | what a check found, for `mistnet doctor`; checks of a disk |
//! | [`azure`] | what a store and a queue on Azure share: identities, connection strings |
//! | [`telemetry`] | names of spans, events and metrics |
//!
//! Each room stands above all that it uses; `ARCHITECTURE.md` has the table, and the tests `rooms`
//! hold the code against it. `x`, `queue`, `store`, `format` and `notice` never use one another.

pub mod api;
pub mod app;
pub mod azure;
pub mod check;
pub mod cli;
pub mod clock;
pub mod columns;
pub mod config;
pub mod convert;
pub mod format;
pub mod json;
pub mod model;
pub mod notice;
pub mod proxy;
pub mod queue;
pub mod receiver;
pub mod sender;
pub mod setting;
pub mod store;
pub mod telemetry;
pub mod tweet;
pub mod verify;
pub mod x;
