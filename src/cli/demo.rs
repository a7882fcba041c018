//! `mistnet demo`: the whole pipeline against the built-in simulator, in this process.
//!
//! It looks at no configuration file and no variable, so that it works the same for everybody, and
//! sends nothing to X.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context as _;
use mistnet_sim_x::{Options, RateLimits, Simulator};
use tokio::net::TcpListener;

use super::args::DemoArgs;
use super::context::Context;
use super::ending::{self, Summary};
use super::report::Exit;
use super::{collect, follow, signals};
use crate::app::{App, Queues};
use crate::config::{Config, ConfigError, Flags, Sources, key, load};
use crate::model::Spec;
use crate::model::request::{Limit, Request, resolve};

/// Collects simulated tweets.
pub async fn run(context: &Context, args: &DemoArgs) -> anyhow::Result<Exit> {
    let output = &context.output;
    let stop = signals::stop_token()?;
    let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let listener = TcpListener::bind(here).await.context("can't listen on this machine")?;
    let config = config(args, listener.local_addr()?)?;
    let request = Request {
        hashtag: Some(args.hashtag.clone()),
        num_results: Some(Limit::Rows(args.tweets)),
        formats: args.format.clone(),
        referenced: Some(args.referenced),
        ..Request::default()
    };
    let spec = resolve(&request, &config.collection, context.clock.now())
        .map_err(|error| collect::refused(&error))?;
    let app = App::open_with(config, Queues::OfItsOwn)?;
    let simulator = Simulator::new(options(args, &spec));
    let served = stop.clone();
    tokio::spawn(async move { simulator.serve(listener, served.cancelled_owned()).await });
    let id = app.collect(spec, None).await?;
    output.say(&format!("collecting {} simulated tweets as {id}", args.tweets));
    let followed = follow::until_at_rest(&app, &id, output, &stop).await?;
    let exit = ending::end(&app, &followed, output).await?;
    let summary = Summary::of(&app, followed.overview()).await?;
    output.line("Simulated: X was not asked, and nothing was charged.")?;
    if let Some(text) = ending::how_to_open(&summary) {
        output.line(&text)?;
    }
    Ok(exit)
}

fn config(args: &DemoArgs, simulator: SocketAddr) -> Result<Config, ConfigError> {
    let mut flags = Flags::default();
    flags.set(key::STORE, "--out", args.out.display().to_string());
    flags.set(key::API_URL, "--x-api-url", format!("http://{simulator}"));
    let environment = [("MISTNET_X_PACING", "off"), ("X_BEARER_TOKEN", "demo")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    load(&Sources {
        environment: BTreeMap::from(environment),
        flags,
        read: &|_| Err(io::ErrorKind::NotFound.into()),
    })
}

/// As many tweets as are asked for, all of them inside the window.
fn options(args: &DemoArgs, spec: &Spec) -> Options {
    Options {
        seed: args.seed,
        tweets: args.tweets.get(),
        hashtag: spec.hashtag.clone().unwrap_or_default(),
        rate_limits: RateLimits::Off,
        since: spec.window.start,
        until: spec.window.end,
        ..Options::default()
    }
}
