//! Turns at the one connection of a queue.
//!
//! Calls put their work on a desk. If nobody is at the database, one blocking task of the runtime
//! takes a turn: it runs everything on the desk in one transaction (group commit: one fsync for
//! all), answers, and looks again until the desk is empty. So there is never more than one blocking
//! thread in use per queue, and none while nothing happens.
//!
//! A blocking task rather than a thread of our own, because tokio's paused time stands still while
//! one works: tests of hours of waiting stay deterministic.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::database::Database;
use super::job::{Job, Kind};
use super::line::Line;
use crate::queue::QueueError;

struct Call<T, F> {
    kind: Kind,
    work: F,
    result: T,
    reply: oneshot::Sender<Result<T, QueueError>>,
}

impl<T, F> Job for Call<T, F>
where
    T: Send,
    F: FnMut(&Line<'_>) -> rusqlite::Result<T> + Send,
{
    fn kind(&self) -> Kind {
        self.kind
    }

    fn work(&mut self, line: &Line<'_>) -> rusqlite::Result<()> {
        self.result = (self.work)(line)?;
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), QueueError>) {
        // A caller who is gone wants no answer.
        let Self { result, reply, .. } = *self;
        let _gone = reply.send(outcome.map(|()| result));
    }
}

/// The way to the database; clones share it.
#[derive(Debug, Clone)]
pub(super) struct Writer {
    desk: Arc<Mutex<Desk>>,
}

struct Desk {
    jobs: Vec<Box<dyn Job>>,
    /// Absent while somebody has a turn.
    database: Option<Database>,
}

impl Writer {
    pub(super) fn new(database: Database) -> Self {
        let desk = Desk { jobs: Vec::new(), database: Some(database) };
        Self { desk: Arc::new(Mutex::new(desk)) }
    }

    /// Runs `work` in a transaction and waits for the commit.
    pub(super) async fn call<T, F>(&self, kind: Kind, work: F) -> Result<T, QueueError>
    where
        T: Default + Send + 'static,
        F: FnMut(&Line<'_>) -> rusqlite::Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.enqueue(Box::new(Call { kind, work, result: T::default(), reply }));
        answer.await.unwrap_or_else(|_| {
            let reason = "the runtime is shutting down, or the last call panicked".to_owned();
            Err(QueueError::Unavailable { reason })
        })
    }

    /// Runs `work` in a transaction some time soon, unless the runtime is going down.
    pub(super) fn call_unheard<F>(&self, work: F)
    where
        F: FnMut(&Line<'_>) -> rusqlite::Result<()> + Send + 'static,
    {
        let (reply, _) = oneshot::channel();
        self.enqueue(Box::new(Call { kind: Kind::Change, work, result: (), reply }));
    }

    fn enqueue(&self, job: Box<dyn Job>) {
        let Ok(runtime) = Handle::try_current() else { return };
        let mut desk = self.desk();
        desk.jobs.push(job);
        if let Some(database) = desk.database.take() {
            drop(desk);
            let turn = Turn { writer: self.clone(), database: Some(database) };
            runtime.spawn_blocking(move || turn.run());
        }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock()
    }
}

/// The right to the database, until the desk is empty.
struct Turn {
    writer: Writer,
    database: Option<Database>,
}

impl Turn {
    fn run(mut self) {
        while let Some(jobs) = self.next_jobs() {
            if let Some(database) = &mut self.database {
                // A defect in one call must not leave the later ones without an answer. Those of
                // this transaction get theirs when their jobs are dropped; the connection goes too.
                let _reported = catch_unwind(AssertUnwindSafe(|| database.run(jobs)));
            }
        }
    }

    /// Everything on the desk; if that is nothing, gives the database back.
    fn next_jobs(&mut self) -> Option<Vec<Box<dyn Job>>> {
        let mut desk = self.writer.desk();
        if desk.jobs.is_empty() {
            desk.database = self.database.take();
            return None;
        }
        Some(std::mem::take(&mut desk.jobs))
    }
}

impl Drop for Turn {
    /// A turn that never ran must not keep the database, nor leave callers waiting.
    fn drop(&mut self) {
        let Some(database) = self.database.take() else { return };
        let mut desk = self.writer.desk();
        desk.database = Some(database);
        let abandoned = std::mem::take(&mut desk.jobs);
        // Dropping a job may come back to the desk.
        drop(desk);
        drop(abandoned);
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk")
            .field("jobs", &self.jobs.len())
            .field("database", &self.database)
            .finish()
    }
}
