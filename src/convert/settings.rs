//! What is asked of a conversion.

use std::num::NonZeroUsize;

use super::out::{Destination, Existing};
use super::text::Limits;
use super::work::Duplicates;
use crate::columns::SideTable;
use crate::format::Options;
use crate::model::spec::{FileFormat, Profile};

/// How to convert.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How the output is written.
    pub format: FileFormat,
    /// Which columns it has.
    pub profile: Profile,
    /// What was asked for beyond that.
    pub options: Options,
    /// Tables beside the rows, each at most once.
    pub tables: Vec<SideOutput>,
    /// How many threads work on batches. One: everything happens on the caller's.
    pub threads: NonZeroUsize,
    /// What is made of inputs that are not as they should be.
    pub limits: Limits,
    /// What becomes of tweets with the same id.
    pub duplicates: Duplicates,
    /// What becomes of an output that is there already.
    pub existing: Existing,
}

/// A table that is written beside the rows, in the same format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideOutput {
    /// Which.
    pub table: SideTable,
    /// Where to.
    pub out: Destination,
}
