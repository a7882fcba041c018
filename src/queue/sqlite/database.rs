//! The open file of one queue, which survives its own failures.
//!
//! It keeps the connection as long as SQLite's errors leave it sound, and opens the file anew
//! otherwise, so that the queue works again as soon as the disk does. It knows when there is nothing
//! to look for, and it notices when the machine's clock is set back.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::line::Line;
use super::writer::{Job, Kind};
use super::{errors, schema};
use crate::clock::Clock;
use crate::queue::{QueueError, Settings};

/// The file of a queue.
#[derive(Debug)]
pub(super) struct Database {
    path: PathBuf,
    queue: String,
    settings: Settings,
    clock: Arc<dyn Clock>,
    connection: Option<Connection>,
    quiet: Option<Quiet>,
    /// The clock at the last transaction. Starts at the end of time, so that the first one mends
    /// what a clock set back in the meantime would delay.
    last_ms: i64,
}

/// Nothing was ready, and nothing will be until something changes or `until_ms` comes.
#[derive(Debug)]
struct Quiet {
    data_version: i64,
    until_ms: i64,
}

impl Database {
    pub(super) fn open(
        path: &Path,
        queue: &str,
        settings: Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, QueueError> {
        Ok(Self {
            path: path.to_owned(),
            queue: queue.to_owned(),
            settings,
            clock,
            connection: Some(schema::open(path)?),
            quiet: None,
            last_ms: i64::MAX,
        })
    }

    /// Runs `jobs` in one transaction and answers them.
    pub(super) fn run(&mut self, jobs: Vec<Box<dyn Job>>) {
        if jobs.iter().all(|job| job.kind() == Kind::Poll) && self.is_quiet() {
            answer(jobs, &Ok(()));
        } else {
            self.transact(jobs);
        }
    }

    fn transact(&mut self, mut jobs: Vec<Box<dyn Job>>) {
        // A data version means nothing to another connection, which this call may have to open.
        self.quiet = None;
        let connection = match self.connection.take().map_or_else(|| schema::open(&self.path), Ok) {
            Ok(connection) => connection,
            Err(error) => return answer(jobs, &Err(error)),
        };
        let outcome = self.commit(&connection, &mut jobs);
        if outcome.as_ref().err().is_none_or(errors::leaves_connection_sound) {
            self.connection = Some(connection);
        }
        match outcome {
            Ok(()) => answer(jobs, &Ok(())),
            // One job must not fail because of another.
            Err(error) if jobs.len() > 1 && errors::may_concern_one_job(&error) => {
                for job in jobs {
                    self.transact(vec![job]);
                }
            }
            Err(error) => answer(jobs, &Err(errors::explain(&self.path, &error))),
        }
    }

    fn commit(
        &mut self,
        connection: &Connection,
        jobs: &mut [Box<dyn Job>],
    ) -> rusqlite::Result<()> {
        let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
        // Read only now: waiting for the file may have taken seconds.
        let now_ms = self.clock.now().as_millisecond();
        let line = Line::new(&transaction, &self.queue, self.settings, now_ms);
        if now_ms < self.last_ms {
            line.mend_times()?;
        }
        line.expire()?;
        jobs.iter_mut().try_for_each(|job| job.work(&line))?;
        let quiet = if line.is_empty() {
            // Read inside the transaction, so that no commit of others falls in between.
            let data_version = schema::data_version(&transaction)?;
            Some(Quiet { data_version, until_ms: line.next_due_ms()? })
        } else {
            None
        };
        transaction.commit()?;
        self.quiet = quiet;
        self.last_ms = now_ms;
        Ok(())
    }

    fn is_quiet(&self) -> bool {
        let (Some(connection), Some(quiet)) = (&self.connection, &self.quiet) else { return false };
        let now_ms = self.clock.now().as_millisecond();
        (self.last_ms..quiet.until_ms).contains(&now_ms)
            && schema::data_version(connection).is_ok_and(|version| version == quiet.data_version)
    }
}

fn answer(jobs: Vec<Box<dyn Job>>, outcome: &Result<(), QueueError>) {
    for job in jobs {
        job.answer(outcome.clone());
    }
}
