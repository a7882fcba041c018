//! One turn of a sender at one collection.
//!
//! ```text
//! read the log ─▶ begin turn ─▶ send parts that may have been missed ─▶ ┐
//!   ┌──────────────────────────────────────────────────────────────────┘
//!   ▼
//! stop, lease lost, store gone, another turn, control record?  ──▶ end the turn
//! receivers too far behind?          ──▶ wait
//! next step: fetch a page ─▶ create it ─▶ send the parts that it completes ─▶ again
//!            park          ──▶ end the turn
//!            seal          ──▶ create the seal ─▶ send the last part and the end ─▶ end the turn
//! ```
//!
//! A turn that ends in a crash has no end record; the next one then counts one answer as lost. That
//! is enough, because a turn ends whenever an answer is lost: what may have been paid in vain is
//! in the log before X is asked again.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::Sender;
use super::alive::{Signs, another_is_at_it};
use super::today::Today;
use super::turn_over::TurnOver;
use super::upstream::Upstream;
use crate::model::record::{Outcome, SealReason, Trouble, Turn as TurnRecord, TurnEnd, VERSION};
use crate::model::state::{History, Wish, budget, wish};
use crate::model::step::{Origin, Progress, Step};
use crate::model::{CollectionId, Usd, record::Created};
use crate::store::{Creation, Log, StoreError};
use crate::x;

/// Turns in a row that may crash without a new page. Each may cost an answer, so a collection that
/// kills its senders must not be tried for ever; one that is merely killed now and then gets pages.
const MOST_CRASHES: u32 = 10;

/// A pause between two looks at something that others do.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// One turn.
pub(super) struct Turn<'a> {
    pub(super) sender: &'a Sender,
    pub(super) log: Log,
    pub(super) created: Created,
    pub(super) progress: Progress,
    pub(super) upstream: Upstream,
    pub(super) backoff: x::Backoff,
    controls: Vec<crate::model::record::Control>,
    signs: Arc<Signs>,
    budget: Option<Usd>,
    pub(super) today: Today,
    number: u64,
    pages: u64,
    stop: &'a CancellationToken,
    lost: &'a CancellationToken,
}

impl<'a> Turn<'a> {
    /// Reads the log, and works at the collection as long as it makes sense.
    pub(super) async fn take(
        sender: &'a Sender,
        id: CollectionId,
        backoff: Option<x::Backoff>,
        stop: &'a CancellationToken,
        lost: &'a CancellationToken,
    ) -> Result<TurnOver, StoreError> {
        let log = Log::new(&sender.store, id);
        let Some(history) = log.history().await? else {
            sender.store.check().await?;
            return Ok(TurnOver::refused("unknown collection", &"its log has no created.json"));
        };
        if !history.wants_a_sender() {
            return Ok(TurnOver::Done);
        }
        if let Some(sealed) = &history.sealed {
            let mut upstream = Upstream::resume(sender, &log, &history).await?;
            return Ok(upstream.end(sender, &log, sealed).await);
        }
        // A store of an earlier version has no id yet.
        sender.store.make(sender.clock.now(), rand::random()).await?;
        if let Some(wait) = another_is_at_it(sender, &log, &history).await? {
            tracing::debug!(collection.id = %log.layout().id(), ?wait, "another sender works at it");
            return Ok(TurnOver::Later(wait));
        }
        let Some((mut turn, crashes)) = Self::begin(sender, log, history, stop, lost).await? else {
            return Ok(TurnOver::Later(sender.collect.lease_time()));
        };
        turn.backoff = backoff.unwrap_or(turn.backoff);
        if crashes >= MOST_CRASHES {
            return turn.park(crash_loop(crashes)).await;
        }
        let (signs, id) = (Arc::clone(&turn.signs), turn.created.id.clone());
        let over = tokio::select! {
            biased;
            over = turn.work_or_lay_down() => over,
            () = signs.keep(sender, &id) => Ok(TurnOver::Later(Duration::ZERO)),
        };
        sender.shared.keep_today(id, turn.today);
        over
    }

    /// Writes the turn's record; `None` if another sender was faster.
    async fn begin(
        sender: &'a Sender,
        log: Log,
        history: History,
        stop: &'a CancellationToken,
        lost: &'a CancellationToken,
    ) -> Result<Option<(Self, u32)>, StoreError> {
        let failures = match history.standing_outcome() {
            Some(Outcome::Waiting { failures, .. }) => *failures,
            _ => 0,
        };
        let record = TurnRecord {
            version: VERSION,
            turn: history.turns,
            at: sender.clock.now(),
            writer: sender.writer.clone(),
            first_page: history.pages,
            lost: history.lost(),
            crashes: history.crashes_in_a_row(),
            lease_ms: u64::try_from(sender.collect.lease_time().as_millis()).ok(),
            max_cost_usd: history.budget(),
        };
        if log.begin_turn(&record).await? == Creation::Differs {
            return Ok(None);
        }
        let today = sender.shared.take_today(&history.created.id);
        let signs = Arc::new(Signs::default());
        signs.give(&*sender.clock);
        let upstream = Upstream::resume(sender, &log, &history).await?;
        let spec = &history.created.spec;
        let mut progress = Progress::new(spec, history.budget(), history.last_page.as_ref());
        progress.set_lost(record.lost);
        let backoff = x::Backoff::after(failures);
        let turn = Self {
            sender,
            log,
            progress,
            upstream,
            backoff,
            controls: history.controls,
            created: history.created,
            signs,
            budget: record.max_cost_usd,
            today,
            number: record.turn,
            pages: 0,
            stop,
            lost,
        };
        Ok(Some((turn, record.crashes)))
    }

    /// Works; if the store fails, tries to say at least that the process lives, so that the turn
    /// does not count as a crash.
    async fn work_or_lay_down(&mut self) -> Result<TurnOver, StoreError> {
        let worked = self.work().await;
        // A store that is gone would be made anew by whoever writes to it.
        let gone = matches!(worked, Err(StoreError::Elsewhere { .. }));
        if worked.is_err() && !gone {
            let over = TurnOver::Later(Duration::ZERO);
            if let Err(error) = self.end(Outcome::HandedBack, over).await {
                tracing::debug!(collection.id = %self.created.id, %error, "turn not ended");
            }
        }
        worked
    }

    async fn work(&mut self) -> Result<TurnOver, StoreError> {
        loop {
            let ended = match self.interruption().await? {
                Some(over) => Some(over),
                None => self.step().await?,
            };
            if let Some(over) = ended {
                return Ok(over);
            }
        }
    }

    /// Whatever ends the turn before its next step. Nothing is under way here, which the end of
    /// the turn says: nobody has to count an answer that might have been lost.
    async fn interruption(&mut self) -> Result<Option<TurnOver>, StoreError> {
        if self.interrupted() {
            return self.end(Outcome::HandedBack, TurnOver::Later(Duration::ZERO)).await.map(Some);
        }
        // Before money is spent the store must show that it is ours, and the log that the turn is
        // still the newest.
        let (store, superseded) = tokio::join!(self.sender.store.check(), self.is_superseded());
        store?;
        if superseded? {
            return self.overtaken().await.map(Some);
        }
        if self.pages >= self.sender.settings.quantum && self.others_wait().await {
            return self.end(Outcome::HandedBack, TurnOver::Later(Duration::ZERO)).await.map(Some);
        }
        while let Some(control) = self.log.read_control(self.controls.len() as u64).await? {
            self.controls.push(control);
        }
        // The record of this turn says by which budget it asks; another one takes another turn.
        if budget(&self.created, &self.controls) != self.budget {
            let again = TurnOver::Again(self.backoff);
            return self.end(Outcome::HandedBack, again).await.map(Some);
        }
        match wish(&self.controls) {
            Wish::Run => self.receivers_behind().await,
            Wish::Pause => self.end(Outcome::Paused, TurnOver::Done).await.map(Some),
            Wish::Cancel => self.cancel().await.map(Some),
        }
    }

    /// Whether another turn at this collection has begun since.
    pub(super) async fn is_superseded(&self) -> Result<bool, StoreError> {
        self.log.has_turn(self.number + 1).await
    }

    /// Whether the process was told to stop.
    pub(super) fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Whether another collection waits for a turn. A queue that can't be asked answers no: then
    /// nothing could be taken from it either.
    async fn others_wait(&self) -> bool {
        self.sender.collect.has_waiting().await.unwrap_or(false)
    }

    /// Waits for receivers that are too far behind; ends the turn if it takes long.
    async fn receivers_behind(&mut self) -> Result<Option<TurnOver>, StoreError> {
        let ahead = self.sender.settings.parts_ahead;
        let since = self.sender.clock.elapsed();
        while self.upstream.parts_ahead(&self.log).await? >= ahead {
            if self.sender.clock.elapsed().saturating_sub(since) >= self.sender.settings.patience {
                let reason = format!("{ahead} parts are waiting to be stored");
                return self.wait(self.sender.settings.patience, reason).await.map(Some);
            }
            if self.stop.is_cancelled() || self.lost.is_cancelled() {
                break;
            }
            self.sender.clock.sleep(LOOK_AGAIN).await;
        }
        Ok(None)
    }

    async fn step(&mut self) -> Result<Option<TurnOver>, StoreError> {
        let most = self.backoff.max_results(self.created.spec.archive.max_results());
        match self.progress.next(most) {
            Step::Fetch { cursor, max_results } => self.fetch(cursor, max_results).await,
            Step::Park(trouble) => self.park(trouble).await.map(Some),
            Step::Fail(trouble) => self.fail(trouble).await.map(Some),
            Step::Seal(why) => self.seal(why).await.map(Some),
        }
    }

    /// Takes the place of the next page, so that none can follow, and seals.
    async fn cancel(&mut self) -> Result<TurnOver, StoreError> {
        let header = self.progress.close(self.origin(Vec::new(), self.sender.clock.now()));
        match self.log.create_page(&header, b"").await? {
            Creation::Created | Creation::Same => self.seal(SealReason::Cancelled).await,
            Creation::Differs => self.overtaken().await,
        }
    }

    async fn seal(&mut self, why: SealReason) -> Result<TurnOver, StoreError> {
        let ours = self.progress.seal(why, self.created.created_at);
        let sealed = match self.log.seal(&ours).await? {
            Creation::Created | Creation::Same => ours,
            // Written by another version, or by a sender that was cancelled meanwhile: it holds.
            Creation::Differs => self.log.sealed().await?.unwrap_or(ours),
        };
        tracing::info!(
            collection.id = %self.created.id, why = ?sealed.why, rows = sealed.totals.rows,
            pages = sealed.pages, parts = sealed.parts, "fetching has ended"
        );
        let over = self.upstream.end(self.sender, &self.log, &sealed).await;
        self.end(Outcome::Sealed, over).await
    }

    /// Ends the turn and says that a person is needed.
    pub(super) async fn park(&mut self, trouble: Trouble) -> Result<TurnOver, StoreError> {
        let trouble = self.addressed(trouble);
        let Trouble { code, detail, hint } = &trouble;
        tracing::warn!(collection.id = %self.created.id, code, detail, hint, "paused");
        self.end(Outcome::Parked(trouble), TurnOver::Done).await
    }

    /// Ends the turn and says that something has to be mended.
    pub(super) async fn fail(&mut self, trouble: Trouble) -> Result<TurnOver, StoreError> {
        let trouble = self.addressed(trouble);
        let Trouble { code, detail, hint } = &trouble;
        tracing::error!(collection.id = %self.created.id, code, detail, hint, "failed");
        self.end(Outcome::Failed(trouble), TurnOver::Done).await
    }

    /// Puts this collection's id where a hint says `ID`, so that it can be copied as it is.
    fn addressed(&self, trouble: Trouble) -> Trouble {
        let id = format!(" {}", self.created.id);
        Trouble { hint: trouble.hint.replace(" ID", &id), ..trouble }
    }

    /// Ends the turn and comes back later.
    pub(super) async fn wait(
        &mut self,
        delay: Duration,
        reason: String,
    ) -> Result<TurnOver, StoreError> {
        let until = self.sender.clock.now().checked_add(delay).unwrap_or(Timestamp::MAX);
        tracing::info!(collection.id = %self.created.id, %until, reason, "waiting");
        let failures = self.backoff.failures();
        self.end(Outcome::Waiting { until, reason, failures }, TurnOver::Later(delay)).await
    }

    /// Another sender works at the same log. The newest turn goes on from what the log says; an
    /// older one stops. What either paid in vain is in the records: the newer turn counted one
    /// answer of the older when it began, and the end of this turn says what it knows.
    pub(super) async fn overtaken(&mut self) -> Result<TurnOver, StoreError> {
        let id = self.created.id.clone();
        let over = if self.is_superseded().await? {
            tracing::warn!(collection.id = %id, "another sender is ahead; leaving it to that");
            TurnOver::Later(self.sender.collect.lease_time())
        } else {
            tracing::warn!(collection.id = %id, "another sender wrote the page first; going on behind it");
            TurnOver::Again(self.backoff)
        };
        self.end(Outcome::HandedBack, over).await
    }

    /// Ends the turn because an answer was lost, so that the log knows it before X is asked again;
    /// then waits, here or elsewhere.
    pub(super) async fn end_with_loss(
        &mut self,
        delay: Duration,
        reason: String,
    ) -> Result<TurnOver, StoreError> {
        let is_short = delay <= self.sender.settings.patience;
        let over = self.wait(delay, reason).await?;
        if is_short {
            self.sleep(delay).await;
        }
        Ok(if is_short && !self.interrupted() { TurnOver::Again(self.backoff) } else { over })
    }

    /// A page was stored.
    pub(super) fn page_stored(&mut self) {
        self.pages += 1;
        self.signs.give(&*self.sender.clock);
    }

    async fn end(&mut self, outcome: Outcome, over: TurnOver) -> Result<TurnOver, StoreError> {
        let end = TurnEnd {
            version: VERSION,
            turn: self.number,
            at: self.sender.clock.now(),
            outcome,
            lost: self.progress.totals().lost,
        };
        self.log.end_turn(&end).await?;
        Ok(over)
    }

    /// How a page came about.
    pub(super) fn origin(&self, request: Vec<(String, String)>, fetched_at: Timestamp) -> Origin {
        Origin { request, fetched_at, writer: self.sender.writer.clone(), turn: self.number }
    }

    /// Waits within the turn, unless a stop or a lost lease comes first.
    pub(super) async fn sleep(&self, duration: Duration) {
        tokio::select! {
            biased;
            () = self.sender.clock.sleep(duration) => {}
            () = self.stop.cancelled() => {}
            () = self.lost.cancelled() => {}
        }
    }

    /// Returns when the process is told to stop.
    pub(super) async fn stopping(&self) {
        self.stop.cancelled().await;
    }

    /// Whether the turn should begin nothing new.
    pub(super) fn interrupted(&self) -> bool {
        self.stop.is_cancelled() || self.lost.is_cancelled()
    }
}

fn crash_loop(crashes: u32) -> Trouble {
    Trouble {
        code: "crashes".into(),
        detail: format!("{crashes} processes in a row died at this collection without a new page"),
        hint: "look into their logs; mistnet resume ID tries again".into(),
    }
}
