//! What happened to a delivery, and errors.

use super::decode::Malformed;
use super::fields::Fields;
use super::value::{Value, string, symbol};

/// An AMQP error: a condition for programs, a description for people.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    /// For example `amqp:not-found`.
    pub condition: String,
    /// A sentence.
    pub description: String,
    /// More, by key.
    pub info: Vec<(Value, Value)>,
}

impl Error {
    /// An error without further information.
    pub fn new(condition: &str, description: impl Into<String>) -> Self {
        let (condition, description) = (condition.to_owned(), description.into());
        Self { condition, description, info: Vec::new() }
    }

    pub(super) fn decode(value: Value) -> Result<Option<Self>, Malformed> {
        if value == Value::Null {
            return Ok(None);
        }
        let Some((0x1d, inner)) = value.into_described() else {
            return Err(Malformed("an error that is not one".to_owned()));
        };
        let mut fields = Fields::of(inner)?;
        let condition = fields.text()?.unwrap_or_default();
        let description = fields.text()?.unwrap_or_default();
        Ok(Some(Self { condition, description, info: fields.any().into_pairs() }))
    }

    /// Always with its three fields: azure-servicebus 7.15.0 for Python reads the third without
    /// asking whether it is there, and the send that was refused hangs.
    pub fn value(&self) -> Value {
        let info = if self.info.is_empty() { Value::Null } else { Value::Map(self.info.clone()) };
        let fields = vec![symbol(&self.condition), string(&self.description), info];
        Value::described(0x1d, Value::List(fields))
    }
}

impl From<Malformed> for Error {
    fn from(malformed: Malformed) -> Self {
        Self::new("amqp:decode-error", malformed.0)
    }
}

/// The state of a delivery (part 3, 3.4).
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Processed.
    Accepted,
    /// Invalid; Service Bus dead-letters it.
    Rejected(Option<Error>),
    /// Not processed.
    Released,
    /// Not processed, and to be changed; Service Bus abandons or defers it.
    Modified {
        /// Whether the receiver does not want it again: Service Bus defers it.
        undeliverable_here: bool,
        /// Annotations to set; Service Bus sets application properties.
        annotations: Vec<(Value, Value)>,
    },
}

impl Outcome {
    /// The outcome in a disposition. `None` if there is none, or one that is not final.
    pub(super) fn decode(value: Value) -> Result<Option<Self>, Malformed> {
        let Some((code, inner)) = value.into_described() else { return Ok(None) };
        Ok(match code {
            0x24 => Some(Self::Accepted),
            0x25 => Some(Self::Rejected(Error::decode(Fields::of(inner)?.any())?)),
            0x26 => Some(Self::Released),
            0x27 => {
                let mut fields = Fields::of(inner)?;
                // Whether it failed: Service Bus counts the delivery either way.
                fields.skip(1);
                let undeliverable_here = fields.flag()?;
                let annotations = fields.any().into_pairs();
                Some(Self::Modified { undeliverable_here, annotations })
            }
            _ => None,
        })
    }

    /// As it stands in a disposition.
    pub fn value(&self) -> Value {
        let (code, fields) = match self {
            Self::Accepted => (0x24, Vec::new()),
            Self::Rejected(None) => (0x25, Vec::new()),
            Self::Rejected(Some(error)) => (0x25, vec![error.value()]),
            Self::Released => (0x26, Vec::new()),
            Self::Modified { undeliverable_here: false, annotations } if annotations.is_empty() => {
                (0x27, Vec::new())
            }
            Self::Modified { undeliverable_here, annotations } => {
                let annotations = Value::Map(annotations.clone());
                (0x27, vec![Value::Null, Value::Bool(*undeliverable_here), annotations])
            }
        };
        Value::described(code, Value::List(fields))
    }

    /// The same kind of outcome without content: how Service Bus confirms a disposition.
    /// azure-servicebus 7.15.0 takes any other kind, or an error in it, for a failure.
    pub fn bare(&self) -> Self {
        match self {
            Self::Accepted => Self::Accepted,
            Self::Rejected(_) => Self::Rejected(None),
            Self::Released => Self::Released,
            Self::Modified { .. } => {
                Self::Modified { undeliverable_here: false, annotations: Vec::new() }
            }
        }
    }
}
