//! A collection as people see it: one value for the command line, the HTTP API and events.
//!
//! A pure function of its history, so every process shows the same. Field names are part of the
//! public interface: scripts read them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::price::Reads;
use super::record::Trouble;
use super::state::{History, State};
use super::{CollectionId, Spec, Usd, parts};

/// A collection at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// Its id.
    pub collection: CollectionId,
    /// What it is doing.
    pub state: State,
    /// What was asked for.
    pub spec: Spec,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// Rows so far.
    pub rows: u64,
    /// Pages so far.
    pub pages: u64,
    /// Parts that are stored.
    pub parts_stored: u64,
    /// Parts in all, known when fetching has ended.
    pub parts: Option<u64>,
    /// What X charges for what it returned, at list price; the true bill is not higher.
    pub cost_usd: Usd,
    /// What answers may have cost that were lost on the way, at worst.
    pub cost_perhaps_usd: Usd,
    /// Both together: what the brake counts.
    pub cost_worst_usd: Usd,
    /// What X is likely to bill, by its rule that a resource is charged once a day (UTC); `null` if
    /// that was not recorded.
    pub cost_likely_usd: Option<Usd>,
    /// The budget in force.
    pub max_cost_usd: Option<Usd>,
    /// When it goes on, if it waits, and why.
    pub waiting: Option<Waiting>,
    /// What stopped it, and the next step.
    pub trouble: Option<Trouble>,
    /// When its log was last written to.
    pub touched_at: Option<Timestamp>,
}

/// A wait that ends by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// When it ends.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
}

impl Overview {
    /// The collection that a log tells of.
    pub fn of(history: &History) -> Self {
        let totals = history.totals();
        let running = history.turns > 0 && history.last_turn_end.is_none();
        // Of a turn that is running, or that sealed, nothing is lost that is not in the pages.
        let perhaps = match &history.sealed {
            Some(sealed) => sealed.totals.lost,
            None if running => {
                totals.lost.max(history.last_turn.as_ref().map_or(Usd::ZERO, |t| t.lost))
            }
            None => history.lost(),
        };
        Self {
            collection: history.created.id.clone(),
            state: history.state(),
            spec: history.created.spec.clone(),
            created_at: history.created.created_at,
            rows: totals.rows,
            pages: history.pages,
            parts_stored: history.receipts.len() as u64,
            parts: history.sealed.as_ref().map(|sealed| sealed.parts),
            cost_usd: totals.reads.cost(),
            cost_perhaps_usd: perhaps,
            cost_worst_usd: totals.reads.cost() + perhaps,
            cost_likely_usd: totals.likely.map(Reads::cost),
            max_cost_usd: history.budget(),
            waiting: history
                .waits_until()
                .filter(|_| history.state() == State::Waiting)
                .map(|(until, reason)| Waiting { until, reason: reason.to_owned() }),
            trouble: history.trouble().cloned(),
            touched_at: history.touched_at,
        }
    }

    /// How many parts the rows so far make.
    pub fn parts_so_far(&self) -> u64 {
        self.parts.unwrap_or_else(|| parts::count(self.rows, self.spec.partition_size))
    }

    /// Whether nothing more can happen, whatever anybody does: what is paused or has failed can be
    /// resumed, what is complete or cancelled can't.
    pub fn is_over(&self) -> bool {
        self.is_at_rest() && !matches!(self.state, State::Paused | State::Failed)
    }

    /// Whether nothing more will happen without a person.
    pub fn is_at_rest(&self) -> bool {
        match self.state {
            State::Paused | State::Complete | State::Failed => true,
            State::Cancelled => self.parts == Some(self.parts_stored),
            State::Queued | State::Collecting | State::Waiting | State::Storing => false,
        }
    }
}
