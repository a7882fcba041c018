//! A full disk, and a store that is away: work waits, and nothing is acknowledged or paid again.

use std::time::Duration;

use mistnet::model::{CollectionId, Spec};
use mistnet::queue::Queue;

use crate::support::{Dataset, Doctor, Outage, Rig, asked, available};

const TEN_MINUTES: Duration = Duration::from_mins(10);

/// Messages that are neither settled nor set aside.
async fn live(queue: &dyn Queue) -> u64 {
    let depth = queue.depth().await.unwrap();
    assert_eq!(depth.dead, 0);
    depth.ready + depth.delayed + depth.leased
}

/// A collection of 30 pages, of which a third is fetched.
async fn under_way() -> (Rig, CollectionId) {
    let rig = Rig::with(available(300), Doctor::pages_of(10));
    let id = rig.accept(Spec { partition_size: 45, ..asked(295) }).await;
    rig.run_for(Duration::from_secs(10)).await;
    (rig, id)
}

async fn assert_complete(rig: &Rig, id: &CollectionId) {
    rig.run_until_complete(&[id]).await;
    Dataset::read(&rig.store, id).await.assert_is(&rig.truth()[..295]);
    assert!(rig.dead_letters().await.is_empty());
    rig.assert_nothing_fetched_twice();
}

/// Runs through an outage that begins while a page is on its way.
async fn outage_in_the_middle(outage: Outage) {
    let (rig, id) = under_way().await;
    let pages = rig.log(&id).history().await.unwrap().unwrap().pages;
    assert!((5..20).contains(&pages), "{pages} pages");
    let asked_before = rig.requests().len();
    let breaks = async {
        rig.clock.sleep(Duration::from_millis(2_500)).await;
        rig.objects.set(outage);
        let asked = rig.requests().len();
        assert!(asked > asked_before, "it was at work");
        rig.clock.sleep(TEN_MINUTES).await;
        assert!(rig.requests().len() <= asked + 1, "nothing is asked that can't be stored");
        assert_eq!(live(&*rig.collect).await, 1, "the collection is not acknowledged");
        rig.objects.set(Outage::None);
    };
    let end = rig.clock.elapsed() + TEN_MINUTES + Duration::from_secs(3);
    futures::future::join(breaks, rig.run(1, async || rig.clock.elapsed() >= end)).await;
    assert_complete(&rig, &id).await;
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_is_full_for_a_while_costs_nothing_but_time() {
    outage_in_the_middle(Outage::Full).await;
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_for_a_while_costs_nothing_but_time() {
    outage_in_the_middle(Outage::Away).await;
}

/// Whichever record or file it is that can't be written.
#[tokio::test(start_paused = true)]
async fn every_kind_of_write_is_waited_for() {
    for what in [
        "/_log/turn-",
        "/_log/page-",
        "/_log/sealed",
        "/parts/",
        "/_log/receipt-",
        "/tweets.csv",
        "/datapackage.json",
        "/manifest.json",
    ] {
        let (rig, id) = under_way().await;
        rig.objects.set(Outage::FullFor(what));
        let breaks = async {
            rig.clock.sleep(TEN_MINUTES).await;
            assert!(rig.log(&id).manifest().await.unwrap().is_none(), "{what}");
            let waiting = live(&*rig.collect).await + live(&*rig.parts).await;
            assert!(waiting > 0, "{what}: nothing waits");
            rig.objects.set(Outage::None);
        };
        // In one go: a page that waits for the store lives as long as the process.
        futures::future::join(breaks, rig.run_until_complete(&[&id])).await;
        assert_complete(&rig, &id).await;
    }
}
