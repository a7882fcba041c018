//! The timeline: which post exists when, under which id, computed, never stored.
//!
//! *Slots* are numbered from the oldest. Each slot holds one post that carries the
//! simulator's hashtag (a *candidate*) and three *neighbours* that do not; a
//! [`Position`] is `4 * slot + rank`. Ids and times grow strictly with the position,
//! so a window of time or ids is a range of positions found by binary search.
//!
//! Some candidates are *withheld*: search pages count them but do not show them,
//! which is why X's pages are short (14 of 16 recorded pages of 500 held 394 to 499).
//! The number of slots is chosen so that exactly the promised number is shown.
//!
//! Ids are unique while slots are at least 200 ms apart before 2010-11-04, and
//! practically always after.

use std::ops::Range;

use super::draw::{Draw, Purpose, hash};
use super::options::{FLOOR_MS, ShortPages};

/// Snowflake ids count milliseconds from here (2010-11-04T01:42:54.657Z).
pub const SNOWFLAKE_EPOCH_MS: i64 = 1_288_834_974_657;
/// Ids are sequential up to here: the snowflakes of the first seven seconds would
/// be smaller than the sequential ids that were already given away.
const SEQUENTIAL_UNTIL_MS: i64 = SNOWFLAKE_EPOCH_MS + 8_000;
const SEQUENTIAL_QUARTERS: u128 = 29_700_000_000 / 4;

/// Posts in a slot: one candidate and three neighbours.
pub const SLOT: u64 = 4;
const SECTION: u64 = 512;
/// Withheld candidates in each of sixteen consecutive sections, before shuffling.
const WITHHELD: [u64; 16] = [2, 5, 9, 14, 20, 27, 35, 43, 50, 58, 66, 74, 82, 90, 97, 102];

/// The place of a post in the universe: `4 * slot + rank`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub u64);

impl Position {
    /// The slot it is in.
    pub fn slot(self) -> u64 {
        self.0 / SLOT
    }

    /// 0 for the candidate, 1 to 3 for its neighbours.
    pub fn rank(self) -> u64 {
        self.0 % SLOT
    }

    /// Whether this post carries the simulator's hashtag.
    pub fn is_candidate(self) -> bool {
        self.rank() == 0
    }
}

/// See the module's page.
#[derive(Clone, Debug)]
pub struct Timeline {
    seed: u64,
    slots: u64,
    since_ms: i64,
    span_ms: u64,
    withheld: Option<[u64; 16]>,
}

impl Timeline {
    /// A timeline on which exactly `shown` candidates are not withheld.
    pub fn new(seed: u64, shown: u64, span_ms: Range<i64>, short_pages: ShortPages) -> Self {
        let since_ms = span_ms.start.max(FLOOR_MS);
        let span_ms = (span_ms.end - since_ms).max(1_000).unsigned_abs();
        let withheld = match short_pages {
            ShortPages::Real => Some(shuffled(seed)),
            ShortPages::Off => None,
        };
        let mut timeline = Self { seed, slots: shown, since_ms, span_ms, withheld };
        timeline.slots = timeline.slots_that_show(shown);
        timeline
    }

    /// The number of slots.
    pub fn slots(&self) -> u64 {
        self.slots
    }

    /// All positions.
    pub fn positions(&self) -> Range<u64> {
        0..self.slots() * SLOT
    }

    /// When the posts of a slot were written, in milliseconds since 1970.
    pub fn written_ms(&self, slot: u64) -> i64 {
        (self.ticks(slot) >> 22) as i64
    }

    /// The id of a post.
    pub fn id(&self, at: Position) -> u64 {
        let ticks = self.ticks(at.slot());
        let ms = (ticks >> 22) as i64;
        let first = if ms >= SEQUENTIAL_UNTIL_MS {
            (ticks - ((SNOWFLAKE_EPOCH_MS as u128) << 22)) as u64 & !(SLOT - 1)
        } else {
            let age = ticks - ((FLOOR_MS as u128) << 22);
            let whole = ((SEQUENTIAL_UNTIL_MS - FLOOR_MS) as u128) << 22;
            20 + SLOT * ((age * SEQUENTIAL_QUARTERS / whole) as u64)
        };
        first + at.rank()
    }

    /// The first slot written at or after a time.
    pub fn slot_from(&self, ms: i64) -> u64 {
        partition(self.slots, |slot| self.written_ms(slot) < ms)
    }

    /// The first position with an id greater than `id`.
    pub fn position_after(&self, id: u64) -> u64 {
        let next = partition(self.slots, |slot| self.id(Position(slot * SLOT)) <= id);
        let Some(slot) = next.checked_sub(1) else { return 0 };
        let first = Position(slot * SLOT);
        first.0 + (id - self.id(first) + 1).min(SLOT)
    }

    /// The first position with an id of at least `id`.
    pub fn position_from(&self, id: u64) -> u64 {
        id.checked_sub(1).map_or(0, |before| self.position_after(before))
    }

    /// Whether search counts this candidate but does not show it.
    pub fn is_withheld(&self, slot: u64) -> bool {
        let Some(counts) = &self.withheld else { return false };
        let (section, offset) = (slot / SECTION, slot % SECTION);
        let count = counts[(section % 16) as usize];
        let stride = SECTION / count;
        let nth = offset / stride;
        nth < count && self.withheld_offset(section, nth, stride) == offset
    }

    fn withheld_offset(&self, section: u64, nth: u64, stride: u64) -> u64 {
        let luck = hash(&[self.seed, Purpose::Withheld as u64, section, nth]);
        nth * stride + luck % stride
    }

    fn withheld_before(&self, slot: u64) -> u64 {
        let Some(counts) = &self.withheld else { return 0 };
        let (section, offset) = (slot / SECTION, slot % SECTION);
        let round = (section % 16) as usize;
        let whole: u64 = section / 16 * counts.iter().sum::<u64>();
        let before: u64 = counts[..round].iter().sum();
        let stride = SECTION / counts[round];
        let nth = (offset / stride).min(counts[round]);
        let last = nth < counts[round] && self.withheld_offset(section, nth, stride) < offset;
        whole + before + nth + u64::from(last)
    }

    fn slots_that_show(&self, shown: u64) -> u64 {
        let enough = shown + shown / 2 + SECTION;
        partition(enough, |slots| slots - self.withheld_before(slots) < shown)
    }

    /// Time in units of 2^-22 ms, the resolution of a snowflake id.
    fn ticks(&self, slot: u64) -> u128 {
        // At most 0.9 of a slot of jitter keeps neighbouring slots apart.
        let jitter = hash(&[self.seed, Purpose::Jitter as u64, slot]) % 922;
        let span = u128::from(self.span_ms) << 22;
        let place = u128::from(slot) * 1024 + u128::from(jitter);
        ((self.since_ms as u128) << 22) + place * span / (u128::from(self.slots.max(1)) * 1024)
    }
}

fn shuffled(seed: u64) -> [u64; 16] {
    let mut counts = WITHHELD;
    let mut draw = Draw::new(seed, Purpose::Withheld, 0);
    for end in (1..counts.len()).rev() {
        counts.swap(end, draw.below(end as u64 + 1) as usize);
    }
    counts
}

/// The first number in `0..end` for which `before` is false (or `end`).
fn partition(end: u64, before: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, end);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// When an id was given away: exact for snowflakes, only a bound for older ones.
pub fn earliest_ms(id: u64) -> i64 {
    let ms = (id >> 22) as i64 + SNOWFLAKE_EPOCH_MS;
    if ms < SEQUENTIAL_UNTIL_MS { FLOOR_MS } else { ms }
}

/// The smallest snowflake id of a millisecond.
pub fn snowflake(ms: i64) -> u64 {
    ((ms - SNOWFLAKE_EPOCH_MS).max(0) as u64) << 22
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = 86_400_000;

    #[test]
    fn exactly_the_promised_number_is_shown() {
        for shown in [0, 1, 2, 10, 511, 512, 513, 5_000, 20_011] {
            for seed in 0..5 {
                let span = FLOOR_MS..FLOOR_MS + 7_000 * DAY_MS;
                let line = Timeline::new(seed, shown, span, ShortPages::Real);
                let count = (0..line.slots()).filter(|&slot| !line.is_withheld(slot)).count();
                assert_eq!(count as u64, shown, "seed {seed}");
            }
        }
    }

    #[test]
    fn ids_and_times_grow_strictly_even_across_the_first_snowflake() {
        let span = SNOWFLAKE_EPOCH_MS - DAY_MS..SNOWFLAKE_EPOCH_MS + DAY_MS;
        let line = Timeline::new(3, 100_000, span, ShortPages::Off);
        let ids: Vec<u64> = line.positions().map(|at| line.id(Position(at))).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(line.written_ms(0) >= SNOWFLAKE_EPOCH_MS - DAY_MS);
        assert!(line.written_ms(line.slots() - 1) < SNOWFLAKE_EPOCH_MS + DAY_MS);
    }

    #[test]
    fn a_snowflake_tells_the_second_of_its_post() {
        let now = 1_780_000_000_000;
        let line = Timeline::new(9, 1_000, now - 30 * DAY_MS..now, ShortPages::Real);
        for slot in 0..line.slots() {
            let id = line.id(Position(slot * SLOT + 3));
            assert_eq!((id >> 22) as i64 + SNOWFLAKE_EPOCH_MS, line.written_ms(slot));
        }
    }

    #[test]
    fn ids_between_posts_map_to_the_gap() {
        let line = Timeline::new(1, 50, FLOOR_MS..FLOOR_MS + 9_000 * DAY_MS, ShortPages::Off);
        for at in line.positions() {
            let id = line.id(Position(at));
            assert_eq!(line.position_after(id), at + 1);
            assert_eq!(line.position_from(id), at);
        }
        assert_eq!(line.position_after(0), 0);
        assert_eq!(line.position_after(u64::MAX), 200);
    }
}
