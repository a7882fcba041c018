//! What answering a request may look at: one moment of the simulated X, read only.

use std::collections::BTreeMap;

use super::faults::Deletions;
use super::options::Options;
use super::profiles::Profiles;
use super::universe::Universe;

/// What answering a request may look at.
#[derive(Clone, Copy, Debug)]
pub struct World<'a> {
    /// The choices.
    pub options: &'a Options,
    /// Posts and people.
    pub universe: &'a Universe,
    /// Users, as they were rendered before.
    pub profiles: &'a Profiles,
    /// Posts that are gone.
    pub deletions: &'a Deletions,
    /// How many posts were read on each day; see the ledger.
    pub reads_by_day: &'a BTreeMap<i64, u64>,
    /// The time.
    pub now_ms: i64,
    /// 0, or a number from which the growth of every count of a post is drawn.
    pub growth: u64,
    /// Places of a page that posts of the page before it take, so that it has no more posts than
    /// were asked for.
    pub reserved: u64,
}
