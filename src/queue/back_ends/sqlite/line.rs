//! The statements: a queue's line of messages as rows.
//!
//! Everything here runs inside a transaction of [`super::database`], at one moment of the clock,
//! after the leases that ran out were ended. The same names as in the memory queue do the same.

use std::cell::Cell;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, named_params, params};

use super::rows::{self, FIRST_ABSURD_ID, WAITING, Waiting};
use crate::queue::{
    DeadLetter, Delivery, Depth, EXPIRED, LONGEST_MS, Lease, MAX_BODY_BYTES, MAX_KEY_BYTES,
    NewMessage, Settings, UNUSABLE, ceil_ms, expired_for_good,
};

/// A row that is on lease for longer is none of ours: `lease.seconds` is at most 300.
const LONGEST_LEASE_MS: i64 = 3_600_000;

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
    pub(super) attempts: u32,
}

/// What became of a dead letter that was to be replayed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Replay {
    /// There is none with this id.
    #[default]
    Unknown,
    /// It is back in line.
    Done,
    /// It can't be a message of ours, and stays where it is.
    Unusable(String),
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
        let sql = "UPDATE messages SET due_ms = ?1 + span_ms
            WHERE span_ms BETWEEN 0 AND ?2 AND due_ms > ?1 + span_ms";
        self.execute(sql, [self.now_ms, LONGEST_MS]).map(drop)
    }

    /// Sets aside what would stop the others: rows whose time never comes, which would hold back
    /// later ones with their key for ever, and ids after which there is no next one.
    pub(super) fn bury_absurd(&self) -> rusqlite::Result<()> {
        let sql = "SELECT id FROM messages WHERE queue = ?1 AND token IS NULL AND due_ms > ?2
            UNION SELECT id FROM messages WHERE queue = ?1 AND token IS NOT NULL AND due_ms > ?3
            UNION SELECT id FROM messages WHERE id >= ?4";
        let mut absurd = self.connection.prepare_cached(sql)?;
        let longest_lease_ms = LONGEST_LEASE_MS.max(ceil_ms(self.settings.lease_time));
        let params = params![
            self.queue,
            self.now_ms.saturating_add(LONGEST_MS),
            self.now_ms.saturating_add(longest_lease_ms),
            FIRST_ABSURD_ID
        ];
        let absurd = absurd.query_map(params, |row| row.get::<_, i64>(0))?;
        for id in absurd.collect::<rusqlite::Result<Vec<_>>>()? {
            self.bury_unusable(
                id,
                0,
                "its id or its time is beyond everything that mistnet writes",
            )?;
        }
        Ok(())
    }

    /// Ends every lease that ran out, the earliest first.
    pub(super) fn expire(&self) -> rusqlite::Result<()> {
        let sql = "SELECT id, attempts FROM messages
            WHERE queue = ?1 AND token IS NOT NULL AND due_ms <= ?2 ORDER BY due_ms, id";
        let mut expired = self.connection.prepare_cached(sql)?;
        let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
        let expired = expired.query_map(params![self.queue, self.now_ms], read)?;
        for (id, attempts) in expired.collect::<rusqlite::Result<Vec<_>>>()? {
            match rows::attempts(attempts) {
                Ok(attempts) => self.end_expired(&Leased { id, attempts })?,
                Err(why) => self.bury_unusable(id, attempts, &why)?,
            }
        }
        Ok(())
    }

    fn end_expired(&self, message: &Leased) -> rusqlite::Result<()> {
        if self.was_last_attempt(message) {
            self.bury(message, EXPIRED, &expired_for_good(message.attempts))
        } else {
            self.line_up(message, Duration::ZERO, message.attempts)
        }
    }

    pub(super) fn send(&self, message: &NewMessage) -> rusqlite::Result<()> {
        let sql = "INSERT INTO messages (id, queue, key, body, due_ms, span_ms, attempts)
            VALUES ((SELECT coalesce(max(id), 0) + 1 FROM messages),
                    :queue, :key, :body, :now + :delay, :delay, 0)
            ON CONFLICT (queue, key) WHERE token IS NULL DO UPDATE SET
              body = excluded.body,
              attempts = iif(attempts BETWEEN 0 AND 4294967295, attempts, 0),
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

    /// Leases the first ready message that can be ours, under a token that nobody can guess or
    /// reuse. What is in front of it and can't be ours is set aside.
    pub(super) fn take(&self, token: u64) -> rusqlite::Result<Option<Delivery>> {
        while let Some(message) = self.first_ready()? {
            let (id, attempts) = (message.id, message.attempts);
            match message.check() {
                Ok((attempts, key, body)) => {
                    let lease = self.lease(id, token)?;
                    let attempt = attempts.saturating_add(1);
                    return Ok(Some(Delivery { key, body, attempt, lease }));
                }
                Err(why) => self.bury_unusable(id, attempts, &why)?,
            }
        }
        self.empty_at.set(Some(self.connection.total_changes()));
        Ok(None)
    }

    fn lease(&self, id: i64, token: u64) -> rusqlite::Result<Lease> {
        let sql = "UPDATE messages SET token = ?2, due_ms = ?3 + ?4, span_ms = ?4,
              attempts = min(attempts, ?5) + 1 WHERE id = ?1";
        let lasts = self.settings.lease_time;
        let (token_bits, span_ms) = (token.cast_signed(), ceil_ms(lasts));
        self.execute(sql, params![id, token_bits, self.now_ms, span_ms, u32::MAX - 1])?;
        Ok(Lease { message: id, token, lasts })
    }

    /// The message that is next, if one can be taken now, whether it can be ours or not.
    pub(super) fn first_ready(&self) -> rusqlite::Result<Option<Waiting>> {
        let sql = format!(
            "SELECT {WAITING} FROM messages AS waiting
            WHERE queue = ?1 AND token IS NULL AND due_ms <= ?2 AND NOT EXISTS (
              SELECT 1 FROM messages AS leased WHERE leased.queue = waiting.queue
                AND leased.key = waiting.key AND leased.token IS NOT NULL)
            ORDER BY due_ms, id LIMIT 1"
        );
        self.connection
            .prepare_cached(&sql)?
            .query_row(params![self.queue, self.now_ms], Waiting::read)
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
        let sql = "SELECT id, attempts FROM messages
            WHERE id = ?1 AND token = ?2 AND queue = ?3";
        // Somebody else's hand in the counter must not keep the work from being settled.
        let read = |row: &Row<'_>| {
            let attempts = row.get::<_, i64>(1)?.clamp(0, i64::from(u32::MAX));
            Ok(Leased { id: row.get(0)?, attempts: u32::try_from(attempts).unwrap_or(u32::MAX) })
        };
        self.connection
            .prepare_cached(sql)?
            .query_row(params![lease.message, lease.token.cast_signed(), self.queue], read)
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
        self.delete(message.id)
    }

    fn delete(&self, id: i64) -> rusqlite::Result<()> {
        self.execute("DELETE FROM messages WHERE id = ?1", [id]).map(drop)
    }

    /// Puts a message whose lease ended back in line; a later send with its key stands for both.
    pub(super) fn line_up(
        &self,
        message: &Leased,
        delay: Duration,
        attempts: u32,
    ) -> rusqlite::Result<()> {
        let delay_ms = ceil_ms(delay);
        let same_key = "key = (SELECT key FROM messages WHERE id = ?2)";
        if self.bring_forward(same_key, &message.id, delay_ms, attempts)? {
            return self.remove(message);
        }
        let sql = "UPDATE messages SET id = (SELECT max(id) + 1 FROM messages),
              token = NULL, due_ms = ?2 + ?3, span_ms = ?3, attempts = ?4 WHERE id = ?1";
        self.execute(sql, params![message.id, self.now_ms, delay_ms, attempts]).map(drop)
    }

    /// Shortens the delay of the message that waits under a key; `false` if there is none.
    /// `same_key` is the condition on the key, with `?2` in it.
    fn bring_forward(
        &self,
        same_key: &str,
        parameter: &dyn ToSql,
        delay_ms: i64,
        attempts: u32,
    ) -> rusqlite::Result<bool> {
        let sql = format!(
            "UPDATE messages SET attempts = ?5,
              span_ms = iif(?3 + ?4 < due_ms, ?4, span_ms), due_ms = min(?3 + ?4, due_ms)
            WHERE queue = ?1 AND {same_key} AND token IS NULL"
        );
        let params = params![self.queue, parameter, self.now_ms, delay_ms, attempts];
        Ok(self.execute(&sql, params)? == 1)
    }

    pub(super) fn bury(
        &self,
        message: &Leased,
        reason: &str,
        description: &str,
    ) -> rusqlite::Result<()> {
        self.set_aside(message.id, message.attempts.into(), reason, description)
    }

    /// Sets aside a row that no version of this program can have written.
    fn bury_unusable(&self, id: i64, attempts: i64, why: &str) -> rusqlite::Result<()> {
        tracing::warn!(
            queue.name = self.queue,
            why,
            "a row of the queue's file is none of mistnet's; it is a dead letter now"
        );
        let attempts = attempts.clamp(0, i64::from(u32::MAX));
        self.set_aside(id, attempts, UNUSABLE, &format!("{why}; another program wrote it"))
    }

    /// Moves a row to the dead letters. A text that is longer than ours can be is not kept: it may
    /// be as large as the disk. The id is the next one, also where somebody used the last.
    fn set_aside(
        &self,
        id: i64,
        attempts: i64,
        reason: &str,
        description: &str,
    ) -> rusqlite::Result<()> {
        let sql = format!(
            "INSERT INTO dead_letters
              (id, queue, key, body, reason, description, attempts, dead_since_ms)
            SELECT 1 + max(
                coalesce((SELECT max(id) FROM dead_letters WHERE id < :absurd), 0),
                coalesce((SELECT max(seq) FROM sqlite_sequence WHERE name = 'dead_letters'
                  AND typeof(seq) = 'integer' AND seq < :absurd), 0)),
              queue, iif(octet_length(key) <= {MAX_KEY_BYTES}, key, '(too long)'),
              iif(octet_length(body) <= {MAX_BODY_BYTES}, body, ''),
              :reason, :description, :attempts, :now
            FROM messages WHERE id = :id"
        );
        let params = named_params! {
            ":absurd": FIRST_ABSURD_ID,
            ":reason": reason,
            ":description": description,
            ":attempts": attempts,
            ":now": self.now_ms,
            ":id": id,
        };
        self.execute(&sql, params)?;
        self.delete(id)
    }

    pub(super) fn dead_letters(&self, limit: usize) -> rusqlite::Result<Vec<DeadLetter>> {
        let short = |column: &str| {
            format!(
                "CASE WHEN octet_length({column}) <= {MAX_BODY_BYTES} THEN {column} \
                 ELSE '(' || octet_length({column}) || ' bytes)' END"
            )
        };
        let sql = format!(
            "SELECT id, {}, {}, {}, {}, attempts, dead_since_ms
            FROM dead_letters WHERE queue = ?1 ORDER BY id LIMIT ?2",
            short("key"),
            short("body"),
            short("reason"),
            short("description")
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut letters = self.connection.prepare_cached(&sql)?;
        letters.query_map(params![self.queue, limit], read_dead_letter)?.collect()
    }

    /// Puts a dead letter back in line.
    pub(super) fn replay(&self, id: i64) -> rusqlite::Result<Replay> {
        let sql = format!(
            "SELECT {} FROM dead_letters WHERE id = ?1 AND queue = ?2",
            WAITING.replace("attempts", "0")
        );
        let mut letter = self.connection.prepare_cached(&sql)?;
        let letter = letter.query_row(params![id, self.queue], Waiting::read).optional()?;
        let Some(letter) = letter else { return Ok(Replay::Unknown) };
        let (_, key, body) = match letter.check() {
            Ok(message) => message,
            Err(why) => return Ok(Replay::Unusable(why)),
        };
        self.execute("DELETE FROM dead_letters WHERE id = ?1", [id])?;
        if !self.bring_forward("key = ?2", &key, 0, 0)? {
            self.send(&NewMessage { key, body, delay: Duration::ZERO })?;
        }
        Ok(Replay::Done)
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

/// A dead letter for a person to read, whatever another program made of it.
fn read_dead_letter(row: &Row<'_>) -> rusqlite::Result<DeadLetter> {
    let (attempts, dead_since_ms): (i64, i64) = (row.get(5)?, row.get(6)?);
    let ends = if dead_since_ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Ok(DeadLetter {
        id: row.get(0)?,
        key: rows::text(row, 1)?,
        body: rows::text(row, 2)?,
        reason: rows::text(row, 3)?,
        description: rows::text(row, 4)?,
        attempts: u32::try_from(attempts.max(0)).unwrap_or(u32::MAX),
        dead_since: Timestamp::from_millisecond(dead_since_ms).unwrap_or(ends),
    })
}
