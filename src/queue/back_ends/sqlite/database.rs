//! The open file of one queue, which survives its own failures.
//!
//! It keeps the connection as long as SQLite's errors leave it sound, and opens the file anew
//! otherwise, so that the queue works again as soon as the disk does. It knows when there is nothing
//! to look for, and it notices when the machine's clock is set back.
//!
//! Before each use it looks whether its path still names the file that it has open. If that was
//! deleted or replaced, it says so and opens what is there now, which it makes if nothing is: all
//! processes meet on the same file again, and what was in the old one is sent anew by the sweep. A
//! file that was emptied in place is left alone until another one is there: other processes may
//! have it open, too.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::identity::{Identity, Now};
use super::job::{Job, Kind};
use super::line::Line;
use super::schema::Opened;
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
    /// The file that the connection has open, or had.
    identity: Option<Identity>,
    companions: [Option<Identity>; 2],
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
        let Opened { connection, identity, companions } = schema::open(path)?;
        Ok(Self {
            path: path.to_owned(),
            queue: queue.to_owned(),
            settings,
            clock,
            connection: Some(connection),
            identity,
            companions,
            quiet: None,
            last_ms: i64::MAX,
        })
    }

    /// Runs `jobs` in one transaction and answers them.
    pub(super) fn run(&mut self, jobs: Vec<Box<dyn Job>>) {
        if let Err(error) = self.check_file() {
            return answer(jobs, &Err(error));
        }
        if jobs.iter().all(|job| job.kind() == Kind::Poll) && self.is_quiet() {
            answer(jobs, &Ok(()));
        } else {
            self.transact(jobs);
        }
    }

    /// Whether the path still names the open file; a connection to one that is gone is closed.
    fn check_file(&mut self) -> Result<(), QueueError> {
        let Some(identity) = self.identity else { return Ok(()) };
        let now = identity.now(&self.path);
        if now == Now::Same {
            return Ok(());
        }
        if let Some(connection) = self.connection.take() {
            // Another file must not take the old one's log for its own. Only while the log is open
            // here its identity says that it is the old one: afterwards a new one may have it.
            if let Err(error) = schema::remove_companions(&self.path, self.companions) {
                self.connection = Some(connection);
                return Err(log_in_the_way(&self.path, &error));
            }
            self.quiet = None;
            self.last_ms = i64::MAX;
            let_go(connection);
        }
        if now == Now::Emptied {
            return Err(emptied(&self.path));
        }
        self.identity = None;
        if identity.is_news() {
            tracing::warn!(
                queue.name = self.queue,
                queue.file = %self.path.display(),
                "the queue's file {} while it was open; it is opened anew, and what was in the old \
                 one is sent again from the logs of the collections",
                now.words()
            );
        }
        Ok(())
    }

    /// The connection, opened if there is none.
    fn connect(&mut self) -> Result<Connection, QueueError> {
        if let Some(connection) = self.connection.take() {
            return Ok(connection);
        }
        let Opened { connection, identity, companions } = schema::open(&self.path)?;
        (self.identity, self.companions) = (identity, companions);
        Ok(connection)
    }

    fn transact(&mut self, mut jobs: Vec<Box<dyn Job>>) {
        // A data version means nothing to another connection, which this call may have to open.
        self.quiet = None;
        let connection = match self.connect() {
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
        line.bury_absurd()?;
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

/// Closes a connection to a file that has lost its name or its contents. Nothing is copied from the
/// log (`-wal`) into the file: the log may be another one's by now, or gone.
fn let_go(connection: Connection) {
    let no_checkpoint = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
    if let Err(error) = connection.set_db_config(no_checkpoint, true) {
        tracing::debug!(%error, "a queue's file is closed with a checkpoint");
    }
    // Dropped, and so closed, whatever that says: there is nothing to be saved.
    drop(connection);
}

/// What there is to say of a log that can't be removed.
fn log_in_the_way(path: &Path, error: &io::Error) -> QueueError {
    let path = path.display();
    let reason = format!(
        "{path}: the file is not the one that was open, and the log of that one is in the way: \
         {error}; make the folder writable"
    );
    QueueError::Unavailable { reason }
}

/// What there is to say of a file whose contents are gone.
fn emptied(path: &Path) -> QueueError {
    QueueError::Rejected {
        reason: format!(
            "{}: another program emptied it while it was open; delete it and its -wal and -shm \
             files, or put a good one in its place: mistnet goes on by itself, and unfinished work \
             is sent anew from the logs of the collections",
            path.display()
        ),
    }
}

fn answer(jobs: Vec<Box<dyn Job>>, outcome: &Result<(), QueueError>) {
    for job in jobs {
        job.answer(outcome.clone());
    }
}
