//! All messages of a queue in memory, as values without waiting.
//!
//! Each call happens at the moment to which [`Line::advance`] set the line; times are milliseconds
//! of the clock's `elapsed`. The same names as in the SQLite queue do the same.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jiff::Timestamp;

use crate::clock::Clock;
use crate::queue::{
    DeadLetter, Delivery, Depth, EXPIRED, Lease, NewMessage, QueueError, Settings, ceil_ms,
    expired_for_good,
};

/// A message that is ready, delayed, or held back by the lease on an earlier one with its key.
#[derive(Debug)]
struct Waiting {
    place: i64,
    due_ms: i64,
    body: String,
    attempts: u32,
}

/// A message on lease.
#[derive(Debug)]
pub(super) struct Leased {
    key: String,
    body: String,
    pub(super) attempts: u32,
    token: u64,
    ends_ms: i64,
}

/// All messages.
#[derive(Debug)]
pub(super) struct Line {
    settings: Settings,
    now_ms: i64,
    now: Timestamp,
    last_place: i64,
    last_token: u64,
    waiting: HashMap<String, Waiting>,
    /// The keys of `waiting` by due time and place: who is next.
    order: BTreeMap<(i64, i64), String>,
    leased: BTreeMap<i64, Leased>,
    last_dead: i64,
    pub(super) dead: BTreeMap<i64, DeadLetter>,
}

impl Line {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            settings,
            now_ms: 0,
            now: Timestamp::UNIX_EPOCH,
            last_place: 0,
            last_token: 0,
            waiting: HashMap::new(),
            order: BTreeMap::new(),
            leased: BTreeMap::new(),
            last_dead: 0,
            dead: BTreeMap::new(),
        }
    }

    /// Sets the time and ends every lease that ran out, the earliest first.
    pub(super) fn advance(&mut self, clock: &dyn Clock) {
        self.now_ms = i64::try_from(clock.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.now = clock.now();
        let mut expired: Vec<(i64, i64)> = self
            .leased
            .iter()
            .filter(|(_, message)| message.ends_ms <= self.now_ms)
            .map(|(place, message)| (message.ends_ms, *place))
            .collect();
        expired.sort_unstable();
        for (_, place) in expired {
            if let Some(message) = self.leased.remove(&place) {
                self.expire(message);
            }
        }
    }

    fn expire(&mut self, message: Leased) {
        if self.was_last_attempt(&message) {
            let description = expired_for_good(message.attempts);
            self.bury(message, EXPIRED, &description);
        } else {
            let attempts = message.attempts;
            self.line_up(message, Duration::ZERO, attempts);
        }
    }

    fn after(&self, delay: Duration) -> i64 {
        self.now_ms.saturating_add(ceil_ms(delay))
    }

    pub(super) fn send(&mut self, message: &NewMessage) {
        let due_ms = self.after(message.delay);
        match self.waiting.get_mut(&message.key) {
            Some(waiting) => {
                waiting.body.clone_from(&message.body);
                self.bring_forward(&message.key, due_ms);
            }
            None => self.join(message.key.clone(), message.body.clone(), 0, due_ms),
        }
    }

    /// Adds to the end of the line a message whose key is not in it.
    fn join(&mut self, key: String, body: String, attempts: u32, due_ms: i64) {
        self.last_place += 1;
        let place = self.last_place;
        self.order.insert((due_ms, place), key.clone());
        self.waiting.insert(key, Waiting { place, due_ms, body, attempts });
    }

    fn bring_forward(&mut self, key: &str, due_ms: i64) {
        if let Some(waiting) = self.waiting.get_mut(key)
            && due_ms < waiting.due_ms
        {
            self.order.remove(&(waiting.due_ms, waiting.place));
            waiting.due_ms = due_ms;
            self.order.insert((due_ms, waiting.place), key.to_owned());
        }
    }

    fn is_leased(&self, key: &str) -> bool {
        self.leased.values().any(|message| message.key == key)
    }

    /// The positions of those that can be taken now, the first one first.
    fn ready(&self) -> impl Iterator<Item = (i64, i64)> {
        let due = self.order.range(..=(self.now_ms, i64::MAX));
        due.filter(|(_, key)| !self.is_leased(key)).map(|(position, _)| *position)
    }

    pub(super) fn has_ready(&self) -> bool {
        self.ready().next().is_some()
    }

    pub(super) fn take(&mut self) -> Option<Delivery> {
        let position = self.ready().next()?;
        let key = self.order.remove(&position)?;
        let waiting = self.waiting.remove(&key)?;
        self.last_token += 1;
        let lasts = self.settings.lease_time;
        let lease = Lease { message: waiting.place, token: self.last_token, lasts };
        let message = Leased {
            key,
            body: waiting.body,
            attempts: waiting.attempts.saturating_add(1),
            token: lease.token,
            ends_ms: self.after(self.settings.lease_time),
        };
        let (key, body) = (message.key.clone(), message.body.clone());
        let attempt = message.attempts;
        self.leased.insert(lease.message, message);
        Some(Delivery { key, body, attempt, lease })
    }

    /// When the next delay or lease ends; only then can something become ready by itself.
    pub(super) fn next_due_ms(&self) -> i64 {
        let delay = self.order.range((self.now_ms + 1, i64::MIN)..).map(|((due, _), _)| *due);
        let lease = self.leased.values().map(|message| message.ends_ms);
        delay.take(1).chain(lease).min().unwrap_or(i64::MAX)
    }

    pub(super) fn renew(&mut self, lease: &Lease) -> Result<Duration, QueueError> {
        let ends_ms = self.after(self.settings.lease_time);
        let message = self.leased.get_mut(&lease.message).ok_or(QueueError::LeaseLost)?;
        if message.token != lease.token {
            return Err(QueueError::LeaseLost);
        }
        message.ends_ms = ends_ms;
        Ok(self.settings.lease_time)
    }

    /// Ends a lease that is still held, and with it whatever it held back.
    pub(super) fn end(&mut self, lease: &Lease) -> Result<Leased, QueueError> {
        self.renew(lease)?;
        self.leased.remove(&lease.message).ok_or(QueueError::LeaseLost)
    }

    pub(super) fn was_last_attempt(&self, message: &Leased) -> bool {
        message.attempts >= self.settings.max_attempts
    }

    /// Puts a message whose lease ended back in line; a later send with its key stands for both.
    pub(super) fn line_up(&mut self, message: Leased, delay: Duration, attempts: u32) {
        let due_ms = self.after(delay);
        match self.waiting.get_mut(&message.key) {
            Some(waiting) => {
                waiting.attempts = attempts;
                self.bring_forward(&message.key, due_ms);
            }
            None => self.join(message.key, message.body, attempts, due_ms),
        }
    }

    pub(super) fn bury(&mut self, message: Leased, reason: &str, description: &str) {
        self.last_dead += 1;
        let id = self.last_dead;
        let Leased { key, body, attempts, .. } = message;
        let (reason, description) = (reason.to_owned(), description.to_owned());
        let dead_since = self.now;
        self.dead
            .insert(id, DeadLetter { id, key, body, reason, description, attempts, dead_since });
    }

    pub(super) fn replay(&mut self, id: i64) -> bool {
        let Some(letter) = self.dead.remove(&id) else { return false };
        match self.waiting.get_mut(&letter.key) {
            Some(waiting) => {
                waiting.attempts = 0;
                self.bring_forward(&letter.key, self.now_ms);
            }
            None => self.join(letter.key, letter.body, 0, self.now_ms),
        }
        true
    }

    pub(super) fn depth(&self) -> Depth {
        let ready = self.ready().count();
        Depth {
            ready: ready as u64,
            delayed: (self.waiting.len() - ready) as u64,
            leased: self.leased.len() as u64,
            dead: self.dead.len() as u64,
        }
    }
}
