//! A file that lies where a part should be stored, without a receipt.

use std::time::Duration;

use mistnet::model::spec::FileFormat;
use mistnet::model::{CollectionId, Spec};
use mistnet::queue::Queue;
use mistnet::receiver::found;
use object_store::ObjectStoreExt;
use object_store::path::Path;

use crate::support::{Dataset, Doctor, Rig, asked, available};

/// Three parts of 200, 200 and 50 rows.
fn spec(format: FileFormat) -> Spec {
    Spec { partition_size: 200, formats: vec![format], ..asked(2_000) }
}

/// The same collection each time, sealed, of which no part is stored.
async fn sealed(format: FileFormat) -> (Rig, CollectionId) {
    let rig = Rig::with(available(450), Doctor::pages_of(100));
    let id = rig.accept(spec(format)).await;
    rig.send_until_sealed(&id).await;
    (rig, id)
}

fn part(rig: &Rig, id: &CollectionId, part: u64, format: FileFormat) -> Path {
    rig.log(id).layout().below(&format!("parts/part-{part:06}.{}", format.name()))
}

/// The files of the parts as they should be.
async fn genuine(format: FileFormat) -> Vec<Vec<u8>> {
    let (rig, id) = sealed(format).await;
    rig.run_until_complete(&[&id]).await;
    let mut parts = Vec::new();
    for number in 0..3 {
        let key = part(&rig, &id, number, format);
        parts.push(rig.store.get(&key).await.unwrap().unwrap().to_vec());
    }
    parts
}

/// Puts a file where part 1 should be, and lets everybody work.
async fn with_part_1(format: FileFormat, bytes: Vec<u8>) -> (Rig, CollectionId) {
    let (rig, id) = sealed(format).await;
    rig.objects.inner.put(&part(&rig, &id, 1, format), bytes.into()).await.unwrap();
    rig.run_for(Duration::from_mins(10)).await;
    (rig, id)
}

async fn assert_refused(format: FileFormat, bytes: Vec<u8>, what: &str) {
    let (rig, id) = with_part_1(format, bytes).await;
    let letters = rig.dead_letters().await;
    assert_eq!(letters.len(), 1, "{format:?} {what}: {letters:?}");
    assert_eq!(letters[0].reason, "another file is there");
    let description = &letters[0].description;
    let key = part(&rig, &id, 1, format);
    assert!(description.contains(key.as_ref()), "{description}");
    assert!(description.contains("move it away, then replay"), "{description}");
    let log = rig.log(&id);
    assert!(!log.has_receipt(1).await.unwrap() && log.has_receipt(2).await.unwrap());
    assert!(log.manifest().await.unwrap().is_none(), "{format:?} {what}");

    rig.objects.inner.delete(&key).await.unwrap();
    assert!(rig.parts.replay(letters[0].id).await.unwrap());
    rig.run_until_complete(&[&id]).await;
    assert_eq!(ids(&rig, &id).await, rig.truth());
}

/// The ids of the parts of a complete dataset.
async fn ids(rig: &Rig, id: &CollectionId) -> Vec<u64> {
    let log = rig.log(id);
    let manifest = log.manifest().await.unwrap().unwrap();
    let mut ids = Vec::new();
    for file in manifest.files.iter().filter(|file| file.path.starts_with("parts/")) {
        let (store, key) = log.place(file).unwrap();
        let found = found::find(&store, &key, file.format).await.unwrap();
        assert_eq!((found.bytes, &found.sha256), (file.bytes, &file.sha256));
        ids.extend(found.ids.unwrap().into_iter().map(|id| id.0));
    }
    ids
}

#[tokio::test(start_paused = true)]
async fn what_is_no_part_is_never_taken_for_one() {
    for format in [FileFormat::Csv, FileFormat::Jsonl, FileFormat::JsonlGz, FileFormat::JsonlZst] {
        let parts = genuine(format).await;
        let whole = &parts[1];
        assert_refused(format, Vec::new(), "empty").await;
        assert_refused(format, b"garbage".to_vec(), "garbage").await;
        assert_refused(format, parts[0].clone(), "another part").await;
        assert_refused(format, parts[2].clone(), "a smaller part").await;
        assert_refused(format, whole[..whole.len() / 2].to_vec(), "cut").await;
        assert_refused(format, [whole.as_slice(), whole].concat(), "twice").await;
        assert_refused(format, vec![0; whole.len() * 4 + (2 << 20)], "far too large").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_part_that_ends_early_between_two_rows_is_not_taken() {
    let whole = String::from_utf8(genuine(FileFormat::Csv).await.remove(1)).unwrap();
    let mut reader = csv::Reader::from_reader(whole.as_bytes());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(reader.headers().unwrap()).unwrap();
    reader.records().take(150).for_each(|row| writer.write_record(&row.unwrap()).unwrap());
    assert_refused(FileFormat::Csv, writer.into_inner().unwrap(), "150 of 200 rows").await;
    let lines = String::from_utf8(genuine(FileFormat::Jsonl).await.remove(1)).unwrap();
    let lines: String = lines.split_inclusive('\n').take(150).collect();
    assert_refused(FileFormat::Jsonl, lines.into_bytes(), "150 of 200 rows").await;
}

/// Parquet is read where it lies, which takes a thread that may wait.
#[cfg(feature = "parquet")]
#[tokio::test(flavor = "multi_thread")]
async fn a_parquet_file_of_another_part_has_other_ids() {
    use mistnet::store::Store;

    let (store, key) = (Store::memory(), Path::from("x.parquet"));
    store.create(&key, b"PAR1 garbage PAR1".to_vec().into()).await.unwrap();
    assert!(found::find(&store, &key, FileFormat::Parquet).await.unwrap().ids.is_err());
}

#[tokio::test(start_paused = true)]
async fn the_same_rows_as_an_earlier_version_wrote_them_are_kept() {
    let whole = genuine(FileFormat::Csv).await.remove(1);
    let mut reader = csv::Reader::from_reader(whole.as_slice());
    let header = reader.headers().unwrap().clone();
    let text = header.iter().position(|name| name == "tweet").unwrap();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header).unwrap();
    for row in reader.records() {
        let row = row.unwrap();
        let cells = row.iter().enumerate();
        writer
            .write_record(cells.map(|(at, cell)| if at == text { "as before" } else { cell }))
            .unwrap();
    }
    let earlier = writer.into_inner().unwrap();
    let (rig, id) = with_part_1(FileFormat::Csv, earlier.clone()).await;
    assert!(rig.dead_letters().await.is_empty());
    Dataset::read(&rig.store, &id).await.assert_is(&rig.truth());
    let kept = rig.store.get(&part(&rig, &id, 1, FileFormat::Csv)).await.unwrap().unwrap();
    assert_eq!(kept, earlier, "a file never changes");
}
