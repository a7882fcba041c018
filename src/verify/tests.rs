//! Every bit that a complete dataset depends on is flipped, one at a time, and found.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::clock::TestClock;
use crate::model::message::{Message, Task};
use crate::model::parts::Cutter;
use crate::model::price::Reads;
use crate::model::record::tests::created;
use crate::model::record::{Created, PageHeader};
use crate::model::spec::FileFormat;
use crate::model::step::{Arrival, Origin, Progress, Step};
use crate::model::{CollectionId, PageToken, Spec, TweetId};
use crate::queue::memory::MemoryQueue;
use crate::queue::{NewMessage, Queue, Settings};
use crate::receiver::{Receiver, Remembered};
use crate::store::{Log, Store, decode_page};

/// A complete dataset of eight rows on three pages, in parts of three, in every format.
struct Complete {
    objects: Arc<InMemory>,
    dataset: Dataset,
    id: CollectionId,
}

/// Pages of X: the ids of each.
const PAGES: [&[u64]; 3] = [&[90, 80, 70], &[60, 50], &[40, 30, 20]];

fn asked() -> Created {
    let formats = FileFormat::built_in().collect();
    let spec = Spec { formats, partition_size: 3, limit: None, ..created().spec };
    Created { spec, ..created() }
}

async fn write_pages(log: &Log, spec: &Spec) -> (Vec<PageHeader>, Progress) {
    let mut progress = Progress::new(spec, None, None);
    let mut headers = Vec::new();
    for (number, ids) in (1..).zip(PAGES) {
        let Step::Fetch { cursor, .. } = progress.next(500) else { panic!("fetch") };
        let token: Option<PageToken> =
            (number < PAGES.len()).then(|| PageToken(format!("token{number}")));
        let tweets: Vec<_> = ids
            .iter()
            .map(|id| json!({"id": id.to_string(), "text": format!("tweet {id}")}))
            .collect();
        let body = json!({"data": tweets, "meta": {"result_count": ids.len()}}).to_string();
        let arrival = Arrival {
            ids: ids.iter().copied().map(TweetId).collect(),
            next_token: token,
            reads: Reads { posts: ids.len() as u64, users: 0 },
            ..Arrival::default()
        };
        let origin = Origin {
            request: vec![("query".into(), spec.query.clone())],
            fetched_at: created().created_at,
            writer: "test".into(),
            turn: 0,
        };
        let header = progress.accept(cursor, &arrival, &HashSet::new(), origin);
        log.create_page(&header, body.as_bytes()).await.unwrap();
        headers.push(header);
    }
    (headers, progress)
}

async fn complete() -> Complete {
    let objects = Arc::new(InMemory::new());
    let store = Store::new(Arc::clone(&objects) as _, "memory:");
    let created = asked();
    let id = created.id.clone();
    let log = Log::new(&store, id.clone());
    log.create(&created).await.unwrap();
    let (headers, progress) = write_pages(&log, &created.spec).await;
    let Step::Seal(why) = progress.next(500) else { panic!("seal") };
    let sealed = progress.seal(why, created.created_at);
    log.seal(&sealed).await.unwrap();
    let mut cutter = Cutter::new(created.spec.partition_size);
    let full: Vec<_> = headers.iter().flat_map(|header| cutter.page(header)).collect();
    let parts = full.into_iter().chain(cutter.rest(&sealed)).map(Task::Part);
    let clock = Arc::new(TestClock::at(created.created_at));
    let queue = Arc::new(MemoryQueue::new("store", Settings::default(), clock.clone()));
    for task in parts.chain([Task::End]) {
        let message = Message::new(id.clone(), None, task);
        let body = message.to_json();
        queue
            .send(&[NewMessage { key: message.key(), body, delay: Duration::ZERO }])
            .await
            .unwrap();
    }
    let receiver = Receiver {
        store: store.clone(),
        parts: queue.clone(),
        clock,
        notices: None,
        writer: "test".into(),
        concurrency: 1,
        remembered: Remembered::default(),
    };
    while let Some(delivery) = queue.receive(Duration::ZERO).await.unwrap() {
        receiver.handle(delivery).await;
    }
    let root = Path::from(id.as_str());
    let dataset = Dataset { store, root, at_home: true, shown: "dataset".into() };
    Complete { objects, dataset, id }
}

impl Complete {
    async fn problems(&self) -> Vec<Problem> {
        match check(&self.dataset).await {
            Ok(verdict) => verdict.problems,
            Err(error) => vec![Problem::new(MANIFEST, error.to_string())],
        }
    }

    async fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let all: Vec<_> = self.objects.list(None).try_collect().await.unwrap();
        let mut files = BTreeMap::new();
        for meta in all {
            let bytes = self.objects.get(&meta.location).await.unwrap().bytes().await.unwrap();
            files.insert(meta.location.to_string(), bytes.to_vec());
        }
        files
    }

    async fn put(&self, path: &str, bytes: Vec<u8>) {
        self.objects.put(&Path::from(path), bytes.into()).await.unwrap();
    }

    /// Changes a record as a text; what is found then.
    async fn edited(&self, name: &str, from: &str, to: &str) -> Vec<Problem> {
        let path = format!("{}/{name}", self.id);
        let before = self.files().await.remove(&path).unwrap();
        let text = String::from_utf8(before.clone()).unwrap();
        assert!(text.contains(from), "{from} in {text}");
        self.put(&path, text.replacen(from, to, 1).into_bytes()).await;
        let problems = self.problems().await;
        self.put(&path, before).await;
        problems
    }
}

/// What may change without a trace in a file, because nothing follows from it. A page is packed, and
/// some bits of that stand for nothing; what is in it is the same.
fn may_differ(name: &str, before: &[u8], after: &[u8]) -> bool {
    if name.contains("/_log/receipt-") {
        let without = |bytes: &[u8]| {
            let mut receipt: Value = serde_json::from_slice(bytes).ok()?;
            let fields = receipt.as_object_mut()?;
            fields.remove("stored_at")?;
            fields.remove("writer")?;
            Some(receipt)
        };
        // A receipt without the checksums of pages is one of an earlier version, and a field of
        // another name may be a later version's.
        let sums = |bytes: &[u8]| bytes.windows(9).any(|name| name == b"\"pages\": ");
        let renamed = sums(before) && !sums(after);
        let same = without(before).is_some() && without(before) == without(after);
        return same || (renamed && without(after).is_some());
    }
    if name.contains("/_log/page-") {
        let content = |bytes| {
            let page = decode_page(name, bytes).ok()?;
            Some((page.header, page.body))
        };
        return content(before).is_some() && content(before) == content(after);
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_dataset_has_no_problems() {
    let complete = complete().await;
    assert_eq!(complete.problems().await, []);
    let manifest = complete.files().await.remove(&format!("{}/manifest.json", complete.id));
    let manifest: Manifest = serde_json::from_slice(&manifest.unwrap()).unwrap();
    assert_eq!((manifest.rows, manifest.parts, manifest.pages), (8, 3, 3));
}

#[test]
fn a_bit_flipped_anywhere_is_found() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .unwrap();
    let (complete, files) = runtime.block_on(async {
        let complete = complete().await;
        let files: Vec<_> = complete.files().await.into_iter().collect();
        (complete, files)
    });
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 1_500,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let flips = (0..files.len(), 0.0..1.0_f64, 0..8_u32);
    let run = runner.run(&flips, |(file, at, bit)| {
        let (name, before) = &files[file];
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss
        )]
        let at = (at * before.len() as f64) as usize;
        let mut after = before.clone();
        after[at] ^= 1 << bit;
        let problems = runtime.block_on(async {
            complete.put(name, after.clone()).await;
            let problems = complete.problems().await;
            complete.put(name, before.clone()).await;
            problems
        });
        let found = !problems.is_empty() || may_differ(name, before, &after);
        prop_assert!(found, "bit {bit} of byte {at} of {name}");
        Ok(())
    });
    assert!(run.is_ok(), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_number_is_named_with_what_it_should_be() {
    let complete = complete().await;
    let manifest: Value = {
        let files = complete.files().await;
        serde_json::from_slice(&files[&format!("{}/manifest.json", complete.id)]).unwrap()
    };
    for field in ["rows", "parts", "pages", "tweets", "cost_usd", "cost_perhaps_usd"] {
        let value = manifest[field].to_string();
        let from = format!("\"{field}\": {value}");
        let to = if value.starts_with('"') { "\"0.01\"" } else { "7" };
        let problems = complete.edited(MANIFEST, &from, &format!("\"{field}\": {to}")).await;
        let named = problems.iter().any(|problem| {
            problem.file == MANIFEST && problem.reason.starts_with(&format!("{field} is {to}"))
        });
        assert!(named, "{field}: {problems:?}");
    }
    let problems = complete.edited("_log/sealed.json", "exhausted", "limit_reached").await;
    assert!(problems.iter().any(|problem| problem.file.ends_with("sealed.json")), "{problems:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_or_too_much_is_named() {
    let complete = complete().await;
    let files = complete.files().await;
    for name in files.keys().filter(|name| !name.ends_with("created.json")) {
        let path = Path::from(name.as_str());
        complete.objects.delete(&path).await.unwrap();
        let problems = complete.problems().await;
        assert!(!problems.is_empty(), "{name} is missing");
        complete.put(name, files[name].clone()).await;
    }
    let id = &complete.id;
    for name in [
        "_log/page-000003.json.zst",
        "_log/receipt-000003.json",
        "_log/lost-000001.json",
        "parts/part-000003.csv",
        "parts/part-000000.csv.gz.jsonl",
    ] {
        let path = format!("{id}/{name}");
        complete.put(&path, b"x".to_vec()).await;
        let problems = complete.problems().await;
        assert_eq!(problems.len(), 1, "{name}: {problems:?}");
        assert!(problems[0].file.ends_with(name), "{problems:?}");
        complete.objects.delete(&Path::from(path)).await.unwrap();
    }
    for name in ["_log/.DS_Store", "parts/.DS_Store", "notes.txt"] {
        complete.put(&format!("{id}/{name}"), b"x".to_vec()).await;
    }
    assert_eq!(complete.problems().await, []);
}
