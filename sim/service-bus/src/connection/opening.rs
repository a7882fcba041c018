//! `open` and `begin`.

use std::time::Duration;

use tokio::time::Instant;

use super::session::{FIRST_ID, HANDLE_MAX, Session, WINDOW};
use super::state::{CHANNEL_MAX, Connection, own_open};
use crate::amqp::{Begin, Error, Open, Performative};

impl Connection {
    pub(super) fn on_open(&mut self, open: &Open) -> Result<(), Error> {
        if self.is_open {
            return Err(Error::new("amqp:illegal-state", "The connection is open already."));
        }
        self.is_open = true;
        self.wire.limit_frames(open.max_frame_bytes as usize);
        if let Some(idle_ms) = open.idle_timeout_ms.filter(|idle_ms| *idle_ms > 0) {
            let half = Duration::from_millis(u64::from(idle_ms) / 2);
            self.heartbeat = self.heartbeat.min(half.max(Duration::from_millis(100)));
            self.next_heartbeat = Instant::now() + self.heartbeat;
        }
        self.wire.send(0, &Performative::Open(own_open()));
        Ok(())
    }

    pub(super) fn on_begin(&mut self, channel: u16, begin: &Begin) -> Result<(), Error> {
        if channel > CHANNEL_MAX {
            return Err(Error::new("amqp:not-allowed", "The channel is above channel-max."));
        }
        if self.sessions.contains_key(&channel) {
            return Err(Error::new("amqp:illegal-state", "The session has begun already."));
        }
        self.sessions.insert(channel, Session::new(begin));
        let answer = Begin {
            remote_channel: Some(channel),
            next_outgoing_id: FIRST_ID,
            incoming_window: WINDOW,
            outgoing_window: WINDOW,
            handle_max: HANDLE_MAX,
        };
        self.wire.send(channel, &Performative::Begin(answer));
        Ok(())
    }
}
