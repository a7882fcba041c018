//! A notice as mistnet's predecessor sent it, for programs that were written for that.
//!
//! Exactly three fields. It names one blob: the file with all rows, or the manifest if there is no
//! such file or one for each of several formats.

use serde::Serialize;

use super::Notice;
use crate::model::CollectionId;

#[derive(Serialize)]
struct Body<'a> {
    container_name: &'a str,
    blob_name: String,
    request_id: &'a CollectionId,
}

/// The body's JSON; the same notice is the same bytes.
pub fn body(notice: &Notice) -> String {
    let mut merged = notice.merged();
    let blob = match (merged.next(), merged.next()) {
        (Some(only), None) => &only.path,
        (_, _) => "manifest.json",
    };
    let within = match notice.root.folder.as_str() {
        "" => String::new(),
        folder => format!("{folder}/"),
    };
    let body = Body {
        container_name: &notice.root.container,
        blob_name: format!("{within}{}/{blob}", notice.collection),
        request_id: &notice.collection,
    };
    serde_json::json!(body).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::tests::notice;
    use super::*;

    #[test]
    fn the_body_has_the_three_fields_of_the_original() {
        let value =
            |notice: &Notice| serde_json::from_str::<serde_json::Value>(&body(notice)).unwrap();
        let mut notice = notice(2);
        let id = "20261122-rustlang-k3v9x2m7qa";
        let expected = |file: &str| {
            serde_json::json!({
                "container_name": "/srv/mistnet",
                "blob_name": format!("{id}/{file}"),
                "request_id": id,
            })
        };
        assert_eq!(value(&notice), expected("tweets.csv"));
        notice.files.remove(0);
        assert_eq!(value(&notice), expected("manifest.json"));
    }
}
