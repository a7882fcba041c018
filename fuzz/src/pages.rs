//! Pages and what is written of them.

use std::fs::File;
use std::io::Write;
use std::sync::{LazyLock, Mutex};

use mistnet::columns;
use mistnet::format::{Encoded, PartWriter};
use mistnet::model::record::Span;
use mistnet::model::spec::{FileFormat, Profile};
use mistnet::tweet::{Body, Page};
use serde_json::{Value, json};

use super::written;

const PROFILES: [Profile; 3] = [Profile::Original, Profile::Full, Profile::Twarc];

/// The body of an answer: it is a page or refused; of a page, as many rows are written as there are
/// tweets, in every profile, and what is written can be read by others.
pub fn page(bytes: &[u8]) {
    let body = Body::new(bytes);
    let Ok(page) = body.decode() else { return };
    for profile in PROFILES {
        write(FileFormat::Csv, profile, &page);
    }
    write(FileFormat::Jsonl, Profile::Full, &page);
}

/// The same into columns, by which fewer inputs pass in a second.
pub fn parquet(bytes: &[u8]) {
    let body = Body::new(bytes);
    let Ok(page) = body.decode() else { return };
    for profile in PROFILES {
        write(FileFormat::Parquet, profile, &page);
    }
}

/// Three texts, with the byte FF between them: the csv crate reads them as they were. So does
/// Python's csv, from the file that `FUZZ_CSV` names (`read_back.py`).
pub fn csv(bytes: &[u8]) {
    let mut texts = bytes.splitn(3, |&byte| byte == 0xFF).map(String::from_utf8_lossy);
    let texts: [String; 3] = std::array::from_fn(|_| texts.next().unwrap_or_default().into());
    let [text, tag, name] = &texts;
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
        let file = file(FileFormat::Csv, profile, &page).bytes;
        let rows = written::csv(profile, &file);
        let [row] = &*rows else { panic!("{} rows", rows.len()) };
        let cell = |column: &str| {
            let at = columns::of(profile).position(|c| c.name == column).expect("a column");
            row[at].to_owned()
        };
        assert_eq!((&cell("tweet"), &cell("user_name")), (text, name));
        let tags: Value = serde_json::from_str(&cell("hashtags")).expect("a list");
        assert_eq!(tags, json!([tag]));
        for_python(&texts, &file);
    }
}

/// Texts, and the file that they are in, as a line of JSON.
fn for_python(texts: &[String; 3], file: &[u8]) {
    static LINES: LazyLock<Option<Mutex<File>>> = LazyLock::new(|| {
        let path = std::env::var_os("FUZZ_CSV")?;
        Some(Mutex::new(File::create(path).expect("a file for Python")))
    });
    let Some(lines) = &*LINES else { return };
    let file = std::str::from_utf8(file).expect("UTF-8");
    let line = json!({ "texts": texts, "file": file }).to_string() + "\n";
    lines.lock().expect("a file").write_all(line.as_bytes()).expect("a line for Python");
}

/// Writes a file with a row for each tweet, and reads it.
fn write(format: FileFormat, profile: Profile, page: &Page<'_>) {
    let written = file(format, profile, page);
    assert_eq!(written::rows(format, profile, &written.bytes), written.rows);
}

fn file(format: FileFormat, profile: Profile, page: &Page<'_>) -> Encoded {
    let mut writer = PartWriter::new(format, profile).expect("this format is built in");
    let all = Span { from: 0, to: page.tweets.len() as u64 };
    writer.page(page, &[all]).expect("rows can be encoded");
    let encoded = writer.finish().expect("a file can be ended");
    assert_eq!(encoded.rows, all.to, "{format:?} {profile:?}");
    encoded
}
