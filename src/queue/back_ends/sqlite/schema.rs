//! The file: how it comes into being, what makes it ours, and how a connection is set up.
//!
//! A new file is built under a temporary name and linked into place, complete and readable by its
//! owner only: no process ever sees a half-made one, and of two that make it at once one wins.
//! (Creating it in place and closing it would also cancel the locks of every other connection of
//! this process: POSIX; sqlite.org, "How To Corrupt An SQLite Database File", 2.2, read 2026-11.)
//!
//! Versions: `application_id` says that a file is a mistnet queue, `user_version` which schema it
//! has. An older one is upgraded in place, in one transaction, step by step ([`STEPS`]); a newer one
//! is refused, never guessed at.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::errors::explain;
use super::identity::Identity;
use crate::queue::QueueError;

/// "mstq" in ASCII.
const APPLICATION_ID: i64 = 0x6d73_7471;

/// The statements that make schema `n + 2` of schema `n + 1`, by `n`. [`TABLES`] has all of them in
/// it already. There is one schema so far; each has a file in `tests/fixtures`.
const STEPS: &[&str] = &[];

/// The schema that this program writes, and to which [`STEPS`] lead.
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

/// How often the file may be replaced while it is being opened.
const TRIES: usize = 5;

/// A connection, and the file that it has open.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) identity: Option<Identity>,
    /// The log (`-wal`) and the index of the log (`-shm`) that go with it.
    pub(super) companions: [Option<Identity>; 2],
}

/// Opens the file, and makes it first if it isn't there.
pub(super) fn open(path: &Path) -> Result<Opened, QueueError> {
    check_sqlite(rusqlite::version_number())?;
    let identity = || Identity::of(path).map_err(|error| unavailable(path, &error));
    for _ in 0..TRIES {
        if !path.try_exists().map_err(|error| unavailable(path, &error))? {
            create(path)?;
        }
        let before = identity()?;
        let connection = connect(path)?;
        let companions = companions(path).map(|path| Identity::of(&path).ok().flatten());
        // Equal before and after: it is this file that was opened in between.
        if identity()? == before {
            return Ok(Opened { connection, identity: before, companions });
        }
    }
    let reason = format!("{}: it is replaced again and again by another program", path.display());
    Err(QueueError::Unavailable { reason })
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

/// The log of a file and the index of the log.
fn companions(path: &Path) -> [PathBuf; 2] {
    ["-wal", "-shm"].map(|end| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        name.into()
    })
}

/// Removes the log of a file that is not there any more, if it has these identities: SQLite would
/// take it for the log of the next file under that name (sqlite.org, "How To Corrupt An SQLite
/// Database File", 1.4, read 2026-11).
pub(super) fn remove_companions(path: &Path, old: [Option<Identity>; 2]) -> io::Result<()> {
    let _turn = lock_folder(path);
    for (companion, old) in companions(path).iter().zip(old) {
        if old.is_some() && Identity::of(companion)? == old {
            fs::remove_file(companion)?;
        }
    }
    Ok(())
}

/// Removes the log of a file that is not there, whatever it is. The folder has to be locked.
fn remove_orphans(path: &Path) -> io::Result<()> {
    for companion in companions(path) {
        match fs::remove_file(companion) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// Keeps other processes of mistnet from making or removing files in the folder until it is dropped;
/// `None` where the file system has no such locks. It is another kind of lock (`flock`) than those
/// of SQLite, on a folder, and does not get in their way.
fn lock_folder(path: &Path) -> Option<File> {
    let folder = File::open(folder_of(path)).ok()?;
    folder.lock().ok()?;
    Some(folder)
}

fn create(path: &Path) -> Result<(), QueueError> {
    let _turn = lock_folder(path);
    let failed = |error: io::Error| unavailable(path, &error);
    if path.try_exists().map_err(failed)? {
        return Ok(());
    }
    remove_orphans(path).map_err(failed)?;
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
    if cfg!(unix) { File::open(folder_of(path))?.sync_all() } else { Ok(()) }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
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
    upgrade(&connection, STEPS).map_err(explained)?;
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
    if version > VERSION {
        let reason = format!(
            "this queue was written by a newer mistnet (schema {version}; this program knows \
             {VERSION}); upgrade mistnet, or name another file"
        );
        return Err(rejected(path, &reason));
    }
    if version < 1 {
        let reason = format!(
            "this queue says that it has schema {version}, which no mistnet ever wrote; move the \
             file and its -wal and -shm files away and start again: unfinished work is sent anew \
             from the logs of the collections"
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

/// Takes a file of an older schema through the steps that it lacks, all of them or none.
fn upgrade(connection: &Connection, steps: &[&str]) -> rusqlite::Result<()> {
    let missing = |connection: &Connection| {
        let version = number(connection, "PRAGMA user_version")?;
        let done = usize::try_from(version.saturating_sub(1)).unwrap_or(usize::MAX);
        Ok::<_, rusqlite::Error>(steps.get(done..).unwrap_or_default())
    };
    if missing(connection)?.is_empty() {
        return Ok(());
    }
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    // Another process may have upgraded it since we looked.
    for step in missing(&transaction)? {
        transaction.execute_batch(step)?;
        let version = number(&transaction, "PRAGMA user_version")?;
        transaction.pragma_update(None, "user_version", version + 1)?;
    }
    transaction.commit()
}

/// Changes whenever another connection commits (sqlite.org, `PRAGMA data_version`, read 2026-11).
pub(super) fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A copy of the fixture of schema 1.
    fn schema_1() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("queue.db");
        fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/v1/queue.db"), &path)
            .unwrap();
        (folder, path)
    }

    const TWO_STEPS: [&str; 2] = [
        "ALTER TABLE messages ADD COLUMN colour TEXT NOT NULL DEFAULT 'grey'",
        "UPDATE messages SET colour = 'green' WHERE token IS NULL",
    ];

    #[test]
    fn the_steps_lead_to_the_schema_that_is_written() {
        assert_eq!(usize::try_from(VERSION).unwrap(), STEPS.len() + 1);
    }

    #[test]
    fn an_older_file_is_upgraded_in_place_and_keeps_its_messages() {
        let (_folder, path) = schema_1();
        let connection = connect(&path).unwrap();
        let two = Connection::open(&path).unwrap();
        for connection in [&connection, &two] {
            upgrade(connection, &TWO_STEPS).unwrap();
            assert_eq!(number(connection, "PRAGMA user_version").unwrap(), 3);
            let green = "SELECT count(*) FROM messages WHERE colour = 'green'";
            assert_eq!(number(connection, green).unwrap(), 5);
            assert_eq!(number(connection, "SELECT count(*) FROM messages").unwrap(), 7);
        }
        // A program that knows schema 1 only does not touch it.
        let refused = connect(&path).unwrap_err().to_string();
        assert!(refused.contains("newer mistnet (schema 3"), "{refused}");
    }

    #[test]
    fn an_upgrade_that_fails_half_way_changes_nothing() {
        let (_folder, path) = schema_1();
        let connection = connect(&path).unwrap();
        upgrade(&connection, &[TWO_STEPS[0], "UPDATE nothing SET x = 1"]).unwrap_err();
        assert_eq!(number(&connection, "PRAGMA user_version").unwrap(), 1);
        assert!(number(&connection, "SELECT count(colour) FROM messages").is_err());
        connect(&path).unwrap();
    }

    #[test]
    fn a_schema_that_was_never_written_is_refused() {
        for version in [0, -3] {
            let (_folder, path) = schema_1();
            Connection::open(&path).unwrap().pragma_update(None, "user_version", version).unwrap();
            let refused = connect(&path).unwrap_err().to_string();
            assert!(refused.contains("no mistnet ever wrote"), "{refused}");
        }
    }

    #[test]
    fn an_sqlite_with_the_wal_reset_bug_is_refused() {
        assert!(check_sqlite(3_051_002).is_err());
        assert!(check_sqlite(3_051_003).is_ok());
        assert!(check_sqlite(rusqlite::version_number()).is_ok());
    }
}
