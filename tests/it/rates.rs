//! How much of X's limits is used: all of it, and not one request more.
//!
//! The simulator keeps both limits (300 requests in 15 minutes, one a second), and sender, queue
//! and receiver work as they always do: a window that is used up ends the turn, and the message
//! comes back when it is over. What counts is the sustained rate: requests answered from the first
//! request of the first window to the first one of the fifth, against 300 in each 15 minutes of
//! that time. A page holds ten tweets here, so that 1,200 pages are computed quickly; the limits
//! count requests, not tweets.

use std::time::Duration;

use mistnet::model::CollectionId;
use mistnet_sim_x::{Entry, Options, RateLimits, Throttled};

use crate::support::{Dataset, Doctor, Rig, asked_for_all, available};

/// Requests in a window of search/all (docs.x.com, rate limits, read 2026-08-22).
const A_WINDOW: usize = 300;

/// Its length (the same page).
const WINDOW_MS: u64 = 900_000;

/// Windows that are measured.
const WINDOWS: usize = 4;

const PER_PAGE: u64 = 10;

/// Runs so many equal collections through more than four windows.
async fn run(latency: Duration, collections: u64) -> Rig {
    let pages = (WINDOWS * A_WINDOW + 100) as u64 / collections;
    let options = Options { latency, rate_limits: RateLimits::Real, ..available(pages * PER_PAGE) };
    let rig = Rig::with(options, Doctor::pages_of(PER_PAGE));
    let mut ids = Vec::new();
    for _ in 0..collections {
        ids.push(rig.accept(asked_for_all()).await);
    }
    rig.run_until_complete(&ids.iter().collect::<Vec<&CollectionId>>()).await;
    for id in &ids {
        Dataset::read(&rig.store, id).await.assert_is(&rig.truth());
    }
    rig
}

/// The share of what the windows allowed that was used, in hundredths of a per cent.
fn used(rig: &Rig) -> u64 {
    let ledger = rig.simulator.ledger();
    let answered: Vec<&Entry> =
        ledger.requests.iter().filter(|entry| entry.status == 200).collect();
    let span_ms = answered[WINDOWS * A_WINDOW].at_ms - answered[0].at_ms;
    WINDOWS as u64 * WINDOW_MS * 10_000 / span_ms.unsigned_abs()
}

async fn all_of_the_limit_and_no_more(latency: Duration, collections: u64) {
    let rig = run(latency, collections).await;
    assert_eq!(rig.simulator.ledger().throttled, Throttled::default(), "no 429 of our own making");
    let used = used(&rig);
    assert!((9_950..=10_000).contains(&used), "{}.{:02} %", used / 100, used % 100);
}

#[tokio::test(start_paused = true)]
async fn one_collection_uses_the_whole_limit_at_low_latency() {
    all_of_the_limit_and_no_more(Duration::from_millis(200), 1).await;
}

#[tokio::test(start_paused = true)]
async fn one_collection_uses_the_whole_limit_at_high_latency() {
    all_of_the_limit_and_no_more(Duration::from_millis(800), 1).await;
}

#[tokio::test(start_paused = true)]
async fn three_collections_share_the_whole_limit_at_low_latency() {
    all_of_the_limit_and_no_more(Duration::from_millis(200), 3).await;
}

#[tokio::test(start_paused = true)]
async fn three_collections_share_the_whole_limit_at_high_latency() {
    all_of_the_limit_and_no_more(Duration::from_millis(800), 3).await;
}
