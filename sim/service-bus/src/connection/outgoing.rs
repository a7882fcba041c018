//! Messages and answers on their way to the client.

use bytes::Bytes;

use super::link::{LinkState, Outgoing};
use super::session::{Session, Unsettled};
use super::wire::Wire;
use crate::amqp::{Performative, Transfer, Value};
use crate::broker::{Delivery, Node};
use crate::shared::State;

impl Session {
    /// Sends what credit and windows allow. Whether messages were taken from queues.
    pub fn deliver(
        &mut self,
        channel: u16,
        wire: &mut Wire,
        state: &mut State,
        now_ms: i64,
    ) -> bool {
        self.empty_outbox(channel, wire);
        let mut took = false;
        let handles: Vec<u32> = self.links.keys().copied().collect();
        for handle in handles {
            took |= self.deliver_on(handle, channel, wire, state, now_ms);
        }
        took
    }

    fn deliver_on(
        &mut self,
        handle: u32,
        channel: u16,
        wire: &mut Wire,
        state: &mut State,
        now_ms: i64,
    ) -> bool {
        let mut took = false;
        while self.outbox.is_empty() && self.remote_window > 0 && wire.has_room() {
            let Some(link) = self.links.get_mut(&handle) else { break };
            let LinkState::Outgoing(outgoing) = &mut link.state else { break };
            if outgoing.credit == 0 {
                break;
            }
            let Some(delivery) = next_delivery(&link.node, outgoing, state, now_ms) else {
                if outgoing.drain {
                    outgoing.delivery_count = outgoing.delivery_count.wrapping_add(outgoing.credit);
                    outgoing.credit = 0;
                    self.send_flow(channel, wire, Some(handle));
                    self.end_drain(handle);
                }
                break;
            };
            outgoing.delivery_count = outgoing.delivery_count.wrapping_add(1);
            outgoing.credit -= 1;
            if let Node::Queue(address) = &link.node {
                took = true;
                if let Some(lock) = delivery.lock {
                    let unsettled = Unsettled { handle, address: address.clone(), lock };
                    self.unsettled.insert(self.next_delivery_id, unsettled);
                }
            }
            self.enqueue(handle, delivery, wire.max_payload_bytes());
            self.empty_outbox(channel, wire);
        }
        took
    }

    fn end_drain(&mut self, handle: u32) {
        if let Some(link) = self.links.get_mut(&handle)
            && let LinkState::Outgoing(outgoing) = &mut link.state
        {
            outgoing.drain = false;
        }
    }

    /// Cuts a message into transfers.
    fn enqueue(&mut self, handle: u32, delivery: Delivery, max_bytes: usize) {
        let delivery_id = self.next_delivery_id;
        self.next_delivery_id = delivery_id.wrapping_add(1);
        // An answer is settled, and needs a tag only because the standard wants one.
        let tag = delivery.lock.map_or_else(
            || Bytes::copy_from_slice(&delivery_id.to_be_bytes()),
            |lock| Bytes::copy_from_slice(&lock.tag()),
        );
        let mut rest = delivery.encoded;
        loop {
            let piece = rest.split_to(rest.len().min(max_bytes));
            let transfer = Transfer {
                handle,
                delivery_id: Some(delivery_id),
                delivery_tag: Value::Binary(tag.clone()),
                message_format: Some(0),
                settled: delivery.lock.is_none(),
                more: !rest.is_empty(),
                aborted: false,
            };
            self.outbox.push_back((transfer, piece));
            if rest.is_empty() {
                break;
            }
        }
    }

    fn empty_outbox(&mut self, channel: u16, wire: &mut Wire) {
        while self.remote_window > 0 {
            let Some((transfer, piece)) = self.outbox.pop_front() else { break };
            self.remote_window -= 1;
            self.next_outgoing_id = self.next_outgoing_id.wrapping_add(1);
            wire.send_with(channel, &Performative::Transfer(transfer), &piece);
        }
    }
}

fn next_delivery(
    node: &Node,
    link: &mut Outgoing,
    state: &mut State,
    now_ms: i64,
) -> Option<Delivery> {
    let Node::Queue(address) = node else {
        return link.answers.pop_front().map(|encoded| Delivery { encoded, lock: None });
    };
    if !state.broker.has_ready(address) {
        return None;
    }
    if state.armed.duplicates() {
        state.broker.take_twice(address, link.receive, now_ms)
    } else {
        state.broker.take(address, link.receive, now_ms)
    }
}
