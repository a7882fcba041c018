//! Frames: eight bytes of header, a performative, a payload (part 2, 2.3).

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::decode::Malformed;
use super::encode::encode;
use super::value::Value;

/// The largest frame that is taken, as Service Bus announces it (64 KiB).
pub const MAX_FRAME_BYTES: usize = 65_536;

const HEADER_BYTES: usize = 8;

/// What a frame belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The connection.
    Amqp,
    /// The security layer before it.
    Sasl,
}

/// A frame without its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What it belongs to.
    pub kind: Kind,
    /// The channel of an AMQP frame.
    pub channel: u16,
    /// Performative and payload; empty in a heartbeat.
    pub body: Bytes,
}

/// Why there is no next frame.
#[derive(Debug)]
pub enum ReadError {
    /// The peer is gone, or the connection broke: nobody is left to be told.
    Gone,
    /// What came is not a frame, or one that is too large.
    Malformed(Malformed),
}

/// Reads frames. Its futures can be dropped at any time: what has arrived stays in the buffer.
#[derive(Debug)]
pub struct FrameReader<R> {
    stream: R,
    buffer: BytesMut,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    /// A reader at the start of a connection.
    pub fn new(stream: R) -> Self {
        Self { stream, buffer: BytesMut::new() }
    }

    /// The eight bytes that name the protocol.
    pub async fn protocol(&mut self) -> Result<[u8; 8], ReadError> {
        while self.buffer.len() < 8 {
            self.fill().await?;
        }
        let mut protocol = [0; 8];
        self.buffer.copy_to_slice(&mut protocol);
        Ok(protocol)
    }

    /// The next frame.
    pub async fn frame(&mut self) -> Result<Frame, ReadError> {
        loop {
            if let Some(frame) = next_frame(&mut self.buffer).map_err(ReadError::Malformed)? {
                return Ok(frame);
            }
            self.fill().await?;
        }
    }

    /// Reads and forgets what else the peer sends, so that closing does not take back what it was
    /// told last.
    pub async fn discard(&mut self) {
        loop {
            self.buffer.clear();
            if self.fill().await.is_err() {
                return;
            }
        }
    }

    async fn fill(&mut self) -> Result<(), ReadError> {
        self.buffer.reserve(8_192);
        match self.stream.read_buf(&mut self.buffer).await {
            Ok(0) | Err(_) => Err(ReadError::Gone),
            Ok(_) => Ok(()),
        }
    }
}

/// Takes a frame from the buffer, if a whole one is there. One that is too large is refused by its
/// header, before any of it is kept.
fn next_frame(buffer: &mut BytesMut) -> Result<Option<Frame>, Malformed> {
    let Some(header) = buffer.first_chunk::<HEADER_BYTES>() else { return Ok(None) };
    let [s0, s1, s2, s3, offset, kind, c0, c1] = *header;
    let size = u32::from_be_bytes([s0, s1, s2, s3]) as usize;
    let start = usize::from(offset) * 4;
    if size > MAX_FRAME_BYTES {
        return Err(Malformed(format!("a frame of {size} bytes, {MAX_FRAME_BYTES} are allowed")));
    }
    if start < HEADER_BYTES || start > size {
        return Err(Malformed(format!("a frame of {size} bytes whose body starts at {start}")));
    }
    let kind = match kind {
        0 => Kind::Amqp,
        1 => Kind::Sasl,
        other => return Err(Malformed(format!("a frame of the unknown type {other}"))),
    };
    if buffer.len() < size {
        return Ok(None);
    }
    let mut body = buffer.split_to(size).freeze();
    body.advance(start);
    Ok(Some(Frame { kind, channel: u16::from_be_bytes([c0, c1]), body }))
}

/// Appends a frame. `None` makes a heartbeat.
pub fn write_frame(
    out: &mut BytesMut,
    kind: Kind,
    channel: u16,
    performative: Option<&Value>,
    payload: &[u8],
) {
    let start = out.len();
    out.put_u32(0);
    out.put_slice(&[2, u8::from(kind == Kind::Sasl)]);
    out.put_u16(channel);
    if let Some(performative) = performative {
        encode(performative, out);
    }
    out.put_slice(payload);
    let size = (out.len() - start) as u32;
    if let Some(place) = out.get_mut(start..start + 4) {
        place.copy_from_slice(&size.to_be_bytes());
    }
}
