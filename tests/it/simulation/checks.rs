//! The books: every tweet that X served for the collection is accounted for.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use mistnet::model::Usd;
use mistnet::model::record::{Channel, SealReason, Telling};
use mistnet::model::spec::FileFormat;
use mistnet::store::Checksum;
use mistnet::store::manifest::Manifest;

use super::chaos::Weather;
use super::world::World;

/// Checks everything that must hold when a collection is over.
pub async fn books(world: &World) {
    let manifest = world.log().manifest().await.unwrap().expect("a manifest");
    let ids = rows(world, &manifest).await;
    each_row_once(world, &manifest, &ids);
    nothing_lost(world, &manifest, &ids);
    files_match(world, &manifest).await;
    paid_once(world);
    money(world, &manifest).await;
    others_were_told(world).await;
}

/// Each channel heard of the dataset at least once, and whenever it did, in the same words.
async fn others_were_told(world: &World) {
    let story = world.chaos.story();
    let notified = world.log().notified().await.unwrap().expect("a record of the notice");
    let channels: Vec<_> = notified.told.iter().map(|told| told.channel).collect();
    assert_eq!(channels, Channel::ALL, "{story:#?}");
    assert!(notified.told.iter().all(|told| told.outcome == Telling::Delivered), "{story:#?}");
    let heard = world.heard.lock().unwrap();
    for channel in Channel::ALL {
        assert!(heard.iter().any(|(who, _)| *who == channel), "{channel:?}: {story:#?}");
    }
    let events: BTreeSet<&str> = heard.iter().map(|(_, event)| event.as_str()).collect();
    assert_eq!(events.len(), 1, "{story:#?}");
    let event: serde_json::Value = serde_json::from_str(events.first().unwrap()).unwrap();
    assert_eq!(event["id"], notified.notice);
}

/// The ids of all rows, in the order of the parts; the same in every format.
async fn rows(world: &World, manifest: &Manifest) -> Vec<u64> {
    let mut found = Vec::new();
    for format in &world.spec.formats {
        found.push(rows_in(world, manifest, *format).await);
        assert_eq!(found.first(), found.last(), "{format:?}");
    }
    found.swap_remove(0)
}

async fn rows_in(world: &World, manifest: &Manifest, format: FileFormat) -> Vec<u64> {
    let mut ids = Vec::new();
    let (parts, whole): (Vec<_>, Vec<_>) = manifest
        .files
        .iter()
        .filter(|file| file.format == format)
        .partition(|file| file.path.starts_with("parts/"));
    for file in parts {
        let before = ids.len();
        ids.extend(ids_of(format, &read(world, &file.path).await));
        assert_eq!((ids.len() - before) as u64, file.rows, "{}", file.path);
    }
    for single in whole {
        assert_eq!(ids_of(format, &read(world, &single.path).await), ids, "the merged file");
    }
    ids
}

fn ids_of(format: FileFormat, bytes: &[u8]) -> Vec<u64> {
    match format {
        FileFormat::JsonlGz => jsonl_ids(flate2::read::MultiGzDecoder::new(bytes)),
        FileFormat::JsonlZst => jsonl_ids(zstd::Decoder::new(bytes).unwrap()),
        _ => csv_ids(bytes),
    }
}

fn jsonl_ids(lines: impl Read) -> Vec<u64> {
    let rows = serde_json::Deserializer::from_reader(lines).into_iter::<serde_json::Value>();
    rows.map(|row| row.unwrap()["id"].as_str().unwrap().parse().unwrap()).collect()
}

async fn read(world: &World, path: &str) -> Vec<u8> {
    let key = world.log().layout().below(path);
    world.store.get(&key).await.unwrap().expect("a file that the manifest names").to_vec()
}

fn csv_ids(bytes: &[u8]) -> Vec<u64> {
    let mut reader = csv::Reader::from_reader(bytes);
    assert_eq!(reader.headers().unwrap().get(0), Some("id"));
    reader.records().map(|record| record.unwrap()[0].parse().unwrap()).collect()
}

fn each_row_once(world: &World, manifest: &Manifest, ids: &[u64]) {
    assert_eq!(ids.len() as u64, manifest.rows);
    let unique: BTreeSet<u64> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len(), "a tweet is there twice: {:#?}", world.chaos.story());
    let served = world.ledger().served_posts;
    assert!(ids.iter().all(|id| served.contains_key(id)), "a row that X never served");
}

fn nothing_lost(world: &World, manifest: &Manifest, ids: &[u64]) {
    let truth = world.truth();
    let available = truth.len() as u64;
    let wanted = world.spec.limit.unwrap_or(u64::MAX).min(available);
    let unique: BTreeSet<u64> = ids.iter().copied().collect();
    let story = world.chaos.story();
    assert_eq!(manifest.rows, wanted, "of {available}: {story:#?}");
    assert!(unique.is_subset(&truth.into_iter().collect()), "{story:#?}");
    if world.chaos.weather() != Weather::Storm {
        let newest: BTreeSet<u64> =
            world.truth().into_iter().take(usize::try_from(wanted).unwrap()).collect();
        assert_eq!(unique, newest, "the newest ones");
    }
    let outcome = if world.spec.limit.is_some_and(|limit| limit <= available) {
        SealReason::LimitReached
    } else {
        SealReason::Exhausted
    };
    assert_eq!(manifest.outcome, outcome);
}

async fn files_match(world: &World, manifest: &Manifest) {
    for file in &manifest.files {
        let bytes = read(world, &file.path).await;
        let sha256 = Checksum::of(&bytes);
        assert_eq!((bytes.len() as u64, &sha256), (file.bytes, &file.sha256), "{}", file.path);
    }
}

/// What X charged at worst is within the budget, and all of it is in the books.
async fn money(world: &World, manifest: &Manifest) {
    let charged = Usd::from_micros(world.ledger().undeduplicated.micro_usd);
    let story = world.chaos.story();
    let (cost, perhaps) = (manifest.cost_usd, manifest.cost_perhaps_usd);
    assert!(charged <= cost + perhaps, "{charged} of {cost} and perhaps {perhaps}: {story:#?}");
    assert_eq!(manifest.cost_worst_usd, Some(cost + perhaps));
    if let Some(budget) = world.log().history().await.unwrap().unwrap().budget() {
        assert!(charged <= budget, "{charged} of a budget of {budget}: {story:#?}");
    }
}

/// Pages are fetched again only after a crash or a lost answer.
fn paid_once(world: &World) {
    let ledger = world.ledger();
    let mut pages: BTreeMap<(Option<String>, Option<String>), u64> = BTreeMap::new();
    for entry in ledger.requests.iter().filter(|entry| entry.posts > 0) {
        *pages.entry((entry.newest_id.clone(), entry.oldest_id.clone())).or_default() += 1;
    }
    let again: u64 = pages.values().map(|times| times - 1).sum();
    let allowed =
        u64::from(world.chaos.crashes() + world.chaos.lost_answers() + world.chaos.naps());
    let crashes = world.chaos.crashes();
    match world.chaos.weather() {
        Weather::Fair | Weather::Crashes => {
            assert!(again <= allowed, "{again} pages again after {crashes} crashes");
        }
        // X itself repeats pages and breaks answers there.
        Weather::Storm => {}
    }
}
