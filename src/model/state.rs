//! What a collection's log means.
//!
//! [`History`] holds the records that matter; [`History::state`] and its neighbours are pure
//! functions of them, so any process on any machine sees the same collection.
//!
//! | state | the log says |
//! |---|---|
//! | `queued` | accepted (or resumed), no sender has it in hand |
//! | `collecting` | a sender's turn has begun |
//! | `waiting` | the last turn ended with a time to go on: a rate window, trouble at X's end |
//! | `paused` | the user said so, or the last turn parked it: budget, credits, a broken page |
//! | `failed` | the last turn met something that only a person can mend: token, query |
//! | `storing` | sealed, not every part is stored |
//! | `complete` | the manifest exists |
//! | `cancelled` | the user cancelled it before fetching had ended |

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::price;
use super::record::{
    Control, ControlAction, Created, Outcome, PageHeader, SealReason, Sealed, Totals, Trouble,
    Turn, TurnEnd,
};
use super::spec::Archive;
use super::usd::Usd;

/// The records of a log that decide what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// What was asked for.
    pub created: Created,
    /// Page records.
    pub pages: u64,
    /// The newest one's header.
    pub last_page: Option<PageHeader>,
    /// Turns that have begun.
    pub turns: u64,
    /// The newest one.
    pub last_turn: Option<Turn>,
    /// Its end, if it has ended.
    pub last_turn_end: Option<TurnEnd>,
    /// All control records, in order.
    pub controls: Vec<Control>,
    /// The seal.
    pub sealed: Option<Sealed>,
    /// The parts that are stored, in order.
    pub receipts: Vec<u64>,
    /// Whether the manifest exists.
    pub complete: bool,
    /// When the newest record was written, by the store's clock.
    pub touched_at: Option<Timestamp>,
    /// When a sender wrote last that it fetches: a page, or the beginning of a turn.
    pub fetched_at: Option<Timestamp>,
}

/// What a collection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// No sender has it in hand.
    Queued,
    /// A sender fetches pages.
    Collecting,
    /// It goes on by itself later.
    Waiting,
    /// It goes on when a person says `resume`.
    Paused,
    /// Fetching has ended; parts are being stored.
    Storing,
    /// The dataset is complete.
    Complete,
    /// It needs a person to mend something, then `resume`.
    Failed,
    /// The user gave it up.
    Cancelled,
}

impl State {
    /// Every state, in the order of a collection's life.
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::Collecting,
        Self::Waiting,
        Self::Paused,
        Self::Storing,
        Self::Complete,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The state's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Collecting => "collecting",
            Self::Waiting => "waiting",
            Self::Paused => "paused",
            Self::Storing => "storing",
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What users last asked of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Go on.
    Run,
    /// Stop until told otherwise.
    Pause,
    /// Stop for good.
    Cancel,
}

/// What the user's control records ask for, all in all. A cancellation is final.
pub fn wish(controls: &[Control]) -> Wish {
    controls.iter().fold(Wish::Run, |wish, control| match (wish, control.action) {
        (Wish::Cancel, _) | (_, ControlAction::Cancel) => Wish::Cancel,
        (_, ControlAction::Pause) => Wish::Pause,
        (_, ControlAction::Resume) => Wish::Run,
        (wish, ControlAction::Budget { .. }) => wish,
    })
}

/// The budget in force: the newest one that was set.
pub fn budget(created: &Created, controls: &[Control]) -> Option<Usd> {
    let raised = controls.iter().rev().find_map(|control| match control.action {
        ControlAction::Budget { max_cost } => Some(max_cost),
        _ => None,
    });
    raised.or(created.spec.max_cost)
}

impl History {
    /// What the collection is doing.
    pub fn state(&self) -> State {
        let cancelled = match &self.sealed {
            Some(sealed) => sealed.why == SealReason::Cancelled,
            None => wish(&self.controls) == Wish::Cancel,
        };
        match (cancelled, self.complete, &self.sealed) {
            (true, ..) => State::Cancelled,
            (_, true, _) => State::Complete,
            (.., Some(_)) => State::Storing,
            _ => self.fetching_state(),
        }
    }

    fn fetching_state(&self) -> State {
        let stopped = match self.standing_outcome() {
            Some(Outcome::Failed(_)) => Some(State::Failed),
            Some(Outcome::Parked(_)) => Some(State::Paused),
            _ if wish(&self.controls) == Wish::Pause => Some(State::Paused),
            Some(Outcome::Waiting { .. }) => Some(State::Waiting),
            Some(Outcome::HandedBack | Outcome::Paused | Outcome::Sealed) | None => None,
        };
        stopped.unwrap_or(if self.turns == 0 || self.resumed_since_last_turn() {
            State::Queued
        } else {
            State::Collecting
        })
    }

    /// How the last turn ended, unless it runs still or a `resume` has answered it.
    pub fn standing_outcome(&self) -> Option<&Outcome> {
        let end = self.last_turn_end.as_ref()?;
        (!self.resumed_since_last_turn()).then_some(&end.outcome)
    }

    fn resumed_since_last_turn(&self) -> bool {
        let answers = |control: &Control| {
            control.action == ControlAction::Resume && control.turns == self.turns
        };
        self.turns > 0 && self.controls.iter().any(answers)
    }

    /// What stopped the collection, if something did.
    pub fn trouble(&self) -> Option<&Trouble> {
        match self.standing_outcome()? {
            Outcome::Failed(trouble) | Outcome::Parked(trouble) => Some(trouble),
            Outcome::Sealed | Outcome::HandedBack | Outcome::Waiting { .. } | Outcome::Paused => {
                None
            }
        }
    }

    /// The collection's totals.
    pub fn totals(&self) -> Totals {
        self.last_page.as_ref().map(|page| page.so_far.clone()).unwrap_or_default()
    }

    /// The budget in force.
    pub fn budget(&self) -> Option<Usd> {
        budget(&self.created, &self.controls)
    }

    /// What lost answers may have cost so far. A turn without an end was ended by a crash, which
    /// may have lost one answer: at worst the dearest one that the turn could ask for.
    ///
    /// Of a turn that is still running this says too much; a sender asks only about turns before
    /// its own.
    pub fn lost(&self) -> Usd {
        if let Some(end) = &self.last_turn_end {
            return end.lost;
        }
        let known = self.totals().lost;
        let Some(turn) = &self.last_turn else { return known };
        let known = known.max(turn.lost);
        if self.has_nothing_under_way(turn) {
            known
        } else {
            known + self.worst_answer(turn, known)
        }
    }

    /// Whether a turn without an end can't have been asking for anything: it wrote the page behind
    /// which there is none.
    fn has_nothing_under_way(&self, turn: &Turn) -> bool {
        let Some(page) = &self.last_page else { return false };
        let enough = self.created.spec.limit.is_some_and(|limit| page.so_far.rows >= limit);
        page.turn == Some(turn.turn) && (page.next.is_none() || enough)
    }

    /// How many turns in a row have crashed without a new page; 0 if the last one ended or got
    /// somewhere.
    pub fn crashes_in_a_row(&self) -> u32 {
        match (&self.last_turn, &self.last_turn_end) {
            (Some(turn), None) if self.pages <= turn.first_page => turn.crashes + 1,
            _ => 0,
        }
    }

    fn worst_answer(&self, turn: &Turn, lost: Usd) -> Usd {
        let spec = &self.created.spec;
        let totals = self.totals();
        let wanted = spec.limit.map_or(u64::MAX, |limit| limit.saturating_sub(totals.rows));
        let asked = wanted.clamp(Archive::MIN_RESULTS, spec.archive.max_results());
        let dearest = price::worst_case(asked, spec.extras());
        // Whatever the budget is now, the turn asked by that of its beginning.
        let recorded = turn.lease_ms.is_some();
        let budget = if recorded { turn.max_cost_usd } else { self.budget() };
        let left = budget.map(|budget| budget.minus(totals.reads.cost() + lost));
        left.map_or(dearest, |left| left.min(dearest))
    }

    /// Whether there is work that some sender should do, now or when a wait is over.
    pub fn wants_a_sender(&self) -> bool {
        match self.state() {
            State::Queued | State::Collecting | State::Waiting | State::Storing => true,
            State::Cancelled => !self.complete,
            State::Paused | State::Complete | State::Failed => false,
        }
    }

    /// When a waiting collection goes on.
    pub fn waits_until(&self) -> Option<(Timestamp, &str)> {
        match self.standing_outcome()? {
            Outcome::Waiting { until, reason, .. } => Some((*until, reason)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
