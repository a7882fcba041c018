//! One connection: reads frames, writes frames, sleeps until something is due.
//!
//! It never waits for its peer to read before it reads itself, so two ends with small buffers can't
//! block each other. What it holds for a peer is bounded: a frame, `MAX_UNSENT_BYTES` of output and
//! `MAX_PARTIAL_BYTES` of unfinished messages. Bad input is answered with `close` and ends
//! the connection. Locks are not released when a connection ends; they run out.

mod attaching;
mod dispositions;
mod handshake;
mod incoming;
mod link;
mod opening;
mod outgoing;
mod requests;
mod session;
mod signals;
mod state;
mod wire;

#[cfg(test)]
mod tests;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::amqp::{
    Decoder, Error, Flow, Frame, FrameReader, Kind, Malformed, Performative, ReadError,
};
use super::shared::Shared;
use super::websocket::{accept, is_requested};
use state::{Connection, End, IDLE_TIMEOUT};

/// How long a peer may take over the upgrade to a web socket, protocol headers and SASL; the service
/// gives a minute (guess).
const HANDSHAKE_TIME: Duration = Duration::from_mins(1);
/// How long to listen after `close`, so that the peer can read it.
const LINGER: Duration = Duration::from_secs(1);

/// Serves a connection to its end, inside a web socket if the peer asks for one.
pub async fn serve<S>(shared: Arc<Shared>, stream: S)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let deadline = Instant::now() + HANDSHAKE_TIME;
    let mut stream = BufReader::new(stream);
    match timeout_at(deadline, is_requested(&mut stream)).await {
        Ok(Ok(false)) => converse(shared, stream, deadline).await,
        Ok(Ok(true)) => {
            if let Ok(Some(inside)) = timeout_at(deadline, accept(stream)).await {
                converse(shared, inside, deadline).await;
            }
        }
        // Nothing came in time, or the client is gone.
        Ok(Err(_)) | Err(_) => {}
    }
}

/// Speaks AMQP on a stream.
async fn converse<S>(shared: Arc<Shared>, stream: S, deadline: Instant)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (reader, mut writer) = tokio::io::split(stream);
    let mut reader = FrameReader::new(reader);
    let accepting = handshake::accept(&mut reader, &mut writer, &shared);
    let Ok(Ok(claims)) = timeout_at(deadline, accepting).await else {
        drop(timeout(LINGER, writer.shutdown()).await);
        return;
    };
    let mut connection = Connection::new(shared, claims);
    if connection.run(&mut reader, &mut writer).await == End::Told {
        let farewell = async {
            connection.wire.finish(&mut writer).await?;
            reader.discard().await;
            io::Result::Ok(())
        };
        drop(timeout(LINGER, farewell).await);
    }
}

/// What a connection waits for.
enum Event {
    Written(io::Result<usize>),
    Frame(Result<Frame, ReadError>),
    Signal,
    Time,
}

impl Connection {
    async fn run<R, W>(&mut self, reader: &mut FrameReader<R>, writer: &mut W) -> End
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        loop {
            let deadline = self.deliver();
            let event = tokio::select! {
                written = self.wire.push(writer), if self.wire.has_work() => Event::Written(written),
                frame = reader.frame(), if self.wire.has_room() => Event::Frame(frame),
                Ok(()) = self.signals.changed() => Event::Signal,
                () = sleep_until(deadline) => Event::Time,
            };
            let ended = match event {
                Event::Written(Ok(bytes)) => {
                    self.wire.wrote(bytes);
                    None
                }
                Event::Frame(Ok(frame)) => self.on_frame(frame),
                Event::Frame(Err(ReadError::Malformed(error))) => Some(self.close(error.into())),
                Event::Written(Err(_)) | Event::Frame(Err(ReadError::Gone)) => Some(End::Silent),
                Event::Signal => self.on_signals(),
                Event::Time => self.on_time(),
            };
            if let Some(end) = ended {
                return end;
            }
        }
    }

    /// Sends what receivers have credit for. Gives the time at which to look again.
    fn deliver(&mut self) -> Instant {
        let (mut state, now_ms) = self.shared.state();
        let mut took = false;
        for (channel, session) in &mut self.sessions {
            took |= session.deliver(*channel, &mut self.wire, &mut state, now_ms);
        }
        let due_ms = state.broker.next_due();
        drop(state);
        if took {
            // The others must know when the new locks run out.
            self.shared.changed();
        }
        let clock = self.shared.clock;
        let expiry_ms = self.claims.next_expiry(now_ms);
        let due = [due_ms, expiry_ms].into_iter().flatten().map(|due_ms| clock.instant(due_ms));
        let late = self.late.first_key_value().map(|((due, _), _)| *due);
        let silence = self.heard + IDLE_TIMEOUT * 2;
        due.chain(late).chain([silence]).fold(self.next_heartbeat, Instant::min)
    }

    fn on_frame(&mut self, frame: Frame) -> Option<End> {
        self.heard = Instant::now();
        if frame.body.is_empty() {
            return None;
        }
        if frame.kind != Kind::Amqp {
            return Some(self.close(Malformed("a SASL frame after SASL".to_owned()).into()));
        }
        let mut decoder = Decoder::new(frame.body);
        match decoder.value().and_then(Performative::decode) {
            Ok(performative) => {
                match self.on_performative(frame.channel, performative, decoder.rest()) {
                    Ok(end) => end,
                    Err(error) => Some(self.close(error)),
                }
            }
            Err(error) => Some(self.close(error.into())),
        }
    }

    /// An error closes the connection.
    fn on_performative(
        &mut self,
        channel: u16,
        performative: Performative,
        payload: &Bytes,
    ) -> Result<Option<End>, Error> {
        if !self.is_open && !matches!(performative, Performative::Open(_)) {
            return Err(Error::new("amqp:illegal-state", "The connection is not open."));
        }
        match performative {
            Performative::Open(open) => self.on_open(&open)?,
            Performative::Begin(begin) => self.on_begin(channel, &begin)?,
            Performative::Attach(attach) => self.on_attach(channel, attach)?,
            Performative::Flow(flow) => self.on_flow(channel, &flow)?,
            Performative::Transfer(transfer) => self.on_transfer(channel, &transfer, payload)?,
            Performative::Disposition(disposition) => self.on_disposition(channel, disposition)?,
            Performative::Detach(detach) => self.on_detach(channel, &detach)?,
            Performative::End(_) => {
                if let Some(session) = self.sessions.remove(&channel) {
                    self.partial_bytes -= session.partial_bytes();
                    self.wire.send(channel, &Performative::End(None));
                }
            }
            Performative::Close(_) => {
                self.wire.send(0, &Performative::Close(None));
                return Ok(Some(End::Told));
            }
        }
        Ok(None)
    }

    fn on_flow(&mut self, channel: u16, flow: &Flow) -> Result<(), Error> {
        let echo = self.session(channel)?.on_flow(flow);
        if let (Some(handle), Some(session)) = (echo, self.sessions.get_mut(&channel)) {
            session.send_flow(channel, &mut self.wire, Some(handle));
        }
        Ok(())
    }
}
