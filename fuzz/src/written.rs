//! Files, read by others.

use mistnet::columns;
use mistnet::model::spec::{FileFormat, Profile};
use serde_json::value::RawValue;

/// How many rows there are, each of them whole.
pub(super) fn rows(format: FileFormat, profile: Profile, file: &[u8]) -> u64 {
    match format {
        FileFormat::Csv => csv(profile, file).len() as u64,
        FileFormat::Jsonl => lines(file),
        FileFormat::JsonlGz => {
            let mut lines_of = Vec::new();
            let mut packed = flate2::read::MultiGzDecoder::new(file);
            std::io::Read::read_to_end(&mut packed, &mut lines_of).expect("sound members");
            lines(&lines_of)
        }
        FileFormat::JsonlZst => lines(&zstd::decode_all(file).expect("a sound frame")),
        FileFormat::Parquet => parquet(profile, file),
    }
}

/// The rows of CSV, each with as many cells as there are columns.
pub(super) fn csv(profile: Profile, file: &[u8]) -> Vec<csv::StringRecord> {
    let mut reader = csv::Reader::from_reader(file);
    let names: Vec<_> = columns::of(profile).map(|column| column.name).collect();
    assert_eq!(reader.headers().expect("a header"), names);
    reader.records().map(|row| row.expect("a row")).collect()
}

fn lines(file: &[u8]) -> u64 {
    let text = std::str::from_utf8(file).expect("UTF-8");
    assert!(text.is_empty() || text.ends_with('\n'), "the last line is not ended");
    let mut rows = 0;
    for line in text.split_terminator('\n') {
        serde_json::from_str::<&RawValue>(line).expect("a line is JSON");
        rows += 1;
    }
    rows
}

#[cfg(feature = "parquet")]
fn parquet(profile: Profile, file: &[u8]) -> u64 {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let file = bytes::Bytes::copy_from_slice(file);
    let file = SerializedFileReader::new(file).expect("a footer");
    let metadata = file.metadata().file_metadata();
    let columns = columns::of(profile).count();
    assert!(metadata.schema_descr().root_schema().get_fields().len() >= columns);
    let mut rows = 0;
    for row in file.get_row_iter(None).expect("rows") {
        row.expect("every value can be read");
        rows += 1;
    }
    assert_eq!(i64::try_from(rows), Ok(metadata.num_rows()));
    rows
}

#[cfg(not(feature = "parquet"))]
fn parquet(_: Profile, _: &[u8]) -> u64 {
    unreachable!("this format is not built in")
}
