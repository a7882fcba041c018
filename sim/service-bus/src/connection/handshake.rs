//! The start of a connection: protocol headers and SASL (part 2, 2.2; part 5, 5.3).

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use crate::amqp::{Array, Decoder, FrameReader, Kind, Malformed, ReadError, Value, write_frame};
use crate::shared::Shared;
use crate::tokens::{Claims, Grant};

const AMQP: [u8; 8] = *b"AMQP\x00\x01\x00\x00";
const SASL: [u8; 8] = *b"AMQP\x03\x01\x00\x00";
/// As the service offers them. Clients of Service Bus take MSSBCBS or ANONYMOUS and prove who they
/// are at `$cbs`; PLAIN does that at once, with policy and key.
const MECHANISMS: [&str; 4] = ["MSSBCBS", "PLAIN", "ANONYMOUS", "EXTERNAL"];

/// How SASL ends, as the standard numbers it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Ok = 0,
    Auth = 1,
}

/// Agrees on AMQP 1.0, after SASL if the peer wants that. An error ends the connection.
pub async fn accept<R, W>(
    reader: &mut FrameReader<R>,
    writer: &mut W,
    shared: &Shared,
) -> Result<Claims, ReadError>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut claims = Claims::new(&shared.options);
    let mut protocol = reader.protocol().await?;
    if protocol == SASL {
        authenticate(reader, writer, shared, &mut claims).await?;
        protocol = reader.protocol().await?;
    }
    // A peer that asked for another protocol learns which one there is.
    say(writer, &AMQP).await?;
    if protocol == AMQP {
        Ok(claims)
    } else {
        Err(ReadError::Malformed(Malformed("not AMQP 1.0".to_owned())))
    }
}

async fn authenticate<R, W>(
    reader: &mut FrameReader<R>,
    writer: &mut W,
    shared: &Shared,
    claims: &mut Claims,
) -> Result<(), ReadError>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut out = BytesMut::from(&SASL[..]);
    let mechanisms = vec![Value::Array(Array::symbols(&MECHANISMS))];
    let mechanisms = Value::described(0x40, Value::List(mechanisms));
    write_frame(&mut out, Kind::Sasl, 0, Some(&mechanisms), &[]);
    say(writer, &out).await?;
    let frame = reader.frame().await?;
    let init = Decoder::new(frame.body).value().map_err(ReadError::Malformed)?;
    let verdict = match init.into_described() {
        Some((0x41, init)) if frame.kind == Kind::Sasl => judge(&init, shared, claims),
        _ => return Err(ReadError::Malformed(Malformed("no sasl-init".to_owned()))),
    };
    let outcome = Value::described(0x44, Value::List(vec![Value::Ubyte(verdict as u8)]));
    let mut out = BytesMut::new();
    write_frame(&mut out, Kind::Sasl, 0, Some(&outcome), &[]);
    say(writer, &out).await?;
    if verdict == Verdict::Ok { Ok(()) } else { Err(ReadError::Gone) }
}

fn judge(init: &Value, shared: &Shared, claims: &mut Claims) -> Verdict {
    let mechanism = init.items().first().and_then(Value::as_str).unwrap_or_default();
    if !MECHANISMS.contains(&mechanism) {
        return Verdict::Auth;
    }
    let Some((policy, key)) = shared.options.keys.as_ref().filter(|_| mechanism == "PLAIN") else {
        return Verdict::Ok;
    };
    let Some(Value::Binary(response)) = init.items().get(1) else { return Verdict::Auth };
    let mut words = response.split(|byte| *byte == 0).skip(1);
    if words.next() == Some(policy.as_bytes()) && words.next() == Some(key.as_bytes()) {
        claims.add(Grant { path: String::new(), until_ms: i64::MAX });
        Verdict::Ok
    } else {
        Verdict::Auth
    }
}

async fn say<W: AsyncWrite + Unpin>(writer: &mut W, bytes: &[u8]) -> Result<(), ReadError> {
    writer.write_all(bytes).await.map_err(|_| ReadError::Gone)?;
    writer.flush().await.map_err(|_| ReadError::Gone)
}
