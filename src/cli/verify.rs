//! `mistnet verify`: checks a dataset against its manifest and its log ([`crate::verify`]).

use anyhow::anyhow;
use object_store::path::Path;

use super::args::VerifyTarget;
use super::context::{Context, existing_store, location, unknown};
use super::report::{Exit, failure};
use super::text;
use crate::app::App;
use crate::model::CollectionId;
use crate::store::Log;
use crate::verify::{Dataset, Verdict, VerifyError, check};

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
    let verdict = check(&dataset).await.map_err(with_hint)?;
    let output = &context.output;
    verdict.problems.iter().try_for_each(|p| output.line(&format!("{}: {}", p.file, p.reason)))?;
    output.json(&verdict)?;
    if verdict.problems.is_empty() {
        output.line(&all_is_well(&verdict))?;
        return Ok(Exit::Ok);
    }
    Err(anyhow!("{} in {}", text::count(verdict.problems.len() as u64, "problem"), dataset.shown))
}

fn with_hint(error: VerifyError) -> anyhow::Error {
    match error {
        VerifyError::NotComplete { .. } => {
            let hint = "`mistnet show ID` says what is missing, `mistnet resume ID` goes on";
            failure(error.into(), Exit::Failure, hint)
        }
        // As itself: the exit code is known by its type.
        VerifyError::Store(error) => error.into(),
        VerifyError::Manifest(_) => error.into(),
    }
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

fn all_is_well(verdict: &Verdict) -> String {
    let files = text::count(verdict.files, "file");
    let rows = text::count(verdict.rows, "row");
    let log = match verdict.pages {
        Some(pages) => format!("the ids of {}", text::count(pages, "page")),
        None => "no log here to compare with".to_owned(),
    };
    format!("{}: {files} with {rows} as the manifest says; {log}", verdict.dataset)
}
