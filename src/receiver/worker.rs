//! The loop of a worker: a message, the work that it asks for, and what becomes of it.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::error::{InvalidPart, PartError};
use super::settle::report;
use super::tell::Due;
use super::teller::{self, Desk, Handed};
use super::{PAUSE_AFTER_FAILURE, Receiver};
use crate::model::message::{Message, Task};
use crate::queue::{Delivery, keep};
use crate::store::{Log, StoreError};

/// How long one call to an idle queue waits, which bounds how soon a stop is noticed.
const IDLE_WAIT: Duration = Duration::from_secs(1);

/// What is to be done with a message after the work on it.
enum Then {
    /// It is settled.
    Settle,
    /// Others are told first.
    Tell(Due),
}

impl Receiver {
    /// Works until `stop`; then finishes what is in hand and returns. A notice that is being told is
    /// cut off, and told later.
    pub async fn run(&self, stop: &CancellationToken) {
        self.run_and_tell(stop, stop).await;
    }

    /// The same, with a token of its own for when notices are cut off: a process that ends because
    /// its work is done tells others first.
    pub async fn run_and_tell(&self, stop: &CancellationToken, cut: &CancellationToken) {
        // Tasks of their own, or all would share the one processor that polls this future.
        let mut workers = JoinSet::new();
        let (desk, handed) = teller::desk();
        for _ in 0..self.concurrency.max(1) {
            let (receiver, stop, desk) = (self.clone(), stop.clone(), desk.clone());
            workers.spawn(async move { receiver.work(&stop, &desk).await });
        }
        // The teller ends when no worker is left that could hand it something.
        drop(desk);
        let (receiver, cut) = (self.clone(), cut.clone());
        workers.spawn(async move { receiver.tell_what_is_handed(handed, &cut).await });
        workers.join_all().await;
    }

    async fn work(&self, stop: &CancellationToken, desk: &Desk) {
        while !stop.is_cancelled() {
            match self.parts.receive(IDLE_WAIT).await {
                Ok(Some(delivery)) => self.handle_with(delivery, Some(desk)).await,
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(queue.name = self.parts.name(), %error, "can't receive");
                    self.pause(stop).await;
                }
            }
        }
    }

    /// Lets a failure pass, unless a stop comes first.
    async fn pause(&self, stop: &CancellationToken) {
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            () = self.clock.sleep(PAUSE_AFTER_FAILURE) => {}
        }
    }

    /// Handles one delivery to its end, notices included; whatever happens, the message is settled
    /// or comes back.
    pub async fn handle(&self, delivery: Delivery) {
        self.handle_with(delivery, None).await;
    }

    async fn handle_with(&self, delivery: Delivery, desk: Option<&Desk>) {
        let Delivery { key, body, lease, .. } = delivery;
        let lost = CancellationToken::new();
        let message = match Message::parse(&body) {
            Ok(message) => message,
            Err(error) if error.is_newer() => {
                let waits = self.wait(&key, lease, error.to_string()).await;
                return report(&key, waits, &lost);
            }
            Err(error) => {
                let refused = self.refuse(&key, lease, "not understood", error.to_string()).await;
                return report(&key, refused, &lost);
            }
        };
        let work = self.do_task(&message);
        let done = keep(&*self.parts, &lease, &*self.clock, &lost, work).await;
        let due = match done {
            Ok(Then::Tell(due)) => due,
            Ok(Then::Settle) => return self.conclude(&key, lease, Ok(()), &lost).await,
            Err(error) => return self.conclude(&key, lease, Err(error), &lost).await,
        };
        let Some(desk) = desk else {
            let telling = self.tell_due(&due);
            let told = keep(&*self.parts, &lease, &*self.clock, &lost, telling).await;
            return self.conclude(&key, lease, told, &lost).await;
        };
        let Some(place) = self.remembered.place_to_tell() else {
            let busy = Err(PartError::Untold { delay: self.until_a_place(&due) });
            return self.conclude(&key, lease, busy, &lost).await;
        };
        desk.hand(Handed { key, lease, due, place });
    }

    async fn do_task(&self, message: &Message) -> Result<Then, PartError> {
        if let Some(store) = message.store() {
            self.store.require(store).await?;
        }
        let log = Log::new(&self.store, message.collection().clone());
        self.leave_to_newer(&log).await?;
        match message.task() {
            Task::Part(part) => self.store_part(&log, part).await?,
            Task::End if log.created().await?.is_none() => {
                return Err(InvalidPart::UnknownCollection.into());
            }
            Task::End => {}
            Task::Collect => return Err(InvalidPart::WrongQueue.into()),
        }
        // Boxed: large, and wanted once for each dataset.
        if !Box::pin(self.finish_if_all_in(&log)).await? {
            return Ok(Then::Settle);
        }
        Ok(self.due(log, &message.key()).await?.map_or(Then::Settle, Then::Tell))
    }

    /// Refuses to touch a collection of whose log a newer version wrote something. Asked once in a
    /// while for each collection, because a listing of a large log costs as much as a part.
    async fn leave_to_newer(&self, log: &Log) -> Result<(), StoreError> {
        let (id, now) = (log.layout().id(), self.clock.elapsed());
        if !self.remembered.looks_again(id, now) {
            return Ok(());
        }
        match log.history().await {
            Err(error) if error.is_newer() => {
                self.remembered.forget(id);
                Err(error)
            }
            // Whatever else is wrong is met where it is needed.
            Ok(_) | Err(_) => Ok(()),
        }
    }
}
