//! What a setting is, and how its text becomes a value: what configuration and back ends share.
//!
//! | file | what it holds |
//! |---|---|
//! | `row` | one row of the table of settings: its key, variables, flag, default and meaning |
//! | `layers`, `origin` | the values that were given, the highest layer on top, and where each is from |
//! | `invalid`, `error` | why a value is refused, without and with the setting's name |
//! | [`kind`] | what a kind of queue or store is: its addresses, its rows, and how it is configured |
//! | [`values`] | parsers that several settings share |
//! | [`text`] | what is done to every text before its parser sees it |
//! | [`recognise`] | secrets, known by their form |
//! | [`address`] | what can be read on the way to an address |
//!
//! Promises: a refused value is named with its key, where it came from, the reason and the fix; no
//! secret appears in `Debug`, `Display` or errors.
//!
//! It deliberately knows no setting by name, no back end, no file and no environment variable:
//! `config` collects the rows and fills the layers, and each back end reads its own.

pub mod address;
mod error;
mod invalid;
pub mod kind;
mod layers;
mod origin;
pub mod recognise;
mod row;
pub mod text;
pub mod values;

pub use error::{InvalidSetting, SettingError};
pub use invalid::Invalid;
pub use layers::{Effective, Layers};
pub use origin::Origin;
pub use row::{Secrecy, Setting, Shape, row};
