//! The statements: a queue's line of messages as rows.
//!
//! Everything here runs inside a transaction of [`super::database`], at one moment of the clock,
//! after the leases that ran out were ended. The same names as in the memory queue do the same.

use std::cell::Cell;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use crate::queue::{
    DeadLetter, Delivery, Depth, EXPIRED, Lease, NewMessage, Settings, ceil_ms, expired_for_good,
};

/// One queue's rows, at one moment.
pub(super) struct Line<'a> {
    pub(super) connection: &'a Connection,
    queue: &'a str,
    settings: Settings,
    now_ms: i64,
    /// The connection's count of changes when a `take` found nothing.
    empty_at: Cell<Option<u64>>,
}

/// A message whose lease is held, or just ran out.
pub(super) struct Leased {
    id: i64,
    key: String,
    body: String,
    pub(super) attempts: u32,
}

impl Leased {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { id: row.get(0)?, key: row.get(1)?, body: row.get(2)?, attempts: row.get(3)? })
    }
}

impl<'a> Line<'a> {
    pub(super) fn new(
        connection: &'a Connection,
        queue: &'a str,
        settings: Settings,
        now_ms: i64,
    ) -> Self {
        Self { connection, queue, settings, now_ms, empty_at: Cell::new(None) }
    }

    fn execute(&self, sql: &str, params: impl rusqlite::Params) -> rusqlite::Result<usize> {
        self.connection.prepare_cached(sql)?.execute(params)
    }

    /// After the machine's clock was set back: no wait is longer than when it began.
    pub(super) fn mend_times(&self) -> rusqlite::Result<()> {
        let sql = "UPDATE messages SET due_ms = ?1 + span_ms WHERE due_ms > ?1 + span_ms";
        self.execute(sql, [self.now_ms]).map(drop)
    }

    /// Ends every lease that ran out, the earliest first.
    pub(super) fn expire(&self) -> rusqlite::Result<()> {
        let sql = "SELECT id, key, body, attempts FROM messages
            WHERE queue = ?1 AND token IS NOT NULL AND due_ms <= ?2 ORDER BY due_ms, id";
        let mut expired = self.connection.prepare_cached(sql)?;
        let expired = expired.query_map(params![self.queue, self.now_ms], Leased::read)?;
        for message in expired.collect::<rusqlite::Result<Vec<_>>>()? {
            if self.was_last_attempt(&message) {
                self.bury(&message, EXPIRED, &expired_for_good(message.attempts))?;
            } else {
                self.line_up(&message, Duration::ZERO, message.attempts)?;
            }
        }
        Ok(())
    }

    pub(super) fn send(&self, message: &NewMessage) -> rusqlite::Result<()> {
        let sql = "INSERT INTO messages (id, queue, key, body, due_ms, span_ms, attempts)
            VALUES ((SELECT coalesce(max(id), 0) + 1 FROM messages),
                    :queue, :key, :body, :now + :delay, :delay, 0)
            ON CONFLICT (queue, key) WHERE token IS NULL DO UPDATE SET
              body = excluded.body,
              span_ms = iif(excluded.due_ms < due_ms, excluded.span_ms, span_ms),
              due_ms = min(excluded.due_ms, due_ms)";
        let params = named_params! {
            ":queue": self.queue,
            ":key": message.key,
            ":body": message.body,
            ":now": self.now_ms,
            ":delay": ceil_ms(message.delay),
        };
        self.execute(sql, params).map(drop)
    }

    /// Leases the first ready message, under a token that nobody can guess or reuse.
    pub(super) fn take(&self, token: u64) -> rusqlite::Result<Option<Delivery>> {
        let Some(message) = self.first_ready()? else {
            self.empty_at.set(Some(self.connection.total_changes()));
            return Ok(None);
        };
        let sql = "UPDATE messages
            SET token = ?2, due_ms = ?3 + ?4, span_ms = ?4, attempts = attempts + 1 WHERE id = ?1";
        let span_ms = ceil_ms(self.settings.lease_time);
        self.execute(sql, params![message.id, token.cast_signed(), self.now_ms, span_ms])?;
        let Leased { id, key, body, attempts } = message;
        let lease = Lease { message: id, token };
        Ok(Some(Delivery { key, body, attempt: attempts.saturating_add(1), lease }))
    }

    /// The message that is next, if one can be taken now.
    pub(super) fn first_ready(&self) -> rusqlite::Result<Option<Leased>> {
        let sql = "SELECT id, key, body, attempts FROM messages AS waiting
            WHERE queue = ?1 AND token IS NULL AND due_ms <= ?2 AND NOT EXISTS (
              SELECT 1 FROM messages AS leased WHERE leased.queue = waiting.queue
                AND leased.key = waiting.key AND leased.token IS NOT NULL)
            ORDER BY due_ms, id LIMIT 1";
        self.connection
            .prepare_cached(sql)?
            .query_row(params![self.queue, self.now_ms], Leased::read)
            .optional()
    }

    /// Whether a `take` found nothing, and nothing was written since.
    pub(super) fn is_empty(&self) -> bool {
        self.empty_at.get() == Some(self.connection.total_changes())
    }

    /// When the next delay or lease ends; only then can something become ready by itself.
    pub(super) fn next_due_ms(&self) -> rusqlite::Result<i64> {
        let sql = "SELECT min(
              (SELECT coalesce(min(due_ms), ?3) FROM messages
                WHERE queue = ?1 AND token IS NULL AND due_ms > ?2),
              (SELECT coalesce(min(due_ms), ?3) FROM messages
                WHERE queue = ?1 AND token IS NOT NULL))";
        self.connection
            .prepare_cached(sql)?
            .query_row(params![self.queue, self.now_ms, i64::MAX], |row| row.get(0))
    }

    /// The message of a lease that is still held.
    pub(super) fn find(&self, lease: &Lease) -> rusqlite::Result<Option<Leased>> {
        let sql = "SELECT id, key, body, attempts FROM messages
            WHERE id = ?1 AND token = ?2 AND queue = ?3";
        self.connection
            .prepare_cached(sql)?
            .query_row(params![lease.message, lease.token.cast_signed(), self.queue], Leased::read)
            .optional()
    }

    /// Gives a held lease its full time again; `false` if it is gone.
    pub(super) fn renew(&self, lease: &Lease) -> rusqlite::Result<bool> {
        let sql = "UPDATE messages SET due_ms = ?4 + ?5, span_ms = ?5
            WHERE id = ?1 AND token = ?2 AND queue = ?3";
        let span_ms = ceil_ms(self.settings.lease_time);
        let token = lease.token.cast_signed();
        let params = params![lease.message, token, self.queue, self.now_ms, span_ms];
        Ok(self.execute(sql, params)? == 1)
    }

    pub(super) fn was_last_attempt(&self, message: &Leased) -> bool {
        message.attempts >= self.settings.max_attempts
    }

    pub(super) fn remove(&self, message: &Leased) -> rusqlite::Result<()> {
        self.execute("DELETE FROM messages WHERE id = ?1", [message.id]).map(drop)
    }

    /// Puts a message whose lease ended back in line; a later send with its key stands for both.
    pub(super) fn line_up(
        &self,
        message: &Leased,
        delay: Duration,
        attempts: u32,
    ) -> rusqlite::Result<()> {
        let delay_ms = ceil_ms(delay);
        if self.bring_forward(&message.key, delay_ms, attempts)? {
            return self.remove(message);
        }
        let sql = "UPDATE messages SET id = (SELECT max(id) + 1 FROM messages),
              token = NULL, due_ms = ?2 + ?3, span_ms = ?3, attempts = ?4 WHERE id = ?1";
        self.execute(sql, params![message.id, self.now_ms, delay_ms, attempts]).map(drop)
    }

    /// Shortens the delay of the message that waits under `key`; `false` if there is none.
    fn bring_forward(&self, key: &str, delay_ms: i64, attempts: u32) -> rusqlite::Result<bool> {
        let sql = "UPDATE messages SET attempts = ?5,
              span_ms = iif(?3 + ?4 < due_ms, ?4, span_ms), due_ms = min(?3 + ?4, due_ms)
            WHERE queue = ?1 AND key = ?2 AND token IS NULL";
        let params = params![self.queue, key, self.now_ms, delay_ms, attempts];
        Ok(self.execute(sql, params)? == 1)
    }

    pub(super) fn bury(
        &self,
        message: &Leased,
        reason: &str,
        description: &str,
    ) -> rusqlite::Result<()> {
        let sql = "INSERT INTO dead_letters
              (queue, key, body, reason, description, attempts, dead_since_ms)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let Leased { key, body, attempts, .. } = message;
        let queue = self.queue;
        let params = params![queue, key, body, reason, description, attempts, self.now_ms];
        self.execute(sql, params)?;
        self.remove(message)
    }

    pub(super) fn dead_letters(&self, limit: usize) -> rusqlite::Result<Vec<DeadLetter>> {
        let sql = "SELECT id, key, body, reason, description, attempts, dead_since_ms
            FROM dead_letters WHERE queue = ?1 ORDER BY id LIMIT ?2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut letters = self.connection.prepare_cached(sql)?;
        letters.query_map(params![self.queue, limit], read_dead_letter)?.collect()
    }

    /// Puts a dead letter back in line; `false` if there is none.
    pub(super) fn replay(&self, id: i64) -> rusqlite::Result<bool> {
        let sql = "DELETE FROM dead_letters WHERE id = ?1 AND queue = ?2 RETURNING key, body";
        let letter: Option<(String, String)> = self
            .connection
            .prepare_cached(sql)?
            .query_row(params![id, self.queue], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((key, body)) = letter else { return Ok(false) };
        if !self.bring_forward(&key, 0, 0)? {
            self.send(&NewMessage { key, body, delay: Duration::ZERO })?;
        }
        Ok(true)
    }

    pub(super) fn depth(&self) -> rusqlite::Result<Depth> {
        let sql = "SELECT
              count(*) FILTER (WHERE token IS NULL AND ready),
              count(*) FILTER (WHERE token IS NULL AND NOT ready),
              count(*) FILTER (WHERE token IS NOT NULL),
              (SELECT count(*) FROM dead_letters WHERE queue = ?1)
            FROM (SELECT token, due_ms <= ?2 AND NOT EXISTS (
                SELECT 1 FROM messages AS leased WHERE leased.queue = one.queue
                  AND leased.key = one.key AND leased.token IS NOT NULL) AS ready
              FROM messages AS one WHERE queue = ?1)";
        self.connection.prepare_cached(sql)?.query_row(params![self.queue, self.now_ms], |row| {
            let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
            Ok(Depth { ready: count(0)?, delayed: count(1)?, leased: count(2)?, dead: count(3)? })
        })
    }
}

fn read_dead_letter(row: &Row<'_>) -> rusqlite::Result<DeadLetter> {
    let dead_since_ms: i64 = row.get(6)?;
    Ok(DeadLetter {
        id: row.get(0)?,
        key: row.get(1)?,
        body: row.get(2)?,
        reason: row.get(3)?,
        description: row.get(4)?,
        attempts: row.get(5)?,
        dead_since: Timestamp::from_millisecond(dead_since_ms).unwrap_or(Timestamp::MAX),
    })
}
