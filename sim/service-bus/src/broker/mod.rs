//! The queues of a namespace, without any I/O.
//!
//! Every method that depends on time is told it, in milliseconds since 1970, and
//! [`Broker::advance`] must have been called with that time before. A message that was
//! accepted is in exactly one place until a receiver completes it, it is received and
//! deleted, or its time to live is over.
//!
//! It deliberately has no topics, no sessions, no forwarding and no partitions.

mod address;
mod entity;
mod lock;
mod message;
mod queue;
mod refusal;
mod settlement;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use bytes::Bytes;

pub use address::{Address, Node, Part, path_of};
use entity::Entity;
pub use lock::{LockToken, Tokens};
pub use message::{Content, Message, State};
pub use queue::Counts;
use queue::Queue;
use refusal::{lock_lost, message_not_found, not_found};

use super::amqp::{Error, Outcome};
use super::options::QueueSettings;

/// How a receiver takes messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receive {
    /// Locked until it is settled.
    PeekLock,
    /// Gone at once.
    AndDelete,
}

/// A message on its way to a receiver.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// The message, encoded.
    pub encoded: Bytes,
    /// What settles it; `None` if it is gone already.
    pub lock: Option<LockToken>,
}

/// See the module.
#[derive(Debug)]
pub struct Broker {
    entities: BTreeMap<String, Entity>,
    tokens: Tokens,
}

impl Broker {
    /// A namespace with these queues, all empty.
    pub fn new(queues: &[QueueSettings], now_ms: i64) -> Self {
        let entity = |settings: &QueueSettings| {
            (Address::parse(&settings.name).queue, Entity::new(settings))
        };
        Self { entities: queues.iter().map(entity).collect(), tokens: Tokens::new(now_ms) }
    }

    /// Whether there is such a queue.
    pub fn knows(&self, address: &Address) -> bool {
        self.entities.contains_key(&address.queue)
    }

    /// How many messages are where.
    pub fn counts(&self, address: &Address) -> Option<Counts> {
        let entity = self.entities.get(&address.queue)?;
        Some(match address.part {
            Part::DeadLetters => entity.dead.counts(),
            Part::Main => {
                let dead = entity.dead.counts();
                let dead_letters = dead.active + dead.locked + dead.deferred;
                Counts { dead_letters, ..entity.main.counts() }
            }
        })
    }

    /// The names of the queues.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entities.keys().map(String::as_str)
    }

    fn queue(&mut self, address: &Address) -> Result<&mut Queue, Error> {
        let entity = self.entities.get_mut(&address.queue).ok_or_else(|| not_found(address))?;
        Ok(entity.part(address.part))
    }

    /// When something happens by itself next.
    pub fn next_due(&self) -> Option<i64> {
        let due = |entity: &Entity| [entity.main.next_due(), entity.dead.next_due()];
        self.entities.values().flat_map(due).flatten().min()
    }

    /// Lets everything happen that is due: locks run out, messages appear, messages expire.
    pub fn advance(&mut self, now_ms: i64) {
        for (name, entity) in &mut self.entities {
            let letters = entity.main.advance(now_ms);
            entity.bury(letters, name, now_ms);
            // Dead letters are never given up, so none of them leaves.
            entity.dead.advance(now_ms);
        }
    }

    /// Ends every lock as if its time were over.
    pub fn lose_locks(&mut self, now_ms: i64) {
        for (name, entity) in &mut self.entities {
            let letters = entity.main.lose_locks();
            entity.bury(letters, name, now_ms);
            entity.dead.lose_locks();
        }
    }

    /// Takes messages in, all or none. Gives their sequence numbers; a duplicate is taken for the
    /// message that came first.
    pub fn send(
        &mut self,
        address: &Address,
        contents: Vec<Content>,
        now_ms: i64,
    ) -> Result<Vec<i64>, Error> {
        if address.part == Part::DeadLetters {
            return Err(Error::new("amqp:not-allowed", "Dead letters can't be sent."));
        }
        let entity = self.entities.get_mut(&address.queue).ok_or_else(|| not_found(address))?;
        if !entity.main.has_room_for(contents.len()) {
            let text = format!("The queue '{}' has reached its quota.", address.queue);
            return Err(Error::new("amqp:resource-limit-exceeded", text));
        }
        let mut sequences = Vec::with_capacity(contents.len());
        for mut content in contents {
            let duplicate = content.id().and_then(|id| entity.main.duplicate_of(id));
            sequences.push(duplicate.unwrap_or_else(|| {
                content.ensure_id(&self.tokens.next_id());
                entity.main.add(fresh(content, now_ms), now_ms)
            }));
        }
        Ok(sequences)
    }

    /// Whether a message is ready.
    pub fn has_ready(&mut self, address: &Address) -> bool {
        self.queue(address).is_ok_and(|queue| queue.has_ready())
    }

    /// The oldest message that is ready.
    pub fn take(&mut self, address: &Address, receive: Receive, now_ms: i64) -> Option<Delivery> {
        let message = self.queue(address).ok()?.remove_first()?;
        self.hand_out(address, message, receive, now_ms).ok()
    }

    /// Like [`take`](Self::take), and the message can be taken once more.
    pub fn take_twice(
        &mut self,
        address: &Address,
        receive: Receive,
        now_ms: i64,
    ) -> Option<Delivery> {
        let queue = self.queue(address).ok()?;
        let message = queue.remove_first()?;
        queue.put_back(message.clone());
        self.hand_out(address, message, receive, now_ms).ok()
    }

    fn hand_out(
        &mut self,
        address: &Address,
        message: Message,
        receive: Receive,
        now_ms: i64,
    ) -> Result<Delivery, Error> {
        let token = self.tokens.next();
        let queue = self.queue(address)?;
        Ok(match receive {
            Receive::AndDelete => Delivery { encoded: message.encode(None), lock: None },
            Receive::PeekLock => {
                let encoded = message.encode(Some(queue.lock_end(now_ms)));
                queue.lock(message, token, now_ms);
                Delivery { encoded, lock: Some(token) }
            }
        })
    }

    /// Messages that were put aside, by their numbers. All or none.
    pub fn take_deferred(
        &mut self,
        address: &Address,
        sequences: &[i64],
        receive: Receive,
        now_ms: i64,
    ) -> Result<Vec<Delivery>, Error> {
        let queue = self.queue(address)?;
        let mut messages = Vec::new();
        for sequence in sequences {
            let Some(message) = queue.remove_deferred(*sequence) else {
                for message in messages {
                    queue.defer(message);
                }
                return Err(message_not_found(*sequence));
            };
            messages.push(message);
        }
        messages
            .into_iter()
            .map(|message| self.hand_out(address, message, receive, now_ms))
            .collect()
    }

    /// Makes a lock last from now on. Gives its new end.
    pub fn renew(
        &mut self,
        address: &Address,
        token: LockToken,
        now_ms: i64,
    ) -> Result<i64, Error> {
        self.queue(address)?.renew(token, now_ms).ok_or_else(lock_lost)
    }

    /// Settles a locked message.
    pub fn settle(
        &mut self,
        address: &Address,
        token: LockToken,
        outcome: &Outcome,
        now_ms: i64,
    ) -> Result<(), Error> {
        let entity = self.entities.get_mut(&address.queue).ok_or_else(|| not_found(address))?;
        let queue = entity.part(address.part);
        let message = queue.unlock(token).ok_or_else(lock_lost)?;
        let letter = queue.settle(message, outcome);
        entity.bury(letter, &address.queue, now_ms);
        Ok(())
    }

    /// Removes messages that are not due yet, up to the first number that there is not.
    pub fn cancel(&mut self, address: &Address, sequences: &[i64]) -> Result<(), Error> {
        let queue = self.queue(address)?;
        for sequence in sequences {
            if !queue.cancel(*sequence) {
                return Err(message_not_found(*sequence));
            }
        }
        Ok(())
    }

    /// Messages from a number on, wherever they are: at most `count`, and no more than fit into
    /// `max_bytes`, but one in any case.
    pub fn peek(
        &mut self,
        address: &Address,
        from: i64,
        count: usize,
        max_bytes: usize,
    ) -> Result<Vec<Bytes>, Error> {
        let mut bytes = 0;
        let mut found = Vec::new();
        for message in self.queue(address)?.browse(from).take(count) {
            let encoded = message.encode(None);
            bytes += encoded.len();
            if bytes > max_bytes && !found.is_empty() {
                break;
            }
            found.push(encoded);
        }
        Ok(found)
    }
}

fn fresh(content: Content, now_ms: i64) -> Message {
    Message {
        content,
        sequence: 0,
        first_sequence: 0,
        enqueued_ms: now_ms,
        delivery_count: 0,
        state: State::Active,
        source: None,
    }
}
