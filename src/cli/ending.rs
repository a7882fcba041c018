//! How a collection ended: lines for a person, one object for a program, an exit code.
//!
//! The object's field names are part of the public interface: scripts read them.

use std::collections::BTreeSet;

use anyhow::anyhow;
use serde::Serialize;

use super::context::location;
use super::follow::Followed;
use super::output::Output;
use super::report::{Exit, Reporting, printable};
use super::text;
use crate::app::App;
use crate::config::{Config, Effective, Origin, key};
use crate::model::overview::Overview;
use crate::model::record::{StoredFile, Trouble};
use crate::model::state::State;
use crate::model::{CollectionId, Usd};
use crate::store::Log;
use crate::store::layout::part_number;
#[cfg(any(test, feature = "simulators"))]
use crate::store::layout::single_file;

/// A collection that a command has worked on, for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Its id.
    pub collection: CollectionId,
    /// What it is doing.
    pub state: State,
    /// Rows so far.
    pub rows: u64,
    /// Pages so far.
    pub pages: u64,
    /// What X charges for what it returned, at list price.
    pub cost_usd: Usd,
    /// Path or address of the dataset.
    pub dataset: String,
    /// Its files, with paths below `dataset`; empty until it is complete.
    pub files: Vec<StoredFile>,
    /// Names of fields that X sent and that have no column.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub unknown_fields: BTreeSet<String>,
    /// What stopped it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Trouble>,
}

impl Summary {
    /// The summary of a collection as it is now.
    pub async fn of(app: &App, overview: &Overview) -> anyhow::Result<Self> {
        let id = overview.collection.clone();
        let dataset = location(&app.config().store, &id);
        let manifest = Log::new(app.store(), id.clone()).manifest().await?;
        let (files, unknown_fields) =
            manifest.map(|manifest| (manifest.files, manifest.unknown_fields)).unwrap_or_default();
        Ok(Self {
            collection: id,
            state: overview.state,
            rows: overview.rows,
            pages: overview.pages,
            cost_usd: overview.cost_usd,
            dataset,
            files,
            unknown_fields,
            trouble: overview.trouble.clone(),
        })
    }
}

/// Prints how a collection ended. One that did not end well is an error with its exit code.
pub async fn end(app: &App, followed: &Followed, output: &Output) -> anyhow::Result<Exit> {
    let summary = Summary::of(app, followed.overview()).await?;
    if !summary.files.is_empty() {
        output.line(&summary.dataset)?;
    }
    output.json(&summary)?;
    let resume = resume_command(app.config(), &summary.collection);
    if let Followed::Interrupted(_) = followed {
        return Err(anyhow!("interrupted; {} are kept", text::count(summary.rows, "tweet")))
            .exit(Exit::Interrupted)
            .hint(format!("{resume} goes on; what was paid for is not fetched again"));
    }
    match summary.state {
        State::Complete | State::Cancelled => {
            output.say(&description(&summary));
            if let Some(news) = text::unknown_fields(&summary.unknown_fields) {
                output.say(&printable(&news));
            }
            if is_untold(app, &summary.collection).await? {
                output.warn(&format!(
                    "not everybody could be told that the dataset is complete; `mistnet tell {}` \
                     tries again",
                    summary.collection
                ));
            }
            Ok(Exit::Ok)
        }
        State::Paused | State::Failed => stopped(&summary, &resume),
        State::Queued | State::Collecting | State::Waiting | State::Storing => Ok(Exit::Temporary),
    }
}

/// Whether others are to be told and could not be. In a process of its own nobody tries again.
async fn is_untold(app: &App, id: &CollectionId) -> anyhow::Result<bool> {
    let log = Log::new(app.store(), id.clone());
    Ok(log.announced().await?.is_some() && log.notified().await?.is_none())
}

fn stopped(summary: &Summary, resume: &str) -> anyhow::Result<Exit> {
    let Summary { collection, state, rows, trouble, .. } = summary;
    let Some(Trouble { code, detail, hint }) = trouble else {
        return Err(anyhow!("{collection} is {}", state.name()))
            .exit(Exit::Temporary)
            .hint(format!("{resume} goes on"));
    };
    let kept = text::count(*rows, "tweet");
    Err(anyhow!("{code}: {detail}")
        .context(format!("{collection} is {}; {kept} are kept", state.name())))
    .exit(exit_of(*state, code))
    .hint(hint)
    .hint(format!("{resume} goes on"))
}

/// What a script should do about a collection that stopped: its state decides, except where X
/// refused access.
fn exit_of(state: State, code: &str) -> Exit {
    match (code, state) {
        ("unauthorized" | "not_enrolled" | "wrong_token" | "forbidden", _) => Exit::Permission,
        (_, State::Paused) => Exit::Temporary,
        (_, _) => Exit::Failure,
    }
}

/// How a person goes on with a collection in this store.
pub fn resume_command(config: &Config, id: &CollectionId) -> String {
    let by_flag = |effective: &&Effective| {
        effective.key == key::STORE && matches!(effective.origin, Origin::Flag { .. })
    };
    let store = match config.effective().iter().find(by_flag) {
        Some(store) => format!(" --store {}", store.value),
        None => String::new(),
    };
    format!("mistnet resume {id} --here{store}")
}

/// A finished dataset in a few lines.
pub fn description(summary: &Summary) -> String {
    let of = |prefix: &'static str| {
        summary.files.iter().filter(move |file| file.path.starts_with(prefix))
    };
    let parts =
        summary.files.iter().filter(|file| part_number(&file.path).is_some()).count() as u64;
    let merged: Vec<String> =
        of("tweets.").map(|file| format!("{} ({})", file.path, text::bytes(file.bytes))).collect();
    let files = [merged.join(", "), text::count(parts, "part")];
    let files = files.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" and ");
    let note = match summary.state {
        State::Cancelled => "; cancelled, so this is what had come by then",
        _ => "",
    };
    format!(
        "{} on {} as {files}; {} at X's list price{note}",
        text::count(summary.rows, "tweet"),
        text::count(summary.pages, "page"),
        summary.cost_usd
    )
}

/// How to open a dataset's file with all rows, ids unharmed.
#[cfg(any(test, feature = "simulators"))]
pub fn how_to_open(summary: &Summary) -> Option<String> {
    let file = summary.files.iter().find(|file| file.path == single_file(file.format))?;
    let path = format!("{}/{}", summary.dataset, file.path);
    let opening = crate::format::how_to_open(file.format, &path)?;
    let crate::format::Opening { pandas, duckdb, spreadsheet } = opening;
    let further = spreadsheet.map(|what| format!("\n  a spreadsheet: {what}")).unwrap_or_default();
    Some(format!(
        "open it with:\n  \
         python3 -c \"import pandas; print(pandas.{pandas})\"\n  \
         duckdb -c \"from {duckdb}\"{further}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::spec::FileFormat;

    fn summary() -> Summary {
        let file = |path: &str, bytes| StoredFile {
            container: None,
            path: path.into(),
            format: FileFormat::Csv,
            rows: 505,
            bytes,
            sha256: "00".repeat(32),
        };
        Summary {
            collection: "20261122-rustlang-k3v9x2m7qa".parse().unwrap(),
            state: State::Complete,
            rows: 505,
            pages: 2,
            cost_usd: Usd::from_micros(7_575_000),
            dataset: "./data/20261122-rustlang-k3v9x2m7qa".into(),
            files: vec![file("tweets.csv", 812_345), file("parts/part-000000.csv", 812_345)],
            unknown_fields: BTreeSet::new(),
            trouble: None,
        }
    }

    #[test]
    fn a_finished_dataset_is_described_in_words() {
        let summary = summary();
        let text = format!("{}\n{}", description(&summary), how_to_open(&summary).unwrap());
        insta::assert_snapshot!(text);
        let cancelled = Summary { state: State::Cancelled, files: Vec::new(), ..summary };
        assert!(description(&cancelled).contains("cancelled"));
        assert_eq!(how_to_open(&cancelled), None);
    }

    #[test]
    fn programs_read_these_fields() {
        insta::assert_json_snapshot!(summary());
    }

    #[test]
    fn the_exit_code_says_what_a_script_should_do() {
        for (state, code, exit) in [
            (State::Failed, "unauthorized", Exit::Permission),
            (State::Failed, "bad_query", Exit::Failure),
            (State::Paused, "budget", Exit::Temporary),
        ] {
            assert_eq!(exit_of(state, code), exit);
        }
    }
}
