//! Requests to `$cbs` and `$management`, and their answers.

use bytes::{Bytes, BytesMut};

use super::amqp::{Decoder, Error, Malformed, Value, encode, string, symbol};

/// A request.
#[derive(Debug)]
pub struct Request {
    /// What is to be done.
    pub operation: String,
    /// Application properties.
    pub properties: Value,
    /// The body.
    pub body: Value,
    /// The address of the link on which the answer is awaited.
    pub reply_to: String,
    /// What the answer must name.
    correlation: Value,
}

/// An answer: a status as HTTP has them, and a body.
#[derive(Debug, PartialEq)]
pub struct Answer {
    status: i32,
    description: String,
    condition: Option<String>,
    body: Value,
}

impl Request {
    /// Takes an encoded message apart.
    pub fn decode(encoded: Bytes) -> Result<Self, Malformed> {
        let (mut fields, mut properties, mut body) = (Value::Null, Value::Null, Value::Null);
        let mut decoder = Decoder::new(encoded);
        while !decoder.is_at_end() {
            match decoder.value()?.into_described() {
                Some((0x73, inner)) => fields = inner,
                Some((0x74, inner)) => properties = inner,
                Some((0x77, inner)) => body = inner,
                _ => {}
            }
        }
        let field = |index: usize| fields.items().get(index).cloned().unwrap_or(Value::Null);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (message_id, correlation_id) = (field(0), field(5));
        let correlation = if message_id == Value::Null { correlation_id } else { message_id };
        Ok(Self {
            operation: properties.get("operation").map(text).unwrap_or_default(),
            reply_to: text(&field(4)),
            properties,
            body,
            correlation,
        })
    }

    /// The encoded answer to this request.
    pub fn answered(&self, answer: &Answer) -> Bytes {
        let mut out = BytesMut::new();
        let mut fields = vec![Value::Null; 5];
        fields.push(self.correlation.clone());
        encode(&Value::described(0x73, Value::List(fields)), &mut out);
        encode(&Value::described(0x74, Value::Map(answer.properties())), &mut out);
        encode(&Value::described(0x77, answer.body.clone()), &mut out);
        out.freeze()
    }
}

impl Answer {
    /// Done; what comes back.
    pub fn ok(body: Value) -> Self {
        Self { status: 200, description: "OK".to_owned(), condition: None, body }
    }

    /// A token was taken.
    pub fn accepted() -> Self {
        let description = "Accepted".to_owned();
        Self { status: 202, description, condition: None, body: Value::Null }
    }

    /// Not done, and why. The body is an empty map; real answers may have none (guess).
    pub fn refused(status: i32, error: Error) -> Self {
        let (description, condition) = (error.description, Some(error.condition));
        Self { status, description, condition, body: Value::Map(Vec::new()) }
    }

    /// Status and description under the names of both nodes: `$cbs` has them with hyphens,
    /// `$management` without, and some clients look for the other one.
    fn properties(&self) -> Vec<(Value, Value)> {
        let status = Value::Int(self.status);
        let description = string(&self.description);
        let mut pairs = vec![
            (string("status-code"), status.clone()),
            (string("status-description"), description.clone()),
            (string("statusCode"), status),
            (string("statusDescription"), description),
        ];
        if let Some(condition) = &self.condition {
            pairs.push((string("errorCondition"), symbol(condition)));
            pairs.push((string("error-condition"), symbol(condition)));
        }
        pairs
    }
}
