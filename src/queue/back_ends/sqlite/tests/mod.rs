//! What the contract can't say: the file, its failures, other processes, and equality with the
//! reference.

mod failures;
mod file;
mod fixtures;
mod model;
mod poison;
mod replaced;
mod torn;

use std::path::PathBuf;

use jiff::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::clock::TestClock;
use crate::queue::contract::{self, Subject, contract};

/// A folder with one queue file, and a clock for all handles.
struct Sqlite {
    folder: TempDir,
    clock: Arc<TestClock>,
}

impl Sqlite {
    fn new() -> Self {
        let clock = TestClock::at(Timestamp::from_second(1_800_000_000).unwrap());
        Self { folder: TempDir::new().unwrap(), clock: Arc::new(clock) }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("queue.db")
    }

    fn named(&self, name: &str) -> SqliteQueue {
        SqliteQueue::open(self.path(), name, contract::SETTINGS, self.clock.clone()).unwrap()
    }

    fn queue(&self) -> SqliteQueue {
        self.named("store")
    }
}

#[async_trait]
impl Subject for Sqlite {
    async fn open(&self) -> Arc<dyn Queue> {
        Arc::new(self.queue())
    }

    async fn pass(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

contract!(Sqlite::new());
