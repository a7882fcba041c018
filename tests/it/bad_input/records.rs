//! Damaged records are named, never skipped; those of a newer version are left to it; what is not
//! ours at all changes nothing.

use futures::TryStreamExt;
use mistnet::model::{CollectionId, Spec};
use mistnet::queue::Queue;
use mistnet::sender;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use std::collections::BTreeMap;
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
async fn what_is_not_ours_in_a_log_is_named_and_changes_nothing() {
    let rig = rig();
    let id = rig.accept(spec()).await;
    let names = [".DS_Store", "Thumbs.db", "notes.txt", "page-1.json.zst", "sealed.json.bak"];
    for name in names {
        put(&rig, &rig.log(&id).layout().log().join(name), b"hello".to_vec()).await;
    }
    rig.run_until_complete(&[&id]).await;
    Dataset::read(&rig.store, &id).await.assert_is(&rig.truth());
    let foreign = rig.log(&id).foreign().await.unwrap();
    assert_eq!(foreign.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), names);
    let swept = sender::sweep(&rig.store, &*rig.collect, rig.clock.now()).await.unwrap();
    assert_eq!(swept.unreadable, []);
    assert!(rig.dead_letters().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_number_that_nobody_counted_to_is_damage_and_costs_nothing() {
    for (name, why) in [
        ("control-999999999.json", "999999999 records are missing before it"),
        ("page-18446744073709551615.json.zst", "18446744073709551615 records are missing"),
        ("turn-000003.json", "turn-000000.json is missing before it"),
    ] {
        let description = spoiled(async |rig: &Rig, id: &CollectionId| {
            put(rig, &rig.log(id).layout().log().join(name), b"{}".to_vec()).await;
        })
        .await;
        assert!(description.contains(name) && description.contains(why), "{description}");
    }
}

/// Everything in the store, by its back door.
async fn everything(rig: &Rig) -> BTreeMap<String, u64> {
    let all: Vec<_> = rig.objects.inner.list(None).try_collect().await.unwrap();
    all.into_iter().map(|meta| (meta.location.to_string(), meta.size)).collect()
}

/// Puts something of a newer version into a log, before anybody fetched and before anybody stored:
/// nothing is done with the collection until it is gone, and then everything.
async fn left_to_newer(name: &str, bytes: &[u8], why: &str) {
    for sealed in [false, true] {
        let rig = rig();
        let id = rig.accept(spec()).await;
        if sealed {
            rig.send_until_sealed(&id).await;
        }
        let key = rig.log(&id).layout().log().join(name);
        let ours = match rig.objects.inner.get(&key).await {
            Ok(ours) => Some(ours.bytes().await.unwrap()),
            Err(_) => None,
        };
        put(&rig, &key, bytes.to_vec()).await;
        let (before, asked_before) = (everything(&rig).await, rig.requests().len());
        rig.run_for(Duration::from_mins(30)).await;
        assert_eq!(everything(&rig).await, before, "{name} {sealed}");
        assert_eq!(rig.requests().len(), asked_before, "nothing is paid for");
        assert!(rig.dead_letters().await.is_empty(), "{name} {sealed}");
        let swept = sender::sweep(&rig.store, &*rig.collect, rig.clock.now()).await.unwrap();
        assert_eq!(swept.unreadable.len(), 1);
        let reason = &swept.unreadable[0].1;
        assert!(reason.contains(name) && reason.contains(why), "{reason}");
        assert!(reason.contains("a newer version of mistnet wrote it"), "{reason}");
        assert_others_go_on(&rig).await;
        match ours {
            Some(ours) => put(&rig, &key, ours.to_vec()).await,
            None => rig.objects.inner.delete(&key).await.unwrap(),
        }
        rig.run_until_complete(&[&id]).await;
        Dataset::read(&rig.store, &id).await.assert_is(&rig.truth());
    }
}

#[tokio::test(start_paused = true)]
async fn a_collection_with_a_record_of_a_newer_version_is_left_as_it_is() {
    let why = "has version 9, and this program understands up to 1";
    for name in ["created.json", "control-000000.json"] {
        left_to_newer(name, br#"{"version": 9, "what": "ever"}"#, why).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_collection_with_an_unknown_record_of_our_form_is_left_as_it_is() {
    for name in ["lost-000001.json", "page-000001.json.br", "told-pigeon.json", "spent.json"] {
        left_to_newer(name, b"whatever", "has a name that this program does not know").await;
    }
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
async fn a_record_without_content_or_of_an_absurd_size_is_named() {
    let sizes = [(0, "EOF"), (5 << 20, "it has 5242880 bytes, and at most 4194304 are expected")];
    for (bytes, why) in sizes {
        let description = spoiled(async |rig: &Rig, id: &CollectionId| {
            put(rig, &rig.log(id).layout().control(0), vec![b' '; bytes]).await;
        })
        .await;
        assert!(description.contains("control-000000.json is damaged"), "{description}");
        assert!(description.contains(why), "{description}");
    }
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
