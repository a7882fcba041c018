//! Pages and what is written of them.

use mistnet::format::{Encoded, PartWriter, columns};
use mistnet::model::record::Span;
use mistnet::model::spec::{FileFormat, Profile};
use mistnet::model::tweet::{Body, Page};
use serde_json::value::RawValue;
use serde_json::{Value, json};

const PROFILES: [Profile; 3] = [Profile::Original, Profile::Full, Profile::Twarc];

/// The body of an answer: it is a page or refused; of a page, as many rows are written as there are
/// tweets, in every profile, and what is written can be read by others.
pub fn page(bytes: &[u8]) {
    let body = Body::new(bytes);
    let Ok(page) = body.decode() else { return };
    for profile in PROFILES {
        let encoded = write(FileFormat::Csv, profile, &page);
        assert_eq!(rows(profile, &encoded.bytes).len(), page.tweets.len(), "{profile:?}");
    }
    let lines = write(FileFormat::Jsonl, Profile::Full, &page).bytes;
    let lines: Vec<_> = lines.split(|&byte| byte == b'\n').collect();
    assert_eq!(lines.len(), page.tweets.len() + 1);
    for line in lines.iter().filter(|line| !line.is_empty()) {
        serde_json::from_slice::<&RawValue>(line).expect("a line is JSON");
    }
}

/// The same into columns, by which fewer inputs pass in a second.
pub fn parquet(bytes: &[u8]) {
    let body = Body::new(bytes);
    let Ok(page) = body.decode() else { return };
    for profile in PROFILES {
        let written = write(FileFormat::Parquet, profile, &page).bytes;
        assert!(written.starts_with(b"PAR1") && written.ends_with(b"PAR1"), "{profile:?}");
    }
}

/// Three texts, with the byte FF between them: the csv crate reads them as they were.
pub fn csv(bytes: &[u8]) {
    let mut texts = bytes.splitn(3, |&byte| byte == 0xFF).map(String::from_utf8_lossy);
    let mut next = || texts.next().unwrap_or_default().into_owned();
    let (text, tag, name) = (next(), next(), next());
    let sent = json!({
        "data": [{
            "id": "1",
            "text": text,
            "author_id": "2",
            "entities": { "hashtags": [{ "start": 0, "end": 1, "tag": tag }] },
        }],
        "includes": { "users": [{ "id": "2", "name": name }] },
    });
    let sent = sent.to_string();
    let body = Body::new(sent.as_bytes());
    let page = body.decode().expect("a page is made of any texts");
    for profile in [Profile::Original, Profile::Full] {
        let rows = rows(profile, &write(FileFormat::Csv, profile, &page).bytes);
        let cell = |column: &str| {
            let at = columns::of(profile).position(|c| c.name == column).expect("a column");
            rows[0][at].to_owned()
        };
        assert_eq!((cell("tweet"), cell("user_name")), (text.clone(), name.clone()));
        let tags: Value = serde_json::from_str(&cell("hashtags")).expect("a list");
        assert_eq!(tags, json!([tag]));
    }
}

fn write(format: FileFormat, profile: Profile, page: &Page<'_>) -> Encoded {
    let mut writer = PartWriter::new(format, profile).expect("this format is built in");
    let all = Span { from: 0, to: page.tweets.len() as u64 };
    writer.page(page, &[all]).expect("rows can be encoded");
    let encoded = writer.finish().expect("a file can be ended");
    assert_eq!(encoded.rows, all.to, "{format:?} {profile:?}");
    encoded
}

/// The rows of a CSV file, each with as many cells as there are columns.
fn rows(profile: Profile, file: &[u8]) -> Vec<csv::StringRecord> {
    let mut reader = csv::Reader::from_reader(file);
    let names: Vec<_> = columns::of(profile).map(|column| column.name).collect();
    assert_eq!(reader.headers().expect("a header"), names);
    reader.records().map(|row| row.expect("a row")).collect()
}
