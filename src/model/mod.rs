//! Plain values and pure decisions: no I/O, no clock, no randomness.
//!
//! Everything here can be tested with values alone. What a collection is ([`spec`]), what its log
//! says ([`record`]), what that means ([`state`]), and what to do next ([`step`]) are functions of
//! one another; the rooms around only carry them out.

mod clip;
pub mod cursor;
pub mod hashtag;
pub mod hours;
pub mod id;
pub mod message;
pub mod overview;
pub mod parts;
pub mod price;
pub mod query;
pub mod record;
pub mod request;
pub mod spec;
pub mod state;
pub mod step;
pub mod usd;
pub mod window;

pub use clip::clip;
pub use cursor::{Cursor, PageToken};
pub use id::{CollectionId, StoreId, TweetId};
pub use spec::Spec;
pub use usd::Usd;
