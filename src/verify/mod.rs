//! Is a dataset what its manifest says, and what its log has?
//!
//! 1. Every file that the manifest names is there with its size, checksum and rows, and no part is
//!    there that it does not name.
//! 2. `datapackage.json` describes these files.
//! 3. Every page of the log can be read and continues the totals of the one before, and no tweet
//!    counts twice.
//! 4. The seal follows from the pages, the receipts from the seal, and the manifest from all of
//!    them: each of its numbers is computed again.
//! 5. Every file has exactly the ids that the pages count, in their order.
//!
//! A copy without its log gets the first two checks only, and says so. Nothing is changed.
//!
//! What is not checked, because nothing follows from it: when a receipt was written and by whom, and
//! the records of turns, control and notices.

mod additional;
mod dataset;
mod difference;
mod file;
mod manifest;
mod pages;
mod records;
#[cfg(test)]
mod tests;

use serde::Serialize;
use serde_json::Value;

pub use dataset::{Dataset, Problem};

use crate::store::layout::{Layout, MANIFEST};
use crate::store::manifest::Manifest;
use crate::store::{StoreError, check_version};
use pages::Logged;

/// What was found.
#[derive(Debug, Serialize)]
pub struct Verdict {
    /// What people call the dataset.
    pub dataset: String,
    /// Rows that the manifest counts.
    pub rows: u64,
    /// Files that the manifest names.
    pub files: u64,
    /// Pages of the log that were read; `None`: there is no log.
    pub pages: Option<u64>,
    /// Everything that is wrong; empty: nothing is.
    pub problems: Vec<Problem>,
}

/// Why a dataset can't be checked at all.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// There is no manifest.
    #[error("{dataset} has no {MANIFEST}: it is no complete dataset")]
    NotComplete {
        /// What people call the dataset.
        dataset: String,
    },
    /// There is one that can't be understood.
    #[error("{MANIFEST} can't be read")]
    Manifest(#[source] serde_json::Error),
    /// The store does not answer, or a newer version wrote the manifest.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Checks a dataset, and names everything that is wrong with it.
pub async fn check(dataset: &Dataset) -> Result<Verdict, VerifyError> {
    let (raw, manifest) = read_manifest(dataset).await?;
    let (raw, manifest) = (&raw, &manifest);
    let mut problems = Vec::new();
    let layout = Layout::new(manifest.collection.clone());
    let has_log = dataset.store.exists(&dataset.moved(&layout.created())).await?;
    let logged = if has_log {
        Some(log_disagrees(dataset, &layout, raw, manifest, &mut problems).await)
    } else {
        None
    };
    problems.extend(manifest::package_disagrees(dataset, manifest).await);
    let complete = logged.as_ref().filter(|logged| logged.is_complete());
    for stored in &manifest.files {
        let expected = complete.and_then(|logged| logged.ids_of(stored, manifest));
        problems.extend(file::check(dataset, stored, expected).await);
    }
    problems.extend(additional::files(dataset, manifest).await);
    Ok(Verdict {
        dataset: dataset.shown.clone(),
        rows: manifest.rows,
        files: manifest.files.len() as u64,
        pages: logged.map(|_: Logged| manifest.pages),
        problems,
    })
}

/// Reads the log, and holds the manifest against it.
async fn log_disagrees(
    dataset: &Dataset,
    layout: &Layout,
    raw: &Value,
    manifest: &Manifest,
    problems: &mut Vec<Problem>,
) -> Logged {
    let ends = records::ends(dataset, layout, problems).await;
    let pages = ends.as_ref().map_or(manifest.pages, |(_, sealed)| sealed.pages);
    let logged = pages::read(dataset, layout, pages, problems).await;
    if logged.is_complete() {
        problems.extend(logged.disagrees(manifest));
    }
    let Some(ends) = ends else { return logged };
    if logged.is_complete() {
        problems.extend(records::seal_disagrees(dataset, layout, &ends, &logged));
    }
    problems.extend(additional::records(dataset, layout, &ends.1).await);
    if let Some(records) = records::with_receipts(dataset, layout, ends, problems).await {
        problems.extend(manifest::disagrees(raw, manifest, &records, &logged));
    }
    logged
}

/// The manifest, as it is there and as it is understood.
async fn read_manifest(dataset: &Dataset) -> Result<(Value, Manifest), VerifyError> {
    let bytes = dataset.store.get(&dataset.key(MANIFEST)).await?;
    let bytes = bytes.ok_or_else(|| VerifyError::NotComplete { dataset: dataset.shown.clone() })?;
    check_version(MANIFEST, &bytes)?;
    let raw: Value = serde_json::from_slice(&bytes).map_err(VerifyError::Manifest)?;
    let manifest = serde_json::from_value(raw.clone()).map_err(VerifyError::Manifest)?;
    Ok((raw, manifest))
}
