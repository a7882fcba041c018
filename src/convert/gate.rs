//! Lets batches pass one after the other, in their order, so that of several tweets with one id
//! the first becomes a row, however many threads there are.
//!
//! A worker reads a batch before it comes to the gate and encodes it behind: only the look at the
//! ids, a hundredth of the work, waits for others. Workers take batches in order, so the one whose
//! turn it is waits for nobody but the writer: what passed and is not written yet is in memory, so
//! there is only so much of it.

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::known::Known;

/// The gate, and what is behind it.
#[derive(Debug)]
pub(super) struct Gate {
    inside: Mutex<Inside>,
    changed: Condvar,
    /// How many batches may be between the gate and the file.
    most: u64,
}

#[derive(Debug)]
struct Inside {
    next: u64,
    written: u64,
    known: Known,
}

/// The right to pass as the `number`-th. It is used up at the latest when it is dropped, so that a
/// batch that fails keeps nobody waiting.
#[derive(Debug)]
pub(super) struct Ticket<'g> {
    gate: &'g Gate,
    number: u64,
    used: bool,
}

impl Gate {
    /// At most `most` batches, one or more, may have passed and not be written.
    pub(super) fn new(known: Known, most: usize) -> Self {
        let inside = Mutex::new(Inside { next: 0, written: 0, known });
        Self { inside, changed: Condvar::new(), most: most as u64 }
    }

    /// The ticket of a batch. Each number must be taken once, from 0, without a gap.
    pub(super) fn ticket(&self, number: u64) -> Ticket<'_> {
        Ticket { gate: self, number, used: false }
    }

    /// One more batch is written.
    pub(super) fn wrote_one(&self) {
        let mut inside = self.lock();
        inside.written = inside.written.saturating_add(1);
        self.changed.notify_all();
    }

    /// Nothing will be written any more: nobody waits for that.
    pub(super) fn stop_waiting(&self) {
        self.lock().written = u64::MAX;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock()
    }
}

impl Ticket<'_> {
    /// Waits for its turn, and looks at the ids.
    pub(super) fn pass<T>(mut self, look: impl FnOnce(&mut Known) -> T) -> T {
        self.go_through(look)
    }

    fn go_through<T>(&mut self, look: impl FnOnce(&mut Known) -> T) -> T {
        let gate = self.gate;
        let must_wait = |inside: &mut Inside| {
            let first_that_waits = inside.written.saturating_add(gate.most);
            inside.next != self.number || self.number >= first_that_waits
        };
        let mut inside = gate.lock();
        gate.changed.wait_while(&mut inside, must_wait);
        self.used = true;
        inside.next += 1;
        gate.changed.notify_all();
        look(&mut inside.known)
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        if !self.used {
            self.go_through(|_| ());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(most: usize) -> Gate {
        Gate::new(Known::new(&std::env::temp_dir(), 0), most)
    }

    #[test]
    fn batches_pass_in_their_order_whoever_comes_first() {
        let (gate, order) = (gate(9), Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            for number in [3, 1, 2, 0] {
                let (gate, order) = (&gate, &order);
                scope.spawn(move || {
                    gate.ticket(number).pass(|_| order.lock().push(number));
                });
            }
        });
        assert_eq!(*order.lock(), [0, 1, 2, 3]);
    }

    #[test]
    fn a_batch_that_fails_keeps_nobody_waiting() {
        let gate = gate(9);
        drop(gate.ticket(0));
        assert!(gate.ticket(1).pass(|known| known.insert(7)).unwrap());
    }

    #[test]
    fn nobody_passes_far_ahead_of_the_writer() {
        let gate = gate(2);
        (0..2).for_each(|number| gate.ticket(number).pass(|_| ()));
        std::thread::scope(|scope| {
            let third = scope.spawn(|| gate.ticket(2).pass(|_| ()));
            assert_eq!(gate.lock().next, 2);
            gate.wrote_one();
            third.join().unwrap();
            let fourth = scope.spawn(|| gate.ticket(3).pass(|_| ()));
            gate.stop_waiting();
            fourth.join().unwrap();
        });
        assert_eq!(gate.lock().next, 4);
    }
}
