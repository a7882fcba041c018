//! The types of the API: what callers send and what they are answered.
//!
//! Each derives its JSON and its part of the OpenAPI document in one, so neither can be changed
//! without the other. They are made of the model's types, or turned into them, by functions that
//! name every field: a field that the model gets or loses is an error of the compiler here, and a
//! field that it calls otherwise keeps its name towards callers. Doc comments become descriptions
//! in the document.
//!
//! Here is what several handlers share; an answer that only one handler gives stands beside it
//! (`files`, `health`, `preview`, `problem`, `search`). The values themselves (ids, times, amounts
//! of money, words of a list) are written as the model writes them.

mod body;
mod collection;
mod specification;
mod word;

pub(super) use body::{Field, RequestBody};
pub(super) use collection::{Accepted, Collection, Collections, Links, Resumption, Unreadable};
pub(super) use specification::{Format, NewCollection, Search};
pub(super) use word::Word;
