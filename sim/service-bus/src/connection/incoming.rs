//! Messages and requests from the client.

use bytes::{Bytes, BytesMut};

use super::link::{CREDIT, Incoming, LinkState, Partial, REQUEST_BYTES};
use super::session::WINDOW;
use super::state::Connection;
use crate::amqp::{Decoder, Error, Malformed, Outcome, Role, Transfer, Value};
use crate::broker::{Address, Content, Node};

/// The most bytes of messages whose last piece is outstanding, on all links together.
pub(super) const MAX_PARTIAL_BYTES: usize = 16 << 20;

/// A message that has come to its end.
struct Complete {
    node: Node,
    partial: Partial,
}

impl Connection {
    /// A piece of a message. An error closes the connection.
    pub(super) fn on_transfer(
        &mut self,
        channel: u16,
        transfer: &Transfer,
        payload: &Bytes,
    ) -> Result<(), Error> {
        let complete = self.collect(channel, transfer, payload)?;
        if let Some(Complete { node, partial }) = complete {
            let (id, settled) = (partial.id, partial.settled);
            let outcome = match self.receive(&node, channel, partial) {
                Ok(()) => Outcome::Accepted,
                Err(error) => Outcome::Rejected(Some(error)),
            };
            if !settled {
                self.confirm(channel, Role::Receiver, id, outcome);
            }
        }
        self.top_up(channel, transfer.handle);
        Ok(())
    }

    /// Adds a piece to its message. Gives the message when it is whole.
    fn collect(
        &mut self,
        channel: u16,
        transfer: &Transfer,
        payload: &Bytes,
    ) -> Result<Option<Complete>, Error> {
        let max_bytes = self.shared.options.max_message_bytes;
        let session = self.session(channel)?;
        session.next_incoming_id = session.next_incoming_id.wrapping_add(1);
        let Some(window) = session.incoming_window.checked_sub(1) else {
            return Err(Error::new("amqp:session:window-violation", "The window is closed."));
        };
        session.incoming_window = window;
        let Some(link) = session.links.get_mut(&transfer.handle) else {
            let text = "There is no link with this handle.";
            return Err(Error::new("amqp:session:unattached-handle", text));
        };
        let incoming = match &mut link.state {
            LinkState::Incoming(incoming) => incoming,
            LinkState::Detached => return Ok(None),
            LinkState::Outgoing(_) => {
                return Err(Error::new("amqp:not-allowed", "This link is for receiving."));
            }
        };
        let held = incoming.partial.as_ref().map_or(0, |partial| partial.bytes.len());
        let max_bytes = match &link.node {
            Node::Queue(_) => max_bytes,
            Node::Cbs | Node::Management(_) => max_bytes + REQUEST_BYTES,
        };
        let is_whole = incoming.add(transfer, payload, max_bytes)?;
        let holds = incoming.partial.as_ref().map_or(0, |partial| partial.bytes.len());
        let complete = incoming.partial.take_if(|_| is_whole).filter(|_| !transfer.aborted);
        let complete = complete.map(|partial| Complete { node: link.node.clone(), partial });
        self.partial_bytes = self.partial_bytes + if is_whole { 0 } else { holds } - held;
        if self.partial_bytes > MAX_PARTIAL_BYTES {
            let text = "Too many bytes of unfinished messages.";
            return Err(Error::new("amqp:resource-limit-exceeded", text));
        }
        Ok(complete)
    }

    /// Does with a message what its node is for.
    fn receive(&mut self, node: &Node, channel: u16, message: Partial) -> Result<(), Error> {
        match node {
            Node::Queue(address) => self.send(address, message),
            Node::Cbs | Node::Management(_) => self.request(node, channel, message),
        }
    }

    fn send(&mut self, address: &Address, message: Partial) -> Result<(), Error> {
        let max_bytes = self.shared.options.max_message_bytes;
        message.check_size(max_bytes)?;
        let (mut state, now_ms) = self.shared.state();
        state.armed.check_busy()?;
        state.broker.send(address, contents(message)?, now_ms)?;
        drop(state);
        self.shared.changed();
        Ok(())
    }

    /// Gives credit and window again before they are used up.
    fn top_up(&mut self, channel: u16, handle: u32) {
        let Some(session) = self.sessions.get_mut(&channel) else { return };
        let mut is_low = session.incoming_window < WINDOW / 2;
        if let Some(link) = session.links.get_mut(&handle)
            && let LinkState::Incoming(incoming) = &mut link.state
            && incoming.credit < CREDIT / 2
        {
            incoming.credit = CREDIT;
            is_low = true;
        }
        if is_low {
            session.send_flow(channel, &mut self.wire, Some(handle));
        }
    }
}

impl Incoming {
    /// Adds a piece. Whether the message is at its end.
    fn add(&mut self, transfer: &Transfer, payload: &[u8], max_bytes: u64) -> Result<bool, Error> {
        let partial = match &mut self.partial {
            Some(partial) => partial,
            none => {
                let Some(id) = transfer.delivery_id else {
                    return Err(Malformed("a delivery without an id".to_owned()).into());
                };
                let Some(credit) = self.credit.checked_sub(1) else {
                    let text = "The link has no credit.";
                    return Err(Error::new("amqp:link:transfer-limit-exceeded", text));
                };
                self.credit = credit;
                self.delivery_count = self.delivery_count.wrapping_add(1);
                let format = transfer.message_format.unwrap_or(0);
                none.insert(Partial { id, format, settled: false, bytes: BytesMut::new(), size: 0 })
            }
        };
        partial.settled |= transfer.settled;
        partial.size += payload.len() as u64;
        if partial.size > max_bytes {
            partial.bytes = BytesMut::new();
        } else {
            partial.bytes.extend_from_slice(payload);
        }
        Ok(!transfer.more || transfer.aborted)
    }
}

/// The message, or those of a batch.
fn contents(message: Partial) -> Result<Vec<Content>, Malformed> {
    let bytes = message.bytes.freeze();
    if message.format != Transfer::BATCH_FORMAT {
        return Ok(vec![Content::decode(&bytes)?]);
    }
    let mut contents = Vec::new();
    let mut decoder = Decoder::new(bytes);
    while !decoder.is_at_end() {
        if let Some((0x75, Value::Binary(message))) = decoder.value()?.into_described() {
            contents.push(Content::decode(&message)?);
        }
    }
    Ok(contents)
}
