//! Every input in every format, and what becomes of it when it is converted again.

use super::*;

/// A page with every field that mistnet knows, and some that it does not.
const EVERYTHING: &str = include_str!("../../format/sample.json");

fn in_format(desk: &mut Desk, format: FileFormat, inputs: &[&str], out: &str) -> Summary {
    desk.settings.format = format;
    desk.convert(inputs, out).unwrap()
}

fn read(desk: &Desk, name: &str) -> Vec<u8> {
    fs::read(desk.path(name)).unwrap()
}

#[test]
fn json_lines_that_are_converted_again_give_the_same_rows() {
    let mut desk = Desk::new();
    desk.settings.profile = Profile::Full;
    desk.put("everything.json", EVERYTHING);
    desk.put("pages.jsonl", pages(300));
    let inputs = ["everything.json", "pages.jsonl"];
    let direct = in_format(&mut desk, FileFormat::Csv, &inputs, "direct.csv");
    for format in [FileFormat::Jsonl, FileFormat::JsonlGz, FileFormat::JsonlZst] {
        let (flat, again) = (format!("flat.{}", format.name()), format!("{}.csv", format.name()));
        let made = in_format(&mut desk, format, &inputs, &flat);
        let summary = in_format(&mut desk, FileFormat::Csv, &[&flat], &again);
        assert_eq!((made.tally.rows, summary.tally.rows), (3003, 3003));
        assert_eq!(summary.tally.unknown_fields, direct.tally.unknown_fields);
        let (again, direct) = (read(&desk, &again), read(&desk, "direct.csv"));
        let lines = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        assert!(again == direct, "{}\n{}", lines(&again[..9000]), lines(&direct[..9000]));
    }
}

#[test]
fn what_twarc_adds_to_pages_and_to_flattened_tweets_fills_the_same_columns() {
    let mut desk = Desk::new();
    let added = r#""matching_rules":[{"id":"1","tag":"birds"}],"__twarc":{"version":"2.14.0"}"#;
    let with_added = |object: &str| format!("{},{added}}}\n", object.strip_suffix('}').unwrap());
    let page = json!({
        "data": [{"id": "2", "text": "x", "author_id": "5"}, {"id": "1", "text": "y"}],
        "includes": {"users": [{"id": "5", "username": "five"}]},
    });
    desk.put("page.json", with_added(&page.to_string()));
    in_format(&mut desk, FileFormat::Jsonl, &["page.json"], "flat");
    let flat = String::from_utf8(read(&desk, "flat")).unwrap();
    desk.put("flat.jsonl", flat.lines().map(with_added).collect::<String>());
    desk.settings.profile = Profile::Twarc;
    in_format(&mut desk, FileFormat::Csv, &["page.json"], "page.csv");
    in_format(&mut desk, FileFormat::Csv, &["flat.jsonl"], "flat.csv");
    let csv = String::from_utf8(read(&desk, "page.csv")).unwrap();
    assert!(csv.contains("birds") && csv.contains("2.14.0") && csv.contains("five"), "{csv}");
    assert_eq!(String::from_utf8(read(&desk, "flat.csv")).unwrap(), csv);
}

#[test]
fn flattening_what_is_flat_changes_nothing() {
    let mut desk = Desk::new();
    desk.put("everything.json", EVERYTHING);
    in_format(&mut desk, FileFormat::Jsonl, &["everything.json"], "once.jsonl");
    in_format(&mut desk, FileFormat::Jsonl, &["once.jsonl"], "twice.jsonl");
    let values = |name| -> Vec<Value> {
        let text = String::from_utf8(read(&desk, name)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    assert_eq!(values("once.jsonl"), values("twice.jsonl"));
}

#[test]
fn every_format_is_the_same_with_any_number_of_threads() {
    for format in FileFormat::built_in() {
        let made = [1, 2, 4].map(|threads| {
            let mut desk = Desk::new();
            desk.settings.threads = NonZeroUsize::new(threads).unwrap();
            desk.put("pages.jsonl", pages(2000));
            let summary = in_format(&mut desk, format, &["pages.jsonl"], "out");
            assert_eq!(summary.tally.rows, 20_000, "{format:?}");
            read(&desk, "out")
        });
        assert!(made[0] == made[1] && made[1] == made[2], "{format:?}");
    }
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_has_every_row_once() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let mut desk = Desk::new();
    desk.put("pages.jsonl", pages(300) + &pages(1));
    in_format(&mut desk, FileFormat::Parquet, &["pages.jsonl"], "out.parquet");
    let file = fs::File::open(desk.path("out.parquet")).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    assert_eq!(reader.metadata().file_metadata().num_rows(), 3000);
    let refused = {
        desk.put("refused.parquet", read(&desk, "out.parquet"));
        desk.settings.format = FileFormat::Csv;
        desk.convert(&["refused.parquet"], "out.csv").unwrap_err()
    };
    assert_eq!(refused.to_string(), "refused.parquet is a Parquet file");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_about_the_output_in_every_format() {
    for format in FileFormat::built_in() {
        let mut desk = Desk::new();
        desk.settings.format = format;
        desk.put("in", pages(3000));
        std::os::unix::fs::symlink("/dev/full", desk.path("out")).unwrap();
        let refused = desk.convert(&["in"], "out").unwrap_err();
        assert!(matches!(refused, ConvertError::Output { .. }), "{format:?}: {refused:?}");
    }
}
