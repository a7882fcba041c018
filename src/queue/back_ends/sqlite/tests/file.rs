//! One file, several queues, several processes, for a long time.

use std::collections::HashSet;
use std::fs;
use std::sync::atomic::{AtomicI64, Ordering};

use futures::FutureExt;
use futures::future::join_all;
use jiff::SignedDuration;

use super::*;
use crate::queue::contract::{MOMENT, SOON, message, message_after};

async fn take(queue: &SqliteQueue) -> Delivery {
    queue.receive(SOON).await.unwrap().expect("a message should be ready")
}

fn size_bytes(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

impl Sqlite {
    fn wal(&self) -> PathBuf {
        self.folder.path().join("queue.db-wal")
    }
}

#[tokio::test(start_paused = true)]
async fn queues_in_one_file_are_apart() {
    let sqlite = Sqlite::new();
    let (collect, store) = (sqlite.named("collect"), sqlite.named("store"));
    collect.send(&[message("a")]).await.unwrap();
    assert!(store.receive(MOMENT).await.unwrap().is_none());
    store.send(&[message("a")]).await.unwrap();
    assert_eq!(collect.depth().await.unwrap().ready, 1);
    let taken = take(&collect).await;
    assert_eq!(store.ack(taken.lease.copy()).await, Err(QueueError::LeaseLost));
    collect.dead_letter(taken.lease, "unknown version", "").await.unwrap();
    let id = collect.dead_letters(1).await.unwrap()[0].id;
    assert!(!store.replay(id).await.unwrap());
    assert_eq!(store.depth().await.unwrap(), Depth { ready: 1, ..Depth::default() });
}

#[tokio::test(start_paused = true)]
async fn two_processes_compete_without_loss() {
    let sqlite = Sqlite::new();
    let queues = [sqlite.queue(), sqlite.queue()];
    let send_all = |process: usize| {
        let queue = &queues[process];
        async move {
            for number in 0..100 {
                queue.send(&[message(&format!("{process}-{number}"))]).await.unwrap();
            }
        }
    };
    let take_all = |process: usize| {
        let queue = &queues[process];
        async move {
            let mut keys = Vec::new();
            while let Some(delivery) = queue.receive(SOON).await.unwrap() {
                queue.ack(delivery.lease).await.unwrap();
                keys.push(delivery.key);
            }
            keys
        }
    };
    let sending = join_all([send_all(0), send_all(1)]);
    let taking = join_all([take_all(0), take_all(1), take_all(0), take_all(1)]);
    let (_, keys) = tokio::join!(sending, taking);
    let keys = keys.concat();
    assert_eq!((keys.len(), keys.iter().collect::<HashSet<_>>().len()), (200, 200));
    assert_eq!(queues[1].depth().await.unwrap(), Depth::default());
}

#[tokio::test(start_paused = true)]
async fn the_send_of_another_process_is_noticed_within_a_poll() {
    let sqlite = Sqlite::new();
    let (sender, receiver) = (sqlite.queue(), sqlite.queue());
    assert!(receiver.receive(MOMENT).await.unwrap().is_none());
    let sending = async {
        sqlite.pass(Duration::from_secs(1)).await;
        sender.send(&[message("a")]).await.unwrap();
    };
    let started = sqlite.clock.elapsed();
    let (delivery, ()) = tokio::join!(receiver.receive(SOON), sending);
    assert_eq!(delivery.unwrap().unwrap().key, "a");
    let waited = sqlite.clock.elapsed().saturating_sub(started);
    assert!(waited <= Duration::from_secs(1) + POLL, "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_send_through_the_same_handle_is_noticed_at_once() {
    let sqlite = Sqlite::new();
    let queue = sqlite.queue();
    let between_polls = POLL / 2;
    let sending = async {
        sqlite.pass(between_polls).await;
        queue.send(&[message("a")]).await.unwrap();
    };
    let started = sqlite.clock.elapsed();
    let (delivery, ()) = tokio::join!(queue.receive(SOON), sending);
    assert_eq!(delivery.unwrap().unwrap().key, "a");
    assert_eq!(sqlite.clock.elapsed().saturating_sub(started), between_polls);
}

#[tokio::test(start_paused = true)]
async fn a_receive_abandoned_in_its_turn_gives_the_message_back_at_once() {
    let sqlite = Sqlite::new();
    let queue = sqlite.queue();
    queue.send(&[message("a")]).await.unwrap();
    for _ in 0..20 {
        assert!(queue.receive(SOON).now_or_never().is_none());
    }
    assert_eq!(take(&queue).await.attempt, 1);
}

#[tokio::test(start_paused = true)]
async fn calls_that_wait_together_share_a_transaction() {
    let sqlite = Sqlite::new();
    let queue = sqlite.queue();
    let messages: Vec<_> = (0..200).map(|number| [message(&format!("{number}"))]).collect();
    let outcomes = join_all(messages.iter().map(|message| queue.send(message))).await;
    assert!(outcomes.iter().all(Result::is_ok));
    // A transaction of its own takes each send at least three pages of the WAL.
    assert!(size_bytes(&sqlite.wal()) < 200 * 3 * 4096, "{}", size_bytes(&sqlite.wal()));
    assert_eq!(queue.depth().await.unwrap().ready, 200);
}

#[tokio::test(start_paused = true)]
async fn a_long_collection_does_not_grow_the_file() {
    let sqlite = Sqlite::new();
    let queue = sqlite.queue();
    let mut after_first_rounds = 0;
    for round in 0..40 {
        let batch: Vec<_> = (0..50).map(|part| message(&format!("{round}/part-{part}"))).collect();
        queue.send(&batch).await.unwrap();
        let taken = join_all((0..50).map(|_| queue.receive(SOON))).await;
        let acks = taken.into_iter().map(|delivery| queue.ack(delivery.unwrap().unwrap().lease));
        assert!(join_all(acks).await.iter().all(Result::is_ok));
        if round == 20 {
            after_first_rounds = size_bytes(&sqlite.path());
        }
    }
    assert!(after_first_rounds > 0);
    assert_eq!(size_bytes(&sqlite.path()), after_first_rounds);
    assert!(size_bytes(&sqlite.wal()) < 8 << 20);
}

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn the_file_is_private_and_alone() {
    use std::os::unix::fs::PermissionsExt;
    let sqlite = Sqlite::new();
    let queue = sqlite.queue();
    queue.send(&[message("a")]).await.unwrap();
    let mut names = Vec::new();
    for entry in fs::read_dir(sqlite.folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["queue.db", "queue.db-shm", "queue.db-wal"]);
}

#[tokio::test(start_paused = true)]
async fn processes_that_start_at_once_make_one_file() {
    let sqlite = Sqlite::new();
    let queues: Vec<SqliteQueue> = std::thread::scope(|scope| {
        let opening: Vec<_> = (0..8)
            .map(|_| {
                let settings = contract::SETTINGS;
                let (path, clock) = (sqlite.path(), sqlite.clock.clone());
                scope.spawn(move || SqliteQueue::open(path, "store", settings, clock).unwrap())
            })
            .collect();
        opening.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for (number, queue) in queues.iter().enumerate() {
        queue.send(&[message(&format!("{number}"))]).await.unwrap();
    }
    assert_eq!(queues[0].depth().await.unwrap().ready, 8);
}

/// A clock that can be set.
#[derive(Debug)]
struct SettableClock(TestClock, AtomicI64);

#[async_trait]
impl Clock for SettableClock {
    fn now(&self) -> Timestamp {
        self.0.now() + SignedDuration::from_secs(self.1.load(Ordering::Relaxed))
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        self.0.sleep(duration).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_set_back_an_hour_delays_nothing_by_an_hour() {
    let sqlite = Sqlite::new();
    let clock = Arc::new(SettableClock(*sqlite.clock, AtomicI64::new(0)));
    let open =
        || SqliteQueue::open(sqlite.path(), "store", contract::SETTINGS, clock.clone()).unwrap();
    let queue = open();
    let ten = Duration::from_secs(10);
    queue.send(&[message_after("later", ten * 90)]).await.unwrap();
    queue.send(&[message("held"), message_after("later", ten), message("ready")]).await.unwrap();
    let _held = take(&queue).await;
    clock.1.store(-3600, Ordering::Relaxed);
    // Both the handle that saw it happen and one opened later know.
    for queue in [&queue, &open()] {
        let ready = queue.receive(Duration::ZERO).await.unwrap().unwrap();
        assert_eq!(ready.key, "ready");
        queue.release(ready.lease, Duration::ZERO).await.unwrap();
    }
    queue.ack(take(&queue).await.lease).await.unwrap();
    sqlite.pass(ten).await;
    assert_eq!(take(&queue).await.key, "later");
    sqlite.pass(queue.lease_time()).await;
    assert_eq!(queue.depth().await.unwrap().ready, 2);
}
