//! What `…/$management` does (learn.microsoft.com, AMQP 1.0 in Azure Service Bus:
//! request-response-based operations, read 2026-11-22).

use bytes::Bytes;

use super::amqp::{Array, Error, Outcome, Value, string};
use super::broker::{Address, Broker, Content, Delivery, LockToken, Receive};
use super::request::{Answer, Request};

/// The most messages that one request peeks at.
const MAX_PEEK: i64 = 250;

/// One request about one queue.
pub struct Operation<'a> {
    /// The queues.
    pub broker: &'a mut Broker,
    /// The queue.
    pub address: &'a Address,
    /// The largest message or answer.
    pub max_bytes: usize,
    /// The time.
    pub now_ms: i64,
}

impl Operation<'_> {
    /// Carries a request out.
    pub fn answer(mut self, request: &Request) -> Answer {
        let body = &request.body;
        let done = match request.operation.as_str() {
            "com.microsoft:renew-lock" => self.renew(body),
            "com.microsoft:peek-message" => self.peek(body),
            "com.microsoft:schedule-message" => self.schedule(body),
            "com.microsoft:cancel-scheduled-message" => self.cancel(body),
            "com.microsoft:receive-by-sequence-number" => self.receive(body),
            "com.microsoft:update-disposition" => self.update_disposition(body),
            other => {
                let text = format!("The operation '{other}' is not simulated.");
                Err(Error::new("amqp:not-implemented", text))
            }
        };
        done.map_or_else(|error| Answer::refused(status_of(&error), error), Answer::ok)
    }

    fn renew(&mut self, body: &Value) -> Result<Value, Error> {
        let mut ends_ms = Vec::new();
        for token in lock_tokens(body)? {
            ends_ms.push(self.broker.renew(self.address, token, self.now_ms)?);
        }
        Ok(map([("expirations", Value::Array(Array::timestamps(&ends_ms)))]))
    }

    fn peek(&mut self, body: &Value) -> Result<Value, Error> {
        let number = |key: &str| body.get(key).and_then(Value::as_i64);
        let from = number("from-sequence-number").unwrap_or(0);
        let count = number("message-count").unwrap_or(1).clamp(1, MAX_PEEK) as usize;
        let found = self.broker.peek(self.address, from, count, self.max_bytes)?;
        if found.is_empty() {
            return Err(Error::new("com.microsoft:no-content", "There are no such messages."));
        }
        let message = |encoded: Bytes| map([("message", Value::Binary(encoded))]);
        Ok(map([("messages", Value::List(found.into_iter().map(message).collect()))]))
    }

    fn schedule(&mut self, body: &Value) -> Result<Value, Error> {
        let mut contents = Vec::new();
        for entry in body.get("messages").map(Value::items).unwrap_or_default() {
            let Some(Value::Binary(encoded)) = entry.get("message") else {
                return Err(bad_request("a message is missing"));
            };
            let content = Content::decode(encoded).map_err(|error| bad_request(&error.0))?;
            contents.push(content);
        }
        let sequences = self.broker.send(self.address, contents, self.now_ms)?;
        Ok(map([("sequence-numbers", Value::Array(Array::longs(&sequences)))]))
    }

    fn cancel(&mut self, body: &Value) -> Result<Value, Error> {
        self.broker.cancel(self.address, &sequence_numbers(body))?;
        Ok(map([]))
    }

    fn receive(&mut self, body: &Value) -> Result<Value, Error> {
        let mode = body.get("receiver-settle-mode").and_then(Value::as_i64);
        let receive = if mode == Some(0) { Receive::AndDelete } else { Receive::PeekLock };
        let sequences = sequence_numbers(body);
        let found = self.broker.take_deferred(self.address, &sequences, receive, self.now_ms)?;
        let entry = |delivery: Delivery| {
            let message = ("message", Value::Binary(delivery.encoded));
            match delivery.lock {
                None => map([message]),
                Some(lock) => map([message, ("lock-token", Value::Uuid(lock.uuid()))]),
            }
        };
        Ok(map([("messages", Value::List(found.into_iter().map(entry).collect()))]))
    }

    fn update_disposition(&mut self, body: &Value) -> Result<Value, Error> {
        let outcome = outcome(body)?;
        for token in lock_tokens(body)? {
            self.broker.settle(self.address, token, &outcome, self.now_ms)?;
        }
        Ok(map([]))
    }
}

/// The outcome that a disposition status stands for. `defered` is how the service spells it.
fn outcome(body: &Value) -> Result<Outcome, Error> {
    let changes = || body.get("properties-to-modify").cloned().map(Value::into_pairs);
    let annotations = || changes().unwrap_or_default();
    match body.get("disposition-status").and_then(Value::as_str) {
        Some("completed") => Ok(Outcome::Accepted),
        Some("abandoned") => {
            Ok(Outcome::Modified { undeliverable_here: false, annotations: annotations() })
        }
        Some("defered") => {
            Ok(Outcome::Modified { undeliverable_here: true, annotations: annotations() })
        }
        Some("suspended") => {
            let mut error = Error::new("com.microsoft:dead-letter", "");
            error.info = annotations();
            for (key, name) in [
                ("deadletter-reason", "DeadLetterReason"),
                ("deadletter-description", "DeadLetterErrorDescription"),
            ] {
                if let Some(value) = body.get(key) {
                    error.info.push((string(name), value.clone()));
                }
            }
            Ok(Outcome::Rejected(Some(error)))
        }
        _ => Err(bad_request("an unknown disposition-status")),
    }
}

fn lock_tokens(body: &Value) -> Result<Vec<LockToken>, Error> {
    let tokens = body.get("lock-tokens").map(Value::items).unwrap_or_default();
    let token = |value: &Value| match value {
        Value::Uuid(uuid) => Ok(LockToken::from_uuid(*uuid)),
        _ => Err(bad_request("a lock token that is no uuid")),
    };
    tokens.iter().map(token).collect()
}

fn sequence_numbers(body: &Value) -> Vec<i64> {
    let numbers = body.get("sequence-numbers").map(Value::items).unwrap_or_default();
    numbers.iter().filter_map(Value::as_i64).collect()
}

fn map<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    Value::Map(pairs.into_iter().map(|(key, value)| (string(key), value)).collect())
}

fn bad_request(text: &str) -> Error {
    Error::new("com.microsoft:argument-error", text)
}

fn status_of(error: &Error) -> i32 {
    match error.condition.as_str() {
        "com.microsoft:no-content" => 204,
        "com.microsoft:argument-error" => 400,
        "amqp:resource-limit-exceeded" => 403,
        "amqp:not-found" | "com.microsoft:message-not-found" => 404,
        "com.microsoft:message-lock-lost" => 410,
        "amqp:not-implemented" => 501,
        _ => 500,
    }
}
