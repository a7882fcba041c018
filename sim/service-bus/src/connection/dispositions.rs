//! `disposition`: receivers settle messages.

use tokio::time::Instant;

use super::session::Unsettled;
use super::state::{Connection, Late};
use crate::amqp::{Disposition, Error, Outcome, Performative, Role};

impl Connection {
    /// A disposition that is not settled is confirmed; one that is, not.
    pub(super) fn on_disposition(
        &mut self,
        channel: u16,
        disposition: Disposition,
    ) -> Result<(), Error> {
        // What a sender says about its own deliveries changes nothing: they have their outcome.
        if disposition.role == Role::Sender || disposition.first > disposition.last {
            return Ok(());
        }
        let outcome = match disposition.outcome {
            Some(outcome) => outcome,
            // Settled without a word: as if it had never come.
            None if disposition.settled => Outcome::Released,
            None => return Ok(()),
        };
        let unsettled = &mut self.session(channel)?.unsettled;
        let ids: Vec<u32> =
            unsettled.range(disposition.first..=disposition.last).map(|(id, _)| *id).collect();
        for delivery_id in ids {
            let Some(unsettled) = self.session(channel)?.unsettled.remove(&delivery_id) else {
                continue;
            };
            let (outcome, wants_answer) = (outcome.clone(), !disposition.settled);
            self.settle_or_delay(Late { channel, delivery_id, unsettled, outcome, wants_answer });
        }
        self.shared.changed();
        Ok(())
    }

    fn settle_or_delay(&mut self, late: Late) {
        let (mut state, _) = self.shared.state();
        if state.armed.loses_disposition() {
            return;
        }
        let delay = state.armed.disposition_delay;
        drop(state);
        if delay.is_zero() {
            self.settle(&late);
        } else {
            self.late_made += 1;
            self.late.insert((Instant::now() + delay, self.late_made), late);
        }
    }

    /// Settles what was delayed until now.
    pub(super) fn settle_late(&mut self, now: Instant) {
        while let Some(entry) = self.late.first_entry().filter(|entry| entry.key().0 <= now) {
            let late = entry.remove();
            self.settle(&late);
            self.shared.changed();
        }
    }

    fn settle(&mut self, late: &Late) {
        let (mut state, now_ms) = self.shared.state();
        let Unsettled { address, lock, .. } = &late.unsettled;
        let settled = state.broker.settle(address, *lock, &late.outcome, now_ms);
        drop(state);
        if late.wants_answer && self.sessions.contains_key(&late.channel) {
            let outcome = match settled {
                Ok(()) => late.outcome.bare(),
                Err(error) => Outcome::Rejected(Some(error)),
            };
            self.confirm(late.channel, Role::Sender, late.delivery_id, outcome);
        }
    }

    /// Says what became of a delivery, finally.
    pub(super) fn confirm(&mut self, channel: u16, role: Role, delivery: u32, outcome: Outcome) {
        let disposition = Disposition {
            role,
            first: delivery,
            last: delivery,
            settled: true,
            outcome: Some(outcome),
        };
        self.wire.send(channel, &Performative::Disposition(disposition));
    }
}
