//! What happens to a connection without its client: time passes, faults are injected.

use tokio::time::Instant;

use super::state::{Connection, End, IDLE_TIMEOUT};
use crate::amqp::Error;

impl Connection {
    pub(super) fn on_time(&mut self) -> Option<End> {
        let now = Instant::now();
        if now >= self.heard + IDLE_TIMEOUT * 2 {
            let text = "The connection was silent for longer than its idle timeout.";
            return Some(self.close(Error::new("amqp:connection:forced", text)));
        }
        if now >= self.next_heartbeat {
            self.wire.heartbeat();
            self.next_heartbeat = now + self.heartbeat;
        }
        self.settle_late(now);
        self.detach_unauthorized();
        None
    }

    pub(super) fn on_signals(&mut self) -> Option<End> {
        let now = *self.signals.borrow_and_update();
        let before = std::mem::replace(&mut self.seen, now);
        if now.drops != before.drops {
            return Some(End::Silent);
        }
        if now.detaches != before.detaches {
            let text = "The link was force detached by the simulator.";
            self.detach(&Error::new("amqp:link:detach-forced", text), |_| true);
        }
        if now.expiries != before.expiries {
            self.claims.expire();
            self.detach_unauthorized();
        }
        None
    }

    /// Detaches links that no token allows any more.
    fn detach_unauthorized(&mut self) {
        let now_ms = self.shared.clock.now_ms();
        let text = "ExpiredToken: the token for this link has expired.";
        let error = Error::new("amqp:unauthorized-access", text);
        let Self { sessions, wire, claims, .. } = self;
        for (channel, session) in sessions {
            session.detach(*channel, wire, &error, |path| !claims.allow(path, now_ms));
        }
    }

    fn detach(&mut self, error: &Error, which: impl Fn(&str) -> bool) {
        for (channel, session) in &mut self.sessions {
            session.detach(*channel, &mut self.wire, error, &which);
        }
    }
}
