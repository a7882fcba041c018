//! What is measured on: pages from a file, or as the simulator sends them.

use std::fs;
use std::io;

use jiff::Timestamp;
use mistnet::config::Config;
use mistnet::model::request::{Request, resolve};
use mistnet::model::spec::{Spec, Window};
use mistnet::model::{Cursor, PageToken};
use mistnet::tweet::Body;
use mistnet::x::router::RouterTransport;
use mistnet::x::{HttpRequest, Transport, search_request, summarise};
use mistnet_sim_x::{Options, RateLimits, ShortPages, Simulator};

/// How many pages: more than a processor's cache holds, few enough for many rounds.
const PAGES: usize = 20;

/// The first pages of the file that the environment variable `MISTNET_BENCH_PAGES` names, one a
/// line; without it, pages of the simulator.
pub fn pages() -> io::Result<Vec<String>> {
    match std::env::var_os("MISTNET_BENCH_PAGES") {
        Some(path) => {
            Ok(fs::read_to_string(path)?.lines().take(PAGES).map(str::to_owned).collect())
        }
        None => simulated(),
    }
}

/// How many tweets there are on pages.
pub fn tweets(pages: &[String]) -> usize {
    let on_page = |page: &String| Body::new(page.as_bytes()).decode().map_or(0, |p| p.tweets.len());
    pages.iter().map(on_page).sum()
}

fn simulated() -> io::Result<Vec<String>> {
    let start: Timestamp = "2026-11-22T12:00:00Z".parse().map_err(io::Error::other)?;
    let options = Options {
        seed: 7,
        tweets: PAGES as u64 * 500,
        hashtag: "ringing".into(),
        rate_limits: RateLimits::Off,
        short_pages: ShortPages::Off,
        start: Some(start),
        until: start,
        ..Options::default()
    };
    let spec = spec(options.since, start)?;
    let transport = RouterTransport::new(Simulator::new(options).router(), "any");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (mut pages, mut cursor) = (Vec::new(), Cursor::START);
        loop {
            let request = search_request(&spec, &cursor, 500);
            let request = HttpRequest { path: request.endpoint().path(), params: request.params };
            let answer = transport.get(request).await.map_err(io::Error::other)?;
            let summary = summarise(&answer.body).map_err(io::Error::other)?;
            pages.push(String::from_utf8(answer.body.into()).map_err(io::Error::other)?);
            match summary.next_token {
                Some(PageToken(token)) => cursor = cursor.followed_by(PageToken(token)),
                None => return Ok(pages),
            }
        }
    })
}

/// Everything there is in this window, with the posts that posts refer to.
fn spec(start: Timestamp, end: Timestamp) -> io::Result<Spec> {
    let request =
        Request { hashtag: Some("ringing".into()), referenced: Some(true), ..Request::default() };
    let defaults = Config::defaults().map_err(io::Error::other)?.collection;
    let spec = resolve(&request, &defaults, end).map_err(io::Error::other)?;
    Ok(Spec { window: Window { start, end }, limit: None, ..spec })
}
