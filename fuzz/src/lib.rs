//! What must hold whatever bytes come: one function for each fuzz target.
//!
//! A function panics if a promise is broken, and that is all. libFuzzer calls them with what it
//! makes up (`scripts/fuzz`), and the test `corpus` with every file below `fuzz/corpus`, so that
//! what was found once stays found.

mod conversion;
mod json;
mod names;
mod pages;
mod records;
mod written;

pub use conversion::convert;
pub use json::json;
pub use names::{hashtag, query};
pub use pages::{csv, page, parquet};
pub use records::{message, record};

/// A target: what is done with bytes.
pub type Target = fn(&[u8]);

/// Every target by the name of its corpus.
pub const TARGETS: [(&str, Target); 9] = [
    ("convert", convert),
    ("csv", csv),
    ("hashtag", hashtag),
    ("json", json),
    ("message", message),
    ("page", page),
    ("parquet", parquet),
    ("query", query),
    ("record", record),
];
