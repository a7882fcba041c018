//! Sessions: links, and the windows that limit transfers (part 2, 2.5).

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;

use super::link::{Link, LinkState};
use super::wire::Wire;
use crate::amqp::{Begin, Detach, Error, Flow, Performative, Transfer};
use crate::broker::{Address, LockToken, Node};

/// How many transfers are taken before the window must be opened again; as the service announces.
pub const WINDOW: u32 = 5_000;
/// The highest handle; the service's is 255 too.
pub const HANDLE_MAX: u32 = 255;
/// The id of the first transfer from here.
pub const FIRST_ID: u32 = 1;

/// A delivery whose outcome is awaited.
#[derive(Clone, Debug)]
pub struct Unsettled {
    /// The link.
    pub handle: u32,
    /// The queue.
    pub address: Address,
    /// The lock.
    pub lock: LockToken,
}

/// A session.
#[derive(Debug)]
pub struct Session {
    /// By the client's handles, which are also used towards it.
    pub links: BTreeMap<u32, Link>,
    /// By delivery id.
    pub unsettled: BTreeMap<u32, Unsettled>,
    /// Pieces of messages that wait for the client's window.
    pub outbox: VecDeque<(Transfer, Bytes)>,
    /// The transfer that is expected next.
    pub next_incoming_id: u32,
    /// How many transfers are still taken.
    pub incoming_window: u32,
    /// The id of the next transfer from here.
    pub next_outgoing_id: u32,
    /// How many transfers the client still takes.
    pub remote_window: u32,
    /// The id of the next delivery from here.
    pub next_delivery_id: u32,
}

impl Session {
    /// What the client has begun.
    pub fn new(begin: &Begin) -> Self {
        Self {
            links: BTreeMap::new(),
            unsettled: BTreeMap::new(),
            outbox: VecDeque::new(),
            next_incoming_id: begin.next_outgoing_id,
            incoming_window: WINDOW,
            next_outgoing_id: FIRST_ID,
            remote_window: begin.incoming_window,
            next_delivery_id: 0,
        }
    }

    /// What its unfinished messages hold.
    pub fn partial_bytes(&self) -> usize {
        self.links.values().map(Link::partial_bytes).sum()
    }

    /// The client opens windows and gives credit.
    pub fn on_flow(&mut self, flow: &Flow) -> Option<u32> {
        let next = flow.next_incoming_id.unwrap_or(FIRST_ID);
        let window = next.wrapping_add(flow.incoming_window).wrapping_sub(self.next_outgoing_id);
        // A sum that lies behind us is no window at all.
        self.remote_window = if window > i32::MAX as u32 { 0 } else { window };
        let handle = flow.handle?;
        let link = self.links.get_mut(&handle)?;
        if let LinkState::Outgoing(link) = &mut link.state {
            let end = flow.delivery_count.unwrap_or(0).wrapping_add(flow.link_credit.unwrap_or(0));
            let credit = end.wrapping_sub(link.delivery_count);
            link.credit = if credit > i32::MAX as u32 { 0 } else { credit };
            link.drain = flow.drain;
        }
        flow.echo.then_some(handle)
    }

    /// Says how things stand on a link, and opens the window again.
    pub fn send_flow(&mut self, channel: u16, wire: &mut Wire, handle: Option<u32>) {
        self.incoming_window = WINDOW;
        let state = handle.and_then(|handle| self.links.get(&handle)).map(|link| &link.state);
        let (delivery_count, link_credit, drain) = match state {
            Some(LinkState::Incoming(link)) => {
                (Some(link.delivery_count), Some(link.credit), false)
            }
            Some(LinkState::Outgoing(link)) => {
                (Some(link.delivery_count), Some(link.credit), link.drain)
            }
            Some(LinkState::Detached) | None => (None, None, false),
        };
        let flow = Flow {
            next_incoming_id: Some(self.next_incoming_id),
            incoming_window: WINDOW,
            next_outgoing_id: self.next_outgoing_id,
            outgoing_window: WINDOW,
            handle: handle.filter(|_| delivery_count.is_some()),
            delivery_count,
            link_credit,
            drain,
            echo: false,
        };
        wire.send(channel, &Performative::Flow(flow));
    }

    /// Detaches the links whose path is chosen. Those to `$cbs` stay: no token is needed for them, and
    /// azure-servicebus 7.15.0 does not get over their loss.
    pub fn detach(
        &mut self,
        channel: u16,
        wire: &mut Wire,
        error: &Error,
        which: impl Fn(&str) -> bool,
    ) {
        let chosen = |(_, link): &(&u32, &Link)| {
            !matches!(link.state, LinkState::Detached)
                && link.node != Node::Cbs
                && which(&link.path)
        };
        let handles: Vec<u32> =
            self.links.iter().filter(chosen).map(|(handle, _)| *handle).collect();
        for handle in handles {
            if let Some(link) = self.links.get_mut(&handle) {
                link.state = LinkState::Detached;
            }
            self.forget_deliveries(handle);
            let detach = Detach { handle, closed: true, error: Some(error.clone()) };
            wire.send(channel, &Performative::Detach(detach));
        }
    }

    /// A link that is gone sends no more, and nothing can be settled over it. Locks stay.
    pub fn forget_deliveries(&mut self, handle: u32) {
        self.unsettled.retain(|_, unsettled| unsettled.handle != handle);
        self.outbox.retain(|(transfer, _)| transfer.handle != handle);
    }
}
