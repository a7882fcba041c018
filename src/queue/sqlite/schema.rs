//! The file: how it comes into being, what makes it ours, and how a connection is set up.
//!
//! A new file is built under a temporary name and linked into place, complete and readable by its
//! owner only: no process ever sees a half-made one, and of two that make it at once one wins.
//! (Creating it in place and closing it would also cancel the locks of every other connection of
//! this process: POSIX; sqlite.org, "How To Corrupt An SQLite Database File", 2.2, read 2026-11.)
//!
//! Versions: `application_id` says that a file is a mistnet queue, `user_version` which schema it
//! has. A newer one is refused, never guessed at.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::errors::explain;
use crate::queue::QueueError;

/// "mstq" in ASCII.
const APPLICATION_ID: i64 = 0x6d73_7471;

/// The schema that this program writes.
const VERSION: i64 = 1;

/// The oldest SQLite without the WAL-reset bug, which can corrupt a file that several processes
/// use (sqlite.org, release notes of 3.51.3, read 2026-11).
const OLDEST_SQLITE: i32 = 3_051_003;

/// How long to wait for another process's transaction; ours take milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The WAL is cut back to this size after a checkpoint.
const LARGEST_WAL_BYTES: u32 = 4 << 20;

/// Times are milliseconds since 1970, UTC. A row of `messages` waits (no token) or is on lease; per
/// key there is at most one of each, and the lease holds the waiting one back. `due_ms` is the end
/// of the delay or lease and `span_ms` its full length: see `Line::mend_times`. `id` is the
/// place in line. Dead letters' ids are never used again, since people write them down.
const TABLES: &str = "
CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  queue TEXT NOT NULL,
  key TEXT NOT NULL,
  body TEXT NOT NULL,
  due_ms INTEGER NOT NULL,
  span_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  token INTEGER
) STRICT;
CREATE UNIQUE INDEX waiting_key ON messages (queue, key) WHERE token IS NULL;
CREATE UNIQUE INDEX leased_key ON messages (queue, key) WHERE token IS NOT NULL;
CREATE INDEX waiting_due ON messages (queue, due_ms) WHERE token IS NULL;
CREATE INDEX leased_due ON messages (queue, due_ms) WHERE token IS NOT NULL;
CREATE TABLE dead_letters (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  queue TEXT NOT NULL,
  key TEXT NOT NULL,
  body TEXT NOT NULL,
  reason TEXT NOT NULL,
  description TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  dead_since_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX dead_queue ON dead_letters (queue, id);
";

/// Opens the file, and makes it first if it isn't there.
pub(super) fn open(path: &Path) -> Result<Connection, QueueError> {
    check_sqlite(rusqlite::version_number())?;
    match path.try_exists() {
        Ok(true) => {}
        Ok(false) => create(path)?,
        Err(error) => return Err(unavailable(path, &error)),
    }
    connect(path)
}

fn check_sqlite(version: i32) -> Result<(), QueueError> {
    if version >= OLDEST_SQLITE {
        return Ok(());
    }
    let reason = format!(
        "this program was built with SQLite {version}, which can corrupt a queue; it needs \
         {OLDEST_SQLITE} or later"
    );
    Err(QueueError::Rejected { reason })
}

fn create(path: &Path) -> Result<(), QueueError> {
    let new = temporary_name(path);
    let outcome = create_as(&new, path);
    // Also after success: the link under the final name is the one that stays. If removing fails,
    // a small file is left behind and nothing else.
    let _left_behind = fs::remove_file(&new);
    outcome
}

fn create_as(new: &Path, path: &Path) -> Result<(), QueueError> {
    create_private(new).map_err(|error| unavailable(path, &error))?;
    connect(new)?.close().map_err(|(_, error)| explain(path, &error))?;
    match fs::hard_link(new, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(unavailable(path, &error))
        }
        _ => sync_folder(path).map_err(|error| unavailable(path, &error)),
    }
}

fn temporary_name(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{:016x}.new", rand::random::<u64>()));
    name.into()
}

fn create_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Makes the new name survive a power cut.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn unavailable(path: &Path, error: &io::Error) -> QueueError {
    let reason =
        format!("{}: {error}; check that its folder exists and is writable", path.display());
    QueueError::Unavailable { reason }
}

fn rejected(path: &Path, reason: &str) -> QueueError {
    QueueError::Rejected { reason: format!("{}: {reason}", path.display()) }
}

/// A connection to a file that exists; an empty one gets its tables.
fn connect(path: &Path) -> Result<Connection, QueueError> {
    let explained = |error| explain(path, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(explained)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(explained)?;
    if is_blank(&connection).map_err(explained)? {
        build(&connection).map_err(explained)?;
    }
    check_owner(path, &connection)?;
    // FULL: a commit is on disk before it returns; NORMAL may lose the last ones in a power cut.
    let settings = format!(
        "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA cell_size_check = ON;
         PRAGMA trusted_schema = OFF; PRAGMA journal_size_limit = {LARGEST_WAL_BYTES};"
    );
    connection.execute_batch(&settings).map_err(explained)?;
    Ok(connection)
}

fn number(connection: &Connection, sql: &str) -> rusqlite::Result<i64> {
    connection.query_row(sql, [], |row| row.get(0))
}

fn is_blank(connection: &Connection) -> rusqlite::Result<bool> {
    Ok(number(connection, "PRAGMA application_id")? == 0
        && number(connection, "PRAGMA user_version")? == 0
        && number(connection, "SELECT count(*) FROM sqlite_schema")? == 0)
}

fn build(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    // Somebody else may have built it since we looked.
    if is_blank(&transaction)? {
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()
}

/// Refuses files of other programs, of newer versions of this one, and without WAL.
fn check_owner(path: &Path, connection: &Connection) -> Result<(), QueueError> {
    let explained = |error| explain(path, &error);
    if number(connection, "PRAGMA application_id").map_err(explained)? != APPLICATION_ID {
        return Err(rejected(path, "this is an SQLite file of another program; name another file"));
    }
    let version = number(connection, "PRAGMA user_version").map_err(explained)?;
    if version != VERSION {
        let reason = format!(
            "this queue was written by a newer mistnet (schema {version}; this program knows \
             {VERSION}); upgrade mistnet, or name another file"
        );
        return Err(rejected(path, &reason));
    }
    let mode: String =
        connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).map_err(explained)?;
    if mode != "wal" {
        let reason = "its file system can't hold a queue (no WAL); name a file on a local disk";
        return Err(rejected(path, reason));
    }
    Ok(())
}

/// Changes whenever another connection commits (sqlite.org, `PRAGMA data_version`, read 2026-11).
pub(super) fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_sqlite_with_the_wal_reset_bug_is_refused() {
        assert!(check_sqlite(3_051_002).is_err());
        assert!(check_sqlite(3_051_003).is_ok());
        assert!(check_sqlite(rusqlite::version_number()).is_ok());
    }
}
