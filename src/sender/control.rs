//! A user's intervention: pause, resume, cancel, a new budget.
//!
//! It is a record in the log and a message that wakes a sender, nothing more. Senders look for new
//! control records before every request, so a pause takes hold within one page.

use jiff::Timestamp;

use super::accept::wake_soon;
use crate::model::record::{Control, ControlAction, VERSION};
use crate::model::state::{History, State};
use crate::model::{CollectionId, Usd};
use crate::queue::Queue;
use crate::store::{Log, Store, StoreError};

/// Why an intervention was refused.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// There is no such collection.
    #[error("there is no collection {0}")]
    Unknown(CollectionId),
    /// It is over, so that the intervention would have no effect.
    #[error("{id} is {}, so it can't be {verb}", state.name())]
    Over {
        /// The collection.
        id: CollectionId,
        /// What it is.
        state: State,
        /// What was wanted, as a participle.
        verb: &'static str,
    },
    /// The new budget is spent already.
    #[error("a budget of {max_cost} is spent already: at worst {spent}")]
    Spent {
        /// What was wanted.
        max_cost: Usd,
        /// What X may have charged so far, at worst.
        spent: Usd,
    },
    /// The store did not take the record.
    #[error("the wish could not be recorded")]
    Store(#[from] StoreError),
}

/// Records what the user wants and wakes a sender.
pub async fn intervene(
    store: &Store,
    queue: &dyn Queue,
    id: &CollectionId,
    action: ControlAction,
    now: Timestamp,
) -> Result<(), ControlError> {
    // The message that wakes a sender names the store.
    store.recognise().await?;
    let log = Log::new(store, id.clone());
    let history = log.history().await?.ok_or_else(|| ControlError::Unknown(id.clone()))?;
    refuse_if_over(&history, id, action)?;
    refuse_spent_budget(&history, action)?;
    let control = Control { version: VERSION, action, at: now, turns: history.turns };
    log.control(history.controls.len() as u64, &control).await?;
    tracing::info!(collection.id = %id, ?action, "control record written");
    if matches!(action, ControlAction::Resume | ControlAction::Cancel) {
        wake_soon(store, queue, id).await;
    }
    Ok(())
}

/// A budget below what is spent already would stop the collection at once, and look like a brake
/// that came in time.
fn refuse_spent_budget(history: &History, action: ControlAction) -> Result<(), ControlError> {
    let spent = history.totals().reads.cost() + history.lost();
    match action {
        ControlAction::Budget { max_cost } if max_cost < spent => {
            Err(ControlError::Spent { max_cost, spent })
        }
        _ => Ok(()),
    }
}

fn refuse_if_over(
    history: &History,
    id: &CollectionId,
    action: ControlAction,
) -> Result<(), ControlError> {
    let state = history.state();
    let verb = match action {
        ControlAction::Pause => "paused",
        ControlAction::Resume => "resumed",
        ControlAction::Cancel => "cancelled",
        ControlAction::Budget { .. } => "given another budget",
    };
    match state {
        State::Storing | State::Complete | State::Cancelled => {
            Err(ControlError::Over { id: id.clone(), state, verb })
        }
        State::Queued | State::Collecting | State::Waiting | State::Paused | State::Failed => {
            Ok(())
        }
    }
}
