//! The ways in which a delivery ends, in both languages: link disposition and `$management`.

use fe2o3_amqp::link::receiver::TerminalDeliveryState;
use fe2o3_amqp::types::definitions::{Error, ErrorCondition, Fields};
use fe2o3_amqp::types::messaging::{Accepted, Modified, Rejected, Released};
use fe2o3_amqp::types::primitives::{OrderedMap, Symbol, Value};

use super::message::{DEAD_SINCE, DELIVERIES};

/// Longest reason and longest description that a dead letter may have, in characters
/// (learn.microsoft.com, "Service Bus dead-letter queues": 4,096; read 2026-11).
const LONGEST: usize = 4096;

/// How a delivery ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Settlement {
    /// The message is gone.
    Complete,
    /// It is ready again, and its delivery count grows.
    Abandon,
    /// It is ready again as if it had never been delivered, as far as the service offers that.
    Release,
    /// It is set aside.
    DeadLetter(Death),
}

/// What a dead letter says of its death.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Death {
    pub(super) reason: String,
    pub(super) description: String,
    pub(super) deliveries: u32,
    pub(super) since_ms: i64,
}

impl Death {
    fn properties(&self) -> [(&'static str, Value); 2] {
        let deliveries = i32::try_from(self.deliveries).unwrap_or(i32::MAX);
        [(DELIVERIES, Value::Int(deliveries)), (DEAD_SINCE, Value::Long(self.since_ms))]
    }

    fn texts(&self) -> [Value; 2] {
        [&self.reason, &self.description]
            .map(|text| Value::String(text.chars().take(LONGEST).collect()))
    }

    fn rejection(&self) -> Error {
        let [reason, description] = self.texts();
        let mut info = Fields::new();
        info.insert(Symbol::from("DeadLetterReason"), reason);
        info.insert(Symbol::from("DeadLetterErrorDescription"), description);
        for (name, value) in self.properties() {
            info.insert(Symbol::from(name), value);
        }
        let condition = ErrorCondition::Custom(Symbol::from("com.microsoft:dead-letter"));
        Error::new(condition, None, Some(info))
    }
}

impl Settlement {
    /// As a disposition on the link.
    pub(super) fn disposition(&self) -> TerminalDeliveryState {
        match self {
            Self::Complete => TerminalDeliveryState::Accepted(Accepted {}),
            Self::Abandon => TerminalDeliveryState::Modified(Modified {
                delivery_failed: Some(true),
                undeliverable_here: None,
                message_annotations: None,
            }),
            Self::Release => TerminalDeliveryState::Released(Released {}),
            Self::DeadLetter(death) => {
                TerminalDeliveryState::Rejected(Rejected { error: Some(death.rejection()) })
            }
        }
    }

    /// As the body of `com.microsoft:update-disposition`, but for the lock tokens.
    pub(super) fn request(&self) -> Vec<(&'static str, Value)> {
        let status = |word: &str| ("disposition-status", Value::String(word.to_owned()));
        match self {
            Self::Complete => vec![status("completed")],
            Self::Abandon | Self::Release => vec![status("abandoned")],
            Self::DeadLetter(death) => {
                let [reason, description] = death.texts();
                let properties = death.properties();
                let properties: OrderedMap<Value, Value> = properties
                    .into_iter()
                    .map(|(name, value)| (Value::String(name.to_owned()), value))
                    .collect();
                vec![
                    status("suspended"),
                    ("deadletter-reason", reason),
                    ("deadletter-description", description),
                    ("properties-to-modify", Value::Map(properties)),
                ]
            }
        }
    }
}
