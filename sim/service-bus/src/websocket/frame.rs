//! Frames of a web socket (RFC 6455, 5.2), as a server reads and writes them.

use bytes::{Buf as _, BufMut as _, BytesMut};

/// The longest payload of a control frame (5.5).
const MAX_CONTROL_BYTES: u64 = 125;

const FIN: u8 = 0x80;
const MASKED: u8 = 0x80;

const CONTINUATION: u8 = 0x0;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xa;

/// A client that breaks the rules, as the status that it is closed with (7.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// Not a frame that a client may send.
    Protocol = 1002,
    /// A message that is not binary.
    NotBinary = 1003,
}

/// What a client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// The head of a piece of a binary message; so many bytes follow.
    Piece(Masked),
    /// To be answered with the same.
    Ping(Vec<u8>),
    /// An answer to a ping that nobody sent: allowed (5.5.3).
    Pong,
    /// The end.
    Close,
}

/// Bytes to come, and how to unmask them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Masked {
    /// How many are to come.
    pub left: u64,
    mask: [u8; 4],
    /// How many came, modulo four.
    turn: usize,
}

impl Masked {
    /// Unmasks the next bytes.
    pub fn unmask(&mut self, bytes: &mut [u8]) {
        for byte in bytes.iter_mut() {
            *byte ^= self.mask[self.turn];
            self.turn = (self.turn + 1) % 4;
        }
        self.left = self.left.saturating_sub(bytes.len() as u64);
    }
}

/// Reads frames; knows whether a message is unfinished.
#[derive(Debug, Default)]
pub struct Frames {
    is_unfinished: bool,
}

impl Frames {
    /// Takes the next frame from `buffer`, of a piece its head only; `None` if too little is there.
    pub fn next(&mut self, buffer: &mut BytesMut) -> Result<Option<Incoming>, Violation> {
        let Some(head) = Head::read(buffer)? else { return Ok(None) };
        if head.opcode >= CLOSE {
            return head.control(buffer);
        }
        match (head.opcode, self.is_unfinished) {
            (BINARY, false) | (CONTINUATION, true) => {}
            (TEXT, false) => return Err(Violation::NotBinary),
            _ => return Err(Violation::Protocol),
        }
        self.is_unfinished = !head.is_final;
        buffer.advance(head.bytes);
        Ok(Some(Incoming::Piece(head.payload)))
    }
}

struct Head {
    opcode: u8,
    is_final: bool,
    payload: Masked,
    /// How long it is itself.
    bytes: usize,
}

impl Head {
    /// Reads it without taking it.
    fn read(buffer: &[u8]) -> Result<Option<Self>, Violation> {
        let [first, second, rest @ ..] = buffer else { return Ok(None) };
        // Reserved bits mean an extension, and none was agreed on; clients must mask (5.1).
        if first & 0x70 != 0 || second & MASKED == 0 {
            return Err(Violation::Protocol);
        }
        let long = match second & !MASKED {
            126 => rest.first_chunk::<2>().map(|bytes| (u64::from(u16::from_be_bytes(*bytes)), 2)),
            127 => rest.first_chunk::<8>().map(|bytes| (u64::from_be_bytes(*bytes), 8)),
            short => Some((u64::from(short), 0)),
        };
        let Some((left, extra)) = long else { return Ok(None) };
        if left > i64::MAX as u64 {
            return Err(Violation::Protocol);
        }
        let mask = rest.get(extra..).and_then(|rest| rest.first_chunk::<4>());
        Ok(mask.map(|mask| Self {
            opcode: first & 0x0f,
            is_final: first & FIN != 0,
            payload: Masked { left, mask: *mask, turn: 0 },
            bytes: 2 + extra + 4,
        }))
    }

    /// Takes a control frame, if it is there as a whole.
    fn control(mut self, buffer: &mut BytesMut) -> Result<Option<Incoming>, Violation> {
        let length = self.payload.left;
        if !self.is_final || length > MAX_CONTROL_BYTES || self.opcode > PONG {
            return Err(Violation::Protocol);
        }
        if buffer.len() < self.bytes + length as usize {
            return Ok(None);
        }
        buffer.advance(self.bytes);
        let mut payload = buffer.split_to(length as usize);
        self.payload.unmask(&mut payload);
        Ok(Some(match self.opcode {
            CLOSE => Incoming::Close,
            PING => Incoming::Ping(payload.to_vec()),
            _ => Incoming::Pong,
        }))
    }
}

/// Appends a binary message of one frame.
pub fn write_binary(out: &mut BytesMut, payload: &[u8]) {
    write(out, BINARY, payload);
}

/// Appends the answer to a ping.
pub fn write_pong(out: &mut BytesMut, payload: &[u8]) {
    write(out, PONG, payload);
}

/// Appends a close with a status.
pub fn write_close(out: &mut BytesMut, status: u16) {
    write(out, CLOSE, &status.to_be_bytes());
}

/// Servers don't mask (5.1).
fn write(out: &mut BytesMut, opcode: u8, payload: &[u8]) {
    out.put_u8(FIN | opcode);
    match payload.len() {
        short @ 0..126 => out.put_u8(short as u8),
        medium @ 126..65_536 => {
            out.put_u8(126);
            out.put_u16(medium as u16);
        }
        long => {
            out.put_u8(127);
            out.put_u64(long as u64);
        }
    }
    out.put_slice(payload);
}
