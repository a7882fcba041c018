//! The connections that are open: each has a seat, and there are so many seats.
//!
//! A new connection is always admitted; [`super::standing`] decides who has to go for it. This
//! file keeps the books and sends away; it decides nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::standing::{Heard, Room, Standing};
use crate::clock::Clock;

/// The connections that are open.
#[derive(Debug)]
pub(super) struct Seats {
    room: Room,
    clock: Arc<dyn Clock>,
    open: Mutex<Open>,
    /// Somebody has left, or was looked at.
    changed: Notify,
}

/// The seats that are taken, oldest first.
#[derive(Debug, Default)]
struct Open {
    next: u64,
    taken: BTreeMap<u64, Arc<Seat>>,
    /// Who was sent away and is not gone yet.
    leaving: BTreeMap<u64, Arc<Seat>>,
}

/// The seat of one connection.
#[derive(Debug)]
pub(in crate::api) struct Seat {
    number: u64,
    standing: Mutex<Standing>,
    leave: CancellationToken,
    seats: Arc<Seats>,
}

/// The right to a seat; it ends with this value.
#[derive(Debug)]
pub(super) struct Guest(Arc<Seat>);

impl Drop for Guest {
    fn drop(&mut self) {
        let seats = &self.0.seats;
        let mut open = seats.open();
        open.taken.remove(&self.0.number);
        open.leaving.remove(&self.0.number);
        drop(open);
        seats.changed.notify_one();
    }
}

impl Guest {
    /// The seat that this guest holds.
    pub(super) fn seat(&self) -> &Arc<Seat> {
        &self.0
    }
}

impl Seats {
    /// So many seats, none of them taken.
    pub(super) fn new(most: usize, clock: Arc<dyn Clock>) -> Arc<Self> {
        let (room, open, changed) = (Room { most }, Mutex::default(), Notify::new());
        Arc::new(Self { room, clock, open, changed })
    }

    /// A seat for one more connection. If all are taken, somebody is sent away. It does not wait
    /// until they are gone: while many callers keep the process busy that takes a while, and
    /// newcomers come in crowds. Only if too many are on their way out, or have come and were not
    /// looked at yet, it waits; the system keeps those who come meanwhile, in their order.
    pub(super) async fn admit(self: &Arc<Self>) -> Guest {
        loop {
            let changed = self.changed.notified();
            if let Some(guest) = self.try_admit() {
                return guest;
            }
            changed.await;
        }
    }

    fn try_admit(self: &Arc<Self>) -> Option<Guest> {
        let now = self.clock.elapsed();
        let mut open = self.open();
        if open.taken.len() >= self.room.most {
            let new = open.standings().filter(|(_, standing)| standing.is_new()).count();
            if open.leaving.len().max(new) >= self.room.kept() {
                return None;
            }
            let goes = self.room.goes(open.standings(), now);
            open.send_away(goes?);
        }
        let number = open.next;
        open.next += 1;
        let seat = Arc::new(Seat {
            number,
            standing: Mutex::new(Standing::new(now)),
            leave: CancellationToken::new(),
            seats: Arc::clone(self),
        });
        open.taken.insert(number, Arc::clone(&seat));
        Some(Guest(seat))
    }

    /// Sends away everybody who has not asked anything.
    pub(super) fn dismiss_silent(&self) {
        for seat in self.open().taken.values().filter(|seat| !seat.has_asked()) {
            seat.leave.cancel();
        }
    }

    /// Makes sure that those with a key leave room for newcomers. `newest` has just shown one.
    fn keep_room(&self, newest: u64) {
        let now = self.clock.elapsed();
        let mut open = self.open();
        let others = open.standings().filter(|(number, _)| *number != newest);
        if let Some(goes) = self.room.goes_of_known(others, now) {
            open.send_away(goes);
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock()
    }
}

impl Open {
    /// How those stand who were not sent away.
    fn standings(&self) -> impl Iterator<Item = (u64, Standing)> {
        self.taken.values().map(|seat| (seat.number, *seat.standing()))
    }

    fn send_away(&mut self, number: u64) {
        if let Some(seat) = self.taken.remove(&number) {
            seat.leave.cancel();
            self.leaving.insert(number, seat);
        }
    }
}

impl Seat {
    /// Ends when the connection has to go.
    pub(super) async fn left(&self) {
        self.leave.cancelled().await;
    }

    /// Whether a valid key came with its latest request.
    pub(super) fn has_key(&self) -> bool {
        self.standing().has_key
    }

    /// Whether a request has come on this connection.
    pub(super) fn has_asked(&self) -> bool {
        self.standing().heard == Heard::Request
    }

    /// The latest request came with a valid key, or without one.
    pub(in crate::api) fn shows_key(&self, has_key: bool) {
        let before = std::mem::replace(&mut self.standing().has_key, has_key);
        if has_key && !before {
            self.seats.keep_room(self.number);
        }
    }

    /// All that the caller has sent was read.
    pub(super) fn was_read(&self) {
        if self.standing().was_read() {
            self.seats.changed.notify_one();
        }
    }

    /// Notes what has happened, with the time.
    pub(super) fn note(&self, happened: impl FnOnce(&mut Standing, Duration)) {
        happened(&mut self.standing(), self.seats.clock.elapsed());
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock()
    }
}
