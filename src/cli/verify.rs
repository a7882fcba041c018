//! `mistnet verify`: is a dataset what its manifest says, and what its log has?
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
mod difference;
mod file;
mod manifest;
mod pages;
mod records;
#[cfg(test)]
mod tests;

use anyhow::anyhow;
use object_store::path::Path;
use serde::Serialize;
use serde_json::Value;

use super::args::VerifyTarget;
use super::context::{Context, existing_store, location, unknown};
use super::report::{Exit, failure};
use super::text;
use crate::app::App;
use crate::model::CollectionId;
use crate::model::record::StoredFile;
use crate::store::layout::{Layout, MANIFEST};
use crate::store::manifest::Manifest;
use crate::store::{Log, Store, StoreError, check_version};
use pages::Logged;

/// Files of a dataset, wherever they lie.
#[derive(Debug, Clone)]
struct Dataset {
    store: Store,
    root: Path,
    /// Whether the store is the one in which the collection was made, so that containers beside it
    /// can be found.
    at_home: bool,
    shown: String,
}

impl Dataset {
    /// The place of a file, by its path in the manifest.
    fn key(&self, path: &str) -> Path {
        path.split('/').fold(self.root.clone(), Path::join)
    }

    /// The place of a file; `None` for one in another container, out of a copy's sight.
    fn place(&self, file: &StoredFile) -> Result<Option<(Store, Path)>, StoreError> {
        match &file.container {
            None => Ok(Some((self.store.clone(), self.key(&file.path)))),
            Some(_) if !self.at_home => Ok(None),
            Some(name) => Ok(Some((self.store.container(name)?, Path::from(file.path.as_str())))),
        }
    }

    /// The place of something that a layout names; a copy may have another folder name.
    fn moved(&self, path: &Path) -> Path {
        path.parts().skip(1).fold(self.root.clone(), Path::join)
    }
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Problem {
    file: String,
    reason: String,
}

impl Problem {
    fn new(file: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { file: file.into(), reason: reason.into() }
    }
}

/// What was found.
#[derive(Debug, Serialize)]
struct Verdict {
    dataset: String,
    rows: u64,
    files: u64,
    /// Pages of the log that were read; `None`: there is no log.
    pages: Option<u64>,
    problems: Vec<Problem>,
}

/// Checks a dataset, and names everything that is wrong.
pub async fn run(context: &Context, target: &VerifyTarget) -> anyhow::Result<Exit> {
    let dataset = match target {
        VerifyTarget::Collection(id) => of_collection(&context.open_existing().await?, id).await?,
        VerifyTarget::Folder(folder) => Dataset {
            store: existing_store(folder)?,
            root: Path::default(),
            at_home: false,
            shown: folder.display().to_string(),
        },
    };
    let (raw, manifest) = manifest_of(&dataset).await?;
    let verdict = verdict(&dataset, &raw, &manifest).await?;
    let output = &context.output;
    verdict.problems.iter().try_for_each(|p| output.line(&format!("{}: {}", p.file, p.reason)))?;
    output.json(&verdict)?;
    if verdict.problems.is_empty() {
        output.line(&all_is_well(&verdict))?;
        return Ok(Exit::Ok);
    }
    Err(anyhow!("{} in {}", text::count(verdict.problems.len() as u64, "problem"), dataset.shown))
}

async fn of_collection(app: &App, id: &CollectionId) -> anyhow::Result<Dataset> {
    let log = Log::new(app.store(), id.clone());
    if log.created().await?.is_none() {
        return Err(unknown(app.store(), id).await);
    }
    let shown = location(&app.config().store, id);
    let (store, root) = (app.store().clone(), Path::from(id.as_str()));
    Ok(Dataset { store, root, at_home: true, shown })
}

/// The manifest, as it is there and as it is understood.
async fn manifest_of(dataset: &Dataset) -> anyhow::Result<(Value, Manifest)> {
    let Some(bytes) = dataset.store.get(&dataset.key(MANIFEST)).await? else {
        let error = anyhow!("{} has no {MANIFEST}: it is no complete dataset", dataset.shown);
        let hint = "`mistnet show ID` says what is missing, `mistnet resume ID` goes on";
        return Err(failure(error, Exit::Failure, hint));
    };
    check_version(MANIFEST, &bytes)?;
    let unreadable = |error: serde_json::Error| anyhow!("{MANIFEST} can't be read: {error}");
    let raw: Value = serde_json::from_slice(&bytes).map_err(unreadable)?;
    let manifest = serde_json::from_value(raw.clone()).map_err(unreadable)?;
    Ok((raw, manifest))
}

async fn verdict(dataset: &Dataset, raw: &Value, manifest: &Manifest) -> anyhow::Result<Verdict> {
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

fn all_is_well(verdict: &Verdict) -> String {
    let files = text::count(verdict.files, "file");
    let rows = text::count(verdict.rows, "row");
    let log = match verdict.pages {
        Some(pages) => format!("the ids of {}", text::count(pages, "page")),
        None => "no log here to compare with".to_owned(),
    };
    format!("{}: {files} with {rows} as the manifest says; {log}", verdict.dataset)
}
