//! Ctrl-C and SIGTERM: the first asks to stop, the second ends the process at once.
//!
//! Ending at once is safe too: it is the crash that everything here is built for. It may cost the
//! one page that was under way.

use std::io;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::report::Exit;
use crate::clock::Clock;

/// The time that work in hand gets to finish or to be handed back; Kubernetes kills after 30 s
/// (kubernetes.io, pod lifecycle, read 2026-11).
pub const DRAIN: Duration = Duration::from_secs(25);

/// A token that the first signal cancels.
pub fn stop_token() -> io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let mut signals = Signals::listen()?;
    let asked = stop.clone();
    tokio::spawn(async move {
        signals.next().await;
        asked.cancel();
        signals.next().await;
        std::process::exit(Exit::Interrupted.code().into());
    });
    Ok(stop)
}

/// Waits for `work`, but not much longer than [`DRAIN`] once `stop` is cancelled. `None`: the work
/// was dropped unfinished.
pub async fn drained<T>(
    work: impl Future<Output = T>,
    stop: &CancellationToken,
    clock: &dyn Clock,
) -> Option<T> {
    let patience = async {
        stop.cancelled().await;
        clock.sleep(DRAIN).await;
    };
    tokio::select! {
        done = work => Some(done),
        () = patience => None,
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let (interrupt, terminate) = (SignalKind::interrupt(), SignalKind::terminate());
        Ok(Self { interrupt: signal(interrupt)?, terminate: signal(terminate)? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "fails on Unix only")]
    fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        // Without a handler for Ctrl-C there is no signal to wait for.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::TestClock;

    #[tokio::test(start_paused = true)]
    async fn work_that_does_not_end_is_dropped_after_the_time_to_drain() {
        let clock = TestClock::at(jiff::Timestamp::UNIX_EPOCH);
        let stop = CancellationToken::new();
        assert_eq!(drained(async { 7 }, &stop, &clock).await, Some(7));
        stop.cancel();
        let before = clock.elapsed();
        assert_eq!(drained(std::future::pending::<()>(), &stop, &clock).await, None);
        assert_eq!(clock.elapsed().saturating_sub(before), DRAIN);
    }
}
