//! `mistnet collect`: one collection from request to dataset, in this process.
//!
//! Everything is checked and shown before anything is written or paid. The window that was shown
//! is the one that is collected, however long the person thinks about it.

use anyhow::anyhow;

use super::args::CollectArgs;
use super::consent::{self, Offer};
use super::context::Context;
use super::report::{Exit, failure};
use super::{ending, follow, plan, signals};
use crate::config::with_key;
use crate::model::request::{InvalidField, InvalidRequest, Request, check_reach, resolve};

/// Collects, and waits for the dataset.
pub async fn run(context: &Context, args: &CollectArgs) -> anyhow::Result<Exit> {
    let output = &context.output;
    let config = context.config()?;
    let request = request(args);
    // Before anything is opened: a request that makes no sense leaves nothing behind.
    let spec =
        resolve(&request, &config.collection, context.clock.now()).map_err(|e| refused(&e))?;
    config.x.bearer_token.as_ref().ok_or(crate::app::OpenError::NoToken)?;
    let stop = signals::stop_token()?;
    let shown = plan::plan(&spec, &config.store.to_string());
    let (price, question) = (plan::most(&spec), "Collect this?");
    let offer = Offer { plan: &shown, price: &price, question, yes: args.yes };
    if !consent::given(output, offer, &stop).await? {
        return Ok(Exit::Ok);
    }
    // The person may have thought about it for a while.
    check_reach(&spec, context.clock.now()).map_err(|e| refused(&e))?;
    let app = context.open(config)?;
    let id = app.collect(spec, None).await?;
    output.say(&format!("collection {id}"));
    let followed = follow::until_at_rest(&app, &id, output, &stop).await?;
    ending::end(&app, &followed, output).await
}

fn request(args: &CollectArgs) -> Request {
    let (hashtag, query) = (args.hashtag.clone(), args.query.clone());
    Request { hashtag, query, ..Request::default() }
}

/// What is wrong with a request, in the words of the command line: every problem at once.
pub fn refused(request: &InvalidRequest) -> anyhow::Error {
    let problems = &request.problems;
    let what = problems.iter().map(|p| format!("{} {:?}: {}", flag(p.field), p.value, p.reason));
    let fix = |problem: &InvalidField| match problems.len() {
        1 => problem.fix.clone(),
        _ => format!("{}: {}", flag(problem.field), problem.fix),
    };
    let fixes = problems.iter().map(fix).collect::<Vec<_>>().join("\n");
    failure(anyhow!(what.collect::<Vec<_>>().join("\n")), Exit::Usage, fixes)
}

/// How the command line calls a field of a request: the setting that has its name knows the flag.
fn flag(field: &'static str) -> &'static str {
    match field {
        "query" => "--query",
        other => {
            let setting = with_key(&format!("collection.{other}"));
            setting.and_then(|setting| setting.flag).unwrap_or(other)
        }
    }
}
