//! Configuration in layers: defaults < file < environment < flags.
//!
//! [`load()`] is a function of what it is given: the environment as a map, the flags as text and a
//! way to read files, so that only `main` touches the process. Every value is text until its one
//! parser has seen it, whichever layer it comes from; the table [`SETTINGS`] is the one place that
//! knows keys, variables, flags and defaults, and `docs/configuration.md` is made from it. The rows
//! of a back end come from its own folder, and so does what they amount to: this room names none.
//!
//! Promises: no setting is dropped in silence; an unknown key in a file is refused, by its path and
//! with the known ones; a refused value is named with its key, where it came from, the reason and
//! the fix; no secret appears in `Debug`, `Display`, errors or warnings (`no_output_shows_a_secret`),
//! and a setting that is no secret takes none ([`recognise`](crate::setting::recognise)).
//!
//! It deliberately does not look at the network or the disk beyond the files named, does not
//! reload, and knows no flag for a secret: command lines are readable by everyone on a machine.

mod build;
mod bytes;
mod collection;
mod environment;
mod error;
mod file;
mod load;
mod notices;
#[cfg(test)]
mod reference;
mod sources;
mod suggest;
mod table;
mod types;
pub mod values;

#[cfg(test)]
mod tests;

pub use bytes::read_file;
#[cfg(test)]
pub use collection::OTHERS as OTHERS_OF_COLLECTIONS;
pub use environment::{known_variables, plain, reads};
pub use error::ConfigError;
pub use load::{DEFAULT_FILE, load};
pub use notices::{NoticeConfig, NoticeFormat, WebhookConfig, WebhookUrl};
pub use sources::{Flags, ReadFile, Sources};
pub use table::{SETTINGS, key, with_key};
pub use types::{Config, HostRule, HttpConfig, ReceiverConfig, SenderConfig, XConfig};
pub use values::Pacing;

pub use crate::model::request::Defaults as CollectionDefaults;
pub use crate::setting::{Effective, Origin, Setting};
