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

use std::time::Duration;

use jiff::Timestamp;

use super::{PartError, Receiver};
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

impl Receiver {
    /// Tells others about a dataset whose manifest exists, unless they have been told. `message` is
    /// the key of the message in hand.
    pub(super) async fn tell_others(&self, log: &Log, message: &str) -> Result<(), PartError> {
        let Some(notices) = &self.notices else { return Ok(()) };
        if log.store().exists(&log.layout().notified()).await? {
            return Ok(());
        }
        let announced = self.announce(log, message).await?;
        let age = self.since(announced.at);
        if announced.message != message && age < STEP_ASIDE {
            return Err(PartError::Untold { delay: age.clamp(FIRST_LOOK, LAST_LOOK) });
        }
        let missing = || StoreError::Missing { key: log.layout().manifest().to_string() };
        let manifest = log.manifest().await?.ok_or_else(missing)?;
        let notice = notice_of(manifest, announced.at, &notices.root);
        let told = self.tell_all(log, notices, &notice).await?;
        let notified = Notified {
            version: VERSION,
            notice: notice.id(),
            at: self.clock.now(),
            told,
            writer: self.writer.clone(),
        };
        log.create_notified(&notified).await?;
        Ok(())
    }

    async fn announce(&self, log: &Log, message: &str) -> Result<Announced, StoreError> {
        let (at, message, writer) = (self.clock.now(), message.to_owned(), self.writer.clone());
        log.announce(Announced { version: VERSION, at, message, writer }).await
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
        let (mut told, mut again) = (Vec::new(), None);
        for notifier in &notices.notifiers {
            if let Some(before) = log.told(notifier.channel()).await? {
                told.push(before);
                continue;
            }
            match self.tell(&**notifier, notice).await {
                Ok(outcome) => told.push(outcome),
                Err(delay) => again = Some(delay),
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
        let result = notifier.tell(notice).await;
        let outcome = match (result, next_try(self.since(notice.completed_at))) {
            (Ok(()), _) => Telling::Delivered,
            (Err(NoticeError::Refused { reason }), _) => Telling::Refused { reason },
            (Err(NoticeError::Passing { reason }), None) => Telling::GivenUp { reason },
            (Err(NoticeError::Passing { reason }), Some(delay)) => {
                count(channel, "retry");
                let id = &notice.collection;
                tracing::warn!(collection.id = %id, notice.channel = channel.name(), error = reason, wait_seconds = delay.as_secs(), "notice not delivered; it is tried again");
                return Err(delay);
            }
        };
        report(channel, notice, &outcome);
        Ok(Told { version: VERSION, channel, at: self.clock.now(), outcome })
    }
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
