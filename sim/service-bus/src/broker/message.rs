//! A message: what the sender wrote, and what the broker adds.

use bytes::{Bytes, BytesMut};

use crate::amqp::{Decoder, Malformed, Value, encode, string, symbol};

/// Where a message stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// To be delivered, or delivered and locked.
    #[default]
    Active,
    /// Put aside; it is received by its sequence number.
    Deferred,
    /// Not due yet.
    Scheduled,
}

/// The sections of a message. Body and footer stay as they came, byte by byte.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    durable: Value,
    priority: Value,
    ttl_ms: Option<i64>,
    annotations: Vec<(Value, Value)>,
    properties: Option<Bytes>,
    /// The message id, encoded: ids of different types are different.
    id: Option<Bytes>,
    application: Vec<(Value, Value)>,
    body: Bytes,
}

/// A message in a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// What the sender wrote.
    pub content: Content,
    /// Its number in this queue.
    pub sequence: i64,
    /// Its number in the queue that it was sent to.
    pub first_sequence: i64,
    /// When it became available, milliseconds since 1970.
    pub enqueued_ms: i64,
    /// Deliveries that failed.
    pub delivery_count: u32,
    /// Where it stands.
    pub state: State,
    /// The queue that gave it up, if it is a dead letter.
    pub source: Option<String>,
}

impl Content {
    /// Takes an encoded message apart.
    pub fn decode(encoded: &Bytes) -> Result<Self, Malformed> {
        let mut content = Self {
            durable: Value::Null,
            priority: Value::Null,
            ttl_ms: None,
            annotations: Vec::new(),
            properties: None,
            id: None,
            application: Vec::new(),
            body: Bytes::new(),
        };
        let mut body = BytesMut::new();
        let mut decoder = Decoder::new(encoded.clone());
        while !decoder.is_at_end() {
            let start = encoded.len() - decoder.rest().len();
            let Some((code, inner)) = decoder.value()?.into_described() else {
                return Err(Malformed("a message with something that is no section".to_owned()));
            };
            let section = encoded.slice(start..encoded.len() - decoder.rest().len());
            content.add(code, inner, section, &mut body)?;
        }
        content.body = body.freeze();
        Ok(content)
    }

    fn add(
        &mut self,
        code: u64,
        inner: Value,
        section: Bytes,
        body: &mut BytesMut,
    ) -> Result<(), Malformed> {
        match code {
            0x70 => {
                let mut fields = inner.items().iter().cloned();
                self.durable = fields.next().unwrap_or(Value::Null);
                self.priority = fields.next().unwrap_or(Value::Null);
                self.ttl_ms = fields.next().and_then(|ttl| ttl.as_i64());
            }
            // Annotations for the delivery are for the broker, which needs none of them.
            0x71 => {}
            0x72 => self.annotations = inner.into_pairs(),
            0x73 => {
                self.id = inner.items().first().filter(|id| **id != Value::Null).map(encoded);
                self.properties = Some(section);
            }
            0x74 => self.application = inner.into_pairs(),
            0x75..=0x78 => body.extend_from_slice(&section),
            other => {
                return Err(Malformed(format!("a message with the unknown section {other:#x}")));
            }
        }
        Ok(())
    }

    /// The message id, encoded.
    pub fn id(&self) -> Option<&Bytes> {
        self.id.as_ref()
    }

    /// Gives it an id if it has none: @azure/service-bus 7.9.5 cannot renew the lock of a message
    /// without one.
    pub fn ensure_id(&mut self, id: &str) {
        if self.id.is_some() {
            return;
        }
        let section = self.properties.take().map(|bytes| Decoder::new(bytes).value());
        let old = section.and_then(Result::ok).and_then(Value::into_described);
        let mut fields = match old {
            Some((_, Value::List(fields))) => fields,
            _ => Vec::new(),
        };
        match fields.first_mut() {
            Some(first) => *first = string(id),
            None => fields.push(string(id)),
        }
        self.id = Some(encoded(&string(id)));
        self.properties = Some(encoded(&Value::described(0x73, Value::List(fields))));
    }

    /// When it is to become available, milliseconds since 1970.
    pub fn scheduled_ms(&self) -> Option<i64> {
        let is_schedule = |name: &Value| name.as_str() == Some("x-opt-scheduled-enqueue-time");
        self.annotations.iter().find(|(name, _)| is_schedule(name))?.1.as_i64()
    }

    /// How long it lives after it became available.
    pub fn ttl_ms(&self) -> Option<i64> {
        self.ttl_ms
    }

    /// Sets application properties.
    pub fn set_properties(&mut self, pairs: &[(Value, Value)]) {
        for (name, value) in pairs {
            let name = name.as_str().unwrap_or_default();
            set(&mut self.application, string(name), value.clone());
        }
    }
}

impl Message {
    /// As a receiver gets it. `locked_until_ms` is for messages under lock.
    pub fn encode(&self, locked_until_ms: Option<i64>) -> Bytes {
        let content = &self.content;
        let mut out = BytesMut::with_capacity(content.body.len() + 512);
        encode(&self.header(), &mut out);
        let annotations = Value::Map(self.annotations(locked_until_ms));
        encode(&Value::described(0x72, annotations), &mut out);
        if let Some(properties) = &content.properties {
            out.extend_from_slice(properties);
        }
        if !content.application.is_empty() {
            let application = Value::Map(content.application.clone());
            encode(&Value::described(0x74, application), &mut out);
        }
        out.extend_from_slice(&content.body);
        out.freeze()
    }

    /// The delivery count is always written, also 0.
    fn header(&self) -> Value {
        let ttl = self.content.ttl_ms.and_then(|ttl| u32::try_from(ttl).ok());
        let fields = vec![
            self.content.durable.clone(),
            self.content.priority.clone(),
            ttl.map_or(Value::Null, Value::Uint),
            Value::Null,
            Value::Uint(self.delivery_count),
        ];
        Value::described(0x70, Value::List(fields))
    }

    fn annotations(&self, locked_until_ms: Option<i64>) -> Vec<(Value, Value)> {
        let state = match self.state {
            State::Active => 0,
            State::Deferred => 1,
            State::Scheduled => 2,
        };
        let mut pairs = self.content.annotations.clone();
        set(&mut pairs, symbol("x-opt-enqueued-time"), Value::Timestamp(self.enqueued_ms));
        set(&mut pairs, symbol("x-opt-sequence-number"), Value::Long(self.sequence));
        let first = Value::Long(self.first_sequence);
        set(&mut pairs, symbol("x-opt-enqueue-sequence-number"), first);
        set(&mut pairs, symbol("x-opt-message-state"), Value::Int(state));
        if let Some(until_ms) = locked_until_ms {
            set(&mut pairs, symbol("x-opt-locked-until"), Value::Timestamp(until_ms));
        }
        if let Some(source) = &self.source {
            set(&mut pairs, symbol("x-opt-deadletter-source"), string(source));
        }
        pairs
    }

    /// When its life is over.
    pub fn expires_ms(&self) -> Option<i64> {
        self.content.ttl_ms().map(|ttl_ms| self.enqueued_ms.saturating_add(ttl_ms))
    }
}

fn encoded(value: &Value) -> Bytes {
    let mut out = BytesMut::new();
    encode(value, &mut out);
    out.freeze()
}

fn set(pairs: &mut Vec<(Value, Value)>, name: Value, value: Value) {
    pairs.retain(|(old, _)| old.as_str() != name.as_str());
    pairs.push((name, value));
}
