//! The sender's end of the store queue: which parts are sent, which are stored.
//!
//! Parts are sent when the page that completes them is in the log. A message may be lost all the
//! same (a crash in between, a queue that was deleted), so whoever takes a collection in hand
//! sends every complete part that has no receipt again. Receipts make repetition harmless.

use crate::model::CollectionId;
use crate::model::message::{Message, Task};
use crate::model::parts::{Cutter, Part};
use crate::model::record::{PageHeader, Sealed};
use crate::model::state::History;
use crate::queue::NewMessage;
use crate::store::{Log, StoreError};

use super::turn_over::TurnOver;
use super::{PAUSE_AFTER_FAILURE, Sender};

/// What has been sent of one collection.
#[derive(Debug)]
pub(super) struct Upstream {
    cutter: Cutter,
    /// The first part that is not known to be stored.
    unstored: u64,
    /// What the queue has not taken yet.
    unsent: Vec<Task>,
}

impl Upstream {
    /// Finds out what may have to be sent again, and sends it.
    pub(super) async fn resume(
        sender: &Sender,
        log: &Log,
        history: &History,
    ) -> Result<Self, StoreError> {
        let size = history.created.spec.partition_size;
        let unstored = first_gap(&history.receipts);
        let mut headers = headers_back_to(log, history, unstored * size).await?;
        let first_page = headers.last().map_or(history.pages, |header| header.page);
        let mut cutter = Cutter::at(size, unstored, first_page);
        headers.reverse();
        let complete = headers.iter().flat_map(|header| cutter.page(header));
        let missing = |part: &Part| history.receipts.binary_search(&part.part).is_err();
        let unsent = complete.filter(missing).map(Task::Part).collect();
        let mut upstream = Self { cutter, unstored, unsent };
        upstream.send(sender, log.layout().id()).await;
        Ok(upstream)
    }

    /// Sends the parts that a page completes.
    pub(super) async fn page(&mut self, sender: &Sender, id: &CollectionId, header: &PageHeader) {
        self.unsent.extend(self.cutter.page(header).into_iter().map(Task::Part));
        self.send(sender, id).await;
    }

    /// Sends the last part and the end, and says what becomes of the collect message.
    pub(super) async fn end(&mut self, sender: &Sender, log: &Log, sealed: &Sealed) -> TurnOver {
        self.unsent.extend(self.cutter.rest(sealed).map(Task::Part));
        self.unsent.push(Task::End);
        self.send(sender, log.layout().id()).await;
        if self.unsent.is_empty() { TurnOver::Done } else { TurnOver::Later(PAUSE_AFTER_FAILURE) }
    }

    /// Sends what is due. What the queue does not take stays due.
    async fn send(&mut self, sender: &Sender, id: &CollectionId) {
        let messages: Vec<_> =
            self.unsent.iter().map(|task| new_message(sender, id, *task)).collect();
        if messages.is_empty() {
            return;
        }
        match sender.parts.send(&messages).await {
            Ok(()) => self.unsent.clear(),
            Err(error) => {
                tracing::warn!(collection.id = %id, %error, "parts not sent; they will be sent again");
            }
        }
    }

    /// How many parts have been sent and are not known to be stored, counted from the first such.
    pub(super) async fn parts_ahead(&mut self, log: &Log) -> Result<u64, StoreError> {
        while self.unstored < self.cutter.open_part() && log.has_receipt(self.unstored).await? {
            self.unstored += 1;
        }
        Ok(self.cutter.open_part().saturating_sub(self.unstored))
    }
}

/// The smallest number that is not in the sorted `receipts`.
fn first_gap(receipts: &[u64]) -> u64 {
    (0..)
        .zip(receipts)
        .find(|(part, receipt)| part != *receipt)
        .map_or(receipts.len() as u64, |(part, _)| part)
}

/// The headers from the newest page back to the one with row `row`, newest first.
async fn headers_back_to(
    log: &Log,
    history: &History,
    row: u64,
) -> Result<Vec<PageHeader>, StoreError> {
    let mut headers: Vec<PageHeader> = history.last_page.iter().cloned().collect();
    while let Some(oldest) = headers.last().filter(|header| header.first_row > row) {
        let header = log.page(oldest.page - 1).await?.header;
        headers.push(header);
    }
    Ok(headers)
}

fn new_message(sender: &Sender, id: &CollectionId, task: Task) -> NewMessage {
    let message = Message::new(id.clone(), sender.store.id().cloned(), task);
    NewMessage { key: message.key(), body: message.to_json(), delay: std::time::Duration::ZERO }
}
