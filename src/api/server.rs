//! Connections: how many, how long, and how they end.
//!
//! `axum::serve` sets no timer, so a caller who never ends a header would stay for ever; hence an
//! accept loop of our own.
//!
//! | what | limit ([`super::Limits`]) |
//! |---|---|
//! | connections | `connections`; over it, the oldest that has not asked anything yet has to go |
//! | until the first header is complete | `header_time`, from the first byte of the connection on |
//! | between requests, and a later header | `header_time` |
//! | bytes of a header | `header_bytes` |
//! | after `stop` | no new connections, streams of events end, who has not asked anything has to go, `drain_time` for the rest |
//!
//! TLS and HTTP/2 are deliberately absent: a proxy does that.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{Face, Limits, router};
use crate::clock::Clock;
use crate::config::HttpConfig;

/// How long to wait when the system can't give another connection (out of file descriptors).
const BREATH: Duration = Duration::from_millis(500);

/// Serves `face` on `listener` until `stop`, then ends what is under way within the drain time.
///
/// Refuses to serve other machines without an API key, whatever the configuration said when the
/// listener was made.
pub async fn serve(
    face: impl Into<Face>,
    listener: TcpListener,
    stop: CancellationToken,
) -> io::Result<()> {
    let face = face.into().until(stop.clone());
    let listen = listener.local_addr()?;
    let exposure = HttpConfig { listen, ..face.app.config().http.clone() }.check_exposure();
    exposure.map_err(io::Error::other)?;
    let (limits, clock) = (face.limits, Arc::clone(face.app.clock()));
    let server = Server {
        builder: builder(limits),
        router: router(face),
        open: Arc::default(),
        limits,
        clock: Arc::clone(&clock),
    };
    tracing::info!(%listen, "serving HTTP");
    let mut connections = JoinSet::new();
    let graceful = GracefulShutdown::new();
    tokio::select! {
        () = server.accept(&listener, &graceful, &mut connections) => {}
        () = stop.cancelled() => {}
    }
    drop(listener);
    server.open.dismiss_silent();
    tokio::select! {
        () = graceful.shutdown() => {}
        () = clock.sleep(limits.drain_time) => {
            tracing::warn!(connections = connections.len(), "cutting connections that did not end");
        }
    }
    Ok(())
}

fn builder(limits: Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_time)
        .max_buf_size(limits.header_bytes as usize);
    builder
}

/// What it takes to serve connections.
struct Server {
    builder: http1::Builder,
    router: Router,
    open: Arc<Open>,
    limits: Limits,
    clock: Arc<dyn Clock>,
}

impl Server {
    /// Takes connections for ever.
    async fn accept(
        &self,
        listener: &TcpListener,
        graceful: &GracefulShutdown,
        connections: &mut JoinSet<()>,
    ) {
        loop {
            while connections.try_join_next().is_some() {}
            match listener.accept().await {
                Ok((stream, _)) => {
                    let guest = self.open.admit(self.limits.connections).await;
                    connections.spawn(self.connection(stream, guest, graceful.watcher()));
                }
                Err(error) if of_the_caller(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "can't take connections now");
                    self.clock.sleep(BREATH).await;
                }
            }
        }
    }

    /// Serves a connection until it ends or has to go.
    fn connection(
        &self,
        stream: TcpStream,
        guest: Guest,
        watcher: Watcher,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (builder, router) = (self.builder.clone(), self.router.clone());
        let seat = Arc::clone(&guest.seat);
        async move {
            let service = router.map_request(move |request: Request<_>| {
                seat.asked.store(true, Ordering::Relaxed);
                request
            });
            let service = TowerToHyperService::new(service);
            let served = async {
                let io = TokioIo::new(stream);
                let connection = builder.serve_connection(io, service);
                if let Err(error) = watcher.watch(connection).await {
                    tracing::debug!(error = %error, "connection ended early");
                }
            };
            tokio::select! {
                () = served => {}
                () = guest.seat.leave.cancelled() => {}
            }
        }
    }
}

/// Errors of one caller, such as one who is gone before being accepted.
fn of_the_caller(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// The connections that are open, oldest first.
#[derive(Debug, Default)]
struct Open {
    seats: Mutex<(u64, BTreeMap<u64, Arc<Seat>>)>,
    left: Notify,
}

/// A connection among the open ones.
#[derive(Debug, Default)]
struct Seat {
    asked: AtomicBool,
    leave: CancellationToken,
}

impl Seat {
    fn has_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}

/// The right to a connection; ends with it.
#[derive(Debug)]
struct Guest {
    number: u64,
    seat: Arc<Seat>,
    open: Arc<Open>,
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.open.lock().1.remove(&self.number);
        self.open.left.notify_one();
    }
}

impl Open {
    /// Room for one more connection. If there is none, the oldest that has not asked anything has
    /// to go; if all have, the new one waits.
    async fn admit(self: &Arc<Self>, most: usize) -> Guest {
        loop {
            let left = self.left.notified();
            {
                let mut seats = self.lock();
                if seats.1.len() < most {
                    let number = seats.0;
                    let seat = Arc::<Seat>::default();
                    seats.0 += 1;
                    seats.1.insert(number, Arc::clone(&seat));
                    return Guest { number, seat, open: Arc::clone(self) };
                }
                if let Some(oldest) = seats.1.values().find(|seat| !seat.has_asked()) {
                    oldest.leave.cancel();
                }
            }
            left.await;
        }
    }

    /// Sends away everybody who has not asked anything.
    fn dismiss_silent(&self) {
        for seat in self.lock().1.values().filter(|seat| !seat.has_asked()) {
            seat.leave.cancel();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (u64, BTreeMap<u64, Arc<Seat>>)> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
