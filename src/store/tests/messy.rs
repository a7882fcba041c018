//! A folder in which people, other programs and broken disks have left things behind.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path as FilePath, PathBuf};
use std::time::Duration;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::*;
use crate::model::CollectionId;

const OTHER: &str = "20261122-other-0000000000";

/// A store with two collections; the folder of the log of the second.
async fn store() -> (Store, tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::folder(folder.path()).unwrap();
    for id in [created().id, OTHER.parse().unwrap()] {
        let log = Log::new(&store, id.clone());
        log.create(&Created { id, ..created() }).await.unwrap();
    }
    let log = folder.path().join(OTHER).join("_log");
    (store, folder, log)
}

fn fifo(path: &FilePath) {
    mknodat(CWD, path, FileType::Fifo, Mode::RWXU, 0).unwrap();
}

fn socket(path: &FilePath) {
    drop(std::os::unix::net::UnixListener::bind(path).unwrap());
}

/// Everything that is put where nothing of ours is.
fn litter(folder: &FilePath) {
    fs::write(folder.join(OsStr::from_bytes(b"\xff\xfe")), "").unwrap();
    fs::create_dir(folder.join(OsStr::from_bytes(b"2026\xff"))).unwrap();
    fs::write(folder.join("bell\u{7}"), "").unwrap();
    symlink("/nonexistent", folder.join("dangling")).unwrap();
    symlink("circle", folder.join("circle")).unwrap();
    symlink(folder, folder.join("loop")).unwrap();
    symlink("/dev/zero", folder.join("zero")).unwrap();
    fifo(&folder.join("fifo"));
    socket(&folder.join("socket"));
    fs::create_dir(folder.join("lost+found")).unwrap();
    for name in [".DS_Store", "Thumbs.db", "._x", ".nfs0001", "created.json~", "part.csv#1"] {
        fs::write(folder.join(name), "x").unwrap();
    }
}

/// What can't be read of it, sorted.
const UNREAD: [(&str, &str); 9] = [
    ("2026\\xff", "not UTF-8"),
    ("\\xff\\xfe", "not UTF-8"),
    ("bell\\u{7}", "control characters"),
    ("circle", "leads in a circle"),
    ("dangling", "leads nowhere"),
    ("fifo", "a FIFO"),
    ("loop", "a folder that it lies in"),
    ("socket", "a socket"),
    ("zero", "a device"),
];

fn assert_unread(unread: &[Unread]) {
    assert_eq!(unread.len(), UNREAD.len(), "{unread:?}");
    for (found, (name, reason)) in unread.iter().zip(UNREAD) {
        assert!(found.name == name && found.reason.contains(reason), "{found:?}");
    }
}

/// Whatever is done must end soon, in real time: nobody may wait at a FIFO.
async fn soon<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), work).await.unwrap()
}

#[tokio::test]
async fn litter_at_the_top_hides_no_collection_and_is_named() {
    let (store, folder, _) = store().await;
    litter(folder.path());
    let found = soon(store.collections()).await.unwrap();
    assert_eq!(found.ids, [OTHER.parse().unwrap(), created().id]);
    assert_unread(&found.unread);
    assert!(soon(store.is_there()).await.unwrap());
}

#[tokio::test]
async fn litter_in_a_log_is_named_and_changes_nothing() {
    let (store, _folder, path) = store().await;
    litter(&path);
    let log = Log::new(&store, OTHER.parse().unwrap());
    assert_eq!(soon(log.history()).await.unwrap().unwrap().pages, 0);
    let foreign = soon(log.foreign()).await.unwrap();
    let files = [".DS_Store", ".nfs0001", "._x", "Thumbs.db", "created.json~", "lost+found"];
    for name in files.into_iter().chain(UNREAD.map(|(name, _)| name)) {
        assert!(foreign.iter().any(|entry| entry.name == name), "{name}: {foreign:?}");
    }
    assert_eq!(foreign.len(), files.len() + UNREAD.len());
}

#[tokio::test]
async fn what_has_the_name_of_a_collection_and_is_none_is_damaged() {
    let (store, folder, _) = store().await;
    let at = |name: &str| folder.path().join(name);
    fs::write(at("20200101-file-aaaaaaaaaa"), "").unwrap();
    fifo(&at("20200101-fifo-aaaaaaaaaa"));
    symlink("/nonexistent", at("20200101-link-aaaaaaaaaa")).unwrap();
    symlink(folder.path(), at("20200101-loop-aaaaaaaaaa")).unwrap();
    let found = soon(store.collections()).await.unwrap();
    assert_eq!(found.ids.len(), 2);
    let damaged: Vec<_> = found.damaged.iter().map(|(id, _)| id.as_str()).collect();
    let names = ["file", "fifo", "link", "loop"].map(|name| format!("20200101-{name}-aaaaaaaaaa"));
    assert_eq!(damaged, names);
}

/// Puts something in place of a record; what reading the log says.
async fn damage(name: &str, put: impl FnOnce(&FilePath)) -> String {
    let (store, _folder, path) = store().await;
    put(&path.join(name));
    let log = Log::new(&store, OTHER.parse().unwrap());
    let error = soon(log.history()).await.unwrap_err();
    assert!(!error.is_passing() && !error.is_newer(), "{error}");
    assert!(error.to_string().contains(name), "{error}");
    // The other collection is as it was.
    let other = Log::new(&store, created().id);
    assert!(soon(other.history()).await.unwrap().is_some());
    error.to_string()
}

#[tokio::test]
async fn what_lies_in_place_of_a_record_is_named() {
    let folder = |path: &FilePath| fs::create_dir(path).unwrap();
    for name in ["sealed.json", "control-000000.json", "receipt-000002.json"] {
        assert!(damage(name, folder).await.contains("a folder"), "{name}");
        assert!(damage(name, fifo).await.contains("a FIFO"), "{name}");
        assert!(damage(name, socket).await.contains("a socket"), "{name}");
        let nowhere = |path: &FilePath| symlink("/nonexistent", path).unwrap();
        assert!(damage(name, nowhere).await.contains("leads nowhere"), "{name}");
        let circle = |path: &FilePath| symlink(name, path).unwrap();
        assert!(damage(name, circle).await.contains("in a circle"), "{name}");
    }
    let replaced = |put: fn(&FilePath)| {
        move |path: &FilePath| {
            fs::remove_file(path).unwrap();
            put(path);
        }
    };
    assert!(damage("created.json", replaced(fifo)).await.contains("a FIFO"));
    let folder = replaced(|path| fs::create_dir(path).unwrap());
    assert!(damage("created.json", folder).await.contains("a folder"));
}

#[tokio::test]
async fn a_file_in_place_of_the_log_is_named() {
    let (store, _folder, path) = store().await;
    fs::remove_dir_all(&path).unwrap();
    fs::write(&path, "").unwrap();
    let id: CollectionId = OTHER.parse().unwrap();
    let error = soon(Log::new(&store, id).history()).await.unwrap_err().to_string();
    assert!(error.contains("a file lies where a folder should be"), "{error}");
}

#[tokio::test]
async fn a_record_of_gigabytes_is_named_and_not_read() {
    for name in ["control-000000.json", "sealed.json", "page-000000.json.zst", "created.json"] {
        let sparse = |path: &FilePath| {
            let file = fs::File::create(path).unwrap();
            file.set_len(3 << 30).unwrap();
        };
        let error = damage(name, sparse).await;
        assert!(error.contains("it has 3221225472 bytes, and at most"), "{error}");
    }
}

#[tokio::test]
async fn nothing_is_written_over_what_is_no_file() {
    let (store, folder, _) = store().await;
    let key = Path::from("a/b.json");
    fs::create_dir(folder.path().join("a")).unwrap();
    let path = folder.path().join("a/b.json");
    let nowhere: fn(&FilePath) = |path| symlink("/nonexistent", path).unwrap();
    let folder: fn(&FilePath) = |path| fs::create_dir(path).unwrap();
    for put in [nowhere, folder, fifo, socket] {
        put(&path);
        let error = soon(store.create(&key, Bytes::from_static(b"x"))).await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
        if path.is_dir() { fs::remove_dir(&path).unwrap() } else { fs::remove_file(&path).unwrap() }
    }
    let created = store.create(&key, Bytes::from_static(b"x")).await.unwrap();
    assert_eq!(created, Creation::Created);
}
