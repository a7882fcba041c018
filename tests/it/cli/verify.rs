//! `verify` finds what is wrong, and names it.

use std::fs;
use std::path::{Path, PathBuf};

use super::Place;

/// A dataset of two parts.
fn dataset(place: &Place) -> PathBuf {
    let demo = place.run("demo --tweets 1005 --out data --json").ok().json();
    place.path().join(demo["dataset"].as_str().unwrap())
}

fn flip_a_byte(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_flipped_byte_is_found_and_its_file_named() {
    let place = Place::new();
    let dataset = dataset(&place);
    let id = dataset.file_name().unwrap().to_str().unwrap().to_owned();
    flip_a_byte(&dataset.join("parts/part-000001.csv"));
    let ran = place.run(&format!("verify {id}"));
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("parts/part-000001.csv: its SHA-256 is"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("tweets.csv") && !ran.stdout.contains("part-000000"));
    let json = place.run(&format!("verify {id} --json")).json();
    assert_eq!(json["problems"][0]["file"], "parts/part-000001.csv");
}

#[test]
fn a_damaged_page_and_a_missing_file_are_named() {
    let place = Place::new();
    let dataset = dataset(&place);
    let id = dataset.file_name().unwrap().to_str().unwrap().to_owned();
    flip_a_byte(&dataset.join("_log/page-000000.json.zst"));
    fs::remove_file(dataset.join("tweets.csv")).unwrap();
    let ran = place.run(&format!("verify {id}"));
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("_log/page-000000.json.zst"), "{}", ran.stdout);
    assert!(ran.stdout.contains("tweets.csv: it is missing"), "{}", ran.stdout);
    assert!(ran.stderr.contains("2 problems"), "{}", ran.stderr);
}

#[test]
fn a_copy_is_verified_wherever_it_lies() {
    let place = Place::new();
    let dataset = dataset(&place);
    let copy = place.path().join("copy");
    fs::rename(&dataset, &copy).unwrap();
    let whole = place.run("verify ./copy").ok();
    assert!(whole.stdout.contains("the ids of"), "{}", whole.stdout);
    fs::remove_dir_all(copy.join("_log")).unwrap();
    let without_log = place.run("verify ./copy").ok();
    assert!(without_log.stdout.contains("no log here"), "{}", without_log.stdout);
    fs::remove_file(copy.join("manifest.json")).unwrap();
    assert_eq!(place.run("verify ./copy").code, 1);
    assert_eq!(place.run("verify ./nowhere").code, 66);
}
