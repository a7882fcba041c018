//! `mistnet up`, `sender` and `receiver`: roles and HTTP until a signal.
//!
//! What would fail later fails here, before anything listens: no token for a sender, an address
//! that everybody can reach without a key, a queue that dies with the process but should be shared.

use std::net::SocketAddr;

use anyhow::{Context as _, anyhow};
use tokio::net::{TcpListener, TcpSocket};
use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::report::{Exit, Reporting, failure};
use super::signals::{self, DRAIN};
use crate::api;
use crate::app::{App, OpenError, Roles, RunError};
use crate::config::Config;
use crate::queue::Sharing;
use crate::sender::Unsaved;

/// Runs `roles` until a signal, then finishes or hands back what is in hand.
pub async fn run(context: &Context, roles: Roles) -> anyhow::Result<Exit> {
    let config = context.config()?;
    check(&config, roles)?;
    let listener = match (roles, context.listen) {
        // A receiver answers nobody unless it is told to.
        (Roles::Receiver, None) => None,
        (_, _) => Some(listen(config.http.listen, "--listen")?),
    };
    let health = match config.http.health_listen {
        Some(address) => Some(listen(address, "--health-listen")?),
        None => None,
    };
    let app = App::open(config)?;
    let stop = signals::stop_token()?;
    let listeners = Listeners { service: listener, health };
    greet(context, &app, roles, &listeners)?;
    let work = work(context, &app, roles, listeners, &stop);
    match signals::drained(work, &stop, &*context.clock).await {
        Some(done) => done?,
        None => context.output.warn(&format!(
            "work in hand did not end within {} s; its messages come back",
            DRAIN.as_secs()
        )),
    }
    context.output.say("stopped");
    Ok(Exit::Ok)
}

fn check(config: &Config, roles: Roles) -> anyhow::Result<()> {
    config.http.check_exposure()?;
    if roles != Roles::Receiver && config.x.bearer_token.is_none() {
        return Err(OpenError::NoToken).context("can't start a sender");
    }
    if roles != Roles::Both && config.queue.sharing() == Sharing::OneProcess {
        let error = anyhow!("a queue in memory can't be shared with other processes");
        let hint =
            "name one with --queue, for example sqlite:./mistnet-queue.db, or use mistnet up";
        return Err(failure(error, Exit::Config, hint));
    }
    Ok(())
}

/// Where a process answers.
struct Listeners {
    /// The HTTP service.
    service: Option<TcpListener>,
    /// Health checks alone.
    health: Option<TcpListener>,
}

/// Connections that the system keeps until they are taken. A crowd that comes and goes fills the
/// usual 1024, and whoever comes then is only heard a second later, when its system tries again.
/// Linux takes at most `net.core.somaxconn` (4096 since Linux 5.4).
const BACKLOG: u32 = 4096;

fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // On Windows this would let two programs listen on one address.
    socket.set_reuseaddr(cfg!(not(windows)))?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn listen(address: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    bind(address).with_context(|| format!("can't listen on {address}")).exit(Exit::Io).hint(
        format!("another program may use it: choose one with {flag}, for example 127.0.0.1:8890"),
    )
}

fn greet(context: &Context, app: &App, roles: Roles, listeners: &Listeners) -> anyhow::Result<()> {
    let (output, config) = (&context.output, app.config());
    let name = match roles {
        Roles::Both => "sender and receiver",
        Roles::Sender => "sender",
        Roles::Receiver => "receiver",
    };
    output.say(&format!("{name} on store {} and queue {}", config.store, config.queue));
    if let Some(listener) = &listeners.service {
        let address = listener.local_addr()?;
        output.say(&format!("listening on http://{address}"));
        output.say(&format!("documentation to try out: http://{address}/docs"));
    }
    if let Some(listener) = &listeners.health {
        output.say(&format!("health checks alone: http://{}/healthz", listener.local_addr()?));
    }
    Ok(())
}

/// Roles and HTTP side by side; whichever fails ends the other.
async fn work(
    context: &Context,
    app: &App,
    roles: Roles,
    listeners: Listeners,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let play = async {
        // Boxed: everything that the roles do is in this one future.
        let played = Box::pin(app.run(roles, stop)).await;
        stop.cancel();
        played
    };
    let face = api::Face::new(app.clone()).with_metrics(context.metrics.clone());
    let serve = async {
        let Some(listener) = listeners.service else { return Ok(()) };
        let served = api::serve(face.clone(), listener, stop.clone()).await;
        stop.cancel();
        served
    };
    let health = async {
        let Some(listener) = listeners.health else { return Ok(()) };
        let served = api::serve_health(face.clone(), listener, stop.clone()).await;
        stop.cancel();
        served
    };
    let (played, served, checked) = tokio::join!(play, serve, health);
    served.context("the HTTP service failed")?;
    checked.context("the listener for health checks failed")?;
    match played {
        Ok(()) => Ok(()),
        Err(RunError::Open(error)) => Err(error.into()),
        Err(RunError::Unsaved(error)) => Err(unsaved(error)),
    }
}

/// The report on pages that were paid for and could not be stored.
pub fn unsaved(error: Unsaved) -> anyhow::Error {
    let hint = "make room on the store's disk or put the store back, then start again: the \
                collections go on by themselves, and their budgets hold";
    failure(error.into(), Exit::Io, hint)
}
