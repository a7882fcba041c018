//! A notice as a CloudEvent.
//!
//! Version 1.0, structured JSON (`cloudevents/spec`, `cloudevents/spec.md` and
//! `cloudevents/formats/json-format.md`, version 1.0.2, read 2026-11-23): one JSON object with the
//! event's attributes and its `data`. `docs/notices.md` lists the fields; they are a public
//! interface.

use jiff::Timestamp;
use serde::Serialize;

use super::Notice;
use crate::model::record::{SealReason, StoredFile};
use crate::model::{CollectionId, Usd};

/// What the body is, for whoever transports it.
pub const CONTENT_TYPE: &str = "application/cloudevents+json";

/// What happened.
const TYPE: &str = "mistnet.collection.complete";

/// Who says so: with `id` it makes an event unique, and ids hold the collection's, which is unique.
const SOURCE: &str = "/mistnet";

/// The most that the list of files may take, in bytes.
///
/// Our own choice: queues take bodies of 64 KiB ([CloudEvents] asks every transport for as much),
/// and a query of X, 4,096 characters at most, must fit beside it several times over.
///
/// [CloudEvents]: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#size-limits
const MOST_FILE_BYTES: usize = 32 * 1024;

#[derive(Serialize)]
struct Event<'a> {
    specversion: &'static str,
    id: String,
    source: &'static str,
    r#type: &'static str,
    subject: &'a CollectionId,
    time: Timestamp,
    datacontenttype: &'static str,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    collection: &'a CollectionId,
    outcome: SealReason,
    query: &'a str,
    hashtag: Option<&'a str>,
    rows: u64,
    pages: u64,
    cost_usd: Usd,
    dataset: String,
    manifest: String,
    files: Vec<File<'a>>,
    all_files: bool,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    rows: u64,
    bytes: u64,
    sha256: &'a str,
}

impl<'a> From<&'a StoredFile> for File<'a> {
    fn from(file: &'a StoredFile) -> Self {
        let StoredFile { path, rows, bytes, sha256, .. } = file;
        Self { path, rows: *rows, bytes: *bytes, sha256 }
    }
}

/// The event's JSON; the same notice is the same bytes.
pub fn body(notice: &Notice) -> String {
    let (files, all_files) = files(notice);
    let dataset = notice.dataset();
    let data = Data {
        collection: &notice.collection,
        outcome: notice.outcome,
        query: &notice.query,
        hashtag: notice.hashtag.as_deref(),
        rows: notice.rows,
        pages: notice.pages,
        cost_usd: notice.cost,
        manifest: format!("{dataset}/manifest.json"),
        dataset,
        files,
        all_files,
    };
    let event = Event {
        specversion: "1.0",
        id: notice.id(),
        source: SOURCE,
        r#type: TYPE,
        subject: &notice.collection,
        time: notice.completed_at,
        datacontenttype: "application/json",
        data,
    };
    serde_json::json!(event).to_string()
}

/// Every file, and whether they are all; of very many only the merged ones.
fn files(notice: &Notice) -> (Vec<File<'_>>, bool) {
    let all: Vec<File<'_>> = notice.files.iter().map(File::from).collect();
    if serde_json::json!(all).to_string().len() <= MOST_FILE_BYTES {
        (all, true)
    } else {
        (notice.merged().map(File::from).collect(), false)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::notice;
    use super::*;

    #[test]
    fn the_event_has_these_fields() {
        let event: serde_json::Value = serde_json::from_str(&body(&notice(1))).unwrap();
        insta::assert_json_snapshot!(event);
    }

    #[test]
    fn the_document_names_every_field() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/notices.md");
        let document = std::fs::read_to_string(path).unwrap();
        let event: serde_json::Value = serde_json::from_str(&body(&notice(1))).unwrap();
        let fields = |value: &serde_json::Value| {
            value.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
        };
        let data = &event["data"];
        for field in [fields(&event), fields(data), fields(&data["files"][0])].concat() {
            assert!(document.contains(&format!("`{field}`")), "{field}");
        }
    }

    #[test]
    fn an_event_about_very_many_parts_names_the_merged_file_and_the_manifest() {
        let few: serde_json::Value = serde_json::from_str(&body(&notice(150))).unwrap();
        assert_eq!(few["data"]["files"].as_array().unwrap().len(), 151);
        assert_eq!(few["data"]["all_files"], true);

        let notice = Notice { query: "\"'".repeat(2048), ..notice(100_000) };
        let many = body(&notice);
        assert!(many.len() < 48 * 1024, "{} bytes", many.len());
        let many: serde_json::Value = serde_json::from_str(&many).unwrap();
        assert_eq!(many["data"]["files"].as_array().unwrap().len(), 1);
        assert_eq!(many["data"]["files"][0]["path"], "tweets.csv");
        assert_eq!(many["data"]["all_files"], false);
        let manifest = "/srv/mistnet/20261122-rustlang-k3v9x2m7qa/manifest.json";
        assert_eq!(many["data"]["manifest"], manifest);
    }
}
