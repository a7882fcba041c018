//! `demo`, and the commands that look at its dataset.

use std::collections::HashSet;

use super::{Place, rows};

#[test]
fn a_demo_collects_exactly_what_was_asked_for() {
    let place = Place::new();
    let ran = place.run("demo --tweets 505 --hashtag rustlang --seed 7 --out out --json").ok();
    let demo = ran.json();
    assert_eq!(demo["state"], "complete");
    assert_eq!(demo["rows"], 505);
    assert!(demo["pages"].as_u64().unwrap() >= 2);
    assert!(demo["cost_usd"].as_f64().unwrap() > 0.0);
    assert_eq!(demo["files"][0]["path"], "tweets.csv");
    let dataset = place.path().join(demo["dataset"].as_str().unwrap());
    assert!(dataset.ends_with(demo["collection"].as_str().unwrap()));
    let rows = rows(&dataset.join("tweets.csv"));
    let ids: HashSet<_> = rows.iter().map(|row| row[0].to_owned()).collect();
    assert_eq!((rows.len(), ids.len()), (505, 505));
    for file in ["manifest.json", "datapackage.json", "parts/part-000000.csv"] {
        assert!(dataset.join(file).is_file(), "{file}");
    }
}

#[test]
fn a_demo_tells_a_person_where_the_dataset_is() {
    let place = Place::new();
    let ran = place.run("demo --tweets 30 --out out").ok();
    let dataset = ran.stdout.lines().next().unwrap();
    assert!(place.path().join(dataset).join("manifest.json").is_file(), "{}", ran.stdout);
    assert!(ran.stdout.contains("nothing was charged") && ran.stdout.contains("open it with"));
    assert!(ran.stderr.contains("30 tweets"), "{}", ran.stderr);
}

#[test]
fn a_demo_needs_no_token_and_heeds_no_settings() {
    let place = Place::new();
    std::fs::write(place.path().join("mistnet.toml"), "[collection]\nnum_results = 7\n").unwrap();
    let mut command = place.command("demo --tweets 12 --json");
    let command = command.env_remove("X_BEARER_TOKEN").env("MISTNET_STORE", "elsewhere");
    let demo = super::Ran::of(command.output().unwrap()).ok().json();
    assert_eq!(demo["rows"], 12);
    assert!(demo["dataset"].as_str().unwrap().starts_with("./mistnet-demo/"));
}

#[test]
fn a_dataset_is_listed_shown_and_verified() {
    let place = Place::new();
    let demo = place.run("demo --tweets 12 --out data --json").ok().json();
    let id = demo["collection"].as_str().unwrap();
    let list = place.run("list").ok();
    assert!(list.stdout.contains(id) && list.stdout.contains("complete"), "{}", list.stdout);
    let listed = place.run("list --json").ok().json();
    assert_eq!(listed["collections"][0]["collection"], id);
    let show = place.run(&format!("show {id}")).ok();
    assert!(show.stdout.contains("tweets.csv  12 rows"), "{}", show.stdout);
    assert_eq!(place.run(&format!("show {id} --json")).ok().json()["rows"], 12);
    let verified = place.run(&format!("verify {id}")).ok();
    assert!(verified.stdout.contains("2 files with 12 rows"), "{}", verified.stdout);
    let over = place.run(&format!("pause {id}"));
    assert_eq!(over.code, 1);
    assert!(over.stderr.contains("complete, so it can't be paused"), "{}", over.stderr);
    assert!(!place.path().join("mistnet-queue.db").exists());
}

#[test]
fn a_mistyped_id_is_answered_with_the_near_ones() {
    let place = Place::new();
    let demo = place.run("demo --tweets 10 --out data --json").ok().json();
    let id = demo["collection"].as_str().unwrap();
    let (beginning, _) = id.rsplit_once('-').unwrap();
    let ran = place.run(&format!("show {beginning}-0000000000"));
    assert_eq!(ran.code, 66);
    assert!(ran.stderr.contains(&format!("did you mean {id}?")), "{}", ran.stderr);
}
