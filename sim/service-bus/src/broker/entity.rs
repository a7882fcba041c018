//! A queue with its dead letters.

use super::address::Part;
use super::message::State;
use super::queue::{DeadLetter, Queue};
use crate::amqp::string;
use crate::options::QueueSettings;

/// A queue and its dead letters.
#[derive(Debug)]
pub struct Entity {
    /// The queue.
    pub main: Queue,
    /// What it gave up.
    pub dead: Queue,
}

impl Entity {
    /// Both empty.
    pub fn new(settings: &QueueSettings) -> Self {
        Self { main: Queue::new(settings.clone()), dead: Queue::dead_letters(settings.clone()) }
    }

    /// One of the two.
    pub fn part(&mut self, part: Part) -> &mut Queue {
        match part {
            Part::Main => &mut self.main,
            Part::DeadLetters => &mut self.dead,
        }
    }

    /// Makes dead letters of messages that left the queue of this name.
    pub fn bury(&mut self, letters: impl IntoIterator<Item = DeadLetter>, name: &str, now_ms: i64) {
        for DeadLetter { mut message, reason } in letters {
            if let Some((reason, description)) = reason {
                message.content.set_properties(&[
                    (string("DeadLetterReason"), string(reason)),
                    (string("DeadLetterErrorDescription"), string(description)),
                ]);
            }
            message.source = Some(name.to_owned());
            message.state = State::Active;
            self.dead.add(message, now_ms);
        }
    }
}
