//! The contract of the store as tests, for every back end alike.
//!
//! A back end says `contract!(…)` with an expression that makes a new, empty store and what must
//! outlive it; that makes one test of every rule below. The rules know [`Store`] only.

use super::*;
use crate::model::record::tests::{created, page};

/// Makes one test of every rule. Marks in brackets in front of the expression stand at each test.
macro_rules! contract {
    ([$($mark:tt)*] $store:expr) => {
        $crate::store::contract::contract!(@rules [$($mark)*] $store;
            create_never_replaces_anything
            an_object_of_pieces_is_one_object
            of_many_writers_one_wins
            a_large_object_appears_whole_or_not_at_all
            a_listing_is_sorted_and_shows_only_what_lies_in_the_folder
            a_page_reads_back_and_a_damaged_one_is_named
            a_container_beside_is_another_place
            trying_to_write_leaves_nothing
            pieces_are_read_one_after_the_other
            names_with_odd_characters_are_kept
        );
    };
    (@rules $marks:tt $store:expr; $($rule:ident)+) => {
        $($crate::store::contract::contract!(@rule $marks $store; $rule);)+
    };
    (@rule [$($mark:tt)*] $store:expr; $rule:ident) => {
        #[tokio::test]
        $($mark)*
        async fn $rule() {
            let (store, _kept) = $store;
            $crate::store::contract::$rule(&store).await;
        }
    };
    ($store:expr) => {
        $crate::store::contract::contract!([] $store);
    };
}
pub(crate) use contract;

pub(crate) async fn create_never_replaces_anything(store: &Store) {
    let key = Path::from("a/b.json");
    let create = |bytes: &'static [u8]| store.create(&key, Bytes::from_static(bytes));
    assert_eq!(create(b"one").await.unwrap(), Creation::Created);
    assert_eq!(create(b"one").await.unwrap(), Creation::Same);
    assert_eq!(create(b"two").await.unwrap(), Creation::Differs);
    assert_eq!(store.get(&key).await.unwrap().unwrap(), "one");
    assert_eq!(store.get(&Path::from("a/c")).await.unwrap(), None);
    assert!(store.exists(&key).await.unwrap() && !store.exists(&Path::from("a")).await.unwrap());
}

pub(crate) async fn an_object_of_pieces_is_one_object(store: &Store) {
    let key = Path::from("a/pieces.csv");
    let create = async |pieces: &[&'static str]| {
        let pieces: Vec<_> = pieces.iter().copied().map(Bytes::from).collect();
        store.create_of_pieces(&key, &pieces).await.unwrap()
    };
    assert_eq!(create(&["id\n", "1\n2\n", "3\n"]).await, Creation::Created);
    assert_eq!(store.get(&key).await.unwrap().unwrap(), "id\n1\n2\n3\n");
    assert_eq!(create(&["id\n1\n", "", "2\n3\n"]).await, Creation::Same);
    for other in [&["id\n", "1\n2\n"][..], &["id\n1\n2\n3\n", "4\n"], &["id\n1\n2\n4\n"]] {
        assert_eq!(create(other).await, Creation::Differs);
    }
}

pub(crate) async fn of_many_writers_one_wins(store: &Store) {
    let key = Path::from("a/race");
    let tries = (0..16).map(|i| store.create(&key, Bytes::from(format!("writer {i}"))));
    let done = futures::future::join_all(tries).await;
    let winners = done.iter().filter(|done| matches!(done, Ok(Creation::Created))).count();
    assert_eq!(winners, 1);
}

pub(crate) async fn a_large_object_appears_whole_or_not_at_all(store: &Store) {
    // What is written in pieces follows from what was created, so that is there first.
    store.create(&Path::from("a/log.json"), Bytes::new()).await.unwrap();
    let key = Path::from("a/tweets.csv");
    let mut out = store.write_large(&key).await.unwrap();
    let piece = vec![b'x'; 1 << 20];
    for _ in 0..12 {
        out.write(&piece).await.unwrap();
    }
    assert!(!store.exists(&key).await.unwrap());
    out.finish().await.unwrap();
    let mut bytes = 0;
    let count = async |piece: Bytes| {
        bytes += piece.len();
        Ok(())
    };
    store.read_large(&key, count).await.unwrap();
    assert_eq!(bytes, 12 << 20);
}

pub(crate) async fn a_listing_is_sorted_and_shows_only_what_lies_in_the_folder(store: &Store) {
    for name in ["x/b", "x/a", "x/deep/c", "y/d"] {
        store.create(&Path::from(name), Bytes::new()).await.unwrap();
    }
    let names = store.list(&Path::from("x")).await.unwrap();
    assert_eq!(names.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(store.folders().await.unwrap(), ["x", "y"]);
    assert_eq!(store.list(&Path::from("nothing")).await.unwrap(), []);
}

pub(crate) async fn a_page_reads_back_and_a_damaged_one_is_named(store: &Store) {
    let log = Log::new(store, created().id);
    let body = r#"{"data":[{"id":"1","text":"naïve 🔥\n"}],"meta":{}}"#;
    log.create_page(&page(0), body.as_bytes()).await.unwrap();
    let record = log.page(0).await.unwrap();
    assert_eq!((record.header, &record.body[..]), (page(0), body.as_bytes()));

    let bytes = store.get(&log.layout().page(0)).await.unwrap().unwrap();
    for at in [4, bytes.len() / 2, bytes.len() - 1] {
        let mut damaged = bytes.to_vec();
        damaged[at] ^= 1;
        let error = decode_page("k/page-000000", &damaged).unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { .. }), "{at}: {error}");
        assert!(error.to_string().contains("k/page-000000"));
    }
    assert!(decode_page("k", &bytes[..bytes.len() / 2]).is_err());
}

pub(crate) async fn a_container_beside_is_another_place(store: &Store) {
    let name = format!("beside-{:016x}", rand::random::<u64>());
    let beside = store.container(&name).unwrap();
    let key = Path::from("a/b.csv");
    store.create(&key, Bytes::from_static(b"here")).await.unwrap();
    assert_eq!(beside.get(&key).await.unwrap(), None);
    let there = beside.create(&key, Bytes::from_static(b"there")).await.unwrap();
    assert_eq!(there, Creation::Created);
    assert_eq!(store.get(&key).await.unwrap().unwrap(), "here");
    assert_eq!(beside.get(&key).await.unwrap().unwrap(), "there");
}

pub(crate) async fn trying_to_write_leaves_nothing(store: &Store) {
    store.create(&Path::from("a/b"), Bytes::new()).await.unwrap();
    store.try_writing().await.unwrap();
    assert_eq!(store.list(&Path::default()).await.unwrap(), []);
    assert_eq!(store.folders().await.unwrap(), ["a"]);
    assert!(store.is_there().await.unwrap());
}

pub(crate) async fn pieces_are_read_one_after_the_other(store: &Store) {
    let key = Path::from("a/pieces");
    assert!(store.pieces(&key).await.unwrap().is_none());
    let content = Bytes::from((0..=250_u8).cycle().take(3 << 20).collect::<Vec<_>>());
    store.create(&key, content.clone()).await.unwrap();
    let pieces = store.pieces(&key).await.unwrap().unwrap();
    let read: Vec<Bytes> = pieces.try_collect().await.unwrap();
    assert_eq!(read.concat(), content);
}

pub(crate) async fn names_with_odd_characters_are_kept(store: &Store) {
    let names = ["x/a b", "x/a%20b", "x/ünï", "x/a+b&c=d"];
    for name in names {
        let key = Path::from(name);
        store.create(&key, Bytes::from(name)).await.unwrap();
        assert_eq!(store.get(&key).await.unwrap().unwrap(), name);
    }
    assert_eq!(store.list(&Path::from("x")).await.unwrap().len(), names.len());
}
