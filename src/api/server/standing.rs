//! How a connection stands, and which one has to go when there is no room: a pure decision.
//!
//! A connection either waits for its caller (for a request, for the rest of a body, or until the
//! caller reads what was written), or it is busy (the answer is being made, or is being sent to a
//! caller who reads).
//!
//! | order | who goes | which one first |
//! |--:|---|---|
//! | 1 | no valid key was shown, and it waits for its caller | who has waited longest |
//! | 2 | no valid key was shown, and it is busy | who has been busy longest without progress |
//! | never | a valid key came with the latest request | |
//!
//! A connection that was taken and not looked at yet waits for us, and never goes; [`super::seats`]
//! takes no more of them than there is room for.
//!
//! [`Room::kept`] connections that wait for less than [`YOUNG`] are passed over in the first line:
//! otherwise a caller who has just come, while all others are busy, would go before its request
//! arrives. For the same reason callers with a key leave that much room to those without.
//!
//! Callers can pretend to make progress, so only that counts as progress which costs them
//! something: a whole request, or [`PROGRESS_BYTES`] of an answer that they read. Bytes of a header
//! or of a body do not count.

use std::time::Duration;

/// How much of an answer a caller has to read for it to count as progress. Our choice: a slow
/// line of 1 Mbit/s takes half a second for it, and who reads a byte now and then takes hours.
pub(super) const PROGRESS_BYTES: u64 = 64 * 1024;

/// How long a caller may take to send a request before others count as more deserving. Our choice:
/// several round trips to the other side of the earth.
pub(super) const YOUNG: Duration = Duration::from_secs(1);

/// After such a silence of ours, a write that has to wait begins a new wait for the caller: until
/// then there was nothing to read.
const SILENCE: Duration = Duration::from_secs(1);

/// How a connection stands. Times are those of [`crate::clock::Clock::elapsed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// What has come of the caller.
    pub(super) heard: Heard,
    /// Whether a valid key came with the latest request.
    pub(super) has_key: bool,
    doing: Doing,
    /// When it last made progress.
    since: Duration,
    /// Bytes of the answer that were taken since then.
    taken: u64,
    /// Whether a write has to wait, because the caller does not read.
    is_blocked: bool,
    /// When the caller last took anything.
    took_at: Duration,
}

/// What has come of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nobody has looked yet at what the caller has sent.
    Unknown,
    /// It was looked at, and is no whole request yet.
    Nothing,
    /// At least one whole request came.
    Request,
}

/// What is going on at a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    /// A request is awaited, or its header.
    Awaiting,
    /// The body of a request is awaited.
    Receiving,
    /// The answer is being made.
    Working,
    /// The answer is being sent.
    Answering,
}

impl Standing {
    /// A connection that has just been taken.
    pub(super) const fn new(now: Duration) -> Self {
        Self {
            heard: Heard::Unknown,
            has_key: false,
            doing: Doing::Awaiting,
            since: now,
            taken: 0,
            is_blocked: false,
            took_at: now,
        }
    }

    /// Whether nobody has looked yet at what the caller has sent.
    pub(super) fn is_new(&self) -> bool {
        self.heard == Heard::Unknown
    }

    /// All that the caller has sent was read. Says whether that is the first time.
    pub(super) fn was_read(&mut self) -> bool {
        let is_first = self.is_new();
        if is_first {
            self.heard = Heard::Nothing;
        }
        is_first
    }

    fn turns(&mut self, doing: Doing, now: Duration) {
        (self.doing, self.since, self.taken) = (doing, now, 0);
    }

    /// The header of a request is complete.
    pub(super) fn asks(&mut self, now: Duration) {
        self.heard = Heard::Request;
        self.turns(Doing::Receiving, now);
    }

    /// Its body is complete, or nobody wants the rest.
    pub(super) fn has_asked(&mut self, now: Duration) {
        if self.doing == Doing::Receiving {
            self.turns(Doing::Working, now);
        }
    }

    /// Notes that the answer to the request begins now.
    pub(super) fn answers(&mut self, now: Duration) {
        self.turns(Doing::Answering, now);
    }

    /// The answer is complete.
    pub(super) fn has_answered(&mut self, now: Duration) {
        self.turns(Doing::Awaiting, now);
    }

    /// The caller's machine took some bytes of ours.
    pub(super) fn took(&mut self, bytes: u64, now: Duration) {
        (self.is_blocked, self.took_at) = (false, now);
        self.taken += bytes;
        if self.doing == Doing::Answering && self.taken >= PROGRESS_BYTES {
            (self.since, self.taken) = (now, 0);
        }
    }

    /// A write has to wait for the caller.
    pub(super) fn blocks(&mut self, now: Duration) {
        let was_silent = now.saturating_sub(self.took_at) >= SILENCE;
        if !self.is_blocked && was_silent && self.doing == Doing::Answering {
            (self.since, self.taken) = (now, 0);
        }
        self.is_blocked = true;
    }

    /// Since when it waits for its caller, if it does.
    const fn waits_since(&self) -> Option<Duration> {
        match self.doing {
            Doing::Awaiting | Doing::Receiving => Some(self.since),
            Doing::Answering if self.is_blocked => Some(self.since),
            Doing::Working | Doing::Answering => None,
        }
    }

    /// Since when it is busy without progress. An answer whose bytes are all taken is no delay of
    /// the caller's: an open stream of events may be silent for hours.
    const fn busy_since(&self, now: Duration) -> Duration {
        match self.doing {
            Doing::Answering => now,
            Doing::Awaiting | Doing::Receiving | Doing::Working => self.since,
        }
    }
}

/// How many connections there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    /// The most connections that may be open at a time.
    pub(super) most: usize,
}

impl Room {
    /// How many are kept for callers who have not had the time to show what they want.
    pub(super) fn kept(self) -> usize {
        (self.most / 8).max(1)
    }

    /// Which of all connections has to go for a new one; `None` if each has shown a key.
    pub(super) fn goes<N: Ord + Copy>(
        self,
        connections: impl Iterator<Item = (N, Standing)>,
        now: Duration,
    ) -> Option<N> {
        self.first_of(connections.filter(|(_, standing)| !standing.has_key), now)
    }

    /// Which one has to go because too many have shown a key; `None` if there is room.
    pub(super) fn goes_of_known<N: Ord + Copy>(
        self,
        connections: impl Iterator<Item = (N, Standing)>,
        now: Duration,
    ) -> Option<N> {
        let known: Vec<_> = connections.filter(|(_, standing)| standing.has_key).collect();
        let is_full = known.len() > self.most.saturating_sub(self.kept());
        is_full.then(|| self.first_of(known.into_iter(), now)).flatten()
    }

    fn first_of<N: Ord + Copy>(
        self,
        connections: impl Iterator<Item = (N, Standing)>,
        now: Duration,
    ) -> Option<N> {
        let (mut waiting, mut busy) = (Vec::new(), Vec::new());
        for (number, standing) in connections.filter(|(_, standing)| !standing.is_new()) {
            match standing.waits_since() {
                Some(since) => waiting.push((since, number)),
                None => busy.push((standing.busy_since(now), number)),
            }
        }
        let longest = waiting.iter().min().copied();
        let is_old = |(since, _): &(Duration, N)| now.saturating_sub(*since) >= YOUNG;
        let may_go = longest.filter(|one| is_old(one) || waiting.len() > self.kept());
        may_go.or_else(|| busy.into_iter().min()).or(longest).map(|(_, number)| number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room { most: 16 };

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// A connection that was taken at `ms`, and what has happened to it since.
    fn seat(ms: u64, then: impl FnOnce(&mut Standing)) -> Standing {
        let mut standing = Standing::new(at(ms));
        standing.was_read();
        then(&mut standing);
        standing
    }

    fn goes(seats: &[Standing], now: u64) -> Option<usize> {
        ROOM.goes(seats.iter().copied().enumerate(), at(now))
    }

    fn working(ms: u64) -> Standing {
        seat(ms, |one| {
            one.asks(at(ms));
            one.has_asked(at(ms));
        })
    }

    fn answering(ms: u64) -> Standing {
        seat(ms, |one| {
            one.asks(at(ms));
            one.answers(at(ms));
        })
    }

    #[test]
    fn who_keeps_us_waiting_goes_before_who_is_served() {
        let silent = seat(5_000, |_| ());
        let trickling_body = seat(0, |one| one.asks(at(4_000)));
        let idle = seat(0, |one| {
            one.asks(at(0));
            one.has_answered(at(4_500));
        });
        let unread = seat(0, |one| {
            one.asks(at(0));
            one.answers(at(0));
            one.took(10, at(3_000));
            one.blocks(at(3_000));
        });
        for waiting in [silent, trickling_body, idle, unread] {
            assert_eq!(goes(&[working(0), answering(0), waiting], 7_000), Some(2), "{waiting:?}");
        }
        let all = [silent, trickling_body, idle, unread];
        assert_eq!(goes(&all, 7_000), Some(3), "the one that waits longest");
    }

    #[test]
    fn who_was_not_looked_at_yet_does_not_go() {
        let new = Standing::new(at(0));
        assert_eq!(goes(&[new, seat(5_000, |_| ()), new], 9_000), Some(1));
        assert_eq!(goes(&[new, working(5_000), new], 9_000), Some(1));
        assert_eq!(goes(&[new, new], 9_000), None);
    }

    #[test]
    fn reading_a_byte_now_and_then_is_no_progress() {
        let mut reader = answering(0);
        for second in 1..60 {
            reader.took(100, at(second * 1_000));
            reader.blocks(at(second * 1_000));
        }
        assert_eq!(reader.waits_since(), Some(at(0)));
        reader.took(PROGRESS_BYTES, at(60_000));
        reader.blocks(at(60_000));
        assert_eq!(reader.waits_since(), Some(at(60_000)));
    }

    #[test]
    fn a_stream_that_had_nothing_to_say_is_not_blamed_for_it() {
        let mut stream = answering(0);
        stream.took(500, at(10));
        assert_eq!(stream.waits_since(), None);
        stream.blocks(at(3_600_000));
        assert_eq!(stream.waits_since(), Some(at(3_600_000)));
    }

    #[test]
    fn a_newcomer_among_busy_ones_is_given_time_to_ask() {
        let mut seats: Vec<_> = (0..15).map(working).collect();
        seats.push(seat(2_000, |_| ()));
        assert_eq!(goes(&seats, 2_001), Some(0), "the one that is busy longest");
        assert_eq!(goes(&seats, 3_000), Some(15), "after a second it is silent");
        let flood: Vec<_> = (0..16).map(|ms| seat(ms, |_| ())).collect();
        assert_eq!(goes(&flood, 20), Some(0), "of many newcomers the first");
    }

    #[test]
    fn who_shows_a_key_goes_for_no_stranger() {
        let with_key = |mut standing: Standing| {
            standing.has_key = true;
            standing
        };
        let known = [with_key(answering(0)), with_key(working(0)), with_key(seat(0, |_| ()))];
        assert_eq!(goes(&known, 100_000), None);
        let mixed = [known[0], known[1], known[2], answering(99_999)];
        assert_eq!(goes(&mixed, 100_000), Some(3));
    }

    #[test]
    fn callers_with_a_key_leave_room_for_others() {
        let known = |count: u64| {
            let seat = |ms| {
                let mut standing = if ms == 3 { seat(ms, |_| ()) } else { answering(ms) };
                standing.has_key = true;
                standing
            };
            (0..count).map(seat).enumerate().collect::<Vec<_>>()
        };
        let full = 16 - ROOM.kept() as u64;
        assert_eq!(ROOM.goes_of_known(known(full).into_iter(), at(9_000)), None);
        let goes = ROOM.goes_of_known(known(full + 1).into_iter(), at(9_000));
        assert_eq!(goes, Some(3), "the one that waits for its caller");
    }
}
