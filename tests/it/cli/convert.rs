//! `convert` by the real binary: what it reads and writes, what it says, how it ends.

use std::fs;
use std::io::{Read, Write};
use std::process::Stdio;

use serde_json::{Value, json};

use super::{Place, Ran, rows};

/// Pages of ten invented tweets, one a line.
fn pages(count: u64) -> String {
    let tweet = |id: u64| json!({"id": id.to_string(), "text": format!("tweet {id}")});
    let page = |number: u64| json!({"data": (0..10).map(|at| tweet(1_000_000 - number * 10 - at)).collect::<Vec<_>>()});
    (0..count).map(|number| page(number).to_string() + "\n").collect()
}

fn with_input(place: &Place, words: &str, input: &[u8]) -> Ran {
    let mut child = place.command(words).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // A command that refuses its input may not read all of it.
        let _ = stdin.write_all(&input);
    });
    let ran = Ran::of(child.wait_with_output().unwrap());
    writer.join().unwrap();
    ran
}

fn names(place: &Place) -> Vec<String> {
    let entries = fs::read_dir(place.path()).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_dataset_is_made_again_from_its_log() {
    let place = Place::new();
    let demo = place.run("demo --tweets 1005 --out data --json").ok().json();
    let dataset = demo["dataset"].as_str().unwrap();
    let delivered = fs::read(place.path().join(dataset).join("tweets.csv")).unwrap();
    fs::rename(place.path().join(dataset), place.path().join("copy")).unwrap();
    let summary = place.run("convert copy again.csv --json").ok().json();
    assert_eq!(summary["rows"], 1005);
    assert!(fs::read(place.path().join("again.csv")).unwrap() == delivered);
    fs::rename(place.path().join("copy"), place.path().join(dataset)).unwrap();
    for threads in [1, 4] {
        place.run(&format!("convert data all.csv --force --threads {threads}")).ok();
        assert!(fs::read(place.path().join("all.csv")).unwrap() == delivered);
    }
    let page = format!("{dataset}/_log/page-000000.json.zst");
    let summary = place.run(&format!("convert {page} {page} one.csv --json")).ok().json();
    assert_eq!(summary["rows"], summary["duplicates"]);
    assert_eq!(place.run("convert nowhere out.csv").code, 66);
    fs::create_dir(place.path().join("empty")).unwrap();
    let ran = place.run("convert empty out.csv");
    assert_eq!(ran.code, 66);
    assert!(ran.stderr.contains("DIR/*.jsonl"), "{}", ran.stderr);
}

#[test]
fn people_read_a_summary_and_programs_an_object() {
    let place = Place::new();
    fs::write(place.path().join("in.jsonl"), pages(3) + &pages(1)).unwrap();
    let ran = place.run("convert in.jsonl out.csv --profile original").ok();
    assert!(ran.stdout.is_empty());
    assert!(ran.stderr.contains("out.csv: 30 rows, "), "{}", ran.stderr);
    assert!(ran.stderr.contains("10 duplicates left out"), "{}", ran.stderr);
    let ran = place.run("convert in.jsonl out.csv --force --json --quiet --threads 2").ok();
    assert_eq!(ran.stderr, "");
    let summary = ran.json();
    let wanted = json!({"out": "out.csv", "format": "csv", "profile": "full", "threads": 2,
        "pages": 4, "tweets": 40, "rows": 30, "duplicates": 10, "not_counted": 0, "skipped": 0,
        "repaired_characters": 0, "unknown_fields": []});
    for (name, value) in wanted.as_object().unwrap() {
        assert_eq!(&summary[name], value, "{name}");
    }
    let size = fs::metadata(place.path().join("out.csv")).unwrap().len();
    assert_eq!(summary["bytes_out"], size);
    assert_eq!(rows(&place.path().join("out.csv")).len(), 30);
}

#[test]
fn line_breaks_are_as_they_are_asked_for() {
    let place = Place::new();
    let page = json!({"data": [{"id": "1", "text": "a\r\nb\\n"}]}).to_string();
    fs::write(place.path().join("in.jsonl"), page).unwrap();
    for (how, text) in [("keep", "a\r\nb\\n"), ("escape", r"a\r\nb\\n"), ("space", r"a b\n")] {
        place.run(&format!("convert in.jsonl {how}.csv --newlines {how}")).ok();
        assert_eq!(&rows(&place.path().join(format!("{how}.csv")))[0][3], text);
    }
    place.run("convert in.jsonl plain.csv").ok();
    let read = |name: &str| fs::read(place.path().join(name)).unwrap();
    assert_eq!(read("plain.csv"), read("keep.csv"));
}

#[test]
fn a_file_for_spreadsheets_says_so_and_what_it_cut() {
    let place = Place::new();
    let tweet = |id: &str, text: &str| json!({"id": id, "text": text});
    let page = json!({"data": [tweet("1", "=1+1"), tweet("2", &"a".repeat(33_000))]});
    fs::write(place.path().join("in.jsonl"), page.to_string()).unwrap();
    let ran = place.run("convert in.jsonl out.csv --excel --profile original --json").ok();
    assert_eq!(ran.json()["cells_cut"], 1);
    assert!(ran.stderr.contains("1 cell cut at the 32767 characters"), "{}", ran.stderr);
    let written = fs::read_to_string(place.path().join("out.csv")).unwrap();
    assert!(written.starts_with("\u{feff}id,"), "{written}");
    assert!(written.contains("\r\n\"=\"\"1\"\"\",,,'=1+1,"), "{written}");
}

#[test]
fn tables_lie_beside_the_output_and_are_told_of() {
    let place = Place::new();
    let tweet = |id: &str| {
        json!({"id": id, "text": "#a @b", "entities": {
            "hashtags": [{"start": 0, "end": 2, "tag": "a"}],
            "mentions": [{"start": 3, "end": 5, "username": "b", "id": "7"}],
        }})
    };
    let users = json!([{"id": "7", "username": "b"}]);
    let page = json!({"data": [tweet("2"), tweet("1")], "includes": {"users": users}});
    fs::write(place.path().join("in.jsonl"), format!("{page}\n{page}\n")).unwrap();
    let ran = place.run("convert in.jsonl out.csv --tables mentions,users --json").ok();
    assert!(ran.stderr.contains("out.users.csv: 1 row, "), "{}", ran.stderr);
    let size = |name: &str| fs::metadata(place.path().join(name)).unwrap().len();
    let wanted = json!([
        {"table": "users", "out": "out.users.csv", "rows": 1, "bytes_out": size("out.users.csv")},
        {"table": "mentions", "out": "out.mentions.csv", "rows": 2,
         "bytes_out": size("out.mentions.csv")},
    ]);
    assert_eq!(ran.json()["tables"], wanted);
    assert_eq!(names(&place), ["in.jsonl", "out.csv", "out.mentions.csv", "out.users.csv"]);
    let mentions = fs::read_to_string(place.path().join("out.mentions.csv")).unwrap();
    assert_eq!(
        mentions,
        "tweet_id,marked_in,start,end,username,user_id,extra\n2,text,3,5,b,7,\n1,text,3,5,b,7,\n"
    );
    place.run("convert in.jsonl out.csv --tables urls --excel --force").ok();
    assert!(fs::read(place.path().join("out.urls.csv")).unwrap().starts_with(b"\xEF\xBB\xBF"));
    place.run("convert in.jsonl out.jsonl.gz --tables hashtags").ok();
    assert!(names(&place).contains(&"out.hashtags.jsonl.gz".to_owned()));
}

#[test]
fn a_retweet_has_the_whole_text_if_that_is_asked_for() {
    let place = Place::new();
    let reference = json!([{"type": "retweeted", "id": "1"}]);
    let page = json!({
        "data": [{"id": "2", "text": "RT @a: cut…", "referenced_tweets": reference}],
        "includes": {"tweets": [{"id": "1", "text": "cut no more"}]},
    });
    fs::write(place.path().join("in.jsonl"), page.to_string()).unwrap();
    for (options, text) in [("", "RT @a: cut…"), ("--merge-retweets", "cut no more")] {
        place.run(&format!("convert in.jsonl out.csv --force {options}")).ok();
        assert_eq!(&rows(&place.path().join("out.csv"))[0][3], text);
    }
}

#[test]
fn rows_go_from_standard_input_to_standard_output() {
    let place = Place::new();
    let packed = zstd::encode_all(pages(3).as_bytes(), 1).unwrap();
    let ran = with_input(&place, "convert - - --profile original --json", &packed).ok();
    let mut reader = csv::Reader::from_reader(ran.stdout.as_bytes());
    assert_eq!(reader.records().map(Result::unwrap).count(), 30);
    let summary: Value = serde_json::from_str(ran.stderr.lines().last().unwrap()).unwrap();
    assert_eq!((&summary["rows"], &summary["out"]), (&json!(30), &json!("-")));
    assert!(names(&place).is_empty());
    let twice = place.run("convert - - out.csv");
    assert_eq!(twice.code, 2, "{}", twice.stderr);
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let place = Place::new();
    fs::write(place.path().join("in.jsonl"), pages(20_000)).unwrap();
    let mut child = place.command("convert in.jsonl - --threads 2").spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut some = [0; 100];
    stdout.read_exact(&mut some).unwrap();
    drop(stdout);
    let ran = Ran::of(child.wait_with_output().unwrap()).ok();
    assert_eq!(ran.stderr, "");
}

#[test]
fn broken_input_ends_with_65_and_its_place_or_is_left_out_with_3() {
    let place = Place::new();
    fs::write(place.path().join("in.jsonl"), pages(2) + "{\"data\": oops\n" + &pages(3)).unwrap();
    let ran = place.run("convert in.jsonl out.csv");
    assert_eq!(ran.code, 65);
    assert!(ran.stderr.starts_with("error: in.jsonl, line 3, byte "), "{}", ran.stderr);
    assert!(ran.stderr.contains("hint: --skip-bad"), "{}", ran.stderr);
    assert_eq!(names(&place), ["in.jsonl"]);
    let ran = place.run("convert in.jsonl out.csv --skip-bad");
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("warning: left out: in.jsonl, line 3"), "{}", ran.stderr);
    assert!(ran.stderr.contains("1 broken piece of the input left out"), "{}", ran.stderr);
    assert_eq!(rows(&place.path().join("out.csv")).len(), 30);
}

#[test]
fn what_can_not_be_done_is_said_before_anything_is() {
    let place = Place::new();
    fs::write(place.path().join("in.jsonl"), pages(1)).unwrap();
    fs::write(place.path().join("book.xlsx"), b"PK\x03\x04and so on").unwrap();
    fs::write(place.path().join("there.csv"), "old").unwrap();
    for (words, code, said) in [
        ("convert in.jsonl there.csv", 2, "hint: --force"),
        ("convert in.jsonl out.doc", 2, "--format csv"),
        ("convert in.jsonl az://container/out.csv", 2, "OUT is a file"),
        ("convert in.jsonl", 2, "<OUT>"),
        ("convert in.jsonl out.csv --threads 0", 2, "--threads"),
        ("convert in.jsonl out.csv --newlines gone", 2, "keep, escape, space"),
        ("convert in.jsonl out.jsonl --newlines escape", 2, "--newlines is for CSV"),
        ("convert in.jsonl out.csv --newlines space --profile twarc", 2, "one line already"),
        ("convert in.jsonl out.jsonl.gz --excel", 2, "--excel is for CSV"),
        ("convert in.jsonl - --tables users", 2, "standard output"),
        ("convert in.jsonl out.jsonl --merge-retweets", 2, "--merge-retweets is for tables"),
        ("convert in.jsonl out.csv --tables users,birds", 2, "hashtags, mentions, urls"),
        ("convert s3://bucket/x out.csv", 2, "not supported"),
        ("convert missing.jsonl out.csv", 66, "can't read missing.jsonl"),
        ("convert book.xlsx out.csv", 65, "book.xlsx is a ZIP archive"),
        ("convert in.jsonl no/such/out.csv", 74, "can't write no/such/out.csv"),
    ] {
        let ran = place.run(words);
        assert_eq!(ran.code, code, "{words}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{words}: {}", ran.stderr);
    }
    assert_eq!(names(&place), ["book.xlsx", "in.jsonl", "there.csv"]);
    assert_eq!(fs::read(place.path().join("there.csv")).unwrap(), b"old");
}

/// What waits for input that does not come ends with the first signal, whatever it waits for.
#[cfg(unix)]
#[test]
fn one_signal_is_enough_while_input_is_waited_for() {
    let text = pages(1000);
    let packed = zstd::encode_all(text.as_bytes(), 1).unwrap();
    // Nothing yet, but more than a pipe holds: when it is written, somebody reads it.
    let blank = vec![b'\n'; 300_000];
    let inputs = [text.repeat(9).into_bytes(), packed.repeat(100), blank];
    for (input, flags) in inputs.iter().zip(["--threads 1", "--threads 2 --skip-bad", ""]) {
        for name in ["INT", "TERM"] {
            let place = Place::new();
            let mut child = place.command(&format!("convert - out.csv {flags}"));
            let mut child = child.stdin(Stdio::piped()).spawn().unwrap();
            let mut stdin = child.stdin.take().unwrap();
            stdin.write_all(input).unwrap();
            super::signal(name, &child);
            let ran = Ran::of(child.wait_with_output().unwrap());
            drop(stdin);
            assert_eq!((ran.code, ran.stderr.as_str()), (130, "error: interrupted\n"), "{flags}");
            assert!(names(&place).is_empty());
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_with_a_name_is_an_input_too_and_may_keep_one_waiting() {
    let place = Place::new();
    let pipe = place.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let open = || fs::File::options().write(true).open(&pipe).unwrap();
    let child = place.command("convert pipe out.csv").spawn().unwrap();
    open().write_all(pages(200).as_bytes()).unwrap();
    Ran::of(child.wait_with_output().unwrap()).ok();
    assert_eq!(rows(&place.path().join("out.csv")).len(), 2000);
    let child = place.command("convert pipe more.csv").spawn().unwrap();
    let mut writer = open();
    writer.write_all(pages(200).as_bytes()).unwrap();
    super::signal("INT", &child);
    assert_eq!(Ran::of(child.wait_with_output().unwrap()).code, 130);
    assert_eq!(names(&place), ["out.csv", "pipe"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_no_success() {
    let place = Place::new();
    fs::write(place.path().join("in.jsonl"), pages(100)).unwrap();
    let ran = place.run("convert in.jsonl /dev/full");
    assert_eq!(ran.code, 74, "{}", ran.stderr);
    assert!(ran.stderr.contains("can't write /dev/full"), "{}", ran.stderr);
}
