//! One queue, or the dead letters of one: a state machine that is told the time.
//!
//! A message is in exactly one of four places: ready, scheduled, deferred, locked. The agenda has
//! an entry for each thing that will happen by itself, so that [`Queue::next_due`] is exact
//! and nobody has to look again and again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;

use super::lock::LockToken;
use super::message::{Message, State};
use crate::options::{Expired, QueueSettings};

/// What happens by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Unlock(LockToken),
    Appear(i64),
    Expire(i64),
}

#[derive(Debug)]
struct Locked {
    message: Message,
    until_ms: i64,
}

/// A message that leaves a queue for its dead letters.
#[derive(Debug)]
pub struct DeadLetter {
    /// The message.
    pub message: Message,
    /// `DeadLetterReason` and `DeadLetterErrorDescription`, unless the receiver gave them.
    pub reason: Option<(&'static str, &'static str)>,
}

/// How many messages are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// To be delivered.
    pub active: usize,
    /// Delivered, not settled.
    pub locked: usize,
    /// Not due yet.
    pub scheduled: usize,
    /// Put aside.
    pub deferred: usize,
    /// Given up.
    pub dead_letters: usize,
}

/// See the module.
#[derive(Debug)]
pub struct Queue {
    settings: QueueSettings,
    /// Whether messages fail and expire here; dead letters do not.
    gives_up: bool,
    ready: BTreeMap<i64, Message>,
    scheduled: BTreeMap<i64, Message>,
    deferred: BTreeMap<i64, Message>,
    locked: HashMap<LockToken, Locked>,
    agenda: BTreeSet<(i64, Due)>,
    last_sequence: i64,
    /// Message ids seen, until when, and the sequence number of the first.
    seen: HashMap<Bytes, (i64, i64)>,
    forget: BTreeSet<(i64, Bytes)>,
}

impl Queue {
    /// An empty queue.
    pub fn new(settings: QueueSettings) -> Self {
        Self {
            settings,
            gives_up: true,
            ready: BTreeMap::new(),
            scheduled: BTreeMap::new(),
            deferred: BTreeMap::new(),
            locked: HashMap::new(),
            agenda: BTreeSet::new(),
            last_sequence: 0,
            seen: HashMap::new(),
            forget: BTreeSet::new(),
        }
    }

    /// The dead letters of a queue.
    pub fn dead_letters(settings: QueueSettings) -> Self {
        Self { gives_up: false, ..Self::new(settings) }
    }

    /// Where how many are.
    pub fn counts(&self) -> Counts {
        Counts {
            active: self.ready.len(),
            locked: self.locked.len(),
            scheduled: self.scheduled.len(),
            deferred: self.deferred.len(),
            dead_letters: 0,
        }
    }

    /// Whether so many more fit.
    pub fn has_room_for(&self, more: usize) -> bool {
        let held =
            self.ready.len() + self.locked.len() + self.scheduled.len() + self.deferred.len();
        self.settings.max_messages.is_none_or(|most| held + more <= most)
    }

    /// The sequence number of a message with this id that came within the window.
    pub fn duplicate_of(&self, id: &Bytes) -> Option<i64> {
        self.seen.get(id).map(|(_, sequence)| *sequence)
    }

    /// Takes a message in, and gives it its number.
    pub fn add(&mut self, mut message: Message, now_ms: i64) -> i64 {
        self.last_sequence += 1;
        message.sequence = self.last_sequence;
        if self.gives_up {
            message.first_sequence = self.last_sequence;
            self.remember(&message, now_ms);
        }
        match message.content.scheduled_ms().filter(|due_ms| self.gives_up && *due_ms > now_ms) {
            Some(due_ms) => {
                message.state = State::Scheduled;
                message.enqueued_ms = due_ms;
                self.agenda.insert((due_ms, Due::Appear(message.sequence)));
                self.scheduled.insert(message.sequence, message);
            }
            None => self.make_ready(message),
        }
        self.last_sequence
    }

    fn remember(&mut self, message: &Message, now_ms: i64) {
        let (Some(window), Some(id)) = (self.settings.duplicate_window, message.content.id())
        else {
            return;
        };
        let until_ms = now_ms.saturating_add(window.as_millis() as i64);
        self.seen.insert(id.clone(), (until_ms, message.sequence));
        self.forget.insert((until_ms, id.clone()));
    }

    fn make_ready(&mut self, mut message: Message) {
        message.state = State::Active;
        if let Some(expires_ms) = message.expires_ms().filter(|_| self.gives_up) {
            self.agenda.insert((expires_ms, Due::Expire(message.sequence)));
        }
        self.ready.insert(message.sequence, message);
    }

    /// Whether a message is ready.
    pub fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// The oldest message that is ready, removed.
    pub fn remove_first(&mut self) -> Option<Message> {
        let (sequence, message) = self.ready.pop_first()?;
        if let Some(expires_ms) = message.expires_ms() {
            self.agenda.remove(&(expires_ms, Due::Expire(sequence)));
        }
        Some(message)
    }

    /// A message that was put aside, removed.
    pub fn remove_deferred(&mut self, sequence: i64) -> Option<Message> {
        self.deferred.remove(&sequence)
    }

    /// Puts a copy of a message back in its place, as if its delivery had been lost on the way.
    pub fn put_back(&mut self, message: Message) {
        self.make_ready(message);
    }

    /// Locks a message that was removed, until [`lock_end`](Self::lock_end).
    pub fn lock(&mut self, message: Message, token: LockToken, now_ms: i64) {
        let until_ms = self.lock_end(now_ms);
        self.agenda.insert((until_ms, Due::Unlock(token)));
        self.locked.insert(token, Locked { message, until_ms });
    }

    /// When a lock ends that begins now.
    pub fn lock_end(&self, now_ms: i64) -> i64 {
        now_ms.saturating_add(self.settings.lock_time.as_millis() as i64)
    }

    /// Makes a lock last from now on. `None` if there is no such lock.
    pub fn renew(&mut self, token: LockToken, now_ms: i64) -> Option<i64> {
        let until_ms = self.lock_end(now_ms);
        let locked = self.locked.get_mut(&token)?;
        self.agenda.remove(&(locked.until_ms, Due::Unlock(token)));
        locked.until_ms = until_ms;
        self.agenda.insert((until_ms, Due::Unlock(token)));
        Some(until_ms)
    }

    /// Ends a lock and hands the message out. `None` if there is no such lock.
    pub fn unlock(&mut self, token: LockToken) -> Option<Message> {
        let locked = self.locked.remove(&token)?;
        self.agenda.remove(&(locked.until_ms, Due::Unlock(token)));
        Some(locked.message)
    }

    /// Back to where it was: ready, or put aside.
    pub fn give_back(&mut self, message: Message) {
        if message.state == State::Deferred {
            self.deferred.insert(message.sequence, message);
        } else {
            self.make_ready(message);
        }
    }

    /// Back to where it was after a delivery that failed, or out if that was the last.
    pub fn fail(&mut self, mut message: Message) -> Option<DeadLetter> {
        message.delivery_count += 1;
        if self.gives_up && message.delivery_count >= self.settings.max_delivery {
            let reason = (
                "MaxDeliveryCountExceeded",
                "Message could not be consumed after the maximum delivery attempts.",
            );
            return Some(DeadLetter { message, reason: Some(reason) });
        }
        self.give_back(message);
        None
    }

    /// Puts a message aside.
    pub fn defer(&mut self, mut message: Message) {
        message.state = State::Deferred;
        self.deferred.insert(message.sequence, message);
    }

    /// Whether messages can become dead letters here.
    pub fn gives_up(&self) -> bool {
        self.gives_up
    }

    /// Removes a message that is not due yet. Whether there was one.
    pub fn cancel(&mut self, sequence: i64) -> bool {
        let Some(message) = self.scheduled.remove(&sequence) else { return false };
        self.agenda.remove(&(message.enqueued_ms, Due::Appear(sequence)));
        true
    }

    /// Messages from a number on, wherever they are, in order.
    pub fn browse(&self, from: i64) -> impl Iterator<Item = &Message> {
        let locked = self.locked.values().map(|locked| &locked.message);
        let all = self.ready.values().chain(self.scheduled.values()).chain(self.deferred.values());
        let mut found: Vec<_> =
            all.chain(locked).filter(|message| message.sequence >= from).collect();
        found.sort_by_key(|message| message.sequence);
        found.into_iter()
    }

    /// When something happens by itself next, milliseconds since 1970.
    pub fn next_due(&self) -> Option<i64> {
        self.agenda.first().map(|(due_ms, _)| *due_ms)
    }

    /// Lets everything happen that is due. Gives those that must leave.
    pub fn advance(&mut self, now_ms: i64) -> Vec<DeadLetter> {
        while self.forget.first().is_some_and(|(until_ms, _)| *until_ms <= now_ms) {
            if let Some((_, id)) = self.forget.pop_first() {
                self.seen.remove(&id);
            }
        }
        let mut leaving = Vec::new();
        while self.next_due().is_some_and(|due_ms| due_ms <= now_ms) {
            if let Some((_, due)) = self.agenda.pop_first() {
                leaving.extend(self.happen(due));
            }
        }
        leaving
    }

    fn happen(&mut self, due: Due) -> Option<DeadLetter> {
        match due {
            Due::Unlock(token) => {
                let locked = self.locked.remove(&token)?;
                self.fail(locked.message)
            }
            Due::Appear(sequence) => {
                let message = self.scheduled.remove(&sequence)?;
                self.make_ready(message);
                None
            }
            Due::Expire(sequence) => {
                let message = self.ready.remove(&sequence)?;
                let reason = ("TTLExpiredException", "The message expired and was dead lettered.");
                match self.settings.expired {
                    Expired::Dropped => None,
                    Expired::DeadLettered => Some(DeadLetter { message, reason: Some(reason) }),
                }
            }
        }
    }

    /// Ends every lock as if its time were over. Gives those that must leave.
    pub fn lose_locks(&mut self) -> Vec<DeadLetter> {
        let tokens: BTreeSet<_> = self.locked.keys().copied().collect();
        let lost: Vec<_> = tokens.into_iter().filter_map(|token| self.unlock(token)).collect();
        lost.into_iter().filter_map(|message| self.fail(message)).collect()
    }
}
