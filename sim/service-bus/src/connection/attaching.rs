//! `attach` and `detach`: links begin and end.

use super::link::{CREDIT, Incoming, Link, LinkState, Outgoing};
use super::session::HANDLE_MAX;
use super::state::{Connection, no_session};
use crate::amqp::{Attach, Detach, Error, Performative, Role, Value};
use crate::broker::{Node, Part, Receive, path_of};

impl Connection {
    /// Attaches a link, or says why not: as the standard wants it, by an attach without the
    /// node and a detach with the reason.
    pub(super) fn on_attach(&mut self, channel: u16, attach: Attach) -> Result<(), Error> {
        if attach.handle > HANDLE_MAX {
            return Err(Error::new("amqp:connection:framing-error", "The handle is too high."));
        }
        let refusal = self.refusal(&attach);
        let max_message_bytes = Some(self.shared.options.max_message_bytes);
        let Some(session) = self.sessions.get_mut(&channel) else { return Err(no_session()) };
        let occupied = session.links.get(&attach.handle);
        if occupied.is_some_and(|link| !matches!(link.state, LinkState::Detached)) {
            return Err(Error::new("amqp:session:handle-in-use", "The handle is in use."));
        }
        let client_receives = attach.role == Role::Receiver;
        let handle = attach.handle;
        session.links.insert(handle, link(&attach, refusal.is_some()));
        let missing = |terminus: &Value, ours: bool| {
            if ours && refusal.is_some() { Value::Null } else { terminus.clone() }
        };
        let answer = Attach {
            role: if client_receives { Role::Sender } else { Role::Receiver },
            source: missing(&attach.source, client_receives),
            target: missing(&attach.target, !client_receives),
            initial_delivery_count: client_receives.then_some(0),
            max_message_bytes,
            ..attach
        };
        self.wire.send(channel, &Performative::Attach(answer));
        if let Some(error) = refusal {
            let detach = Detach { handle, closed: true, error: Some(error) };
            self.wire.send(channel, &Performative::Detach(detach));
        } else if !client_receives {
            session.send_flow(channel, &mut self.wire, Some(handle));
        }
        Ok(())
    }

    fn refusal(&self, attach: &Attach) -> Option<Error> {
        let path = own_path(attach);
        let node = Node::parse(path);
        let address = node.address()?;
        let (state, now_ms) = self.shared.state();
        if !state.broker.knows(address) {
            let text = format!("The messaging entity '{}' could not be found.", path_of(path));
            return Some(Error::new("amqp:not-found", text));
        }
        if !self.claims.allow(path, now_ms) {
            let text = format!("Unauthorized access. There is no token for '{}'.", path_of(path));
            return Some(Error::new("amqp:unauthorized-access", text));
        }
        let dead = matches!(&node, Node::Queue(address) if address.part == Part::DeadLetters);
        let text = "Messages can't be sent to dead letters.";
        (dead && attach.role == Role::Sender).then(|| Error::new("amqp:not-allowed", text))
    }

    pub(super) fn on_detach(&mut self, channel: u16, detach: &Detach) -> Result<(), Error> {
        let Detach { handle, closed, .. } = *detach;
        let Some(session) = self.sessions.get_mut(&channel) else { return Err(no_session()) };
        let Some(link) = session.links.remove(&handle) else { return Ok(()) };
        self.partial_bytes -= link.partial_bytes();
        session.forget_deliveries(handle);
        if !matches!(link.state, LinkState::Detached) {
            let detach = Detach { handle, closed, error: None };
            self.wire.send(channel, &Performative::Detach(detach));
        }
        Ok(())
    }
}

/// The address of the node that a client wants to be attached to.
fn own_path(attach: &Attach) -> &str {
    let (source, target) = (address_of(&attach.source), address_of(&attach.target));
    if attach.role == Role::Receiver { source } else { target }
}

fn link(attach: &Attach, is_refused: bool) -> Link {
    let path = own_path(attach).to_owned();
    let receives = attach.role == Role::Receiver;
    let peer_address = address_of(if receives { &attach.target } else { &attach.source });
    let receive =
        if attach.sender_settles == Some(1) { Receive::AndDelete } else { Receive::PeekLock };
    let state = match attach.role {
        _ if is_refused => LinkState::Detached,
        Role::Receiver => LinkState::Outgoing(Outgoing::new(receive)),
        Role::Sender => LinkState::Incoming(Incoming {
            delivery_count: attach.initial_delivery_count.unwrap_or(0),
            credit: CREDIT,
            partial: None,
        }),
    };
    Link { node: Node::parse(&path), path, peer_address: peer_address.to_owned(), state }
}

/// The address of a source or a target.
fn address_of(terminus: &Value) -> &str {
    let Value::Described(_, fields) = terminus else { return "" };
    fields.items().first().and_then(Value::as_str).unwrap_or_default()
}
