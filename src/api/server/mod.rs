//! Connections: how many, how long, and how they end.
//!
//! `axum::serve` sets no timer, so a caller who never ends a header would stay for ever; hence an
//! accept loop of our own.
//!
//! | what | limit ([`super::Limits`]) |
//! |---|---|
//! | connections | `connections`, and an eighth of that on their way out; a new one is always admitted, and [`standing`] says who goes for it |
//! | until the first header is complete | `header_time`, from the first byte of the connection on |
//! | between requests, and a later header | `header_time` |
//! | bytes of a header | `header_bytes` |
//! | requests again on a connection without a key | some hundreds at once, then a thousand a second for all of them ([`pace`]) |
//! | after `stop` | no new connections, streams of events end, who has not asked anything has to go, `drain_time` for the rest |
//!
//! There is no limit for an address: behind a proxy all callers have the same.
//!
//! TLS and HTTP/2 are deliberately absent: a proxy does that.

mod pace;
mod seats;
mod standing;
mod watched;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{Face, Limits, health_router, router};
use crate::clock::Clock;
use crate::config::HttpConfig;
use pace::Pace;
pub(super) use seats::Seat;
use seats::{Guest, Seats};
use standing::Standing;
use watched::{WatchedBody, WatchedStream};

/// How long to wait when the system can't give another connection (out of file descriptors).
const BREATH: Duration = Duration::from_millis(500);

/// Connections of the listener for health checks. Our choice: each orchestrator has one or two.
const HEALTH_CONNECTIONS: usize = 64;

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
    tracing::info!(%listen, "serving HTTP");
    Server::new(router(face), limits, clock).run(listener, &stop).await;
    Ok(())
}

/// Serves `/healthz` and `/readyz` alone on `listener` until `stop`: without a key, on any address.
pub async fn serve_health(
    face: impl Into<Face>,
    listener: TcpListener,
    stop: CancellationToken,
) -> io::Result<()> {
    let face = face.into().until(stop.clone());
    let limits = Limits { connections: HEALTH_CONNECTIONS, ..face.limits };
    let clock = Arc::clone(face.app.clock());
    tracing::info!(listen = %listener.local_addr()?, "serving health checks");
    Server::new(health_router(face), limits, clock).run(listener, &stop).await;
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
    seats: Arc<Seats>,
    pace: Arc<Pace>,
    limits: Limits,
    clock: Arc<dyn Clock>,
}

impl Server {
    fn new(router: Router, limits: Limits, clock: Arc<dyn Clock>) -> Self {
        let seats = Seats::new(limits.connections, Arc::clone(&clock));
        let pace = Arc::new(Pace::new(Arc::clone(&clock)));
        Self { builder: builder(limits), router, seats, pace, limits, clock }
    }

    /// Serves until `stop`, then drains.
    async fn run(self, listener: TcpListener, stop: &CancellationToken) {
        let mut connections = JoinSet::new();
        let graceful = GracefulShutdown::new();
        tokio::select! {
            () = self.accept(&listener, &graceful, &mut connections) => {}
            () = stop.cancelled() => {}
        }
        drop(listener);
        self.seats.dismiss_silent();
        tokio::select! {
            () = graceful.shutdown() => {}
            () = self.clock.sleep(self.limits.drain_time) => {
                tracing::warn!(connections = connections.len(), "cutting connections that did not end");
            }
        }
    }

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
                    let guest = self.seats.admit().await;
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
        let pace = Arc::clone(&self.pace);
        async move {
            let seat = Arc::clone(guest.seat());
            let service = service_fn(|request| {
                answer(router.clone(), Arc::clone(&seat), Arc::clone(&pace), request)
            });
            let io = TokioIo::new(WatchedStream::new(stream, Arc::clone(&seat)));
            let served = watcher.watch(builder.serve_connection(io, service));
            tokio::select! {
                ended = served => if let Err(error) = ended {
                    tracing::debug!(error = %error, "connection ended early");
                },
                () = guest.seat().left() => {}
            }
        }
    }
}

/// Answers a request, and notes on the way how the connection stands.
async fn answer(
    router: Router,
    seat: Arc<Seat>,
    pace: Arc<Pace>,
    request: Request<Incoming>,
) -> Result<Response<Body>, std::convert::Infallible> {
    if seat.has_asked() {
        // Whoever sends many requests at once on one connection waits behind others.
        tokio::task::yield_now().await;
        if !seat.has_key() {
            pace.turn().await;
        }
    }
    seat.was_read();
    seat.note(Standing::asks);
    let (mut head, body) = request.into_parts();
    head.extensions.insert(Arc::clone(&seat));
    let body = if body.is_end_stream() {
        seat.note(Standing::has_asked);
        Body::empty()
    } else {
        Body::new(WatchedBody::new(body, Arc::clone(&seat), Standing::has_asked))
    };
    let response = router.oneshot(Request::from_parts(head, body)).await?;
    seat.note(Standing::answers);
    Ok(response.map(|body| Body::new(WatchedBody::new(body, seat, Standing::has_answered))))
}

/// Errors of one caller, such as one who is gone before being accepted.
fn of_the_caller(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
