//! Fault matrix, "torn disk": whatever is left of the write-ahead log after a crash, the file opens
//! and holds a prefix of what was committed.

use std::fs;

use super::*;
use crate::queue::contract::message;

const COMMITS: usize = 40;
const CASES: u64 = 100;

/// A small generator of reproducible numbers (Knuth's MMIX constants).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

fn key(commit: usize) -> String {
    format!("part-{commit:06}")
}

/// The file and its WAL, copied while the queue is open, after one commit per message.
async fn committed() -> (Vec<u8>, Vec<u8>) {
    let sqlite = Sqlite::new();
    let queue = sqlite.queue();
    for commit in 0..COMMITS {
        queue.send(&[message(&key(commit))]).await.unwrap();
    }
    let wal = sqlite.folder.path().join("queue.db-wal");
    (fs::read(sqlite.path()).unwrap(), fs::read(wal).unwrap())
}

async fn keys(queue: &SqliteQueue) -> Vec<String> {
    queue
        .writer
        .call(Kind::Change, |line| {
            let mut rows = line.connection.prepare("SELECT key FROM messages ORDER BY id")?;
            rows.query_map([], |row| row.get(0))?.collect()
        })
        .await
        .unwrap()
}

/// What a queue finds in the copied file, which then has to work.
async fn survivors(database: &[u8], wal: &[u8]) -> Vec<String> {
    let sqlite = Sqlite::new();
    fs::write(sqlite.path(), database).unwrap();
    fs::write(sqlite.folder.path().join("queue.db-wal"), wal).unwrap();
    let queue = sqlite.queue();
    let keys = keys(&queue).await;
    queue.send(&[message("after the crash")]).await.unwrap();
    assert_eq!(queue.depth().await.unwrap().ready, keys.len() as u64 + 1);
    let sound: String = queue
        .writer
        .call(Kind::Change, |line| {
            line.connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))
        })
        .await
        .unwrap();
    assert_eq!(sound, "ok");
    keys
}

fn assert_prefix(keys: &[String], case: u64) {
    let expected: Vec<String> = (0..keys.len()).map(key).collect();
    assert_eq!(keys, expected, "case {case}");
}

#[tokio::test(start_paused = true)]
async fn an_untouched_wal_keeps_every_commit() {
    let (database, wal) = committed().await;
    assert_eq!(survivors(&database, &wal).await.len(), COMMITS);
}

#[tokio::test(start_paused = true)]
async fn a_torn_wal_keeps_a_prefix_of_the_commits() {
    let (database, wal) = committed().await;
    let mut lengths = std::collections::HashSet::new();
    for case in 0..CASES {
        let mut numbers = Numbers(case);
        let cut = numbers.below(wal.len());
        let keys = survivors(&database, &wal[..cut]).await;
        assert_prefix(&keys, case);
        lengths.insert(keys.len());
    }
    assert!(lengths.len() > 10, "the cuts should leave many different prefixes");
}

#[tokio::test(start_paused = true)]
async fn a_flipped_bit_in_the_wal_keeps_a_prefix_of_the_commits() {
    let (database, wal) = committed().await;
    for case in 0..CASES {
        let mut numbers = Numbers(case);
        let mut flipped = wal.clone();
        let tail = wal.len() / 2;
        let byte = tail + numbers.below(wal.len() - tail);
        flipped[byte] ^= 1 << numbers.below(8);
        let keys = survivors(&database, &flipped).await;
        assert_prefix(&keys, case);
        assert!(keys.len() < COMMITS, "case {case}: a commit with a flipped bit must not count");
    }
}
