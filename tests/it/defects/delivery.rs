//! Defects 13 to 18: from the queue to the file.

use std::collections::HashSet;
use std::time::Duration;

use mistnet::model::Spec;
use mistnet::queue::Queue;
use mistnet::sender;
use mistnet::store::Store;

use crate::support::{Dataset, Outage, Rig, asked, available, new_collection};

fn in_parts_of(partition_size: u64, limit: u64) -> Spec {
    Spec { partition_size, ..asked(limit) }
}

/// "result smaller than one partition: messages in queue 0, controller says Success"
#[tokio::test(start_paused = true)]
async fn defect_13_results_smaller_than_a_partition_are_delivered() {
    let rig = Rig::new(available(90));
    let dataset = rig.collect(in_parts_of(200, 2_000)).await;
    dataset.assert_is(&rig.truth());
    assert_eq!(dataset.parts, [90]);
}

/// "`last_partition` flags [False, True, True]: downstream told complete before the last block"
#[tokio::test(start_paused = true)]
async fn defect_14_complete_means_every_part_is_stored_in_whatever_order() {
    let rig = Rig::new(available(401));
    let id = rig.accept(in_parts_of(200, 2_000)).await;
    rig.send_until_sealed(&id).await;
    let mut messages = rig.take_parts().await;
    assert_eq!(messages.len(), 4, "three parts and the end");
    // The end first, then the last partition.
    messages.reverse();
    let receivers = [rig.receiver(), rig.receiver()];
    for (nth, message) in messages.into_iter().enumerate() {
        assert!(rig.log(&id).manifest().await.unwrap().is_none(), "complete after {nth} messages");
        receivers[nth % 2].handle(message).await;
    }
    let dataset = Dataset::read(&rig.store, &id).await;
    dataset.assert_is(&rig.truth());
    assert_eq!(dataset.parts, [200, 200, 1]);
}

/// "`partition_size` 1000 on Service Bus standard: `MessageSizeExceededError`: 980879 > 262144"
#[tokio::test(start_paused = true)]
async fn defect_15_a_part_may_have_any_size() {
    let rig = Rig::new(available(2_500));
    let dataset = rig.collect(in_parts_of(2_400, 5_000)).await;
    dataset.assert_is(&rig.truth());
    assert_eq!(dataset.parts, [2_400, 100]);
    let largest = dataset.manifest.files.iter().map(|file| file.bytes).max().unwrap();
    assert!(largest > 1024 * 1024, "{largest} bytes would not fit into a message");
}

/// "messages over 256 KiB lost silently"
#[tokio::test(start_paused = true)]
async fn defect_16_messages_stay_small_whatever_the_partition_size() {
    for partition_size in [1, 200, 1_000, 100_000] {
        let rig = Rig::new(available(40));
        let id = rig.accept(in_parts_of(partition_size, 30)).await;
        rig.send_until_sealed(&id).await;
        let messages = rig.take_parts().await;
        assert_eq!(messages.len() as u64, 30_u64.div_ceil(partition_size) + 1);
        assert!(messages.iter().all(|message| message.body.len() < 1024), "{messages:?}");
    }
}

/// "blob upload fails: message completed (deleted) anyway: completed=1 blobs=0 -> data lost"
#[tokio::test(start_paused = true)]
async fn defect_17_a_part_that_was_not_stored_is_not_acknowledged() {
    let rig = Rig::new(available(450));
    let id = rig.accept(in_parts_of(200, 2_000)).await;
    rig.send_until_sealed(&id).await;
    rig.objects.set(Outage::FullFor("/parts/"));
    rig.run_for(Duration::from_mins(1)).await;
    let depth = rig.parts.depth().await.unwrap();
    assert_eq!((depth.ready + depth.delayed + depth.leased, depth.dead), (3, 0), "{depth:?}");
    assert!(rig.log(&id).manifest().await.unwrap().is_none());
    rig.objects.set(Outage::None);
    rig.run_until_complete(&[&id]).await;
    Dataset::read(&rig.store, &id).await.assert_is(&rig.truth());
}

/// "`request_id` is random.randint(1000,9999): two collections of one day overwrite each other"
#[tokio::test(start_paused = true)]
async fn defect_18_ids_do_not_clash_and_a_clash_would_overwrite_nothing() {
    let rig = Rig::new(available(0));
    let mut ids = HashSet::new();
    let now = rig.clock.now();
    let accept = async |store: &Store, spec, random| {
        sender::accept(store, &*rig.collect, new_collection(spec, now, random)).await
    };
    for _ in 0..10_000 {
        let id = accept(&rig.store, asked(1), rand::random()).await.unwrap();
        assert!(ids.insert(id), "a clash after {} collections", ids.len());
    }
    let first = accept(&rig.store, asked(1), 42).await.unwrap();
    let error = accept(&rig.store, asked(2), 42).await.unwrap_err();
    assert!(matches!(error, sender::AcceptError::Store(_)), "{error}");
    assert_eq!(rig.log(&first).created().await.unwrap().unwrap().spec, asked(1));
}
