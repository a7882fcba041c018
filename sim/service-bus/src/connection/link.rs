//! Links of a session.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use crate::amqp::Error;
use crate::broker::{Node, Receive};

/// Credit that senders get, and below which they get it again.
pub const CREDIT: u32 = 1_000;
/// What a request may be larger than a message: a scheduled message is inside of one.
pub const REQUEST_BYTES: u64 = 65_536;
/// How much may wait in answers for a client to take them, in bytes.
const MAX_ANSWER_BYTES: usize = 4 << 20;

/// A link, seen from the service.
#[derive(Debug)]
pub struct Link {
    /// What it is attached to.
    pub node: Node,
    /// The address of the node, as a path for claims.
    pub path: String,
    /// The client's own end: where answers are awaited.
    pub peer_address: String,
    /// Its state.
    pub state: LinkState,
}

/// What a link does.
#[derive(Debug)]
pub enum LinkState {
    /// The client sends.
    Incoming(Incoming),
    /// The client receives.
    Outgoing(Outgoing),
    /// Detached from here; the client has not confirmed that yet, and may still send.
    Detached,
}

/// A link on which the client sends.
#[derive(Debug, Default)]
pub struct Incoming {
    /// Deliveries so far.
    pub delivery_count: u32,
    /// Deliveries that may still come.
    pub credit: u32,
    /// A message that has not come to its end.
    pub partial: Option<Partial>,
}

/// A message whose pieces are coming.
#[derive(Debug)]
pub struct Partial {
    /// The number of the delivery on its session.
    pub id: u32,
    /// 0, or the format of batches.
    pub format: u32,
    /// Whether no outcome is wanted.
    pub settled: bool,
    /// What has come; nothing any more, if it is too large.
    pub bytes: BytesMut,
    /// How much has come.
    pub size: u64,
}

impl Partial {
    /// Refuses a message that is too large.
    pub fn check_size(&self, max_bytes: u64) -> Result<(), Error> {
        if self.size <= max_bytes {
            return Ok(());
        }
        let text = format!(
            "The received message (delivery-id:{}, size:{} bytes) exceeds the limit ({max_bytes} \
             bytes) currently allowed on the link.",
            self.id, self.size
        );
        Err(Error::new("amqp:link:message-size-exceeded", text))
    }
}

/// A link on which the client receives.
#[derive(Debug)]
pub struct Outgoing {
    /// How it takes messages.
    pub receive: Receive,
    /// Deliveries so far.
    pub delivery_count: u32,
    /// Deliveries that the client still takes.
    pub credit: u32,
    /// Whether the client wants its credit used up.
    pub drain: bool,
    /// Answers for it.
    pub answers: VecDeque<Bytes>,
}

impl Outgoing {
    /// A link without credit.
    pub fn new(receive: Receive) -> Self {
        Self { receive, delivery_count: 0, credit: 0, drain: false, answers: VecDeque::new() }
    }

    /// Whether another answer may wait.
    pub fn has_room(&self) -> bool {
        self.answers.iter().map(Bytes::len).sum::<usize>() < MAX_ANSWER_BYTES
    }
}

impl Link {
    /// What its unfinished message holds.
    pub fn partial_bytes(&self) -> usize {
        match &self.state {
            LinkState::Incoming(Incoming { partial: Some(partial), .. }) => partial.bytes.len(),
            _ => 0,
        }
    }
}
