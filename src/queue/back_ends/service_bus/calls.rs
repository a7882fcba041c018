//! What `$management` is asked (learn.microsoft.com, "AMQP 1.0 in Azure Service Bus: request/response
//! operations", read 2026-11).

use fe2o3_amqp::types::primitives::{Array, OrderedMap, Uuid, Value};

use super::bus::{Bus, operation};
use super::entity::Part;
use super::message::Incoming;
use super::node::Answer;
use super::settlement::Settlement;
use super::trouble::{self, Right, Trouble};

/// The most messages that one peek returns.
const PEEK: usize = 250;

/// A lock token: the delivery tag, a GUID in the byte order of .NET.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LockToken([u8; 16]);

impl LockToken {
    /// The token in a delivery tag.
    pub(super) fn of_tag(tag: &[u8]) -> Option<Self> {
        tag.try_into().ok().map(Self)
    }

    /// As AMQP writes a uuid: the first three groups the other way round.
    fn uuid(self) -> Uuid {
        let mut bytes = self.0;
        for group in [0..4, 4..6, 6..8] {
            bytes[group].reverse();
        }
        Uuid::from(bytes)
    }
}

/// Makes a lock last its full time from now: until when, by the service's clock, in milliseconds
/// since 1970, if it says so.
pub(super) async fn renew(bus: &Bus, token: LockToken) -> Result<Option<i64>, Trouble> {
    let answer = call(bus, Part::Messages, "com.microsoft:renew-lock", tokens(token)).await?;
    Ok(expiration(&answer))
}

/// The first of the `expirations` in the answer to a renewal.
fn expiration(answer: &Value) -> Option<i64> {
    let Value::Map(answer) = answer else { return None };
    let first = match answer.get(&Value::String("expirations".to_owned()))? {
        Value::Array(times) => times.0.first(),
        Value::List(times) => times.first(),
        _ => None,
    };
    match first? {
        Value::Timestamp(time) => Some(time.milliseconds()),
        _ => None,
    }
}

/// Ends a delivery by its lock token, which works on any connection.
pub(super) async fn settle(
    bus: &Bus,
    token: LockToken,
    settlement: &Settlement,
) -> Result<(), Trouble> {
    let body = settlement.request().into_iter().map(|(name, value)| (name.to_owned(), value));
    let body = body.chain(tokens(token)).collect::<Vec<_>>();
    call(bus, Part::Messages, "com.microsoft:update-disposition", body).await.map(drop)
}

/// Up to `limit` messages from the sequence number `from` on, whatever state they are in.
pub(super) async fn peek(
    bus: &Bus,
    part: Part,
    from: i64,
    limit: usize,
) -> Result<Vec<Incoming>, Trouble> {
    let (mut from, mut found) = (from, Vec::new());
    while found.len() < limit {
        let count = i32::try_from(PEEK.min(limit - found.len())).unwrap_or(i32::MAX);
        let body = vec![
            ("from-sequence-number".to_owned(), Value::Long(from)),
            ("message-count".to_owned(), Value::Int(count)),
        ];
        let page = messages(&call(bus, part, "com.microsoft:peek-message", body).await?)?;
        let Some(last) = page.last() else { break };
        from = last.sequence.saturating_add(1);
        found.extend(page);
    }
    Ok(found)
}

fn tokens(token: LockToken) -> Vec<(String, Value)> {
    vec![("lock-tokens".to_owned(), Value::Array(Array::from(vec![Value::Uuid(token.uuid())])))]
}

async fn call(
    bus: &Bus,
    part: Part,
    name: &str,
    body: Vec<(String, Value)>,
) -> Result<Value, Trouble> {
    let body: OrderedMap<Value, Value> =
        body.into_iter().map(|(name, value)| (Value::String(name), value)).collect();
    let answer = bus.management(part).await?.call(operation(name), Value::Map(body)).await?;
    understand(bus, answer)
}

/// The body of a good answer, or what a bad one means.
fn understand(bus: &Bus, answer: Answer) -> Result<Value, Trouble> {
    let Answer { status, description, condition, body } = answer;
    let said = || format!("{}: {status} {description}", bus.entity().queue);
    match (status, condition.as_deref()) {
        (200 | 202 | 204, _) => Ok(body),
        (401 | 403, _) => {
            Err(trouble::token_refused(bus.entity(), Right::Listen, &description, None))
        }
        (410, _)
        | (_, Some("com.microsoft:message-lock-lost" | "com.microsoft:message-not-found")) => {
            Err(Trouble::LeaseLost)
        }
        (404, _) => Err(trouble::not_found(bus.entity())),
        (429 | 500.., _) | (_, Some("com.microsoft:server-busy")) => Err(Trouble::busy(said())),
        (_, _) => Err(Trouble::lasting(said())),
    }
}

/// The messages in the answer to a peek.
fn messages(body: &Value) -> Result<Vec<Incoming>, Trouble> {
    let name = |name: &str| Value::String(name.to_owned());
    let Value::Map(body) = body else { return Ok(Vec::new()) };
    let Some(Value::List(entries)) = body.get(&name("messages")) else { return Ok(Vec::new()) };
    let decoded = entries.iter().filter_map(|entry| match entry {
        Value::Map(entry) => match entry.get(&name("message")) {
            Some(Value::Binary(bytes)) => Some(Incoming::decode(bytes)),
            _ => None,
        },
        _ => None,
    });
    decoded
        .collect::<Result<_, _>>()
        .map_err(|error| Trouble::lasting(format!("a message can't be read: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_three_groups_of_a_lock_token_turn_round() {
        let token = LockToken::of_tag(&(0..16).collect::<Vec<_>>()).unwrap();
        let uuid = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
        assert_eq!(token.uuid().into_inner(), uuid);
        assert_eq!(LockToken::of_tag(b"short"), None);
    }
}
