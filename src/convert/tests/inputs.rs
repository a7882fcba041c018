//! Everything that can be read.

use super::*;
use crate::model::record::{self, PageHeader, Span, tests::page as header};
use crate::store::encode_page;

#[test]
fn pages_one_a_line_become_rows() {
    let desk = Desk::new();
    desk.put("pages.jsonl", pages(3));
    let summary = desk.convert(&["pages.jsonl"], "out.csv").unwrap();
    assert_eq!(desk.ids("out.csv"), (999_971..=1_000_000).rev().collect::<Vec<_>>());
    assert_eq!((summary.tally.pages, summary.tally.tweets, summary.tally.rows), (3, 30, 30));
    assert_eq!(summary.bytes_in, fs::metadata(desk.path("pages.jsonl")).unwrap().len());
    assert_eq!(summary.bytes_out, fs::metadata(desk.path("out.csv")).unwrap().len());
}

#[test]
fn the_notation_of_json_does_not_matter() {
    let desk = Desk::new();
    let two = [page([5, 4]), page([3])];
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap();
    for text in [
        format!("{}\n{}", two[0], two[1]),
        format!("\n{}\r\n\r\n{}\r\n", two[0], two[1]),
        format!("\u{feff}{}\n{}\n", two[0], two[1]),
        pretty(&two[0]) + "\n" + &pretty(&two[1]),
        json!(two).to_string(),
        pretty(&json!(two)),
        format!("[{}]\n[{}]\n", two[0], two[1]),
    ] {
        assert_eq!(desk.ids_of(&text), [5, 4, 3], "{text}");
    }
}

#[test]
fn flattened_tweets_become_the_rows_of_their_page() {
    let desk = Desk::new();
    let whole = page([3, 2, 1]);
    let flat = |tweet: &Value| {
        let mut tweet = tweet.clone();
        let author = tweet["author_id"].as_str().unwrap();
        let users = whole["includes"]["users"].as_array().unwrap();
        tweet["author"] = users.iter().find(|user| user["id"] == author).unwrap().clone();
        tweet
    };
    let flat: Vec<_> = whole["data"].as_array().unwrap().iter().map(flat).collect();
    desk.put("page.json", whole.to_string());
    desk.put("flat.jsonl", flat.iter().map(|tweet| tweet.to_string() + "\n").collect::<String>());
    desk.put("flat.json", serde_json::to_string_pretty(&flat).unwrap());
    for (input, out) in [("page.json", "1.csv"), ("flat.jsonl", "2.csv"), ("flat.json", "3.csv")] {
        let summary = desk.convert(&[input], out).unwrap();
        assert_eq!(summary.tally.rows, 3);
        assert!(summary.tally.unknown_fields.is_empty(), "{:?}", summary.tally.unknown_fields);
    }
    let read = |name| fs::read_to_string(desk.path(name)).unwrap();
    assert!(read("1.csv").contains("user3"));
    assert_eq!(read("1.csv"), read("2.csv"));
    assert_eq!(read("1.csv"), read("3.csv"));
}

#[test]
fn packing_is_told_by_the_bytes_and_not_by_the_name() {
    let desk = Desk::new();
    let text = pages(2);
    let (first, second) = text.split_at(text.len() / 2);
    let members = |pack: fn(&str) -> Vec<u8>| [pack(first), pack(second)].concat();
    desk.put("plain.gz", &text);
    desk.put("gzip.zst", members(|text| gzip(text)));
    desk.put("zstd.jsonl", members(|text| zstd(text)));
    for name in ["plain.gz", "gzip.zst", "zstd.jsonl"] {
        let out = format!("{name}.csv");
        desk.convert(&[name], &out).unwrap();
        assert_eq!(desk.ids(&out).len(), 20, "{name}");
    }
}

#[test]
fn nothing_in_gives_a_header() {
    let desk = Desk::new();
    for text in [&b""[..], b"\n \n", b"[]", b"{\"meta\":{\"result_count\":0}}\n"] {
        assert!(desk.ids_of(text).is_empty());
    }
    assert!(desk.ids_of(gzip("")).is_empty());
}

/// A stored page of a log.
fn logged(number: u64, page: &Value, change: impl FnOnce(&mut PageHeader)) -> LogPage {
    let tweets = page["data"].as_array().map_or(0, Vec::len) as u64;
    let mut header = PageHeader { tweets, ..header(number) };
    header.counted = vec![Span { from: 0, to: tweets }];
    change(&mut header);
    let bytes = encode_page(&header, page.to_string().as_bytes()).unwrap();
    LogPage { key: format!("data/id/_log/page-{number:06}.json.zst"), bytes }
}

fn log(pages: Vec<LogPage>) -> Input {
    Input { name: "data/id".into(), source: Source::Log(Box::new(pages.into_iter().map(Ok))) }
}

#[test]
fn of_a_log_the_tweets_are_taken_that_it_counts() {
    let desk = Desk::new();
    let pages = vec![
        logged(0, &page([9, 8, 7]), |_| {}),
        logged(1, &page([7, 6, 5, 4]), |header| header.counted = vec![Span { from: 1, to: 3 }]),
        logged(2, &json!("not X"), |header| {
            header.body = record::Body::Undecodable { reason: "not JSON".into(), then: None };
            header.counted = Vec::new();
        }),
        logged(3, &json!(null), |header| {
            header.body = record::Body::Closed;
            header.counted = Vec::new();
        }),
    ];
    let summary = desk.convert_inputs(vec![log(pages)], "out.csv").unwrap();
    assert_eq!(desk.ids("out.csv"), [9, 8, 7, 6, 5]);
    assert_eq!((summary.tally.not_counted, summary.tally.duplicates), (2, 0));
    assert_eq!((summary.tally.tweets, summary.skipped), (7, 1));
    let left_out = desk.watched.skipped.borrow()[0].to_string();
    assert!(left_out.starts_with("data/id/_log/page-000002.json.zst: "), "{left_out}");
    assert!(left_out.ends_with("it was set aside when it came: not JSON"), "{left_out}");
}

/// Versions before this one set a whole page aside for one entry that was no tweet.
#[test]
fn of_a_page_that_was_set_aside_whatever_has_an_id_is_taken() {
    let desk = Desk::new();
    let aside = |number, page: &Value| {
        logged(number, page, |header| {
            header.body = record::Body::Undecodable { reason: "data[1]".into(), then: None };
            header.counted = Vec::new();
        })
    };
    let broken = json!({"data": [{"id": "6"}, null, {"text": "x"}, 7, {"id": "5"}, {"id": "9"}]});
    let pages = vec![logged(0, &page([9, 8]), |_| {}), aside(1, &broken), aside(2, &json!({}))];
    let summary = desk.convert_inputs(vec![log(pages)], "out.csv").unwrap();
    assert_eq!(desk.ids("out.csv"), [9, 8, 6, 5]);
    assert_eq!((summary.tally.duplicates, summary.tally.not_counted), (1, 3));
    assert_eq!(summary.skipped, 1);
}

#[test]
fn a_page_of_a_log_that_is_damaged_or_missing_is_named() {
    let mut damaged = logged(1, &page([6]), |_| {});
    let mut bytes = damaged.bytes.to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    damaged.bytes = bytes.into();
    let lying = logged(1, &page([6]), |header| header.counted = vec![Span { from: 0, to: 2 }]);
    for bad in [damaged, lying] {
        let desk = Desk::new();
        let pages = vec![logged(0, &page([7]), |_| {}), bad.clone()];
        let refused = desk.convert_inputs(vec![log(pages.clone())], "out.csv").unwrap_err();
        assert!(
            refused.to_string().starts_with("data/id/_log/page-000001.json.zst: "),
            "{refused}"
        );
        assert!(desk.names().is_empty());
        let desk = Desk::skipping();
        let summary = desk.convert_inputs(vec![log(pages)], "out.csv").unwrap();
        assert_eq!((desk.ids("out.csv"), summary.skipped), (vec![7], 1));
    }
}

#[test]
fn inputs_of_all_kinds_make_one_file() {
    let desk = Desk::new();
    desk.put("a.jsonl", pages(1));
    desk.put("b.json.gz", gzip(json!([{"id": "7", "text": "x"}]).to_string()));
    let file = |name: &str| Input { name: name.into(), source: Source::File(desk.path(name)) };
    let inputs = vec![file("b.json.gz"), log(vec![logged(0, &page([8]), |_| {})]), file("a.jsonl")];
    let summary = desk.convert_inputs(inputs, "out.csv").unwrap();
    assert_eq!(desk.ids("out.csv")[..3], [7, 8, 1_000_000]);
    assert_eq!(summary.tally.rows, 12);
}

#[test]
fn of_tweets_with_one_id_the_first_becomes_a_row() {
    let mut desk = Desk::new();
    desk.put("a.jsonl", format!("{}\n{}\n", page([9, 8, 8]), page([8, 7])));
    desk.put("b.jsonl", page([9, 6]).to_string());
    let summary = desk.convert(&["a.jsonl", "b.jsonl", "a.jsonl"], "once.csv").unwrap();
    assert_eq!(desk.ids("once.csv"), [9, 8, 7, 6]);
    assert_eq!((summary.tally.tweets, summary.tally.rows, summary.tally.duplicates), (12, 4, 8));
    desk.settings.duplicates = Duplicates::Keep;
    let summary = desk.convert(&["a.jsonl", "b.jsonl"], "all.csv").unwrap();
    assert_eq!(desk.ids("all.csv"), [9, 8, 8, 8, 7, 9, 6]);
    assert_eq!(summary.tally.duplicates, 0);
}

#[test]
fn a_tweet_without_an_id_is_a_row_and_no_duplicate() {
    let desk = Desk::new();
    desk.put("in", r#"{"data":[{"text":"x"},{"text":"x"},7,{"id":"a"},{"id":"a"}]}"#);
    let summary = desk.convert(&["in"], "out.csv").unwrap();
    assert_eq!((summary.tally.rows, summary.tally.duplicates), (5, 0));
}

#[test]
fn fields_that_nobody_knows_are_named_once() {
    let desk = Desk::new();
    let mut page = page(0..10);
    for tweet in page["data"].as_array_mut().unwrap() {
        tweet["brand_new"] = 1.into();
    }
    page["includes"]["users"][0]["badge"] = true.into();
    page["includes"]["users"][3]["public_metrics"] = json!({"fans": 1});
    desk.put("in", page.to_string());
    let summary = desk.convert(&["in"], "out.csv").unwrap();
    let names: Vec<_> = summary.tally.unknown_fields.iter().collect();
    assert_eq!(names, ["author.badge", "author.public_metrics.fans", "brand_new"]);
}

#[test]
fn hostile_names_of_fields_do_not_pile_up() {
    let desk = Desk::new();
    let fields: serde_json::Map<_, _> =
        (0..1000).map(|n| (format!("{n:04}{}", "x".repeat(1000)), json!(1))).collect();
    desk.put("in", json!({"data": [fields]}).to_string());
    let names = desk.convert(&["in"], "out.csv").unwrap().tally.unknown_fields;
    assert_eq!(names.len(), 50);
    assert!(names.iter().all(|name| name.len() <= 60 && name.starts_with("00")));
}
