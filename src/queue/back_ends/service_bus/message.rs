//! Our messages as the service carries them.
//!
//! | of ours | there |
//! |---|---|
//! | key | `subject` |
//! | body | one data section; what it is says the queue's `content-type` |
//! | which send this is | `message-id`: 128 random bits, the same when the send is repeated |
//! | delay | annotation `x-opt-scheduled-enqueue-time` |
//! | failed attempts before this copy was made | application property `mistnet-attempts` |
//! | deliveries, and the time, when it was set aside | `mistnet-deliveries`, `mistnet-dead-since` |
//!
//! Several messages travel as one with the message format 0x80013700, each of them encoded as a
//! data section; the service takes them apart again (as its official clients do it).

use fe2o3_amqp::link::delivery::Sendable;
use fe2o3_amqp::types::messaging::annotations::OwnedKey;
use fe2o3_amqp::types::messaging::message::DecodeIntoMessage;
use fe2o3_amqp::types::messaging::{
    ApplicationProperties, Batch, Body, Data, Message, MessageAnnotations, Properties,
};
use fe2o3_amqp::types::primitives::{Binary, SimpleValue, Symbol, Timestamp, Value};
use serde_amqp::read::SliceReader;
use serde_amqp::to_vec;

use super::entity::Entity;
use super::trouble::Trouble;

/// Failed attempts before this copy was made.
const ATTEMPTS: &str = "mistnet-attempts";

/// How often a dead letter had been delivered.
pub(super) const DELIVERIES: &str = "mistnet-deliveries";

/// When a dead letter was set aside, in milliseconds since 1970.
pub(super) const DEAD_SINCE: &str = "mistnet-dead-since";

/// Marks a transfer that carries several messages.
const BATCH_FORMAT: u32 = 0x8001_3700;

/// What a data section and the transfer add to a message, generously.
const SECTION_BYTES: u64 = 16;

/// A message on its way out.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    pub(super) id: String,
    pub(super) content_type: &'static str,
    pub(super) key: String,
    pub(super) body: String,
    /// When it may be delivered, in milliseconds since 1970; at once if absent.
    pub(super) due_ms: Option<i64>,
    /// Failed attempts that it carries along.
    pub(super) failed: u32,
}

impl Outgoing {
    /// A send of its own to `entity`, due at once.
    pub(super) fn new(entity: &Entity, key: &str, body: &str) -> Self {
        let id = format!("{:032x}", rand::random::<u128>());
        let content_type = entity.content_type;
        Self {
            id,
            content_type,
            key: key.to_owned(),
            body: body.to_owned(),
            due_ms: None,
            failed: 0,
        }
    }

    fn properties(&self) -> Properties {
        Properties::builder()
            .message_id(self.id.clone())
            .subject(self.key.clone())
            .content_type(Symbol::from(self.content_type))
            .build()
    }

    fn annotations(&self) -> Option<MessageAnnotations> {
        let due = Value::Timestamp(Timestamp::from_milliseconds(self.due_ms?));
        Some(MessageAnnotations::builder().insert("x-opt-scheduled-enqueue-time", due).build())
    }

    fn application_properties(&self) -> Option<ApplicationProperties> {
        let failed = i32::try_from(self.failed).unwrap_or(i32::MAX);
        (failed > 0).then(|| {
            ApplicationProperties::builder().insert(ATTEMPTS, SimpleValue::Int(failed)).build()
        })
    }

    /// The message as bytes: its sections one after the other.
    fn encoded(&self) -> Result<Vec<u8>, Trouble> {
        let mut bytes = Vec::with_capacity(self.body.len() + 256);
        if let Some(annotations) = self.annotations() {
            bytes.extend(to_vec(&annotations).map_err(|error| unencodable(&error))?);
        }
        bytes.extend(to_vec(&self.properties()).map_err(|error| unencodable(&error))?);
        if let Some(properties) = self.application_properties() {
            bytes.extend(to_vec(&properties).map_err(|error| unencodable(&error))?);
        }
        let data = Data(Binary::from(self.body.as_bytes()));
        bytes.extend(to_vec(&data).map_err(|error| unencodable(&error))?);
        Ok(bytes)
    }

    fn alone(&self) -> Sendable<Batch<Data>> {
        let data = Data(Binary::from(self.body.as_bytes()));
        Message::builder()
            .message_annotations(self.annotations())
            .properties(self.properties())
            .application_properties(self.application_properties())
            .data_batch(Batch::new(vec![data]))
            .build()
            .into()
    }
}

fn unencodable(error: &serde_amqp::Error) -> Trouble {
    Trouble::lasting(format!("the message can't be encoded: {error}"))
}

/// The transfers that carry `messages`: as few as fit into `max_bytes` each, and each delayed
/// message alone, because a batch is due as a whole.
pub(super) fn transfers(
    messages: &[Outgoing],
    max_bytes: u64,
) -> Result<Vec<Sendable<Batch<Data>>>, Trouble> {
    let (mut transfers, mut batch, mut size) = (Vec::new(), Vec::new(), 0);
    for message in messages {
        if message.due_ms.is_some() {
            transfers.push(message.alone());
            continue;
        }
        let encoded = message.encoded()?;
        let bytes = encoded.len() as u64 + SECTION_BYTES;
        if !batch.is_empty() && size + bytes > max_bytes {
            transfers.push(together(std::mem::take(&mut batch)));
            size = SECTION_BYTES;
        }
        size += bytes;
        batch.push((message, encoded));
    }
    if !batch.is_empty() {
        transfers.push(together(batch));
    }
    Ok(transfers)
}

fn together(batch: Vec<(&Outgoing, Vec<u8>)>) -> Sendable<Batch<Data>> {
    if let [(alone, _)] = batch.as_slice() {
        return alone.alone();
    }
    let sections: Vec<_> = batch.into_iter().map(|(_, bytes)| Data(Binary::from(bytes))).collect();
    Sendable::builder()
        .message(Message::builder().data_batch(Batch::new(sections)).build())
        .message_format(BATCH_FORMAT)
        .build()
}

/// A message as it came in.
#[derive(Debug, Clone)]
pub(super) struct Incoming {
    pub(super) key: String,
    pub(super) body: String,
    /// How often it was delivered, this time included, counted from its last release.
    pub(super) attempt: u32,
    /// Its number in its queue.
    pub(super) sequence: i64,
    /// Whether it waits for a moment.
    pub(super) scheduled: bool,
    /// When it came into its queue, in milliseconds since 1970.
    pub(super) enqueued_ms: Option<i64>,
    /// When the service will take it back, in milliseconds since 1970.
    pub(super) locked_until_ms: Option<i64>,
    /// What makes it unusable: somebody else sent it.
    pub(super) problem: Option<String>,
    dead: Dead,
}

/// What a dead letter says of its death.
#[derive(Debug, Clone, Default)]
struct Dead {
    reason: Option<String>,
    description: Option<String>,
    deliveries: Option<u32>,
    since_ms: Option<i64>,
}

impl Incoming {
    /// Reads a message; what about it is not ours stands in `problem`.
    pub(super) fn read(message: Message<Body<Value>>) -> Self {
        let subject = message.properties.and_then(|properties| properties.subject);
        let body = text(message.body);
        let problem = match (&subject, &body) {
            (None, _) => Some("it has no subject".to_owned()),
            (Some(_), Err(problem)) => Some((*problem).to_owned()),
            (Some(_), Ok(_)) => None,
        };
        let mut incoming = Self {
            key: subject.unwrap_or_default(),
            body: body.unwrap_or_default(),
            problem,
            attempt: message.header.map_or(0, |header| header.delivery_count).saturating_add(1),
            sequence: 0,
            scheduled: false,
            enqueued_ms: None,
            locked_until_ms: None,
            dead: Dead::default(),
        };
        for (name, value) in message.message_annotations.unwrap_or_default().0 {
            if let OwnedKey::Symbol(name) = name {
                incoming.annotation(name.as_str(), value);
            }
        }
        for (name, value) in message.application_properties.unwrap_or_default().0 {
            incoming.property(&name, value);
        }
        incoming
    }

    /// Reads a message from its bytes, as a peek returns it.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, String> {
        let message = Body::<Value>::decode_message_from_reader(SliceReader::new(bytes));
        message.map(Self::read).map_err(|error| error.to_string())
    }

    fn annotation(&mut self, name: &str, value: Value) {
        match (name, value) {
            ("x-opt-sequence-number", Value::Long(number)) => self.sequence = number,
            ("x-opt-enqueued-time", Value::Timestamp(time)) => {
                self.enqueued_ms = Some(time.milliseconds());
            }
            ("x-opt-locked-until", Value::Timestamp(time)) => {
                self.locked_until_ms = Some(time.milliseconds());
            }
            ("x-opt-message-state", Value::Int(state)) => self.scheduled = state == 2,
            _ => {}
        }
    }

    fn property(&mut self, name: &str, value: SimpleValue) {
        match (name, value) {
            (ATTEMPTS, value) => {
                self.attempt = self.attempt.saturating_add(count(&value).unwrap_or_default());
            }
            (DELIVERIES, value) => self.dead.deliveries = count(&value),
            (DEAD_SINCE, SimpleValue::Long(ms)) => self.dead.since_ms = Some(ms),
            ("DeadLetterReason", SimpleValue::String(text)) => self.dead.reason = Some(text),
            ("DeadLetterErrorDescription", SimpleValue::String(text)) => {
                self.dead.description = Some(text);
            }
            _ => {}
        }
    }

    /// The message as a dead letter.
    pub(super) fn into_dead_letter(self) -> crate::queue::DeadLetter {
        let since = self.dead.since_ms.or(self.enqueued_ms).unwrap_or_default();
        crate::queue::DeadLetter {
            id: self.sequence,
            key: self.key,
            body: self.body,
            reason: self.dead.reason.unwrap_or_else(|| "unknown".to_owned()),
            description: self.dead.description.unwrap_or_default(),
            // Set aside by the service itself: it had counted the last delivery already.
            attempts: self.dead.deliveries.unwrap_or(self.attempt.saturating_sub(1)),
            dead_since: jiff::Timestamp::from_millisecond(since).unwrap_or_default(),
        }
    }
}

fn count(value: &SimpleValue) -> Option<u32> {
    match value {
        SimpleValue::Int(number) => u32::try_from(*number).ok(),
        SimpleValue::Long(number) => u32::try_from(*number).ok(),
        SimpleValue::Uint(number) => Some(*number),
        _ => None,
    }
}

/// A body as text: data sections, or a string from another program.
fn text(body: Body<Value>) -> Result<String, &'static str> {
    const NO_TEXT: &str = "its body is no text";
    match body {
        Body::Data(sections) => {
            let bytes = sections.into_iter().flat_map(|data| data.0.into_vec()).collect();
            String::from_utf8(bytes).map_err(|_| NO_TEXT)
        }
        Body::Value(value) => match value.0 {
            Value::String(text) => Ok(text),
            _ => Err(NO_TEXT),
        },
        Body::Sequence(_) | Body::Empty => Err(NO_TEXT),
    }
}
