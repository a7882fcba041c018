//! The manifest and `datapackage.json`, held against what follows from the log.
//!
//! Both are pure functions of the log, so they are made again and compared field by field. Where a
//! file has all rows, its size and checksum come from the manifest: the file itself is held against
//! them elsewhere.

use serde_json::Value;

use super::dataset::{Dataset, Problem};
use super::difference::between;
use super::pages::Logged;
use super::records::Records;
use crate::model::record::{Provenance, StoredFile};
use crate::receiver::package;
use crate::store::layout::{DATA_PACKAGE, MANIFEST, single_file};
use crate::store::manifest::{Manifest, Pages};

/// What the manifest and the log disagree about. `raw` is the manifest as it is there.
pub(super) fn disagrees(
    raw: &Value,
    manifest: &Manifest,
    records: &Records,
    logged: &Logged,
) -> Vec<Problem> {
    let Records { created, sealed, receipts } = records;
    let mut problems = Vec::new();
    let mut merged = Vec::new();
    if created.spec.single_file {
        for format in &created.spec.formats {
            let path = single_file(*format);
            let is_it = |file: &&StoredFile| file.container.is_none() && file.path == path;
            match manifest.files.iter().find(is_it) {
                Some(file) => merged.push(StoredFile {
                    format: *format,
                    rows: sealed.totals.rows,
                    ..file.clone()
                }),
                None => problems.push(Problem::new(MANIFEST, format!("it does not name {path}"))),
            }
        }
    }
    if logged.is_complete() {
        problems.extend(records.sums_disagree(&logged.pages.sha256));
    }
    // Pages that can't be read are named already.
    let pages = if logged.is_complete() {
        logged.pages.clone()
    } else {
        Pages { request: manifest.request.clone(), sha256: manifest.page_sha256.clone() }
    };
    let mut expected = Manifest::new(created, sealed, pages, merged, receipts);
    if manifest.columns.is_none() {
        without_what_is_new(&mut expected);
    }
    let expected = serde_json::to_value(&expected).unwrap_or_default();
    let differences = between(raw, &expected);
    problems.extend(differences.into_iter().map(|reason| Problem::new(MANIFEST, reason)));
    problems
}

/// Manifests from before `columns` lack what was added together with it.
fn without_what_is_new(manifest: &mut Manifest) {
    manifest.columns = None;
    manifest.cost_worst_usd = None;
    manifest.cost_likely_usd = None;
    manifest.provenance = Provenance::default();
    manifest.request.clear();
    manifest.page_sha256.clear();
}

/// Descriptions from before `columns` call two formats by other names.
fn name_formats_as_before(package: &mut Value) {
    let resources = package.get_mut("resources").and_then(Value::as_array_mut);
    for format in resources.into_iter().flatten().filter_map(|file| file.get_mut("format")) {
        match format.as_str() {
            Some("jsonlines") => *format = "jsonl".into(),
            Some("apache-parquet") => *format = "parquet".into(),
            _ => {}
        }
    }
}

/// What is wrong with the description of the dataset, which follows from the manifest.
pub(super) async fn package_disagrees(dataset: &Dataset, manifest: &Manifest) -> Vec<Problem> {
    let Some(expected) = package(manifest) else { return Vec::new() };
    let reasons = match dataset.store.get(&dataset.key(DATA_PACKAGE)).await {
        Ok(None) => vec!["it is missing".to_owned()],
        Err(error) => vec![error.to_string()],
        Ok(Some(found)) if found == expected.as_bytes() => Vec::new(),
        Ok(Some(found)) => match serde_json::from_slice::<Value>(&found) {
            Ok(found) => {
                let mut expected = serde_json::from_str(&expected).unwrap_or_default();
                if manifest.columns.is_none() {
                    name_formats_as_before(&mut expected);
                }
                between(&found, &expected)
            }
            Err(error) => vec![error.to_string()],
        },
    };
    reasons.into_iter().map(|reason| Problem::new(DATA_PACKAGE, reason)).collect()
}
