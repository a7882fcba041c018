//! `mistnet simulate x`: the simulator of the X API as a server.

use anyhow::{Context as _, anyhow};
use mistnet_sim_x::{self as x, Options, Simulator};
use serde_json::json;

use super::listen::listen;
use crate::cli::args::{RateLimits, SimulateXArgs};
use crate::cli::context::Context;
use crate::cli::report::{Exit, failure};
use crate::cli::signals;
use crate::model::hashtag::Hashtag;

/// Serves until a signal.
pub async fn run(context: &Context, args: &SimulateXArgs) -> anyhow::Result<Exit> {
    let options = options(args)?;
    let wanted = context.listen.unwrap_or(SimulateXArgs::LISTEN);
    let listener = listen(wanted, "--listen").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let stop = signals::stop_token()?;
    context.output.line(&format!("listening on {url}"))?;
    context.output.json(&json!({ "url": url }))?;
    let tag = &options.hashtag;
    context
        .output
        .say(&format!("{} tweets match #{tag}; any bearer token will do", options.tweets));
    let simulator = Simulator::new(options);
    let serving = simulator.serve(listener, stop.clone().cancelled_owned());
    // A client that keeps its connection open must not keep the server.
    if let Some(served) = signals::drained(serving, &stop, &*context.clock).await {
        served.context("can't serve")?;
    }
    Ok(Exit::Ok)
}

fn options(args: &SimulateXArgs) -> anyhow::Result<Options> {
    let hashtag = Hashtag::parse(&args.hashtag).map_err(|error| {
        let what = anyhow!("--hashtag {:?}: {}", args.hashtag, error.reason);
        failure(what, Exit::Usage, error.fix)
    })?;
    Ok(Options {
        seed: args.seed,
        tweets: args.tweets,
        hashtag: hashtag.as_str().to_owned(),
        rate_limits: match args.rate_limits {
            RateLimits::Real => x::RateLimits::Real,
            RateLimits::Off => x::RateLimits::Off,
        },
        speed: args.speed,
        latency: args.latency(),
        ..Options::default()
    })
}
