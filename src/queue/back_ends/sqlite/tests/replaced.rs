//! A file that is deleted, replaced or emptied while it is open.

use std::fs;

use rusqlite::Connection;

use super::*;
use crate::queue::contract::{MOMENT, SOON, message};

impl Sqlite {
    fn delete(&self, ends: &[&str]) {
        for end in ends {
            let _absent = fs::remove_file(self.folder.path().join(format!("queue.db{end}")));
        }
    }

    /// Puts another file in the place of the queue's.
    fn replace(&self, make: impl FnOnce(&Path)) {
        let new = self.folder.path().join("new.db");
        make(&new);
        fs::rename(new, self.path()).unwrap();
    }
}

async fn take(queue: &SqliteQueue) -> Option<String> {
    let delivery = queue.receive(MOMENT).await.unwrap()?;
    queue.ack(delivery.lease).await.unwrap();
    Some(delivery.key)
}

/// Two processes meet on the same file: what each sends, the other gets.
async fn assert_together(one: &SqliteQueue, other: &SqliteQueue) {
    for (sender, receiver, key) in [(one, other, "there"), (other, one, "back")] {
        sender.send(&[message(key)]).await.unwrap();
        assert_eq!(take(receiver).await.as_deref(), Some(key));
    }
}

#[tokio::test(start_paused = true)]
async fn processes_meet_again_after_their_file_was_deleted() {
    for ends in [&["", "-wal", "-shm"][..], &[""], &["", "-wal"], &["", "-shm"]] {
        let sqlite = Sqlite::new();
        let (one, other) = (sqlite.queue(), sqlite.queue());
        one.send(&[message("old")]).await.unwrap();
        sqlite.delete(ends);
        // Whoever comes first, a new process among them, makes the file.
        let third = sqlite.queue();
        assert_eq!(take(&other).await, None, "what was in the old file is gone: {ends:?}");
        assert_together(&one, &other).await;
        assert_together(&third, &one).await;
        assert_eq!(sqlite.queue().depth().await.unwrap(), Depth::default());
        assert!(sqlite.path().is_file());
    }
}

#[tokio::test(start_paused = true)]
async fn a_quiet_receiver_notices_too() {
    let sqlite = Sqlite::new();
    let (sender, receiver) = (sqlite.queue(), sqlite.queue());
    assert_eq!(take(&receiver).await, None);
    let deleting = async {
        sqlite.pass(Duration::from_secs(1)).await;
        sqlite.delete(&["", "-wal", "-shm"]);
        sender.send(&[message("a")]).await.unwrap();
    };
    let (delivery, ()) = tokio::join!(receiver.receive(SOON), deleting);
    assert_eq!(delivery.unwrap().unwrap().key, "a");
}

#[tokio::test(start_paused = true)]
async fn a_lease_on_what_was_in_the_old_file_is_lost() {
    let sqlite = Sqlite::new();
    let queue = sqlite.queue();
    queue.send(&[message("a"), message("b")]).await.unwrap();
    let [renewed, done] = [0, 1].map(|_| queue.receive(SOON));
    let (renewed, done) = (renewed.await.unwrap().unwrap(), done.await.unwrap().unwrap());
    sqlite.delete(&["", "-wal", "-shm"]);
    assert_eq!(queue.renew(&renewed.lease).await, Err(QueueError::LeaseLost));
    assert_eq!(queue.ack(done.lease).await, Err(QueueError::LeaseLost));
}

#[tokio::test(start_paused = true)]
async fn another_queue_in_its_place_is_used_without_the_log_of_the_old_one() {
    let sqlite = Sqlite::new();
    let (one, other) = (sqlite.queue(), sqlite.queue());
    for number in 0..50 {
        one.send(&[message(&format!("old {number}"))]).await.unwrap();
    }
    assert_eq!(other.depth().await.unwrap().ready, 50);
    // A backup that was closed: one file.
    let backup = Sqlite::new();
    backup.queue().send(&[message("saved")]).await.unwrap();
    let whole = "PRAGMA wal_checkpoint(TRUNCATE)";
    Connection::open(backup.path()).unwrap().query_row(whole, [], |_| Ok(())).unwrap();
    sqlite.replace(|new| assert!(fs::copy(backup.path(), new).unwrap() > 0));
    assert_eq!(take(&one).await.as_deref(), Some("saved"));
    assert_eq!(take(&one).await, None);
    assert_together(&one, &other).await;
    let check: String = Connection::open(sqlite.path())
        .unwrap()
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(check, "ok");
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_no_queue_is_refused_until_a_good_one_is_there() {
    let text = |new: &Path| fs::write(new, "no database at all\n".repeat(500)).unwrap();
    let foreign = |new: &Path| {
        Connection::open(new).unwrap().execute_batch("CREATE TABLE birds (ring TEXT)").unwrap();
    };
    for make in [&text as &dyn Fn(&Path), &foreign] {
        let sqlite = Sqlite::new();
        let (one, other) = (sqlite.queue(), sqlite.queue());
        one.send(&[message("old")]).await.unwrap();
        sqlite.replace(make);
        for queue in [&one, &other] {
            for _ in 0..2 {
                let error = queue.reach().await.unwrap_err();
                assert!(matches!(error, QueueError::Rejected { .. }), "{error:?}");
                assert!(error.to_string().contains("queue.db"), "{error}");
            }
        }
        sqlite.delete(&["", "-wal", "-shm"]);
        assert_together(&one, &other).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_was_emptied_is_left_alone_until_another_one_is_there() {
    let sqlite = Sqlite::new();
    let (one, other) = (sqlite.queue(), sqlite.queue());
    one.send(&[message("old")]).await.unwrap();
    fs::File::options().write(true).open(sqlite.path()).unwrap().set_len(0).unwrap();
    for queue in [&one, &other] {
        for _ in 0..2 {
            let error = queue.send(&[message("a")]).await.unwrap_err().to_string();
            assert!(error.contains("queue.db: another program emptied it"), "{error}");
            assert!(error.contains("delete it"), "{error}");
        }
    }
    assert_eq!(fs::metadata(sqlite.path()).unwrap().len(), 0, "nobody built anything in it");
    sqlite.delete(&["", "-wal", "-shm"]);
    assert_together(&one, &other).await;
}

#[tokio::test(start_paused = true)]
async fn a_folder_that_is_gone_is_unavailable_until_it_is_back() {
    let mut sqlite = Sqlite::new();
    let queue = sqlite.queue();
    queue.send(&[message("old")]).await.unwrap();
    fs::remove_dir_all(sqlite.folder.path()).unwrap();
    let error = queue.send(&[message("a")]).await.unwrap_err();
    assert!(matches!(error, QueueError::Unavailable { .. }), "{error:?}");
    fs::create_dir(sqlite.folder.path()).unwrap();
    queue.send(&[message("a")]).await.unwrap();
    assert_eq!(take(&queue).await.as_deref(), Some("a"));
    sqlite.folder.disable_cleanup(false);
}
