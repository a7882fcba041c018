//! Forged and broken queue messages.

use mistnet::model::{CollectionId, Spec};
use mistnet::queue::Queue;
use mistnet::sender;
use object_store::ObjectStore;

use crate::support::{Dataset, Doctor, Rig, asked, available, forge};

/// A collection of 450 tweets on five pages, sealed, of which no part is stored yet.
async fn sealed() -> (Rig, CollectionId) {
    let rig = Rig::with(available(450), Doctor::pages_of(100));
    let id = rig.accept(Spec { partition_size: 200, ..asked(2_000) }).await;
    rig.send_until_sealed(&id).await;
    (rig, id)
}

fn part(id: &str, part: u64, first_page: u64, last_page: u64, rows: u64) -> String {
    format!(
        r#"{{"version":1,"kind":"part","collection":"{id}","part":{part},"first_page":{first_page},"last_page":{last_page},"rows":{rows}}}"#
    )
}

fn short(kind: &str, id: &str) -> String {
    format!(r#"{{"version":1,"kind":"{kind}","collection":"{id}"}}"#)
}

/// Puts messages on a queue, and lets everybody work: each of them must become a dead letter with
/// its reason, and the genuine collection complete with not one file too many.
async fn refused(on_collect_queue: bool, forged: &[(String, &str, &str)]) {
    let (rig, id) = sealed().await;
    let queue: &dyn Queue = if on_collect_queue { &*rig.collect } else { &*rig.parts };
    // The genuine messages come back when these leases run out, so the forged ones are first: a
    // part that is stored already answers for itself, whatever a message says about it.
    let _held = rig.take_parts().await;
    for (nth, (body, ..)) in forged.iter().enumerate() {
        forge(queue, &format!("forged/{nth:03}"), body).await;
    }
    rig.run(1, async || {
        rig.log(&id).manifest().await.unwrap().is_some()
            && rig.dead_letters().await.len() == forged.len()
    })
    .await;
    for letter in rig.dead_letters().await {
        let nth: usize = letter.key.strip_prefix("forged/").unwrap().parse().unwrap();
        let (body, reason, description) = &forged[nth];
        assert_eq!((&letter.body, &*letter.reason), (body, *reason), "{}", letter.description);
        assert!(letter.description.contains(description), "{body}: {}", letter.description);
    }
    Dataset::read(&rig.store, &id).await.assert_is(&rig.truth());
    only_its_files(&rig, &id).await;
}

/// Nothing lies in the store but what is the store's own, and the log and the files of this
/// collection, parts 0 to 2.
async fn only_its_files(rig: &Rig, id: &CollectionId) {
    use futures::TryStreamExt;
    let all: Vec<_> = rig.objects.inner.list(None).try_collect().await.unwrap();
    let below = format!("{id}/");
    let names: Vec<&str> = all
        .iter()
        .map(|meta| meta.location.as_ref())
        .filter(|key| !key.starts_with("_mistnet/"))
        .map(|key| key.strip_prefix(&below).unwrap_or_else(|| panic!("{key} is not below {id}")))
        .filter(|name| !name.starts_with("_log/page-") && !name.starts_with("_log/turn-"))
        .collect();
    let expected = [
        "_log/created.json",
        "_log/receipt-000000.json",
        "_log/receipt-000001.json",
        "_log/receipt-000002.json",
        "_log/sealed.json",
        "datapackage.json",
        "manifest.json",
        "parts/part-000000.csv",
        "parts/part-000001.csv",
        "parts/part-000002.csv",
        "tweets.csv",
    ];
    let mut names = names;
    names.sort_unstable();
    assert_eq!(names, expected);
}

const ID: &str = "20261122-rustlang-1000000000";
const NOBODY: &str = "20261122-nobody-0000000000";

#[tokio::test(start_paused = true)]
async fn messages_that_are_not_ours_become_dead_letters() {
    let broken: Vec<(String, &str, &str)> = [
        ("", "not a message of mistnet"),
        ("\u{0}\u{fffd}garbage", "not a message of mistnet"),
        ("[1,2,3]", "no version"),
        (r#"{"version":"1"}"#, "no version"),
        (r#"{"version":0,"kind":"end","collection":"20261122-a-b"}"#, "version 0"),
        (r#"{"version":1,"kind":"erase","collection":"20261122-a-b"}"#, "erase"),
        (r#"{"version":1,"kind":"end","collection":"../../etc/passwd"}"#, "not a collection id"),
        (r#"{"version":1,"kind":"end","collection":"20261122-a/../b"}"#, "not a collection id"),
        (r#"{"version":1,"kind":"end","collection":"20261122-%2e%2e"}"#, "not a collection id"),
        (r#"{"version":1,"kind":"end","collection":7}"#, "not a message of mistnet"),
        (r#"{"version":1,"kind":"part","collection":"20261122-a-b","part":-1}"#, "not a message"),
    ]
    .map(|(body, why)| (body.to_owned(), "not understood", why))
    .into();
    refused(false, &broken).await;
    refused(true, &broken).await;
}

#[tokio::test(start_paused = true)]
async fn messages_of_a_newer_version_wait_for_it() {
    let (rig, id) = sealed().await;
    let newer = [r#"{"version":2,"kind":"everything"}"#, r#"{"version":18446744073709551615}"#];
    for queue in [&*rig.collect as &dyn Queue, &*rig.parts] {
        for (nth, body) in newer.iter().enumerate() {
            forge(queue, &format!("newer/{nth}"), body).await;
        }
    }
    rig.run_until_complete(&[&id]).await;
    rig.run_for(std::time::Duration::from_hours(1)).await;
    assert!(rig.dead_letters().await.is_empty());
    for queue in [&*rig.collect as &dyn Queue, &*rig.parts] {
        let depth = queue.depth().await.unwrap();
        assert_eq!(depth.ready + depth.delayed, newer.len() as u64, "they are still there");
    }
    Dataset::read(&rig.store, &id).await.assert_is(&rig.truth());
    only_its_files(&rig, &id).await;
}

#[tokio::test(start_paused = true)]
async fn messages_on_the_wrong_queue_or_about_nothing_become_dead_letters() {
    refused(
        false,
        &[
            (short("collect", ID), "part not in the log", "belongs on the collect queue"),
            (part(NOBODY, 0, 0, 0, 200), "part not in the log", "no such collection"),
            (short("end", NOBODY), "part not in the log", "no such collection"),
        ],
    )
    .await;
    refused(
        true,
        &[
            (short("end", ID), "wrong queue", "belongs on the store queue"),
            (part(ID, 0, 0, 1, 200), "wrong queue", "belongs on the store queue"),
            (short("collect", NOBODY), "unknown collection", "no created.json"),
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn parts_that_the_log_does_not_bear_out_become_dead_letters() {
    const FORGED: &str = "part not in the log";
    const MOST: u64 = u64::MAX;
    refused(
        false,
        &[
            (part(ID, 0, 0, 1, 0), FORGED, "part 0 can't have 0 rows"),
            (part(ID, 0, 0, 1, 3), FORGED, "part 0 can't have 3 rows"),
            (part(ID, 0, 0, 1, 201), FORGED, "part 0 can't have 201 rows"),
            (part(ID, 0, 0, 1, MOST), FORGED, "can't have 18446744073709551615 rows"),
            (part(ID, 2, 4, 4, 49), FORGED, "part 2 can't have 49 rows"),
            (part(ID, MOST, 0, 0, 1), FORGED, "part 18446744073709551615 can't have 1 rows"),
            (part(ID, MOST, 0, 0, 200), FORGED, "hold 0 of the 200 rows"),
            (part(ID, 3, 0, 4, 200), FORGED, "hold 0 of the 200 rows of part 3"),
            (part(ID, 1, 2, 2, 200), FORGED, "pages 2 to 2 hold 100 of the 200 rows of part 1"),
            (part(ID, 0, 1, 0, 200), FORGED, "part 0 can't have 200 rows"),
            (part(ID, 0, 50, 60, 200), "log unusable", "page-000050.json.zst is missing"),
            (part(ID, 3, 0, MOST, 200), "log unusable", "page-000005.json.zst is missing"),
            (part(ID, 3, MOST, MOST, 200), "log unusable", "page-18446744073709551615.json.zst"),
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_forged_message_in_place_of_a_genuine_one_is_put_right_by_the_sweep() {
    let (rig, id) = sealed().await;
    // The queue merges by key, so this replaces the genuine message.
    forge(&*rig.parts, &format!("{id}/part-000001"), "forged").await;
    rig.run(1, async || rig.dead_letters().await.len() == 1).await;
    assert!(rig.log(&id).manifest().await.unwrap().is_none());
    let later = rig.clock.now().checked_add(jiff::SignedDuration::from_hours(1)).unwrap();
    let swept = sender::sweep(&rig.store, &*rig.collect, later).await.unwrap();
    assert_eq!(swept.woken, std::slice::from_ref(&id));
    rig.run_until_complete(&[&id]).await;
    Dataset::read(&rig.store, &id).await.assert_is(&rig.truth());
}
