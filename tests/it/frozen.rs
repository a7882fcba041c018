//! What earlier versions wrote is read to its right meaning, for ever.
//!
//! The files are in `tests/fixtures`, a folder for each version; its README says what each is. A
//! test here that fails means that an upgrade would strand or misread a collection that was paid
//! for: mend the program, never the file or the test.

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::SystemTime;

use jiff::Timestamp;
use mistnet::clock::TestClock;
use mistnet::model::message::{Message, Task};
use mistnet::model::overview::Overview;
use mistnet::model::parts::Part;
use mistnet::model::record::{
    Announced, Control, ControlAction, Created, Notified, PageHeader, Provenance, Receipt, Sealed,
    Told, Turn, TurnEnd,
};
use mistnet::model::state::State;
use mistnet::model::{CollectionId, Spec, Usd};
use mistnet::notice::{Notice, Root, cloud_event};
use mistnet::queue::Settings;
use mistnet::queue::memory::MemoryQueue;
use mistnet::sender::{self, AcceptError, IdempotencyKey};
use mistnet::store::layout::RecordName;
use mistnet::store::manifest::Manifest;
use mistnet::store::{Log, Store, decode_page};
use mistnet_sim_x::Options;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::support::{self, Dataset, Rig, asked, available};

const COMPLETE: &str = "20261130-nightjars-0pcbj6tapv";
const CANCELLED: &str = "20261130-nightjars-r6jw6mnp68";
const OVER_BUDGET: &str = "20261130-nightjars-y3rxa18y6g";
const WAITING: &str = "20261130-nightjars-zdtn4bbj0d";
const FAILED: &str = "20261130-nightjars-z9drba7ep2";
const PAUSED: &str = "20261130-nightjars-0q1pgnysrf";
const UNREADABLE: &str = "20261130-nightjars-sr55xch0eq";
const RUNNING: &str = "20261130-nightjars-j3p0h3zk94";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/v1")
}

/// A copy of the store, in which a test may write.
fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    copy(&fixtures().join("store"), folder.path());
    let store = Store::folder(folder.path()).unwrap();
    (folder, store)
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let (entry, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if entry.is_dir() {
            std::fs::create_dir_all(&to).unwrap();
            copy(&entry, &to);
        } else {
            std::fs::copy(&entry, &to).unwrap();
            // Long ago: nobody is at work there any more.
            let then = SystemTime::from("2026-11-30T18:57:00Z".parse::<Timestamp>().unwrap());
            File::options().write(true).open(&to).unwrap().set_modified(then).unwrap();
        }
    }
}

fn id(text: &str) -> CollectionId {
    text.parse().unwrap()
}

async fn overview(store: &Store, of: &str) -> Overview {
    Overview::of(&Log::new(store, id(of)).history().await.unwrap().unwrap())
}

/// Every field of `json` is in the value that is read from it, with the same content.
fn nothing_is_forgotten<T: DeserializeOwned + Serialize>(name: &str, json: &[u8]) {
    let written: Value = serde_json::from_slice(json).unwrap();
    let read: T = serde_json::from_slice(json).unwrap_or_else(|error| panic!("{name}: {error}"));
    let again = serde_json::to_value(&read).unwrap();
    for (path, value) in leaves("", &written) {
        let found = again.pointer(&path);
        assert_eq!(found, Some(&value), "{name}{path}");
    }
}

/// Every value that is neither an object nor a list, with its place.
fn leaves(path: &str, value: &Value) -> Vec<(String, Value)> {
    let below = |name: String, value: &Value| leaves(&format!("{path}/{name}"), value);
    match value {
        Value::Object(fields) if !fields.is_empty() => fields
            .iter()
            .flat_map(|(name, value)| below(name.replace('~', "~0").replace('/', "~1"), value))
            .collect(),
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().flat_map(|(n, value)| below(n.to_string(), value)).collect()
        }
        _ => vec![(path.to_owned(), value.clone())],
    }
}

#[test]
fn every_field_of_every_record_is_read() {
    let mut kinds = std::collections::BTreeSet::new();
    for collection in std::fs::read_dir(fixtures().join("store")).unwrap() {
        let log = collection.unwrap().path().join("_log");
        let Ok(records) = std::fs::read_dir(log) else { continue };
        for record in records.map(|entry| entry.unwrap()) {
            let name = record.file_name().into_string().unwrap();
            let bytes = std::fs::read(record.path()).unwrap();
            let kind = RecordName::parse(&name).expect("a name that is known");
            kinds.insert(name.trim_end_matches(".zst").replace(|c: char| c.is_ascii_digit(), "#"));
            match kind {
                RecordName::Created => nothing_is_forgotten::<Created>(&name, &bytes),
                RecordName::Page(_) => {
                    decode_page(&name, &bytes).unwrap();
                    let unpacked = zstd::decode_all(&*bytes).unwrap();
                    let line = unpacked.split(|byte| *byte == b'\n').next().unwrap();
                    nothing_is_forgotten::<PageHeader>(&name, line);
                }
                RecordName::Turn(_) => nothing_is_forgotten::<Turn>(&name, &bytes),
                RecordName::TurnEnd(_) => nothing_is_forgotten::<TurnEnd>(&name, &bytes),
                RecordName::Control(_) => nothing_is_forgotten::<Control>(&name, &bytes),
                RecordName::Sealed => nothing_is_forgotten::<Sealed>(&name, &bytes),
                RecordName::Receipt(_) => nothing_is_forgotten::<Receipt>(&name, &bytes),
                RecordName::Notice => nothing_is_forgotten::<Announced>(&name, &bytes),
                RecordName::Told(_) => nothing_is_forgotten::<Told>(&name, &bytes),
                RecordName::Notified => nothing_is_forgotten::<Notified>(&name, &bytes),
            }
        }
    }
    let expected = [
        "control-######.json",
        "created.json",
        "notice.json",
        "notified.json",
        "page-######.json",
        "receipt-######.json",
        "sealed.json",
        "told-queue.json",
        "turn-######-end.json",
        "turn-######.json",
    ];
    assert!(kinds.iter().eq(expected.iter()), "{kinds:?}");
}

#[test]
fn manifests_messages_and_outcomes_are_read() {
    for collection in [COMPLETE, CANCELLED] {
        let path = fixtures().join("store").join(collection).join("manifest.json");
        nothing_is_forgotten::<Manifest>(collection, &std::fs::read(path).unwrap());
    }
    let messages = std::fs::read_to_string(fixtures().join("messages.jsonl")).unwrap();
    let messages = messages.lines().map(|line| Message::parse(line).unwrap());
    let part = Part { part: 0, first_page: 0, last_page: 0, rows: 10 };
    let expected = [(WAITING, Task::Collect), (RUNNING, Task::Part(part)), (RUNNING, Task::End)];
    let found = messages.map(|message| (message.collection().to_string(), message.task()));
    let expected = expected.map(|(id, task)| (id.to_owned(), task));
    assert_eq!(found.collect::<Vec<_>>(), expected);

    let outcomes = std::fs::read_to_string(fixtures().join("outcomes.jsonl")).unwrap();
    for line in outcomes.lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        let (kind, record) = value.as_object().unwrap().iter().next().unwrap();
        let record = record.to_string();
        match kind.as_str() {
            "turn_end" => nothing_is_forgotten::<TurnEnd>(line, record.as_bytes()),
            "told" => nothing_is_forgotten::<Told>(line, record.as_bytes()),
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn collections_of_every_state_are_what_they_were() {
    let (_kept, store) = store();
    let seen = async |collection| {
        let seen = overview(&store, collection).await;
        let trouble = seen.trouble.map(|trouble| trouble.code);
        let costs = format!("{} and perhaps {}", seen.cost_usd, seen.cost_perhaps_usd);
        (seen.state, seen.rows, seen.parts_stored, costs, trouble)
    };
    let is = |state, rows, parts, costs: &str, trouble: Option<&str>| {
        (state, rows, parts, costs.to_owned(), trouble.map(str::to_owned))
    };
    let nothing = "$0.00 and perhaps $0.00";
    assert_eq!(seen(COMPLETE).await, is(State::Complete, 12, 3, "$0.285 and perhaps $0.00", None));
    assert_eq!(seen(CANCELLED).await, is(State::Cancelled, 12, 2, "$0.17 and perhaps $0.00", None));
    let over_budget = seen(OVER_BUDGET).await;
    assert_eq!(over_budget, is(State::Paused, 27, 0, "$0.395 and perhaps $0.00", Some("budget")));
    assert_eq!(overview(&store, OVER_BUDGET).await.max_cost_usd.unwrap().to_string(), "$0.40");
    assert_eq!(seen(WAITING).await, is(State::Waiting, 0, 0, nothing, None));
    let wait = overview(&store, WAITING).await.waiting.unwrap();
    assert_eq!(wait.until.to_string(), "2026-11-30T18:56:20.62804945Z");
    assert_eq!(seen(FAILED).await, is(State::Failed, 0, 0, nothing, Some("not_enrolled")));
    assert_eq!(seen(PAUSED).await, is(State::Paused, 0, 0, "$0.00 and perhaps $0.30", None));
    let unreadable = is(State::Paused, 0, 0, "$0.00 and perhaps $0.15", Some("undecodable_page"));
    assert_eq!(seen(UNREADABLE).await, unreadable);
    let (state, rows, parts, ..) = seen(RUNNING).await;
    assert_eq!((state, rows, parts), (State::Collecting, 78, 1));
}

#[tokio::test]
async fn a_key_that_was_used_still_names_its_collection() {
    let (_kept, store) = store();
    let clock = Arc::new(TestClock::at(support::start()));
    let queue = MemoryQueue::new("collect", Settings::default(), clock);
    let request = concat!(
        r##"{"hashtag": "#nightjars", "num_results": 12, "start_date": "2006-03-22", "##,
        r#""partition_size": 5, "formats": ["csv", "jsonl", "jsonl.gz", "jsonl.zst", "parquet"], "#,
        r#""referenced": true, "max_cost_usd": 50}"#
    );
    let again = async |request: &str| {
        let key = IdempotencyKey { key: "first-collection", request: request.as_bytes() };
        let new = support::new_collection(support::asked(5), support::start(), 7);
        sender::accept_once(&store, &queue, new, &key).await
    };
    assert_eq!(again(request).await.unwrap(), id(COMPLETE));
    assert!(
        matches!(again("{}").await, Err(AcceptError::KeyReused(first)) if first == id(COMPLETE))
    );
}

/// Programs of others read these fields: a notice of the same dataset has them still.
#[tokio::test]
async fn notices_say_what_they_said() {
    let (_kept, store) = store();
    let manifest = Log::new(&store, id(COMPLETE)).manifest().await.unwrap().unwrap();
    let root = Root {
        address: "/srv/mistnet".into(),
        container: "/srv/mistnet".into(),
        folder: String::new(),
    };
    let notice = Notice {
        collection: manifest.collection,
        completed_at: "2026-11-30T18:55:48.357419284Z".parse().unwrap(),
        outcome: manifest.outcome,
        query: manifest.spec.query,
        hashtag: manifest.spec.hashtag,
        rows: manifest.rows,
        pages: manifest.pages,
        cost: manifest.cost_usd,
        root,
        files: manifest.files,
    };
    let event: Value = serde_json::from_str(&cloud_event::body(&notice)).unwrap();
    for name in ["notice-queue.json", "notice-webhook.json"] {
        let said = std::fs::read(fixtures().join(name)).unwrap();
        for (path, value) in leaves("", &serde_json::from_slice(&said).unwrap()) {
            assert_eq!(event.pointer(&path), Some(&value), "{name}{path}");
        }
    }
}

/// A rig on the store of a fixture, and a simulator with more of what it collects.
fn rig_on(store: Store) -> Rig {
    let options = Options {
        hashtag: "nightjars".into(),
        since: "2006-03-21T00:00:06Z".parse().unwrap(),
        until: "2026-11-30T18:55:00Z".parse().unwrap(),
        start: Some("2026-11-30T19:00:00Z".parse().unwrap()),
        ..available(400)
    };
    let mut rig = Rig::new(options);
    rig.store = store;
    rig
}

async fn budget(rig: &Rig, of: &CollectionId, dollars: u64) {
    let max_cost = Usd::from_micros(dollars * 1_000_000);
    for action in [ControlAction::Budget { max_cost }, ControlAction::Resume] {
        let now = rig.clock.now();
        sender::intervene(&rig.store, &*rig.collect, of, action, now).await.unwrap();
    }
}

fn header(csv: &[u8]) -> String {
    String::from_utf8(csv.split(|byte| *byte == b'\n').next().unwrap().to_vec()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_collection_that_an_earlier_version_began_is_finished() {
    let (folder, store) = store();
    let (rig, running) = (rig_on(store), id(RUNNING));
    budget(&rig, &running, 50).await;
    rig.run_until_complete(&[&running]).await;

    let finished = std::fs::read(folder.path().join(RUNNING).join("tweets.csv")).unwrap();
    let rows: Vec<_> = csv::Reader::from_reader(&*finished).into_records().collect();
    let unique: HashSet<_> = rows.iter().map(|row| row.as_ref().unwrap()[0].to_owned()).collect();
    assert!(rows.len() > 78 && unique.len() == rows.len(), "{} rows", rows.len());
    let begun = std::fs::read(fixtures().join("store").join(RUNNING).join("parts/part-000000.csv"));
    assert_eq!(header(&finished), header(&begun.unwrap()));
    let manifest = rig.log(&running).manifest().await.unwrap().unwrap();
    assert_eq!((manifest.columns, manifest.provenance), (Some(1), Provenance::default()));
    assert_eq!(manifest.page_sha256.len() as u64, manifest.pages, "old receipts name no pages");
    assert!(manifest.cost_likely_usd.is_none(), "nobody recorded it at the beginning");
    assert!(rig.dead_letters().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_collection_keeps_the_columns_that_it_was_accepted_with() {
    let rig = Rig::new(available(60));
    let first = rig.accept(Spec { partition_size: 25, ..asked(50) }).await;
    let mut created = rig.log(&first).created().await.unwrap().unwrap();
    // Version 0 lacks the column that was added last.
    (created.id, created.columns) = (id("20261122-older-aaaaaaaaaa"), 0);
    let older = created.id.clone();
    rig.log(&older).create(&created).await.unwrap();
    let now = rig.clock.now().checked_add(jiff::SignedDuration::from_hours(1)).unwrap();
    sender::sweep(&rig.store, &*rig.collect, now).await.unwrap();
    rig.run_until_complete(&[&first, &older]).await;

    let [new, old] = [&first, &older].map(|of| rig.log(of).layout().below("tweets.csv"));
    let new = header(&rig.store.get(&new).await.unwrap().unwrap());
    let old = header(&rig.store.get(&old).await.unwrap().unwrap());
    assert!(new.ends_with(",user_withheld_scope,extra"), "{new}");
    assert_eq!(old, new.replace(",user_withheld_scope", ""));
    assert!(rig.dead_letters().await.is_empty());
    Dataset::read(&rig.store, &older).await.assert_is(&rig.truth()[..50]);
}

#[tokio::test(start_paused = true)]
async fn columns_of_a_newer_version_leave_their_collection_untouched() {
    let rig = Rig::new(available(60));
    let known = rig.accept(asked(10)).await;
    let mut created = rig.log(&known).created().await.unwrap().unwrap();
    (created.id, created.columns) = (id("20261122-newer-aaaaaaaaaa"), u32::MAX);
    let newer = created.id.clone();
    rig.log(&newer).create(&created).await.unwrap();
    let message = Message::new(newer.clone(), rig.store.id().cloned(), Task::Collect);
    support::forge(&*rig.collect, &message.key(), &message.to_json()).await;
    rig.run_until_complete(&[&known]).await;
    rig.run_for(std::time::Duration::from_hours(1)).await;

    assert!(rig.dead_letters().await.is_empty());
    let log = rig.store.list(&rig.log(&newer).layout().log()).await.unwrap();
    assert_eq!(log.len(), 1, "nothing but created.json: {log:?}");
    let error = rig.log(&newer).history().await.unwrap_err().to_string();
    assert!(error.contains("version 4294967295"), "{error}");
}

#[test]
fn datasets_of_earlier_versions_are_verified() {
    let (folder, _) = store();
    for collection in [COMPLETE, CANCELLED] {
        let verified = Command::new(env!("CARGO_BIN_EXE_mistnet"))
            .args(["verify", collection, "--store"])
            .arg(folder.path())
            .current_dir(folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&verified.stderr);
        assert!(verified.status.success(), "{collection}: {said}");
    }
}
