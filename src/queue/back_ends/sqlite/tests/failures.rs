//! What a disk, another process or another program can do to the file: an error that helps, no
//! panic, and a queue that works again afterwards.

use std::fs;

use rusqlite::Connection;

use super::*;
use crate::queue::contract::{SOON, message, message_saying};

/// Asks SQLite, through the queue's own connection.
async fn pragma(queue: &SqliteQueue, sql: &'static str) -> i64 {
    queue
        .writer
        .call(Kind::Change, move |line| line.connection.query_row(sql, [], |row| row.get(0)))
        .await
        .unwrap()
}

fn open_error(sqlite: &Sqlite) -> QueueError {
    SqliteQueue::open(sqlite.path(), "store", contract::SETTINGS, sqlite.clock.clone()).unwrap_err()
}

#[track_caller]
fn assert_unavailable(error: &QueueError, parts: &[&str]) {
    assert!(matches!(error, QueueError::Unavailable { .. }), "{error:?}");
    assert_says(error, parts);
}

#[track_caller]
fn assert_rejected(error: &QueueError, parts: &[&str]) {
    assert!(matches!(error, QueueError::Rejected { .. }), "{error:?}");
    assert_says(error, parts);
}

#[track_caller]
fn assert_says(error: &QueueError, parts: &[&str]) {
    let text = error.to_string();
    for part in parts.iter().chain(&["queue.db"]) {
        assert!(text.contains(part), "{part:?} is missing in: {text}");
    }
}

/// Lets the file have as many pages as it has now, so that it is full as a disk can be.
async fn fill(queue: &SqliteQueue) {
    pragma(queue, "PRAGMA max_page_count = 1").await;
}

async fn make_space(queue: &SqliteQueue) {
    pragma(queue, "PRAGMA max_page_count = 100000").await;
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_is_unavailable_until_there_is_space() {
    let sqlite = Sqlite::new();
    let queue = sqlite.queue();
    queue.send(&[message("small")]).await.unwrap();
    fill(&queue).await;
    let large = message_saying("large", &"x".repeat(60_000));
    let error = queue.send(std::slice::from_ref(&large)).await.unwrap_err();
    assert_unavailable(&error, &["full", "free some space"]);
    assert_eq!(queue.depth().await.unwrap().ready, 1);
    queue.ack(queue.receive(SOON).await.unwrap().unwrap().lease).await.unwrap();
    make_space(&queue).await;
    queue.send(&[large]).await.unwrap();
    assert_eq!(queue.receive(SOON).await.unwrap().unwrap().key, "large");
}

#[tokio::test(start_paused = true)]
async fn a_call_does_not_fail_because_of_another_that_shared_its_transaction() {
    let sqlite = Sqlite::new();
    let queue = sqlite.queue();
    fill(&queue).await;
    let [before, after] = ["before", "after"].map(|key| [message(key)]);
    let large = [message_saying("large", &"x".repeat(60_000))];
    let (before, refused, after) =
        tokio::join!(queue.send(&before), queue.send(&large), queue.send(&after));
    assert_eq!((before, after), (Ok(()), Ok(())));
    assert_unavailable(&refused.unwrap_err(), &["full"]);
    assert_eq!(queue.depth().await.unwrap().ready, 2);
}

#[tokio::test(start_paused = true)]
async fn a_file_locked_for_long_is_unavailable_until_it_is_free() {
    let sqlite = Sqlite::new();
    let queue = sqlite.queue();
    assert_eq!(pragma(&queue, "PRAGMA busy_timeout = 20").await, 20);
    let other = Connection::open(sqlite.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = queue.send(&[message("a")]).await.unwrap_err();
    assert_unavailable(&error, &["another process", "locked"]);
    other.execute_batch("ROLLBACK").unwrap();
    queue.send(&[message("a")]).await.unwrap();
    assert_eq!(queue.depth().await.unwrap().ready, 1);
}

#[tokio::test(start_paused = true)]
async fn a_missing_folder_is_unavailable_until_it_is_there() {
    let mut sqlite = Sqlite::new();
    let folder = sqlite.folder.path().to_owned();
    fs::remove_dir(&folder).unwrap();
    assert_unavailable(&open_error(&sqlite), &["folder exists"]);
    fs::create_dir(&folder).unwrap();
    sqlite.queue().send(&[message("a")]).await.unwrap();
    sqlite.folder.disable_cleanup(false);
}

#[tokio::test(start_paused = true)]
async fn a_folder_is_no_queue() {
    let sqlite = Sqlite::new();
    fs::create_dir(sqlite.path()).unwrap();
    assert_unavailable(&open_error(&sqlite), &["check"]);
}

#[tokio::test(start_paused = true)]
async fn a_file_of_another_kind_is_refused_and_left_alone() {
    let sqlite = Sqlite::new();
    let text = "id,text\n".repeat(1000);
    fs::write(sqlite.path(), &text).unwrap();
    assert_rejected(&open_error(&sqlite), &["not a database", "away"]);
    assert_eq!(fs::read_to_string(sqlite.path()).unwrap(), text);
}

#[tokio::test(start_paused = true)]
async fn a_database_of_another_program_is_refused_and_left_alone() {
    let sqlite = Sqlite::new();
    let other = Connection::open(sqlite.path()).unwrap();
    other.execute_batch("CREATE TABLE birds (ring TEXT)").unwrap();
    assert_rejected(&open_error(&sqlite), &["another program"]);
    let mode: String = other.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "delete");
}

#[tokio::test(start_paused = true)]
async fn a_file_of_a_newer_version_is_refused() {
    let sqlite = Sqlite::new();
    drop(sqlite.queue());
    let newer = Connection::open(sqlite.path()).unwrap();
    newer.execute_batch("PRAGMA user_version = 2").unwrap();
    assert_rejected(&open_error(&sqlite), &["newer mistnet", "schema 2", "upgrade"]);
}

#[tokio::test(start_paused = true)]
async fn an_empty_file_becomes_a_queue() {
    let sqlite = Sqlite::new();
    fs::write(sqlite.path(), "").unwrap();
    sqlite.queue().send(&[message("a")]).await.unwrap();
    assert_eq!(sqlite.queue().depth().await.unwrap().ready, 1);
}

#[tokio::test(start_paused = true)]
async fn a_damaged_file_is_refused_and_the_queue_works_again_when_it_is_moved_away() {
    let sqlite = Sqlite::new();
    sqlite.queue().writer.call(Kind::Change, |_| Ok(())).await.unwrap();
    let damaged = {
        let mut bytes = fs::read(sqlite.path()).unwrap();
        bytes[4096..].fill(0xff);
        bytes
    };
    fs::write(sqlite.path(), damaged).unwrap();
    let queue = sqlite.queue();
    let error = queue.receive(Duration::ZERO).await.unwrap_err();
    assert_rejected(&error, &["malformed", "away", "sent anew"]);
    for name in ["queue.db", "queue.db-wal", "queue.db-shm"] {
        let _absent = fs::remove_file(sqlite.folder.path().join(name));
    }
    queue.send(&[message("a")]).await.unwrap();
    assert_eq!(queue.depth().await.unwrap().ready, 1);
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_call_leaves_the_queue_working() {
    let sqlite = Sqlite::new();
    let queue = sqlite.queue();
    let outcome = queue.writer.call::<(), _>(Kind::Change, |_| panic!("a defect")).await;
    assert!(matches!(outcome, Err(QueueError::Unavailable { .. })), "{outcome:?}");
    queue.send(&[message("a")]).await.unwrap();
    assert_eq!(queue.depth().await.unwrap().ready, 1);
}
