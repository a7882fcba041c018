//! What is known of one connection, and how it is closed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::session::{Session, Unsettled};
use super::wire::Wire;
use crate::amqp::{Error, MAX_FRAME_BYTES, Open, Outcome, Performative};
use crate::shared::{Shared, Signals};
use crate::tokens::Claims;

/// What is announced as idle timeout; silence for twice as long ends the connection
/// (part 2, 2.4.5).
pub const IDLE_TIMEOUT: Duration = Duration::from_mins(2);
/// A heartbeat comes at least this often.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// The highest channel; 255 sessions are more than any client begins.
pub const CHANNEL_MAX: u16 = 255;

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// `close` is in the output.
    Told,
    /// Nothing more is said.
    Silent,
}

/// A message that is settled later than it was asked for.
#[derive(Debug)]
pub struct Late {
    /// The session on which it was asked.
    pub channel: u16,
    /// The number of the delivery on its session.
    pub delivery_id: u32,
    /// The message, which the client has received and not settled.
    pub unsettled: Unsettled,
    /// How it is settled.
    pub outcome: Outcome,
    /// Whether the client awaits a confirmation.
    pub wants_answer: bool,
}

/// One connection, from the end of its handshake on.
pub struct Connection {
    /// What all connections share.
    pub shared: Arc<Shared>,
    /// Where its frames are written to.
    pub wire: Wire,
    /// Its sessions, by channel.
    pub sessions: BTreeMap<u16, Session>,
    /// What its tokens allow.
    pub claims: Claims,
    /// What every connection must hear of.
    pub signals: watch::Receiver<Signals>,
    /// The signals that it has dealt with.
    pub seen: Signals,
    /// What is to be settled later, by the time for it and a number that tells equal times apart.
    pub late: BTreeMap<(Instant, u64), Late>,
    /// The number that was given last.
    pub late_made: u64,
    /// What all unfinished messages hold together.
    pub partial_bytes: usize,
    /// When the client was heard last.
    pub heard: Instant,
    /// When the next heartbeat is due.
    pub next_heartbeat: Instant,
    /// The time between heartbeats.
    pub heartbeat: Duration,
    /// Whether the client has sent its `open`.
    pub is_open: bool,
}

impl Connection {
    /// A connection on which nothing was said after the handshake.
    pub fn new(shared: Arc<Shared>, claims: Claims) -> Self {
        let mut signals = shared.subscribe();
        let seen = *signals.borrow_and_update();
        let now = Instant::now();
        Self {
            shared,
            wire: Wire::default(),
            sessions: BTreeMap::new(),
            claims,
            signals,
            seen,
            late: BTreeMap::new(),
            late_made: 0,
            partial_bytes: 0,
            heard: now,
            next_heartbeat: now + HEARTBEAT,
            heartbeat: HEARTBEAT,
            is_open: false,
        }
    }

    /// Tells the client why the connection ends.
    pub fn close(&mut self, error: Error) -> End {
        if !self.is_open {
            self.wire.send(0, &Performative::Open(own_open()));
        }
        self.wire.send(0, &Performative::Close(Some(error)));
        End::Told
    }

    /// The session on a channel.
    pub fn session(&mut self, channel: u16) -> Result<&mut Session, Error> {
        self.sessions.get_mut(&channel).ok_or_else(no_session)
    }
}

/// What is said about this end.
pub fn own_open() -> Open {
    Open {
        container_id: "mistnet-service-bus-simulator".to_owned(),
        max_frame_bytes: MAX_FRAME_BYTES as u32,
        channel_max: CHANNEL_MAX,
        idle_timeout_ms: Some(IDLE_TIMEOUT.as_millis() as u32),
    }
}

/// The error for a channel on which no session has begun.
pub fn no_session() -> Error {
    Error::new("amqp:not-found", "There is no session on this channel.")
}
