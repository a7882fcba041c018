//! `mistnet show`: everything about one collection.

use jiff::Timestamp;
use serde::Serialize;

use super::context::{Context, known, location};
use super::dead_letters::{Letter, letters_of};
use super::report::Exit;
use super::text;
use crate::model::CollectionId;
use crate::model::overview::Overview;
use crate::model::record::{Channel, Notified, StoredFile, Telling, Told};
use crate::model::state::State;
use crate::store::Log;
use crate::store::layout::LOG;

/// A collection and what belongs to it.
#[derive(Debug, Serialize)]
struct Shown {
    #[serde(flatten)]
    overview: Overview,
    dataset: String,
    files: Vec<StoredFile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<NoticeShown>,
    dead_letters: Vec<Letter>,
    /// What lies in the log's folder and is not ours.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

/// Whether others were told that the dataset is complete.
#[derive(Debug, Serialize)]
struct NoticeShown {
    /// Since when they are being told.
    since: Timestamp,
    /// Whether every channel has its outcome.
    over: bool,
    /// The outcomes so far.
    told: Vec<Told>,
}

/// What the log says about the notice; `None`: nobody is told.
async fn notice(log: &Log) -> anyhow::Result<Option<NoticeShown>> {
    let Some(announced) = log.announced().await? else { return Ok(None) };
    let since = announced.at;
    if let Some(Notified { told, .. }) = log.notified().await? {
        return Ok(Some(NoticeShown { since, over: true, told }));
    }
    let mut told = Vec::new();
    for channel in Channel::ALL {
        told.extend(log.told(channel).await?);
    }
    Ok(Some(NoticeShown { since, over: false, told }))
}

/// Prints it.
pub async fn run(context: &Context, id: &CollectionId) -> anyhow::Result<Exit> {
    let app = context.open_existing().await?;
    let overview = known(&app, id).await?;
    let log = Log::new(app.store(), id.clone());
    let manifest = log.manifest().await?;
    let shown = Shown {
        overview,
        dataset: location(&app.config().store, id),
        files: manifest.map(|manifest| manifest.files).unwrap_or_default(),
        notice: notice(&log).await?,
        dead_letters: letters_of(&app, id).await?,
        warnings: log.foreign().await?.iter().map(|entry| format!("{LOG}/{entry}")).collect(),
    };
    context.output.line(&describe(&shown, app.clock().now()))?;
    context.output.json(&shown)?;
    Ok(Exit::Ok)
}

/// The collection as lines of a name and a value.
fn describe(shown: &Shown, now: Timestamp) -> String {
    let overview = &shown.overview;
    let mut lines = vec![
        ("state", overview.state.name().to_owned()),
        ("query", overview.spec.query.clone()),
        ("window", text::window(overview.spec.window)),
        ("tweets", tweets(overview)),
        ("parts", parts(overview)),
        ("cost", cost(overview)),
    ];
    lines.extend(overview.max_cost_usd.map(|budget| ("budget", budget.to_string())));
    lines.push(("created", text::instant(overview.created_at)));
    lines.extend(overview.touched_at.map(|at| ("touched", text::instant(at))));
    lines.push(("dataset", dataset(shown)));
    lines.extend(shown.files.iter().map(|file| ("", describe_file(file))));
    lines.extend(shown.notice.as_ref().map(|notice| ("notice", describe_notice(notice))));
    lines.extend(overview.waiting.as_ref().map(|w| ("waiting", text::wait(w, now))));
    if let Some(trouble) = &overview.trouble {
        lines.push(("trouble", format!("{}: {}", trouble.code, trouble.detail)));
        lines.push(("hint", trouble.hint.clone()));
    }
    lines.extend(next_step(overview).map(|step| ("next", step)));
    lines.extend(shown.dead_letters.iter().map(|letter| ("dead", letter.line())));
    lines.extend(shown.warnings.iter().map(|warning| ("warning", warning.clone())));
    let lines = lines.iter().map(|(name, value)| format!("  {name:<8} {value}"));
    let lines: Vec<_> = lines.map(|line| line.trim_end().to_owned()).collect();
    format!("{}\n{}", overview.collection, lines.join("\n"))
}

fn tweets(overview: &Overview) -> String {
    let most = overview.spec.limit.map(|limit| format!(" of at most {limit}")).unwrap_or_default();
    format!("{}{most}, on {}", overview.rows, text::count(overview.pages, "page"))
}

fn parts(overview: &Overview) -> String {
    let so_far = if overview.parts.is_none() { " so far" } else { "" };
    format!("{} stored of {}{so_far}", overview.parts_stored, overview.parts_so_far())
}

fn cost(overview: &Overview) -> String {
    let likely = overview.cost_likely_usd.filter(|likely| *likely != overview.cost_usd);
    let likely = likely.map_or(String::new(), |likely| {
        format!("; likely {likely} by X's rule of one charge a day")
    });
    let perhaps = if overview.cost_perhaps_usd.micros() > 0 {
        format!(", and perhaps {} for answers that were lost", overview.cost_perhaps_usd)
    } else {
        String::new()
    };
    format!("{} at X's list price{perhaps}{likely}", overview.cost_usd)
}

fn dataset(shown: &Shown) -> String {
    let unfinished = if shown.files.is_empty() { " (no manifest yet: not complete)" } else { "" };
    format!("{}{unfinished}", shown.dataset)
}

fn describe_file(file: &StoredFile) -> String {
    let container = file.container.as_ref().map(|name| format!("{name}/")).unwrap_or_default();
    format!(
        "{container}{}  {}, {}",
        file.path,
        text::count(file.rows, "row"),
        text::bytes(file.bytes)
    )
}

fn describe_notice(notice: &NoticeShown) -> String {
    let mut parts: Vec<String> = notice.told.iter().map(describe_told).collect();
    if !notice.over {
        parts.push(format!("not delivered yet, tried since {}", text::instant(notice.since)));
    }
    parts.join("; ")
}

fn describe_told(told: &Told) -> String {
    let name = told.channel.name();
    match &told.outcome {
        Telling::Delivered => format!("{name}: delivered {}", text::instant(told.at)),
        Telling::Refused { reason } => format!("{name}: refused, {reason}"),
        Telling::GivenUp { reason } => format!("{name}: given up, {reason}"),
    }
}

/// What a person can do now.
fn next_step(overview: &Overview) -> Option<String> {
    let id = &overview.collection;
    match overview.state {
        State::Paused | State::Failed => Some(format!("mistnet resume {id}")),
        State::Complete => Some(format!("mistnet verify {id}")),
        State::Queued | State::Collecting | State::Waiting | State::Storing => {
            let service = "a service works at it, or";
            Some(format!("{service} mistnet resume {id} --here"))
        }
        State::Cancelled => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::tests::overview;
    use super::*;
    use crate::model::Usd;
    use crate::model::overview::Waiting;
    use crate::model::record::{Trouble, VERSION};
    use crate::model::spec::FileFormat;

    fn told(channel: Channel, outcome: Telling) -> Told {
        let at = "2026-11-22T12:00:05Z".parse().unwrap();
        Told { version: VERSION, channel, at, outcome }
    }

    fn notice() -> NoticeShown {
        let refused = Telling::Refused { reason: "the webhook answered with status 410".into() };
        NoticeShown {
            since: "2026-11-22T12:00:05Z".parse().unwrap(),
            over: true,
            told: vec![told(Channel::Queue, Telling::Delivered), told(Channel::Webhook, refused)],
        }
    }

    #[test]
    fn a_notice_under_way_says_what_is_done() {
        let told = vec![told(Channel::Queue, Telling::Delivered)];
        let text = describe_notice(&NoticeShown { over: false, told, ..notice() });
        let expected = "queue: delivered 2026-11-22 12:00:05 UTC; \
                        not delivered yet, tried since 2026-11-22 12:00:05 UTC";
        assert_eq!(text, expected);
    }

    fn shown(overview: Overview) -> String {
        let files = if overview.state == State::Complete {
            let sha256 = "00".repeat(32);
            let path = "tweets.csv".into();
            vec![StoredFile {
                container: None,
                path,
                format: FileFormat::Csv,
                rows: 505,
                bytes: 812_345,
                sha256,
            }]
        } else {
            Vec::new()
        };
        let dataset = "./data/20261122-rustlang-k3v9x2m7qa".into();
        let notice = (overview.state == State::Complete).then(notice);
        let shown = Shown {
            overview,
            dataset,
            files,
            notice,
            dead_letters: Vec::new(),
            warnings: Vec::new(),
        };
        describe(&shown, "2026-11-22T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_collection_is_shown_with_what_a_person_can_do() {
        let until = "2026-11-22T12:06:52Z".parse().unwrap();
        let waiting = Some(Waiting { until, reason: "the window is used up".into() });
        let trouble = Some(Trouble {
            code: "budget".into(),
            detail: "the budget does not cover another request".into(),
            hint: "raise it: mistnet resume ID --max-cost USD".into(),
        });
        let some = Some(Usd::from_micros(8_000_000));
        let texts = [
            shown(Overview { state: State::Waiting, waiting, ..overview() }),
            shown(Overview {
                state: State::Paused,
                trouble,
                max_cost_usd: some,
                cost_perhaps_usd: Usd::from_micros(150_000),
                ..overview()
            }),
            shown(Overview {
                state: State::Complete,
                parts: Some(1),
                parts_stored: 1,
                ..overview()
            }),
        ];
        insta::assert_snapshot!(texts.join("\n\n"));
    }
}
