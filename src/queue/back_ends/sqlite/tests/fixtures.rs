//! Files of every schema that was ever written, read to the right meaning for ever.
//!
//! `tests/fixtures/v1/queue.db` was made by the program that wrote schema 1, at 12:00:00 to 12:00:04
//! UTC on 30 November 2026: two dead letters, two leases of a minute, one of them with a later send
//! behind it, a message that failed once, one that never was delivered, one that waits for a
//! quarter of an hour, and one on the queue for collections.

use super::*;

const ID: &str = "20261130-rustlang-k3v9x2m7qa";

/// A copy of a fixture, at 12:00:05.
fn copy_of(version: &str) -> Sqlite {
    let sqlite = Sqlite {
        folder: TempDir::new().unwrap(),
        clock: Arc::new(TestClock::at("2026-11-30T12:00:05Z".parse().unwrap())),
    };
    let fixture = format!("{}/tests/fixtures/{version}/queue.db", env!("CARGO_MANIFEST_DIR"));
    std::fs::copy(fixture, sqlite.path()).unwrap();
    sqlite
}

fn open(sqlite: &Sqlite, name: &str) -> SqliteQueue {
    SqliteQueue::open(sqlite.path(), name, Settings::default(), sqlite.clock.clone()).unwrap()
}

/// Key without the collection, attempt, body.
type Taken = (String, u32, String);

/// The next message, if one is ready.
async fn next(queue: &SqliteQueue) -> Option<Taken> {
    let delivery = queue.receive(Duration::ZERO).await.unwrap()?;
    queue.ack(delivery.lease).await.unwrap();
    let key = delivery.key.strip_prefix(&format!("{ID}/")).unwrap().to_owned();
    Some((key, delivery.attempt, delivery.body))
}

fn part(number: u64, attempt: u32) -> Taken {
    let body = format!(
        "{{\"collection\":\"{ID}\",\"first_page\":{},\"kind\":\"part\",\"last_page\":{},\
         \"part\":{number},\"rows\":1000,\"version\":1}}",
        2 * number,
        2 * number + 2
    );
    (format!("part-{number:06}"), attempt, body)
}

fn of_kind(kind: &str) -> Taken {
    let body = format!("{{\"collection\":\"{ID}\",\"kind\":\"{kind}\",\"version\":1}}");
    (kind.to_owned(), 1, body)
}

#[tokio::test(start_paused = true)]
async fn a_file_of_schema_1_is_read_as_it_was_meant() {
    let sqlite = copy_of("v1");
    let store = open(&sqlite, "store");
    let expected = Depth { ready: 2, delayed: 2, leased: 2, dead: 2 };
    assert_eq!(store.depth().await.unwrap(), expected);
    assert_eq!(next(&store).await, Some(part(4, 2)));
    assert_eq!(next(&store).await, Some(part(5, 1)));
    assert_eq!(next(&store).await, None);
    // The leases end at 12:01:02.
    sqlite.pass(Duration::from_secs(56)).await;
    assert_eq!(next(&store).await, None);
    sqlite.pass(Duration::from_secs(1)).await;
    let mut expired = [next(&store).await, next(&store).await];
    expired.sort();
    assert_eq!(expired, [Some(part(2, 2)), Some(part(3, 2))]);
    // The delay ends at 12:15:04.
    sqlite.pass(Duration::from_mins(14)).await;
    assert_eq!(next(&store).await, None);
    sqlite.pass(Duration::from_secs(2)).await;
    assert_eq!(next(&store).await, Some(of_kind("end")));
    assert_eq!(next(&open(&sqlite, "collect")).await, Some(of_kind("collect")));
}

#[tokio::test(start_paused = true)]
async fn dead_letters_of_schema_1_are_listed_and_replayed() {
    let sqlite = copy_of("v1");
    let store = open(&sqlite, "store");
    let [first, second] = store.dead_letters(10).await.unwrap().try_into().unwrap();
    assert_eq!((first.id, first.attempts), (1, 1));
    assert_eq!(first.key, format!("{ID}/part-000000"));
    assert_eq!(first.reason, "part not in the log");
    assert_eq!(first.description, "the log has no page 2");
    assert_eq!(first.dead_since, "2026-11-30T12:00:00Z".parse().unwrap());
    assert_eq!(second.reason, "encoding the part hit a defect of this program");
    assert_eq!(second.description, "attempt 1 failed, and it was the last");
    while next(&store).await.is_some() {}
    assert!(store.replay(2).await.unwrap());
    assert_eq!(next(&store).await, Some(part(1, 1)));
    // Ids of dead letters are never used again.
    store.send(&[contract::message("a")]).await.unwrap();
    let taken = store.receive(Duration::ZERO).await.unwrap().unwrap();
    store.dead_letter(taken.lease, "unknown version", "version 9").await.unwrap();
    assert_eq!(store.dead_letters(10).await.unwrap().last().unwrap().id, 3);
}
