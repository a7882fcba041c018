//! `mistnet verify`: is a dataset what its manifest says, and what its log has?
//!
//! 1. Every file that the manifest names is there with its size, checksum and rows.
//! 2. Every page of the log can be read, and no tweet counts twice.
//! 3. Every file has exactly the ids that the pages count, in their order.
//!
//! A copy without its log gets the first check only, and says so. Nothing is changed.

mod file;
mod pages;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(not(feature = "parquet"))]
#[path = "verify/no_parquet.rs"]
mod parquet;

use anyhow::anyhow;
use object_store::path::Path;
use serde::Serialize;

use super::args::VerifyTarget;
use super::context::{Context, existing_store, location, unknown};
use super::report::{Exit, failure};
use super::text;
use crate::app::App;
use crate::model::CollectionId;
use crate::model::record::{StoredFile, VERSION};
use crate::store::layout::{Layout, MANIFEST};
use crate::store::manifest::Manifest;
use crate::store::{Log, Store, StoreError};
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
    let manifest = manifest(&dataset).await?;
    let verdict = verdict(&dataset, &manifest).await?;
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

async fn manifest(dataset: &Dataset) -> anyhow::Result<Manifest> {
    let Some(bytes) = dataset.store.get(&dataset.key(MANIFEST)).await? else {
        let error = anyhow!("{} has no {MANIFEST}: it is no complete dataset", dataset.shown);
        let hint = "`mistnet show ID` says what is missing, `mistnet resume ID` goes on";
        return Err(failure(error, Exit::Failure, hint));
    };
    let manifest: Manifest = serde_json::from_slice(&bytes)
        .map_err(|error| anyhow!("{MANIFEST} can't be read: {error}"))?;
    if manifest.version > VERSION {
        let version = manifest.version;
        return Err(anyhow!("{MANIFEST} has version {version}, and this program knows {VERSION}"));
    }
    Ok(manifest)
}

async fn verdict(dataset: &Dataset, manifest: &Manifest) -> anyhow::Result<Verdict> {
    let mut problems = Vec::new();
    let layout = Layout::new(manifest.collection.clone());
    let has_log = dataset.store.exists(&dataset.moved(&layout.created())).await?;
    let logged = if has_log {
        let logged = pages::read(dataset, &layout, manifest.pages, &mut problems).await;
        if logged.is_complete() {
            problems.extend(logged.disagrees(manifest));
        }
        Some(logged)
    } else {
        None
    };
    let complete = logged.as_ref().filter(|logged| logged.is_complete());
    for stored in &manifest.files {
        let expected = complete.and_then(|logged| logged.ids_of(stored, manifest));
        problems.extend(file::check(dataset, stored, expected).await);
    }
    Ok(Verdict {
        dataset: dataset.shown.clone(),
        rows: manifest.rows,
        files: manifest.files.len() as u64,
        pages: logged.map(|_: Logged| manifest.pages),
        problems,
    })
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
