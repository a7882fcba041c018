//! `mistnet simulate x`: the simulator of the X API as a server.

use anyhow::{Context as _, anyhow};
use mistnet_sim::x::{self, Options, Simulator};
use serde_json::json;
use tokio::net::TcpListener;

use super::args::{RateLimits, SimulateXArgs};
use super::context::Context;
use super::report::{Exit, Reporting, failure};
use super::signals;
use crate::model::hashtag::Hashtag;

/// Serves until a signal. The address is the first line of stdout, so that a script that asked for
/// port 0 learns it.
pub async fn run(context: &Context, args: &SimulateXArgs) -> anyhow::Result<Exit> {
    let options = options(args)?;
    let wanted = context.listen.unwrap_or(SimulateXArgs::LISTEN);
    let listener = TcpListener::bind(wanted)
        .await
        .with_context(|| format!("can't listen on {wanted}"))
        .exit(Exit::Io)
        .hint("choose another address: --listen 127.0.0.1:0 takes any free port")?;
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
