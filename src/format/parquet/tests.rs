use std::collections::HashMap;

use bytes::Bytes;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::{Value, json};

use crate::columns::{self, instant};
use crate::format::PartWriter;
use crate::format::sample::{rows as csv_rows, value};
use crate::model::record::Span;
use crate::model::spec::{FileFormat, Profile};
use crate::tweet::Body;

fn file(profile: Profile, page: &Value, times: u64) -> SerializedFileReader<Bytes> {
    let text = page.to_string();
    let body = Body::new(text.as_bytes());
    let page = body.decode().unwrap();
    let mut writer = PartWriter::new(FileFormat::Parquet, profile).unwrap();
    let all = Span { from: 0, to: page.tweets.len() as u64 };
    for _ in 0..times {
        writer.page(&page, &[all]).unwrap();
    }
    SerializedFileReader::new(writer.finish().unwrap().bytes.into()).unwrap()
}

/// The rows of a file: column to value.
fn rows(file: &SerializedFileReader<Bytes>) -> Vec<HashMap<String, Field>> {
    let row = |row: parquet::record::Row| row.into_columns().into_iter().collect();
    file.get_row_iter(None).unwrap().map(Result::unwrap).map(row).collect()
}

/// What the CSV has in the place of a value.
fn shown(field: &Field) -> String {
    match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Long(number) => number.to_string(),
        Field::Bool(value) => value.to_string(),
        Field::TimestampMicros(micros) => micros.to_string(),
        Field::ListInternal(list) => {
            Value::from(list.elements().iter().map(shown).collect::<Vec<_>>()).to_string()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_value_is_that_of_the_csv() {
    for profile in [Profile::Original, Profile::Full] {
        let (read, expected) = (rows(&file(profile, &value(), 1)), csv_rows(profile, &value()));
        assert_eq!(read.len(), expected.len());
        for (read, expected) in read.iter().zip(&expected) {
            for column in columns::of(profile) {
                let cell = &expected[column.name];
                let cell = instant::micros(cell.as_bytes())
                    .map_or(cell.clone(), |micros| micros.to_string());
                assert_eq!(shown(&read[column.name]), cell, "{}", column.name);
            }
        }
    }
}

#[test]
fn ids_are_also_numbers_of_64_bits() {
    let page = json!({ "data": [
        { "id": "9223372036854775807", "author_id": "9999999999999999999" },
        { "id": "9007199254740993" },
    ] });
    let rows = rows(&file(Profile::Original, &page, 1));
    assert_eq!(rows[0]["id_u64"], Field::ULong(9_223_372_036_854_775_807));
    assert_eq!(rows[0]["user_id_u64"], Field::ULong(9_999_999_999_999_999_999));
    assert_eq!(rows[1]["id_u64"], Field::ULong(9_007_199_254_740_993));
    assert_eq!(rows[1]["user_id_u64"], Field::Null);
}

#[test]
fn lists_tell_empty_from_absent_and_keep_what_is_no_text() {
    let tags = |tags: Value| json!({ "id": "1", "entities": { "hashtags": tags } });
    let page = json!({ "data": [
        { "id": "1" },
        tags(json!([])),
        tags(json!([{ "tag": "a\"\\é" }, { "tag": 1.50 }, { "tag": ["b"] }])),
        { "id": "1", "edit_history_tweet_ids": ["1", null, "2"] },
    ] });
    let rows = rows(&file(Profile::Full, &page, 1));
    assert_eq!(rows[0]["hashtags"], Field::Null);
    assert_eq!(shown(&rows[1]["hashtags"]), "[]");
    assert_eq!(shown(&rows[2]["hashtags"]), r#"["a\"\\é","1.5","[\"b\"]"]"#);
    let Field::ListInternal(edits) = &rows[3]["edit_history_tweet_ids"] else { panic!() };
    let edits: Vec<_> = edits.elements().to_vec();
    assert_eq!(edits, [Field::Str("1".into()), Field::Null, Field::Str("2".into())]);
}

#[test]
fn columns_have_the_types_of_their_kinds() {
    let schema = file(Profile::Full, &value(), 1).metadata().file_metadata().schema().clone();
    let mut text = Vec::new();
    parquet::schema::printer::print_schema(&mut text, &schema);
    insta::assert_snapshot!(String::from_utf8(text).unwrap());
}

#[test]
fn many_rows_are_several_groups_and_say_which_ids_they_have() {
    let mut page = value();
    page["data"][0]["text"] = "x".repeat(100_000).into();
    let file = file(Profile::Full, &page, 400);
    let groups = file.metadata().row_groups();
    assert!(groups.len() > 1, "{}", groups.len());
    assert_eq!(
        groups.iter().map(parquet::file::metadata::RowGroupMetaData::num_rows).sum::<i64>(),
        1200
    );
    let ids = groups[0].columns().iter().find(|c| c.column_path().string() == "id_u64").unwrap();
    let parquet::file::statistics::Statistics::Int64(statistics) = ids.statistics().unwrap() else {
        panic!()
    };
    assert_eq!(statistics.max_opt(), Some(&2_062_875_508_879_110_287));
    assert_eq!(rows(&file).len(), 1200);
}

#[test]
fn files_do_not_name_the_version_that_wrote_them() {
    let file = file(Profile::Original, &value(), 1);
    assert_eq!(file.metadata().file_metadata().created_by(), Some("mistnet version 1"));
}
