//! The nine performatives of part 2, with the fields that a Service Bus client and its
//! service use.

mod codec;

use super::decode::Malformed;
use super::fields::Fields;
use super::outcome::{Error, Outcome};
use super::value::Value;

/// What a frame says.
#[derive(Clone, Debug, PartialEq)]
pub enum Performative {
    /// Opens a connection.
    Open(Open),
    /// Begins a session.
    Begin(Begin),
    /// Attaches a link.
    Attach(Attach),
    /// Changes windows and credit.
    Flow(Flow),
    /// Carries a message, or a piece of one.
    Transfer(Transfer),
    /// Says what became of deliveries.
    Disposition(Disposition),
    /// Detaches a link.
    Detach(Detach),
    /// Ends a session.
    End(Option<Error>),
    /// Closes the connection.
    Close(Option<Error>),
}

/// Opens a connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    /// Who is speaking.
    pub container_id: String,
    /// The largest frame it takes, in bytes.
    pub max_frame_bytes: u32,
    /// The highest channel it takes.
    pub channel_max: u16,
    /// How long it bears silence, in milliseconds.
    pub idle_timeout_ms: Option<u32>,
}

/// Begins a session.
#[derive(Clone, Debug, PartialEq)]
pub struct Begin {
    /// In an answer, the channel that it answers.
    pub remote_channel: Option<u16>,
    /// The id of the first transfer to come.
    pub next_outgoing_id: u32,
    /// How many transfers it takes.
    pub incoming_window: u32,
    /// How many transfers it may send.
    pub outgoing_window: u32,
    /// The highest handle it takes.
    pub handle_max: u32,
}

/// Which end of a link speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It sends messages.
    Sender,
    /// It receives messages.
    Receiver,
}

/// Attaches a link.
#[derive(Clone, Debug, PartialEq)]
pub struct Attach {
    /// The name of the link.
    pub name: String,
    /// Its number in the session.
    pub handle: u32,
    /// What the speaker is.
    pub role: Role,
    /// 0 unsettled, 1 settled, 2 mixed.
    pub sender_settles: Option<u32>,
    /// 0 first, 1 second.
    pub receiver_settles: Option<u32>,
    /// Where messages come from.
    pub source: Value,
    /// Where messages go.
    pub target: Value,
    /// Deliveries before the first, if the speaker sends.
    pub initial_delivery_count: Option<u32>,
    /// The largest message, in bytes.
    pub max_message_bytes: Option<u64>,
}

/// Changes windows and credit.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// The transfer it expects next; absent before the peer's `begin` came.
    pub next_incoming_id: Option<u32>,
    /// How many transfers it takes.
    pub incoming_window: u32,
    /// The id of its next transfer.
    pub next_outgoing_id: u32,
    /// How many transfers it may send.
    pub outgoing_window: u32,
    /// The link, if it is about one.
    pub handle: Option<u32>,
    /// Deliveries so far.
    pub delivery_count: Option<u32>,
    /// Deliveries that the receiver takes from there on.
    pub link_credit: Option<u32>,
    /// Whether credit is to be used up.
    pub drain: bool,
    /// Whether an answer is wanted.
    pub echo: bool,
}

/// Carries a message, or a piece of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Transfer {
    /// The link.
    pub handle: u32,
    /// The delivery; only the first piece must say it.
    pub delivery_id: Option<u32>,
    /// The sender's name for the delivery.
    pub delivery_tag: Value,
    /// 0 for a message, [`BATCH_FORMAT`](Self::BATCH_FORMAT) for a batch.
    pub message_format: Option<u32>,
    /// Whether no outcome is wanted.
    pub settled: bool,
    /// Whether there are more pieces.
    pub more: bool,
    /// Whether the delivery is called off.
    pub aborted: bool,
}

impl Transfer {
    /// Every data section is a message: how clients of Service Bus send batches
    /// (learn.microsoft.com, AMQP 1.0 in Azure Service Bus protocol guide).
    pub const BATCH_FORMAT: u32 = 0x8001_3700;
}

/// Says what became of deliveries.
#[derive(Clone, Debug, PartialEq)]
pub struct Disposition {
    /// What the speaker is.
    pub role: Role,
    /// The first delivery.
    pub first: u32,
    /// The last delivery.
    pub last: u32,
    /// Whether the speaker is done with them.
    pub settled: bool,
    /// What became of them.
    pub outcome: Option<Outcome>,
}

/// Detaches a link.
#[derive(Clone, Debug, PartialEq)]
pub struct Detach {
    /// The link.
    pub handle: u32,
    /// Whether it is gone for good.
    pub closed: bool,
    /// Why.
    pub error: Option<Error>,
}

impl Performative {
    /// The performative in a frame.
    pub fn decode(value: Value) -> Result<Self, Malformed> {
        let Some((code, inner)) = value.into_described() else {
            return Err(Malformed("a frame without a performative".to_owned()));
        };
        let mut fields = Fields::of(inner)?;
        let fields = &mut fields;
        Ok(match code {
            0x10 => Self::Open(Open::decode(fields)?),
            0x11 => Self::Begin(Begin::decode(fields)?),
            0x12 => Self::Attach(Attach::decode(fields)?),
            0x13 => Self::Flow(Flow::decode(fields)?),
            0x14 => Self::Transfer(Transfer::decode(fields)?),
            0x15 => Self::Disposition(Disposition::decode(fields)?),
            0x16 => Self::Detach(Detach::decode(fields)?),
            0x17 => Self::End(Error::decode(fields.any())?),
            0x18 => Self::Close(Error::decode(fields.any())?),
            other => return Err(Malformed(format!("unknown performative {other:#x}"))),
        })
    }

    /// As it stands in a frame.
    pub fn value(&self) -> Value {
        let error = |error: &Option<Error>| error.as_ref().map_or(Value::Null, Error::value);
        let (code, fields) = match self {
            Self::Open(open) => (0x10, open.fields()),
            Self::Begin(begin) => (0x11, begin.fields()),
            Self::Attach(attach) => (0x12, attach.fields()),
            Self::Flow(flow) => (0x13, flow.fields()),
            Self::Transfer(transfer) => (0x14, transfer.fields()),
            Self::Disposition(disposition) => (0x15, disposition.fields()),
            Self::Detach(detach) => {
                let closed = Value::Bool(detach.closed);
                (0x16, vec![Value::Uint(detach.handle), closed, error(&detach.error)])
            }
            Self::End(why) => (0x17, vec![error(why)]),
            Self::Close(why) => (0x18, vec![error(why)]),
        };
        Value::described(code, Value::List(fields))
    }
}
