//! `collect` against the simulator as a server, and what it refuses before it asks anybody.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Child;

use super::{Place, Ran, rows};

/// `mistnet simulate x`, until the test is over.
pub(crate) struct Simulator {
    process: Child,
    pub(crate) url: String,
}

impl Simulator {
    pub(crate) fn start(place: &Place, words: &str) -> Self {
        let words = format!("simulate x --listen 127.0.0.1:0 {words}");
        let mut process = place.command(&words).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
        let url = first.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { process, url }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn collect(place: &Place, simulator: &Simulator, words: &str) -> Ran {
    let words = format!("collect {words} --yes --x-api-url {} --json", simulator.url);
    Ran::of(place.command(&words).env("MISTNET_X_PACING", "off").output().unwrap())
}

const TWENTY_YEARS: &str = "--since 2006-03-21 --partition-size 100";

#[test]
fn a_hashtag_becomes_a_dataset_within_its_limit() {
    let place = Place::new();
    let x = Simulator::start(&place, "--tweets 700 --hashtag rustlang --rate-limits off");
    let ran = collect(&place, &x, &format!("#RustLang --limit 305 {TWENTY_YEARS} --out out")).ok();
    let json = ran.json();
    assert_eq!((&json["state"], &json["rows"]), (&"complete".into(), &305.into()));
    assert_eq!(json["files"].as_array().unwrap().len(), 5);
    let dataset = place.path().join(json["dataset"].as_str().unwrap());
    assert_eq!(rows(&dataset.join("tweets.csv")).len(), 305);
    // What will be done is said before: the window in UTC, and the ceiling.
    assert!(ran.stderr.contains("2006-03-21 00:00:00 UTC (included)"), "{}", ran.stderr);
    assert!(ran.stderr.contains("at most $4.71"), "{}", ran.stderr);
    assert!(!place.path().join("mistnet-queue.db").exists());
}

#[test]
fn the_originals_layout_names_parts_as_the_predecessor_did() {
    let place = Place::new();
    let x = Simulator::start(&place, "--tweets 300 --hashtag rustlang --rate-limits off");
    let words = format!("#rustlang --limit 250 {TWENTY_YEARS} --store out --layout original");
    let json = collect(&place, &x, &words).ok().json();
    let id = json["collection"].as_str().unwrap();
    let (year, month, day) = (&id[..4], &id[4..6], &id[6..8]);
    let files = json["files"].as_array().unwrap();
    assert_eq!(files.len(), 3, "no file with all rows: {files:?}");
    let mut found = 0;
    for (number, file) in files.iter().enumerate() {
        assert_eq!(file["container"], format!("container{month}{year}"));
        let path = format!("Blob_{day}_{month}_{year}/{id}/fileblock_{number}.csv");
        assert_eq!(file["path"], path);
        let container = place.path().join("out").join(format!("container{month}{year}"));
        found += rows(&container.join(path)).len();
    }
    assert_eq!(found, 250);
    let dataset = place.path().join("out").join(id);
    assert!(dataset.join("manifest.json").exists());
    assert!(!dataset.join("tweets.csv").exists() && !dataset.join("datapackage.json").exists());
    place.run(&format!("verify {id} --store out")).ok();
    assert!(place.run("list --store out").ok().stdout.contains(id));
}

#[test]
fn the_originals_layout_has_one_file_if_asked() {
    let place = Place::new();
    let x = Simulator::start(&place, "--tweets 150 --hashtag rustlang --rate-limits off");
    let words = format!(
        "collect #rustlang --yes --limit 120 {TWENTY_YEARS} --out out --layout original --json --x-api-url {}",
        x.url
    );
    let mut command = place.command(&words);
    command.env("MISTNET_X_PACING", "off").env("MISTNET_SINGLE_FILE", "true");
    let json = Ran::of(command.output().unwrap()).ok().json();
    let dataset = place.path().join(json["dataset"].as_str().unwrap());
    assert_eq!(rows(&dataset.join("tweets.csv")).len(), 120);
    let package = fs::read_to_string(dataset.join("datapackage.json")).unwrap();
    assert!(package.contains("tweets.csv") && !package.contains("fileblock"), "{package}");
    let copy = place.run(&format!("verify {}", dataset.display()));
    assert_eq!(copy.code, 1);
    assert!(copy.stdout.contains("beside the store"), "{}", copy.stdout);
}

#[test]
fn all_there_is_ends_when_x_has_no_more() {
    let place = Place::new();
    let x = Simulator::start(&place, "--tweets 300 --rate-limits off");
    let words = format!("mistnet --limit all --max-cost 50 {TWENTY_YEARS}");
    let json = collect(&place, &x, &words).ok().json();
    assert_eq!((&json["state"], &json["rows"]), (&"complete".into(), &300.into()));
}

#[test]
fn a_budget_pauses_and_a_higher_one_goes_on() {
    let place = Place::new();
    let x = Simulator::start(&place, "--tweets 900 --rate-limits off");
    let words = format!("mistnet --limit all --max-cost 5 {TWENTY_YEARS}");
    let ran = collect(&place, &x, &words);
    assert_eq!(ran.code, 75, "{}", ran.stderr);
    let json = ran.json();
    assert_eq!((&json["state"], &json["trouble"]["code"]), (&"paused".into(), &"budget".into()));
    assert!(json["cost_usd"].as_f64().unwrap() <= 5.0);
    let id = json["collection"].as_str().unwrap();
    assert!(ran.stderr.contains(&format!("mistnet resume {id} --here")), "{}", ran.stderr);
    let words = format!("resume {id} --yes --here --max-cost 50 --x-api-url {} --json", x.url);
    let resumed = Ran::of(place.command(&words).env("MISTNET_X_PACING", "off").output().unwrap());
    assert_eq!(resumed.ok().json()["rows"], 900);
    place.run(&format!("verify {id}")).ok();
}

#[test]
fn resuming_elsewhere_only_records_the_wish() {
    let place = Place::new();
    let x = Simulator::start(&place, "--tweets 900 --rate-limits off");
    let words = format!("mistnet --limit all --max-cost 5 {TWENTY_YEARS}");
    let id = collect(&place, &x, &words).json()["collection"].as_str().unwrap().to_owned();
    let ran = place.run(&format!("resume {id} --yes --max-cost 9")).ok();
    assert!(ran.stdout.contains("is queued") && ran.stderr.contains("--here"), "{}", ran.stderr);
    let cancelled = place.run(&format!("cancel {id}")).ok();
    assert!(cancelled.stdout.contains("is cancelled"), "{}", cancelled.stdout);
    // What had come by then is delivered all the same.
    let words = format!("resume {id} --yes --here --x-api-url {} --json", x.url);
    let json = place.run(&words).ok().json();
    assert_eq!(json["state"], "cancelled");
    assert!(json["rows"].as_u64().unwrap() > 0 && !json["files"].as_array().unwrap().is_empty());
}

#[test]
fn bad_input_is_refused_with_field_value_reason_and_fix_and_leaves_nothing() {
    let place = Place::new();
    let cases = [
        ("collect #123", "hashtag"),
        ("collect #", "hashtag"),
        ("collect --query (rust", "query"),
        ("collect rust --since 24.05.2021", "--since"),
        ("collect rust --since 2021-05-25 --until 2021-05-24", "--since"),
        ("collect rust --since 1999-01-01 --until 1999-02-01", "1999-01-01"),
        ("collect rust --limit 0", "--limit"),
        ("collect rust --limit all", "--max-cost"),
        ("collect rust --max-cost 5EUR", "--max-cost"),
        ("collect rust --partition-size 0", "--partition-size"),
        ("demo --hashtag 123", "hashtag"),
        ("collect #123 --since 1999-01-01 --until 1999-02-01", "hashtag"),
        ("simulate x --hashtag 123", "hashtag"),
    ];
    let texts = cases.map(|(words, names)| {
        let ran = place.run(words);
        assert_eq!(ran.code, 2, "{words}: {}", ran.stderr);
        assert!(ran.stderr.contains(names), "{words}: {}", ran.stderr);
        assert!(ran.stdout.is_empty(), "{words}: {}", ran.stdout);
        format!("$ mistnet {words}\n{}", ran.stderr)
    });
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn without_a_token_nothing_is_accepted() {
    let place = Place::new();
    for words in ["collect #rustlang", "up", "sender"] {
        let ran = Ran::of(place.command(words).env_remove("X_BEARER_TOKEN").output().unwrap());
        assert_eq!(ran.code, 78, "{words}: {}", ran.stderr);
        assert!(ran.stderr.contains("mistnet simulate x"), "{words}: {}", ran.stderr);
    }
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
#[cfg(unix)]
fn an_interruption_keeps_what_has_come_and_says_how_to_go_on() {
    let place = Place::new();
    let x = Simulator::start(&place, "--tweets 3000 --rate-limits off --latency-ms 100");
    let words =
        format!("collect mistnet --limit 3000 {TWENTY_YEARS} --yes --json --x-api-url {}", x.url);
    let mut command = place.command(&words);
    let child = command.env("MISTNET_X_PACING", "off").spawn().unwrap();
    wait_for_a_page(&place);
    interrupt(child.id());
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 130, "{}", ran.stderr);
    let id = ran.json()["collection"].as_str().unwrap().to_owned();
    assert!(ran.stderr.contains(&format!("mistnet resume {id} --here")), "{}", ran.stderr);
    let words = format!("resume {id} --yes --here --json --x-api-url {}", x.url);
    let resumed = Ran::of(place.command(&words).env("MISTNET_X_PACING", "off").output().unwrap());
    let json = resumed.ok().json();
    assert_eq!((&json["state"], &json["rows"]), (&"complete".into(), &3000.into()));
    place.run(&format!("verify {id}")).ok();
}

#[cfg(unix)]
fn interrupt(id: u32) {
    let status = std::process::Command::new("kill").args(["-INT", &id.to_string()]).status();
    assert!(status.unwrap().success());
}

/// Until the log of the only collection has a page.
#[cfg(unix)]
fn wait_for_a_page(place: &Place) {
    let page = |folder: fs::DirEntry| folder.path().join("_log/page-000000.json.zst").exists();
    let there = || {
        fs::read_dir(place.path().join("data"))
            .is_ok_and(|found| found.filter_map(Result::ok).any(page))
    };
    for _ in 0..1_000_000 {
        if there() {
            return;
        }
        std::thread::yield_now();
    }
    panic!("no page came");
}

#[test]
fn every_format_has_the_same_rows_in_parts_and_in_one_file() {
    let place = Place::new();
    let x = Simulator::start(&place, "--tweets 300 --hashtag rustlang --rate-limits off");
    let formats = ["csv", "jsonl", "jsonl.gz", "jsonl.zst", "parquet"];
    let words =
        format!("#rustlang --limit 250 {TWENTY_YEARS} --out out --format {}", formats.join(","));
    let json = collect(&place, &x, &words).ok().json();
    let dataset = place.path().join(json["dataset"].as_str().unwrap());
    let names: Vec<_> = json["files"].as_array().unwrap().iter().map(|f| &f["path"]).collect();
    assert_eq!(names.len(), 4 * formats.len(), "{names:?}");
    let ids = |path: String| -> Vec<String> {
        rows(&dataset.join(path)).into_iter().map(|row| row[0].to_owned()).collect()
    };
    let all = ids("tweets.csv".into());
    let lines = |path: String| -> Vec<String> {
        let text = fs::read_to_string(dataset.join(path)).unwrap();
        let id = |line| serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].clone();
        text.lines().map(|line| id(line).as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(lines("tweets.jsonl".into()), all);
    let parts = (0..3).map(|part| lines(format!("parts/part-{part:06}.jsonl")));
    assert_eq!(parts.collect::<Vec<_>>().concat(), all);
    // Rows, ids and their order in all of them are what `verify` looks at.
    place.run(&format!("verify {}", dataset.display())).ok();
}
