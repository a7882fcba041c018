//! Telling others that a dataset is complete: after the manifest, at least once.
//!
//! ```text
//! manifest ─▶ notice.json ─▶ every channel is told ─▶ notified.json ─▶ acknowledgement
//! ```
//!
//! The message in hand is acknowledged last, so a crash anywhere on the way is followed by another
//! delivery, which finds the manifest, no `notified.json`, and tells again: the same id, the same
//! words, because their time stands in `notice.json`. A channel that has its outcome while another
//! must be tried again keeps it in `told-….json`, and is not told a hundred times.
//!
//! Two messages may find the dataset complete, the last part's and the end's. The one whose handler
//! wrote `notice.json` carries the notice, which that record says; the other steps aside, so that
//! nobody is told twice in fair weather. It is not acknowledged either: should the carrier never
//! come back (a sleeping process had it in hand, after it was acknowledged elsewhere), the other
//! tells after a day.
//!
//! Nobody to be told: nothing here is read or written.
//!
//! What is a matter of the log (is a notice due, and by which message?) is found out by the worker
//! that has the message; the telling itself is done apart from the work of storing (`teller`).

use std::time::Duration;

use jiff::Timestamp;

use super::Receiver;
use super::error::PartError;
use crate::clock::Clock;
use crate::model::CollectionId;
use crate::model::message::{Message, Task};
use crate::model::record::{Announced, Channel, Notified, Telling, Told, VERSION};
use crate::notice::{Notice, NoticeError, Notices, Notifier, Root, next_try};
use crate::store::manifest::Manifest;
use crate::store::{Log, StoreError};
use crate::telemetry;

/// How long a message steps aside for the one that carries the notice. Our own choice: later than
/// most troubles of a webhook last, for in them both would tell.
const STEP_ASIDE: Duration = Duration::from_hours(24);

/// After which time a message that steps aside looks again: longer than a try takes.
const FIRST_LOOK: Duration = Duration::from_secs(15);

/// The longest time between two such looks.
const LAST_LOOK: Duration = Duration::from_hours(1);

/// After which time a message looks again whose notice found no place, at most: longer for an older
/// dataset, as between two tries.
const LAST_LOOK_FOR_A_PLACE: Duration = Duration::from_mins(1);

/// A notice that is to be told.
#[derive(Debug)]
pub(super) struct Due {
    log: Log,
    since: Timestamp,
}

impl Due {
    pub(super) fn collection(&self) -> &CollectionId {
        self.log.layout().id()
    }
}

impl Receiver {
    /// The notice of a dataset whose manifest exists, if others are to be told of it now and by this
    /// message, of which `message` is the key.
    pub(super) async fn due(&self, log: Log, message: &str) -> Result<Option<Due>, PartError> {
        if self.notices.is_none() || log.store().exists(&log.layout().notified()).await? {
            return Ok(None);
        }
        let announced = announce(&log, &*self.clock, message, &self.writer).await?;
        let age = self.since(announced.at);
        if announced.message != message && age < STEP_ASIDE {
            return Err(PartError::Untold { delay: age.clamp(FIRST_LOOK, LAST_LOOK) });
        }
        Ok(Some(Due { log, since: announced.at }))
    }

    /// After which time a message looks again whose notice found no place.
    pub(super) fn until_a_place(&self, due: &Due) -> Duration {
        let next = next_try(self.since(due.since), None);
        next.unwrap_or(LAST_LOOK_FOR_A_PLACE).min(LAST_LOOK_FOR_A_PLACE)
    }

    /// Tells others about a dataset whose manifest exists.
    pub(super) async fn tell_due(&self, due: &Due) -> Result<(), PartError> {
        let Some(notices) = &self.notices else { return Ok(()) };
        let log = &due.log;
        let missing = || StoreError::Missing { key: log.layout().manifest().to_string() };
        let manifest = log.manifest().await?.ok_or_else(missing)?;
        let notice = notice_of(manifest, due.since, &notices.root);
        let told = self.tell_all(log, notices, &notice).await?;
        close(log, &notice, told, &*self.clock, &self.writer).await?;
        Ok(())
    }

    /// The time since then; none if another machine's clock is ahead.
    fn since(&self, then: Timestamp) -> Duration {
        Duration::try_from(self.clock.now().duration_since(then)).unwrap_or_default()
    }

    /// The outcome of every channel, or when to try the rest again.
    async fn tell_all(
        &self,
        log: &Log,
        notices: &Notices,
        notice: &Notice,
    ) -> Result<Vec<Told>, PartError> {
        let (mut told, mut again) = (Vec::new(), None::<Duration>);
        for notifier in &notices.notifiers {
            if let Some(before) = log.told(notifier.channel()).await? {
                told.push(before);
                continue;
            }
            match self.tell(&**notifier, notice).await {
                Ok(outcome) => told.push(outcome),
                // Whoever asked for more time than the others gets it.
                Err(delay) => again = Some(again.unwrap_or_default().max(delay)),
            }
        }
        let Some(delay) = again else { return Ok(told) };
        for outcome in &told {
            log.create_told(outcome).await?;
        }
        Err(PartError::Untold { delay })
    }

    /// Tells one channel: what became of it, or after which time to try again.
    async fn tell(&self, notifier: &dyn Notifier, notice: &Notice) -> Result<Told, Duration> {
        let channel = notifier.channel();
        let outcome = match notifier.tell(notice).await {
            Ok(()) => Telling::Delivered,
            Err(NoticeError::Refused { reason }) => Telling::Refused { reason },
            Err(NoticeError::Passing { reason, retry_after }) => {
                match next_try(self.since(notice.completed_at), retry_after) {
                    None => Telling::GivenUp { reason },
                    Some(delay) => {
                        count(channel, "retry");
                        let id = &notice.collection;
                        tracing::warn!(collection.id = %id, notice.channel = channel.name(), error = reason, wait_seconds = delay.as_secs(), "notice not delivered; it is tried again");
                        return Err(delay);
                    }
                }
            }
        };
        report(channel, notice, &outcome);
        Ok(Told { version: VERSION, channel, at: self.clock.now(), outcome })
    }
}

/// Tells others once more about a dataset, now and on every channel, whatever became of the notice
/// before: what each of them said. `None`: the dataset is not complete.
///
/// The words are those of every other try, because `notice.json` fixes their time; it is written if
/// it is not there. Records that exist stay as they are. If the notice is still being told, what is
/// certain now is recorded, so that nobody is told again without need.
pub async fn tell_again(
    log: &Log,
    notices: &Notices,
    clock: &dyn Clock,
    writer: &str,
) -> Result<Option<Vec<(Channel, Result<(), NoticeError>)>>, StoreError> {
    let Some(manifest) = log.manifest().await? else { return Ok(None) };
    // The end message is the one that is there in any case, should the telling have to go on.
    let end = Message::new(log.layout().id().clone(), None, Task::End).key();
    let announced = announce(log, clock, &end, writer).await?;
    let notice = notice_of(manifest, announced.at, &notices.root);
    let (mut said, mut certain) = (Vec::new(), Vec::new());
    for notifier in &notices.notifiers {
        let (channel, result) = (notifier.channel(), notifier.tell(&notice).await);
        let outcome = match &result {
            Ok(()) => Some(Telling::Delivered),
            Err(NoticeError::Refused { reason }) => {
                Some(Telling::Refused { reason: reason.clone() })
            }
            Err(NoticeError::Passing { .. }) => None,
        };
        certain.extend(outcome.map(|outcome| {
            report(channel, &notice, &outcome);
            Told { version: VERSION, channel, at: clock.now(), outcome }
        }));
        said.push((channel, result));
    }
    if !log.store().exists(&log.layout().notified()).await? {
        if certain.len() == said.len() {
            close(log, &notice, certain, clock, writer).await?;
        } else {
            for told in &certain {
                log.create_told(told).await?;
            }
        }
    }
    Ok(Some(said))
}

async fn announce(
    log: &Log,
    clock: &dyn Clock,
    message: &str,
    writer: &str,
) -> Result<Announced, StoreError> {
    let (at, message, writer) = (clock.now(), message.to_owned(), writer.to_owned());
    log.announce(Announced { version: VERSION, at, message, writer }).await
}

/// Records that nobody is told any more, unless that is recorded already.
async fn close(
    log: &Log,
    notice: &Notice,
    told: Vec<Told>,
    clock: &dyn Clock,
    writer: &str,
) -> Result<(), StoreError> {
    let (notice, at, writer) = (notice.id(), clock.now(), writer.to_owned());
    log.create_notified(&Notified { version: VERSION, notice, at, told, writer }).await.map(drop)
}

/// Says what became of a notice, once.
fn report(channel: Channel, notice: &Notice, outcome: &Telling) {
    let (id, name) = (&notice.collection, channel.name());
    match outcome {
        Telling::Delivered => {
            count(channel, "delivered");
            tracing::info!(collection.id = %id, notice.channel = name, "notice delivered");
        }
        Telling::Refused { reason } => {
            count(channel, "refused");
            tracing::warn!(collection.id = %id, notice.channel = name, error = reason, "notice refused; the dataset is complete all the same");
        }
        Telling::GivenUp { reason } => {
            count(channel, "given_up");
            tracing::warn!(collection.id = %id, notice.channel = name, error = reason, "notice given up; the dataset is complete all the same");
        }
    }
}

fn count(channel: Channel, outcome: &'static str) {
    metrics::counter!(telemetry::NOTICES, "channel" => channel.name(), "outcome" => outcome)
        .increment(1);
}

fn notice_of(manifest: Manifest, completed_at: Timestamp, root: &Root) -> Notice {
    Notice {
        collection: manifest.collection,
        completed_at,
        outcome: manifest.outcome,
        query: manifest.spec.query,
        hashtag: manifest.spec.hashtag,
        rows: manifest.rows,
        pages: manifest.pages,
        cost: manifest.cost_usd,
        root: root.clone(),
        files: manifest.files,
    }
}
