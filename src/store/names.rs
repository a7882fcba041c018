//! What the names in a log's folder say, before any record is read.
//!
//! Pages, turns and control records are numbered without gaps, so that their number is known from
//! their names. Names come from a folder that anybody may write to, so they are not believed: a gap
//! is damage and is named, whatever number stands behind it. What is not ours is kept for a person
//! to see, and changes nothing.

use jiff::Timestamp;

use super::layout::{Layout, LogName, RecordName};
use super::listing::{Listing, Unread};
use super::{Store, StoreError};

/// What a listing of the log says.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// How many pages there are.
    pub(super) pages: u64,
    /// How many turns have begun.
    pub(super) turns: u64,
    /// How many control records there are.
    pub(super) controls: u64,
    /// The parts that have a receipt, sorted.
    pub(super) receipts: Vec<u64>,
    /// Whether there is a seal.
    pub(super) sealed: bool,
    /// When the newest record was written, by the store's clock.
    pub(super) touched_at: Option<Timestamp>,
    /// When a sender wrote last: a page, or the beginning of a turn.
    pub(super) fetched_at: Option<Timestamp>,
    /// What is there and not ours.
    pub(super) foreign: Vec<Unread>,
}

/// The most numbers that a listing is asked about again. Records that are written while a folder is
/// read may be missed although later ones are seen; that is a few of them, never more.
const MOST_MISSED: u64 = 64;

/// Numbers of one kind of record, as they come.
#[derive(Debug, Default)]
struct Numbers(Vec<u64>);

impl Names {
    /// Reads a log's folder.
    pub(super) async fn read(store: &Store, layout: &Layout) -> Result<Self, StoreError> {
        let Listing { entries, folders, unread } = store.listing(&layout.log()).await?;
        let mut names = Self::default();
        let (mut pages, mut turns, mut controls) =
            (Numbers::default(), Numbers::default(), Numbers::default());
        let foreign = |name: String| Unread { name, reason: "it is no record of ours".to_owned() };
        for entry in entries {
            let Some(record) = record(layout, &entry.name)? else {
                names.foreign.push(foreign(entry.name));
                continue;
            };
            names.touched_at = names.touched_at.max(Some(entry.modified));
            if matches!(record, RecordName::Page(_) | RecordName::Turn(_)) {
                names.fetched_at = names.fetched_at.max(Some(entry.modified));
            }
            match record {
                RecordName::Page(number) => pages.0.push(number),
                RecordName::Turn(number) => turns.0.push(number),
                RecordName::Control(number) => controls.0.push(number),
                RecordName::Receipt(part) => names.receipts.push(part),
                RecordName::Sealed => names.sealed = true,
                RecordName::Created
                | RecordName::TurnEnd(_)
                | RecordName::Notice
                | RecordName::Told(_)
                | RecordName::Notified => {}
            }
        }
        let folders = folders.into_iter().map(|name| Unread { name, reason: "a folder".into() });
        for Unread { name, reason } in folders.chain(unread) {
            if record(layout, &name)?.is_some() {
                let key = layout.log().join(name);
                return Err(StoreError::corrupt(key, format!("no file, but {reason}")));
            }
            names.foreign.push(Unread { name, reason });
        }
        names.receipts.sort_unstable();
        names.pages = pages.count(store, |number| layout.page(number)).await?;
        names.turns = turns.count(store, |number| layout.turn(number)).await?;
        names.controls = controls.count(store, |number| layout.control(number)).await?;
        Ok(names)
    }
}

/// The record that a name is of; `None` if it is somebody else's. One of a newer version is an
/// error: nothing may be decided without it.
fn record(layout: &Layout, name: &str) -> Result<Option<RecordName>, StoreError> {
    match LogName::parse(name) {
        LogName::Record(record) => Ok(Some(record)),
        LogName::Foreign => Ok(None),
        LogName::Unknown => Err(StoreError::Unknown { key: layout.log().join(name).to_string() }),
    }
}

impl Numbers {
    /// How many there are, counted from 0 without a gap.
    async fn count(
        mut self,
        store: &Store,
        key: impl Fn(u64) -> object_store::path::Path,
    ) -> Result<u64, StoreError> {
        self.0.sort_unstable();
        let Some(last) = self.0.last().copied() else { return Ok(0) };
        let missing = last - (self.0.len() as u64 - 1);
        let gap = |what: String| StoreError::corrupt(key(last), format!("{what} before it"));
        if missing > MOST_MISSED {
            return Err(gap(format!("{missing} records are missing")));
        }
        if missing > 0 {
            for number in (0..last).filter(|number| self.0.binary_search(number).is_err()) {
                if !store.exists(&key(number)).await? {
                    return Err(gap(format!("{} is missing", key(number))));
                }
            }
        }
        // A record with the largest number of all would have as many before it.
        Ok(last.saturating_add(1))
    }
}
