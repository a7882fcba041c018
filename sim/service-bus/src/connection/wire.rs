//! Output of a connection: frames, collected until the peer takes them.

use std::io;

use bytes::{Buf as _, BytesMut};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use crate::amqp::{Kind, MAX_FRAME_BYTES, Performative, write_frame};

/// Above this much output, nothing is read and no message is sent.
const MAX_UNSENT_BYTES: usize = 1 << 20;
/// The smallest limit that a peer may set (part 2, 2.4.1).
const MIN_MAX_FRAME_BYTES: usize = 512;
/// More than a frame's header and a transfer with a tag of 32 bytes take up.
const TRANSFER_BYTES: usize = 80;

/// See the module.
#[derive(Debug)]
pub struct Wire {
    out: BytesMut,
    is_flushed: bool,
    max_frame_bytes: usize,
}

impl Default for Wire {
    fn default() -> Self {
        Self { out: BytesMut::new(), is_flushed: true, max_frame_bytes: MIN_MAX_FRAME_BYTES }
    }
}

impl Wire {
    /// Obeys the largest frame that the peer takes.
    pub fn limit_frames(&mut self, bytes: usize) {
        self.max_frame_bytes = bytes.clamp(MIN_MAX_FRAME_BYTES, MAX_FRAME_BYTES);
    }

    /// How much of a message fits into a frame.
    pub fn max_payload_bytes(&self) -> usize {
        self.max_frame_bytes - TRANSFER_BYTES
    }

    /// Says something.
    pub fn send(&mut self, channel: u16, performative: &Performative) {
        self.send_with(channel, performative, &[]);
    }

    /// Says something, with a payload.
    pub fn send_with(&mut self, channel: u16, performative: &Performative, payload: &[u8]) {
        write_frame(&mut self.out, Kind::Amqp, channel, Some(&performative.value()), payload);
        self.is_flushed = false;
    }

    /// An empty frame.
    pub fn heartbeat(&mut self) {
        write_frame(&mut self.out, Kind::Amqp, 0, None, &[]);
        self.is_flushed = false;
    }

    /// Whether there is something to write or to flush.
    pub fn has_work(&self) -> bool {
        !self.is_flushed
    }

    /// Whether the peer takes what it is sent.
    pub fn has_room(&self) -> bool {
        self.out.len() < MAX_UNSENT_BYTES
    }

    /// Writes some output, or flushes if there is none. The future can be dropped at any time.
    pub async fn push<W: AsyncWrite + Unpin>(&self, writer: &mut W) -> io::Result<usize> {
        if self.out.is_empty() {
            writer.flush().await?;
            return Ok(0);
        }
        match writer.write(&self.out).await? {
            0 => Err(io::ErrorKind::WriteZero.into()),
            bytes => Ok(bytes),
        }
    }

    /// Forgets what was written.
    pub fn wrote(&mut self, bytes: usize) {
        self.is_flushed = self.out.is_empty();
        self.out.advance(bytes);
    }

    /// Writes everything and ends the stream.
    pub async fn finish<W: AsyncWrite + Unpin>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(&self.out).await?;
        writer.shutdown().await
    }
}
