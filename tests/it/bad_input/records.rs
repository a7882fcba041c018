//! Damaged and foreign records: named, never skipped.

use mistnet::model::{CollectionId, Spec};
use mistnet::queue::Queue;
use mistnet::sender;
use object_store::ObjectStoreExt;
use object_store::path::Path;
use std::time::Duration;

use crate::support::{Dataset, Doctor, Rig, asked, available};

fn spec() -> Spec {
    Spec { partition_size: 200, ..asked(2_000) }
}

fn rig() -> Rig {
    Rig::with(available(450), Doctor::pages_of(100))
}

async fn put(rig: &Rig, key: &Path, bytes: Vec<u8>) {
    rig.objects.inner.put(key, bytes.into()).await.unwrap();
}

async fn get(rig: &Rig, key: &Path) -> Vec<u8> {
    rig.objects.inner.get(key).await.unwrap().bytes().await.unwrap().to_vec()
}

/// Waits until a message is refused, and returns why.
async fn refusal(rig: &Rig) -> (String, String) {
    rig.run(1, async || !rig.dead_letters().await.is_empty()).await;
    // Whatever else there is to do gets done.
    rig.run_for(Duration::from_mins(10)).await;
    let letters = rig.dead_letters().await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    (letters[0].reason.clone(), letters[0].description.clone())
}

async fn assert_others_go_on(rig: &Rig) {
    let other = rig.accept(asked(20)).await;
    rig.run_until_complete(&[&other]).await;
    Dataset::read(&rig.store, &other).await.assert_is(&rig.truth()[..20]);
}

#[tokio::test(start_paused = true)]
async fn a_flipped_bit_in_a_page_is_named_and_no_row_of_it_is_written() {
    let rig = rig();
    let id = rig.accept(spec()).await;
    rig.send_until_sealed(&id).await;
    let (log, key) = (rig.log(&id), rig.log(&id).layout().page(2));
    let page = get(&rig, &key).await;
    for at in [0, page.len() / 2, page.len() - 1] {
        let mut damaged = page.clone();
        damaged[at] ^= 1;
        put(&rig, &key, damaged).await;
        let (reason, description) = refusal(&rig).await;
        assert_eq!(reason, "log unusable");
        assert!(description.contains("_log/page-000002.json.zst is damaged"), "{description}");
        let part = log.layout().below("parts/part-000001.csv");
        assert!(!rig.store.exists(&part).await.unwrap() && log.manifest().await.unwrap().is_none());
        assert!(log.has_receipt(0).await.unwrap() && log.has_receipt(2).await.unwrap());
        let letter = rig.dead_letters().await[0].id;
        assert!(rig.parts.replay(letter).await.unwrap());
    }
    assert_others_go_on_after_repair(&rig, &id, &key, page).await;
}

/// With the page as it was, the dead letter is replayed and nothing is missing.
async fn assert_others_go_on_after_repair(rig: &Rig, id: &CollectionId, key: &Path, page: Vec<u8>) {
    put(rig, key, page).await;
    rig.run_until_complete(&[id]).await;
    Dataset::read(&rig.store, id).await.assert_is(&rig.truth());
    assert_others_go_on(rig).await;
}

/// Spoils a record of a collection that waits for a sender; returns why it was refused.
async fn spoiled(spoil: impl AsyncFn(&Rig, &CollectionId)) -> String {
    let rig = rig();
    let id = rig.accept(spec()).await;
    spoil(&rig, &id).await;
    let (reason, description) = refusal(&rig).await;
    assert_eq!(reason, "log unusable", "{description}");
    let swept = sender::sweep(&rig.store, &*rig.collect, rig.clock.now()).await.unwrap();
    assert_eq!(swept.unreadable, [(id, description.clone())]);
    assert!(rig.requests().is_empty(), "nothing was paid for");
    assert_others_go_on(&rig).await;
    description
}

#[tokio::test(start_paused = true)]
async fn a_foreign_file_in_the_log_is_named() {
    for name in ["notes.txt", "page-1.json.zst", "receipt-000000.json.bak"] {
        let description = spoiled(async |rig: &Rig, id: &CollectionId| {
            let key = rig.log(id).layout().log().join(name);
            put(rig, &key, b"hello".to_vec()).await;
        })
        .await;
        assert!(description.contains(&format!("_log/{name} is damaged or was not written by")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_of_a_newer_version_is_named() {
    let description = spoiled(async |rig: &Rig, id: &CollectionId| {
        let key = rig.log(id).layout().created();
        let record = String::from_utf8(get(rig, &key).await).unwrap();
        put(rig, &key, record.replace("\"version\": 1", "\"version\": 9").into_bytes()).await;
    })
    .await;
    assert!(description.contains("created.json has version 9"), "{description}");
    assert!(description.contains("understands up to 1"), "{description}");
}

#[tokio::test(start_paused = true)]
async fn a_torn_record_is_named() {
    let description = spoiled(async |rig: &Rig, id: &CollectionId| {
        let key = rig.log(id).layout().created();
        let record = get(rig, &key).await;
        put(rig, &key, record[..record.len() / 2].to_vec()).await;
    })
    .await;
    assert!(description.contains("created.json is damaged"), "{description}");
}

#[tokio::test(start_paused = true)]
async fn a_damaged_part_is_named_and_never_committed() {
    let rig = rig();
    let id = rig.accept(spec()).await;
    rig.send_until_sealed(&id).await;
    let layout = rig.log(&id).layout().clone();
    // Everything but the end: part 2 becomes a receipt last.
    rig.objects.set(crate::support::Outage::FullFor("receipt-000002"));
    rig.run_for(Duration::from_mins(1)).await;
    let key = layout.below("parts/part-000000.csv");
    let mut part = get(&rig, &key).await;
    let middle = part.len() / 2;
    part[middle] ^= 1;
    put(&rig, &key, part).await;
    rig.objects.set(crate::support::Outage::None);
    let (reason, description) = refusal(&rig).await;
    assert_eq!(reason, "log unusable");
    assert!(description.contains("parts/part-000000.csv is damaged"), "{description}");
    assert!(rig.log(&id).manifest().await.unwrap().is_none());
}
