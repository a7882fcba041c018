//! The reference queue: in memory, deterministic, and the first to pass the contract.
//!
//! It promises the whole contract of the room to everything inside one process: a message survives
//! every task, but not the process. Ready messages leave in the order in which they became due, and
//! within one millisecond in the order in which they joined the line, so that a simulation with a
//! seed repeats itself. All time comes from the clock given in, and under tokio's paused time a day
//! of waiting costs nothing.
//!
//! It deliberately injects no faults: a simulation wraps it for that.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::Notify;

use super::{
    DeadLetter, Delivery, Depth, EXPIRED, Lease, Merging, NewMessage, Queue, QueueError, Settings,
    ceil_ms, check, expired_for_good, failed_for_good,
};
use crate::clock::Clock;

/// A queue in memory; see the module.
#[derive(Debug)]
pub struct MemoryQueue {
    name: String,
    settings: Settings,
    clock: Arc<dyn Clock>,
    line: Mutex<Line>,
    changed: Notify,
}

impl MemoryQueue {
    /// An empty queue.
    pub fn new(name: impl Into<String>, settings: Settings, clock: Arc<dyn Clock>) -> Self {
        let line = Mutex::new(Line::new(settings));
        Self { name: name.into(), settings, clock, line, changed: Notify::new() }
    }

    /// The line as it is now, with every lease that ran out already ended.
    fn line(&self) -> MutexGuard<'_, Line> {
        // A panic elsewhere can't leave the line half changed: nothing in it panics.
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.advance(&*self.clock);
        line
    }

    /// Runs `change` and wakes whoever waits for a message.
    fn change<T>(&self, change: impl FnOnce(&mut Line) -> T) -> T {
        let outcome = change(&mut self.line());
        self.changed.notify_waiters();
        outcome
    }

    /// One try: a delivery, or how long nothing can become ready by itself.
    fn try_receive(&self) -> Result<Delivery, Duration> {
        let mut line = self.line();
        line.take().ok_or_else(|| {
            let due = Duration::from_millis(line.next_due_ms().unsigned_abs());
            due.saturating_sub(self.clock.elapsed())
        })
    }
}

#[async_trait]
impl Queue for MemoryQueue {
    fn name(&self) -> &str {
        &self.name
    }

    fn merging(&self) -> Merging {
        Merging::WhileLive
    }

    fn lease_time(&self) -> Duration {
        self.settings.lease_time
    }

    async fn send(&self, messages: &[NewMessage]) -> Result<(), QueueError> {
        check(messages)?;
        self.change(|line| messages.iter().for_each(|message| line.send(message)));
        Ok(())
    }

    async fn receive(&self, wait: Duration) -> Result<Option<Delivery>, QueueError> {
        let deadline = self.clock.elapsed().saturating_add(wait);
        loop {
            // Listening starts before looking, or a send in between would wake nobody.
            let changed = self.changed.notified();
            let quiet = match self.try_receive() {
                Ok(delivery) => return Ok(Some(delivery)),
                Err(quiet) => quiet,
            };
            let left = deadline.saturating_sub(self.clock.elapsed());
            if left.is_zero() {
                return Ok(None);
            }
            tokio::select! {
                biased;
                () = changed => {}
                () = self.clock.sleep(left.min(quiet)) => {}
            }
        }
    }

    async fn renew(&self, lease: &Lease) -> Result<(), QueueError> {
        self.line().renew(lease)
    }

    async fn ack(&self, lease: Lease) -> Result<(), QueueError> {
        self.change(|line| line.end(&lease).map(drop))
    }

    async fn nack(&self, lease: Lease, delay: Duration, reason: &str) -> Result<(), QueueError> {
        self.change(|line| {
            let message = line.end(&lease)?;
            if message.attempts >= line.settings.max_attempts {
                let description = failed_for_good(message.attempts);
                line.bury(message, reason, &description);
            } else {
                let due_ms = line.after(delay);
                line.line_up(message, due_ms);
            }
            Ok(())
        })
    }

    async fn release(&self, lease: Lease, delay: Duration) -> Result<(), QueueError> {
        self.change(|line| {
            let message = Leased { attempts: 0, ..line.end(&lease)? };
            let due_ms = line.after(delay);
            line.line_up(message, due_ms);
            Ok(())
        })
    }

    async fn dead_letter(
        &self,
        lease: Lease,
        reason: &str,
        description: &str,
    ) -> Result<(), QueueError> {
        self.change(|line| {
            let message = line.end(&lease)?;
            line.bury(message, reason, description);
            Ok(())
        })
    }

    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>, QueueError> {
        Ok(self.line().dead.values().take(limit).cloned().collect())
    }

    async fn replay(&self, id: i64) -> Result<bool, QueueError> {
        Ok(self.change(|line| line.replay(id)))
    }

    async fn depth(&self) -> Result<Depth, QueueError> {
        Ok(self.line().depth())
    }
}

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
struct Leased {
    key: String,
    body: String,
    attempts: u32,
    token: u64,
    ends_ms: i64,
}

/// All messages, as values without waiting; times are milliseconds of the clock's `elapsed`.
#[derive(Debug)]
struct Line {
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
    dead: BTreeMap<i64, DeadLetter>,
}

impl Line {
    fn new(settings: Settings) -> Self {
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
    fn advance(&mut self, clock: &dyn Clock) {
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
        if message.attempts >= self.settings.max_attempts {
            let description = expired_for_good(message.attempts);
            self.bury(message, EXPIRED, &description);
        } else {
            self.line_up(message, self.now_ms);
        }
    }

    fn after(&self, delay: Duration) -> i64 {
        self.now_ms.saturating_add(ceil_ms(delay))
    }

    fn send(&mut self, message: &NewMessage) {
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

    fn take(&mut self) -> Option<Delivery> {
        let ready = self.order.range(..=(self.now_ms, i64::MAX));
        let (&position, _) = ready.into_iter().find(|(_, key)| !self.is_leased(key))?;
        let key = self.order.remove(&position)?;
        let waiting = self.waiting.remove(&key)?;
        self.last_token += 1;
        let lease = Lease { message: waiting.place, token: self.last_token };
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
    fn next_due_ms(&self) -> i64 {
        let delay = self.order.range((self.now_ms + 1, i64::MIN)..).map(|((due, _), _)| *due);
        let lease = self.leased.values().map(|message| message.ends_ms);
        delay.take(1).chain(lease).min().unwrap_or(i64::MAX)
    }

    fn renew(&mut self, lease: &Lease) -> Result<(), QueueError> {
        let ends_ms = self.after(self.settings.lease_time);
        let message = self.leased.get_mut(&lease.message).ok_or(QueueError::LeaseLost)?;
        if message.token != lease.token {
            return Err(QueueError::LeaseLost);
        }
        message.ends_ms = ends_ms;
        Ok(())
    }

    /// Ends a lease that is still held, and with it whatever it held back.
    fn end(&mut self, lease: &Lease) -> Result<Leased, QueueError> {
        self.renew(lease)?;
        self.leased.remove(&lease.message).ok_or(QueueError::LeaseLost)
    }

    /// Puts a message whose lease ended back in line; a later send with its key stands for both.
    fn line_up(&mut self, message: Leased, due_ms: i64) {
        match self.waiting.get_mut(&message.key) {
            Some(waiting) => {
                waiting.attempts = message.attempts;
                self.bring_forward(&message.key, due_ms);
            }
            None => self.join(message.key, message.body, message.attempts, due_ms),
        }
    }

    fn bury(&mut self, message: Leased, reason: &str, description: &str) {
        self.last_dead += 1;
        let id = self.last_dead;
        let Leased { key, body, attempts, .. } = message;
        let (reason, description) = (reason.to_owned(), description.to_owned());
        let dead_since = self.now;
        self.dead
            .insert(id, DeadLetter { id, key, body, reason, description, attempts, dead_since });
    }

    fn replay(&mut self, id: i64) -> bool {
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

    fn depth(&self) -> Depth {
        let ready = self.order.range(..=(self.now_ms, i64::MAX));
        let ready = ready.filter(|(_, key)| !self.is_leased(key)).count();
        Depth {
            ready: ready as u64,
            delayed: (self.waiting.len() - ready) as u64,
            leased: self.leased.len() as u64,
            dead: self.dead.len() as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::TestClock;
    use crate::queue::contract::{self, Subject, contract, message};

    struct Memory(Arc<MemoryQueue>);

    impl Memory {
        async fn subject() -> Self {
            let clock = Arc::new(TestClock::at(Timestamp::UNIX_EPOCH));
            Self(Arc::new(MemoryQueue::new("memory", contract::SETTINGS, clock)))
        }
    }

    #[async_trait]
    impl Subject for Memory {
        async fn open(&self) -> Arc<dyn Queue> {
            self.0.clone()
        }

        async fn pass(&self, time: Duration) {
            tokio::time::sleep(time).await;
        }
    }

    contract!(Memory::subject());

    #[tokio::test(start_paused = true)]
    async fn messages_leave_in_the_order_in_which_they_became_due() {
        let queue = Memory::subject().await.0;
        let late = NewMessage { delay: Duration::from_secs(1), ..message("late") };
        queue.send(&[late, message("a"), message("b"), message("c")]).await.unwrap();
        let first = queue.receive(Duration::ZERO).await.unwrap().unwrap();
        queue.nack(first.lease, Duration::ZERO, "again").await.unwrap();
        let mut keys = Vec::new();
        while let Some(delivery) = queue.receive(Duration::from_secs(1)).await.unwrap() {
            keys.push(delivery.key);
        }
        assert_eq!(keys, ["b", "c", "a", "late"]);
    }
}
