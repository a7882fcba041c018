//! Rows that another program wrote: set aside with a reason, and the others go on.

use rusqlite::Connection;

use super::*;
use crate::queue::contract::{SOON, message};

impl Sqlite {
    /// Writes into the file as any program could.
    fn write(&self, sql: &str) {
        Connection::open(self.path()).unwrap().execute_batch(sql).unwrap();
    }

    /// Writes a row of `messages`: id, key, body, `due_ms`, `span_ms`, attempts and token in SQL.
    fn row(&self, values: &str) {
        self.write(&format!(
            "INSERT INTO messages (queue, id, key, body, due_ms, span_ms, attempts, token)
             VALUES ('store', {values})"
        ));
    }
}

/// Sends a message, and takes it: it must be the next one.
async fn works(queue: &SqliteQueue, key: &str) {
    queue.send(&[message(key)]).await.unwrap();
    let taken = queue.receive(SOON).await.unwrap().expect("a message should be ready");
    assert_eq!((taken.key.as_str(), taken.attempt), (key, 1));
    queue.ack(taken.lease).await.unwrap();
}

async fn refuse(queue: &SqliteQueue, key: &str) {
    queue.send(&[message(key)]).await.unwrap();
    let taken = queue.receive(SOON).await.unwrap().unwrap();
    queue.dead_letter(taken.lease, "unknown version", "version 9").await.unwrap();
}

const MAX: i64 = i64::MAX;
const MIN: i64 = i64::MIN;

/// Rows that can't be ours, and what is said of each.
fn poison() -> Vec<(String, &'static str)> {
    let rows = [
        ("NULL, 'p', '{}', 0, 0, -1, NULL", "count of attempts is -1"),
        ("NULL, 'p', '{}', 0, 0, 1 << 40, NULL", "count of attempts is 1099511627776"),
        ("NULL, 'p', '{}', 0, 0, MIN, NULL", "count of attempts is -9223372036854775808"),
        ("NULL, 'p', '{}', 0, 0, MAX, 7", "count of attempts is 9223372036854775807"),
        ("NULL, 'p', '{}', MIN, MIN, -1, 7", "count of attempts is -1"),
        ("NULL, 'p', '{}', MAX, 0, 0, NULL", "beyond everything"),
        ("NULL, 'p', '{}', MAX, MAX, 0, NULL", "beyond everything"),
        ("NULL, 'p', '{}', MAX, MAX, 0, 7", "beyond everything"),
        // On lease for two days.
        ("NULL, 'p', '{}', 1800000000000 + 172800000, 172800000, 0, 7", "beyond everything"),
        ("MAX, 'p', '{}', 0, 0, 0, NULL", "beyond everything"),
        ("MAX, 'p', '{}', MAX, 0, 0, MIN", "beyond everything"),
        ("NULL, CAST(x'ff' AS TEXT), '{}', 0, 0, 0, NULL", "key is not UTF-8"),
        ("NULL, '', '{}', 0, 0, 0, NULL", "its key \"\" is not 1 to 200"),
        ("NULL, 'l\u{ed}ne', '{}', 0, 0, 0, NULL", "of printable ASCII"),
        ("NULL, 'a' || char(10), '{}', 0, 0, 0, NULL", "of printable ASCII"),
        ("NULL, printf('%.*c', 201, 'k'), '{}', 0, 0, 0, NULL", "key has 201 bytes"),
        ("NULL, printf('%.*c', 5000000, 'k'), '{}', 0, 0, 0, NULL", "key has 5000000 bytes"),
        ("NULL, 'p', CAST(x'7bff7d' AS TEXT), 0, 0, 0, NULL", "body is not UTF-8"),
        ("NULL, 'p', printf('%.*c', 65537, 'b'), 0, 0, 0, NULL", "body has 65537 bytes"),
        ("NULL, 'p', printf('%.*c', 9000000, 'b'), 0, 0, 0, NULL", "body has 9000000 bytes"),
    ];
    let numbers =
        |row: &str| row.replace("MAX", &MAX.to_string()).replace("MIN", &format!("({MIN} + 0)"));
    rows.into_iter().map(|(row, said)| (numbers(row), said)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_row_that_cannot_be_ours_is_a_dead_letter_and_stops_no_other() {
    for (row, said) in poison() {
        let sqlite = Sqlite::new();
        let queue = sqlite.queue();
        // At its first look a queue mends times that only a clock set back can explain.
        assert_eq!(queue.depth().await.unwrap(), Depth::default());
        sqlite.row(&row);
        works(&queue, "good").await;
        // Also the next one, in a process that starts now, and where the poisoned row had its key.
        works(&sqlite.queue(), "p").await;
        let letters = queue.dead_letters(10).await.unwrap();
        assert_eq!(letters.len(), 1, "{row}: {letters:?}");
        assert_eq!(letters[0].reason, "not understood", "{row}");
        assert!(letters[0].description.contains(said), "{row}: {}", letters[0].description);
        assert!(letters[0].key.len() <= 200 && letters[0].body.len() <= 65_536, "{row}");
        assert_eq!(queue.depth().await.unwrap(), Depth { dead: 1, ..Depth::default() }, "{row}");
    }
}

#[tokio::test(start_paused = true)]
async fn odd_rows_that_can_be_handled_are_handled() {
    for row in [
        "NULL, 'p', '{}', (MIN + 0), 0, 0, NULL",
        "NULL, 'p', '{}', 0, MAX, 0, NULL",
        "NULL, 'p', '{}', 0, (MIN + 0), 0, NULL",
        "-5, 'p', '{}', 0, 0, 0, NULL",
        "(MIN + 0), 'p', '', 0, 0, 0, NULL",
        "NULL, 'p', char(0), 0, 0, 0, NULL",
        "NULL, 'p', '{}', (MIN + 0), 0, 0, (MIN + 0)",
    ] {
        let row = row.replace("MAX", &MAX.to_string()).replace("MIN", &MIN.to_string());
        let sqlite = Sqlite::new();
        let queue = sqlite.queue();
        sqlite.row(&row);
        let taken = queue.receive(SOON).await.unwrap().expect(&row);
        assert_eq!((taken.key.as_str(), taken.attempt), ("p", 1), "{row}");
        queue.ack(taken.lease).await.unwrap();
        assert_eq!(queue.depth().await.unwrap(), Depth::default(), "{row}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_send_is_not_lost_in_a_poisoned_row_with_its_key() {
    let sqlite = Sqlite::new();
    let queue = sqlite.queue();
    for attempts in [-1_i64, 1 << 40] {
        sqlite.row(&format!("NULL, 'p', CAST(x'ff' AS TEXT), {MIN} + 0, {MAX}, {attempts}, NULL"));
        works(&queue, "p").await;
        assert_eq!(queue.depth().await.unwrap(), Depth::default());
    }
}

#[tokio::test(start_paused = true)]
async fn a_counter_changed_under_a_lease_keeps_nobody_from_settling() {
    let sqlite = Sqlite::new();
    let queue = sqlite.queue();
    for attempts in ["-1", "1 << 40"] {
        for _ in 0..2 {
            queue.send(&[message("a")]).await.unwrap();
            let taken = queue.receive(SOON).await.unwrap().unwrap();
            sqlite.write(&format!("UPDATE messages SET attempts = {attempts}"));
            queue.renew(&taken.lease).await.unwrap();
            queue.ack(taken.lease).await.unwrap();
        }
    }
    assert_eq!(queue.depth().await.unwrap(), Depth::default());
}

/// Writes a dead letter: id, key, body, reason, description, attempts and `dead_since_ms` in SQL.
fn letter(sqlite: &Sqlite, values: &str) {
    sqlite.write(&format!(
        "INSERT INTO dead_letters (queue, id, key, body, reason, description, attempts, dead_since_ms)
         VALUES ('store', {values})"
    ));
}

#[tokio::test(start_paused = true)]
async fn one_bad_dead_letter_hides_no_other() {
    let bad = "CAST(x'ff' AS TEXT)";
    let large = "printf('%.*c', 9000000, 'b')";
    let rows = [
        format!("NULL, 'p', '{{}}', 'r', 'd', -1, {MAX}"),
        format!("NULL, 'p', '{{}}', 'r', 'd', {MAX}, -9223372036854775807"),
        format!("NULL, {bad}, {bad}, {bad}, {bad}, 0, 0"),
        format!("NULL, {large}, {large}, {large}, {large}, 0, 0"),
        format!("{MAX}, 'last', '{{}}', 'r', 'd', 0, 0"),
    ];
    let sqlite = Sqlite::new();
    let queue = sqlite.queue();
    for row in &rows {
        letter(&sqlite, row);
    }
    refuse(&queue, "good").await;
    refuse(&queue, "good too").await;
    let letters = queue.dead_letters(100).await.unwrap();
    let keys: Vec<&str> = letters.iter().map(|letter| letter.key.as_str()).collect();
    assert_eq!(keys, ["p", "p", "\u{fffd}", "(9000000 bytes)", "good", "good too", "last"]);
    // What can't be a message is not sent again; the others are.
    for letter in &letters[2..4] {
        let error = queue.replay(letter.id).await.unwrap_err();
        assert!(matches!(error, QueueError::Rejected { .. }), "{error:?}");
    }
    for letter in &letters[4..] {
        assert!(queue.replay(letter.id).await.unwrap());
        let taken = queue.receive(SOON).await.unwrap().unwrap();
        assert_eq!(taken.key, letter.key);
        queue.ack(taken.lease).await.unwrap();
    }
    assert_eq!(queue.depth().await.unwrap(), Depth { dead: 4, ..Depth::default() });
}

#[tokio::test(start_paused = true)]
async fn a_sequence_that_another_program_used_up_stops_no_dead_letter() {
    for seq in ["9223372036854775807", "-1", "'text'", "NULL"] {
        let sqlite = Sqlite::new();
        let queue = sqlite.queue();
        refuse(&queue, "a").await;
        sqlite.write(&format!("UPDATE sqlite_sequence SET seq = {seq}"));
        refuse(&queue, "b").await;
        let letters = queue.dead_letters(9).await.unwrap();
        assert_eq!(letters.iter().map(|letter| letter.id).collect::<Vec<_>>(), [1, 2], "{seq}");
    }
}
