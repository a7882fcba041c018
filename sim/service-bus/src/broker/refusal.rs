//! Why the broker refuses, in the words of the service where a client showed them.

use super::address::Address;
use crate::amqp::Error;

/// There is no such queue.
pub fn not_found(address: &Address) -> Error {
    let text = format!("The messaging entity '{}' could not be found.", address.queue);
    Error::new("amqp:not-found", text)
}

/// There is no such lock, or none any more.
pub fn lock_lost() -> Error {
    let text = "The lock supplied is invalid. Either the lock expired, or the message has \
                already been removed from the queue.";
    Error::new("com.microsoft:message-lock-lost", text)
}

/// There is no such message.
pub fn message_not_found(sequence: i64) -> Error {
    let text = format!("There is no message with the sequence number {sequence}.");
    Error::new("com.microsoft:message-not-found", text)
}
