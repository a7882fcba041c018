//! What side tables hold, in every format.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::io::Read;

use serde_json::{Value, json};

use super::*;
use crate::format::sample::{PAGE, post_page, value};
use crate::format::{FileWriter, Options};
use crate::model::record::Span;
use crate::model::spec::{Dialect, FileFormat, Profile};
use crate::tweet::{Body, Field, UserField, UserMetricField};

/// All rows of a table of a page, as a file.
fn file(table: SideTable, format: FileFormat, page: &str) -> Vec<u8> {
    let (profile, options) = (Profile::Full, Options::default());
    let body = Body::new(page.as_bytes());
    let page = body.decode().unwrap();
    let mut file = FileWriter::of_table(table, format, profile, options, Vec::new()).unwrap();
    let mut encoder = TableEncoder::new(table, format, profile, options).unwrap();
    let all = Span { from: 0, to: page.tweets.len() as u64 };
    encoder.page(&page, &[all]).unwrap();
    encoder.objects(&page, &table.objects(&page).unwrap_or_default());
    file.chunk(encoder.chunk().unwrap()).unwrap();
    file.finish().unwrap()
}

type Rows = Vec<BTreeMap<String, String>>;

/// Rows of CSV, column to cell, without empty cells.
fn rows(table: SideTable, page: &str) -> Rows {
    let bytes = file(table, FileFormat::Csv, page);
    let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
    let names: Vec<_> = table.columns(Profile::Full).map(|column| column.name).collect();
    assert_eq!(reader.headers().unwrap(), names);
    let row = |row: Result<BTreeMap<String, String>, _>| {
        row.unwrap().into_iter().filter(|(_, cell)| !cell.is_empty()).collect()
    };
    reader.deserialize().map(row).collect()
}

/// Rows of JSON Lines as CSV would have them.
fn rows_of_lines(lines: &[u8]) -> Rows {
    let cell = |value: &Value| match value {
        Value::String(text) => text.clone(),
        json => json.to_string(),
    };
    let row = |line: &str| {
        let row: BTreeMap<String, Value> = serde_json::from_str(line).unwrap();
        row.iter().map(|(name, value)| (name.clone(), cell(value))).collect()
    };
    std::str::from_utf8(lines).unwrap().lines().map(row).collect()
}

fn shown(rows: &Rows) -> String {
    let mut text = String::new();
    for row in rows {
        text.push_str("--- row\n");
        for (name, cell) in row {
            writeln!(text, "{name} = {cell:?}").unwrap();
        }
    }
    text.replace("\\\"", "\"")
}

const OWN: [SideTable; 5] =
    [SideTable::Users, SideTable::Media, SideTable::Hashtags, SideTable::Mentions, SideTable::Urls];

#[test]
fn tables_of_a_page_with_every_field() {
    for table in OWN {
        insta::assert_snapshot!(table.name(), shown(&rows(table, PAGE)));
    }
}

#[test]
fn referenced_posts_have_the_columns_of_rows() {
    let rows = rows(SideTable::Referenced, PAGE);
    let ids: Vec<_> = rows.iter().map(|row| row["id"].as_str()).collect();
    assert_eq!(ids, ["2062875508879110100", "2062875508879110200", "2062875508879110090"]);
    assert_eq!(rows[0]["full_text"], "Who has seen the <robin>?");
    assert_eq!(rows[2]["user_screen_name"], "warden");
}

#[test]
fn both_dialects_become_the_same_tables() {
    for table in SideTable::ALL {
        assert_eq!(rows(table, PAGE), rows(table, &post_page()), "{table:?}");
    }
}

#[test]
fn every_format_has_the_same_rows() {
    let unpacked = |mut stream: Box<dyn Read>| {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        bytes
    };
    for table in OWN {
        let mut wanted = rows(table, PAGE);
        for cell in wanted.iter_mut().flat_map(BTreeMap::values_mut) {
            if let Ok(json @ (Value::Array(_) | Value::Object(_))) = serde_json::from_str(cell) {
                *cell = json.to_string();
            }
        }
        let lines = file(table, FileFormat::Jsonl, PAGE);
        assert_eq!(rows_of_lines(&lines), wanted, "{table:?}");
        let gz = std::io::Cursor::new(file(table, FileFormat::JsonlGz, PAGE));
        assert_eq!(unpacked(Box::new(flate2::read::MultiGzDecoder::new(gz))), lines);
        let zst = std::io::Cursor::new(file(table, FileFormat::JsonlZst, PAGE));
        assert_eq!(unpacked(Box::new(zstd::Decoder::new(zst).unwrap())), lines);
    }
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_has_the_same_rows_under_the_same_names() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    for table in SideTable::ALL {
        let bytes = bytes::Bytes::from(file(table, FileFormat::Parquet, PAGE));
        let reader = SerializedFileReader::new(bytes).unwrap();
        let schema = reader.metadata().file_metadata().schema().clone();
        assert_eq!(schema.name(), table.name());
        let of_text = |name: &&str| !name.ends_with("_u64");
        let names: Vec<_> =
            schema.get_fields().iter().map(|field| field.name()).filter(of_text).collect();
        let wanted: Vec<_> = table.columns(Profile::Full).map(|column| column.name).collect();
        assert_eq!(names, wanted);
        let count = reader.get_row_iter(None).unwrap().map(Result::unwrap).count();
        assert_eq!(count, rows(table, PAGE).len(), "{table:?}");
    }
}

#[test]
fn what_has_no_column_or_does_not_fit_stands_in_extra() {
    let mut page = value();
    let user = &mut page["includes"]["users"][0];
    user["public_metrics"]["birds_seen"] = 7.into();
    user["verified"] = "perhaps".into();
    user["withheld"] = "no object".into();
    user["name"] = Value::Null;
    page["data"][0]["entities"]["hashtags"][0]["start"] = "x".into();
    let page = page.to_string();
    let user = &rows(SideTable::Users, &page)[0];
    let extra: Value = serde_json::from_str(&user["extra"]).unwrap();
    let wanted = json!({
        "birdwatcher_rank": "gold", "public_metrics": {"birds_seen": 7}, "verified": "perhaps",
        "withheld": "no object",
    });
    assert_eq!(extra, wanted);
    assert!(!user.contains_key("name") && !user.contains_key("verified"));
    assert_eq!(rows(SideTable::Hashtags, &page)[0]["extra"], r#"{"start":"x"}"#);
}

#[test]
fn a_long_post_has_the_places_of_both_texts_once() {
    let tag = |tag: &str, start: u64| json!({"start": start, "end": start + 1, "tag": tag});
    let page = json!({"data": [{
        "id": "1",
        "entities": {"hashtags": [tag("a", 0)], "mentions": [{"start": 3, "end": 4, "username": "b"}]},
        "note_tweet": {"text": "…", "entities": {"hashtags": [tag("a", 0), tag("c", 400)]}},
    }]});
    let tags = rows(SideTable::Hashtags, &page.to_string());
    let shown: Vec<_> = tags.iter().map(|row| (&*row["marked_in"], &*row["tag"])).collect();
    assert_eq!(shown, [("text", "a"), ("note", "c")]);
    let mentions = rows(SideTable::Mentions, &page.to_string());
    assert_eq!((mentions.len(), &*mentions[0]["marked_in"]), (1, "text"));
}

#[test]
fn only_posts_that_are_rows_are_looked_at() {
    let body = Body::new(PAGE.as_bytes());
    let page = body.decode().unwrap();
    let (format, options) = (FileFormat::Csv, Options::default());
    let mut encoder =
        TableEncoder::new(SideTable::Mentions, format, Profile::Full, options).unwrap();
    encoder.page(&page, &[Span { from: 1, to: 3 }]).unwrap();
    assert_eq!(encoder.chunk().unwrap().rows(), 1);
    assert!(encoder.page(&page, &[Span { from: 0, to: 9 }]).is_err());
}

#[test]
fn users_has_a_column_for_every_field_that_is_known() {
    let columns: BTreeSet<_> = SideTable::Users
        .columns(Profile::Full)
        .flat_map(|column| [Dialect::Tweet, Dialect::Post].map(|d| column.source(d).into_owned()))
        .collect();
    for dialect in [Dialect::Tweet, Dialect::Post] {
        for field in UserMetricField::ALL {
            let path = format!("includes.users[].public_metrics.{}", field.name(dialect));
            assert!(columns.contains(&path), "{path}");
        }
        for field in UserField::ALL {
            let path = format!("includes.users[].{}", field.name(dialect));
            let inside = columns.iter().any(|column| column.starts_with(&format!("{path}.")));
            assert!(columns.contains(&path) || inside, "{path}");
        }
    }
}
