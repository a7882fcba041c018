//! What outcomes do to messages.

use super::message::Message;
use super::queue::{DeadLetter, Queue};
use crate::amqp::{Error, Outcome, Value, string};

impl Queue {
    /// Does to an unlocked message what its receiver says. Gives it back if it must leave.
    pub fn settle(&mut self, mut message: Message, outcome: &Outcome) -> Option<DeadLetter> {
        match outcome {
            Outcome::Accepted => None,
            // A dead letter can't die once more.
            Outcome::Rejected(error) if self.gives_up() => {
                message.content.set_properties(&error.as_ref().map(reasons).unwrap_or_default());
                Some(DeadLetter { message, reason: None })
            }
            Outcome::Released | Outcome::Rejected(_) => {
                self.give_back(message);
                None
            }
            Outcome::Modified { undeliverable_here, annotations } => {
                message.content.set_properties(annotations);
                if *undeliverable_here {
                    self.defer(message);
                    None
                } else {
                    self.fail(message)
                }
            }
        }
    }
}

/// What a receiver says about a message that it gives up. Clients put reason and description in
/// `info`; other errors are told in the same two properties, which is a guess.
fn reasons(error: &Error) -> Vec<(Value, Value)> {
    if !error.info.is_empty() || error.condition == "com.microsoft:dead-letter" {
        return error.info.clone();
    }
    vec![
        (string("DeadLetterReason"), string(&error.condition)),
        (string("DeadLetterErrorDescription"), string(&error.description)),
    ]
}
