//! The fields of each performative, in the order of the standard.

use super::super::decode::Malformed;
use super::super::fields::Fields;
use super::super::outcome::{Error, Outcome};
use super::super::value::{Value, string};
use super::{Attach, Begin, Detach, Disposition, Flow, Open, Role, Transfer};

fn missing(field: &str) -> Malformed {
    Malformed(format!("{field} is missing"))
}

fn uint(number: Option<u32>) -> Value {
    number.map_or(Value::Null, Value::Uint)
}

impl Open {
    pub(super) fn decode(fields: &mut Fields) -> Result<Self, Malformed> {
        let container_id = fields.text()?.unwrap_or_default();
        fields.skip(1);
        let max_frame_bytes = fields.uint()?.unwrap_or(u32::MAX);
        let channel_max = fields.uint()?.map_or(u16::MAX, |max| max as u16);
        Ok(Self { container_id, max_frame_bytes, channel_max, idle_timeout_ms: fields.uint()? })
    }

    pub(super) fn fields(&self) -> Vec<Value> {
        vec![
            string(&self.container_id),
            Value::Null,
            Value::Uint(self.max_frame_bytes),
            Value::Ushort(self.channel_max),
            uint(self.idle_timeout_ms),
        ]
    }
}

impl Begin {
    pub(super) fn decode(fields: &mut Fields) -> Result<Self, Malformed> {
        Ok(Self {
            remote_channel: fields.uint()?.map(|channel| channel as u16),
            next_outgoing_id: fields.uint()?.ok_or_else(|| missing("next-outgoing-id"))?,
            incoming_window: fields.uint()?.ok_or_else(|| missing("incoming-window"))?,
            outgoing_window: fields.uint()?.ok_or_else(|| missing("outgoing-window"))?,
            handle_max: fields.uint()?.unwrap_or(u32::MAX),
        })
    }

    pub(super) fn fields(&self) -> Vec<Value> {
        vec![
            self.remote_channel.map_or(Value::Null, Value::Ushort),
            Value::Uint(self.next_outgoing_id),
            Value::Uint(self.incoming_window),
            Value::Uint(self.outgoing_window),
            Value::Uint(self.handle_max),
        ]
    }
}

impl Role {
    pub(super) fn decode(fields: &mut Fields) -> Result<Self, Malformed> {
        Ok(if fields.flag()? { Self::Receiver } else { Self::Sender })
    }

    fn value(self) -> Value {
        Value::Bool(self == Self::Receiver)
    }
}

impl Attach {
    pub(super) fn decode(fields: &mut Fields) -> Result<Self, Malformed> {
        let name = fields.text()?.ok_or_else(|| missing("the link's name"))?;
        let handle = fields.uint()?.ok_or_else(|| missing("the link's handle"))?;
        let role = Role::decode(fields)?;
        let (sender_settles, receiver_settles) = (fields.uint()?, fields.uint()?);
        let (source, target) = (fields.any(), fields.any());
        fields.skip(2);
        let initial_delivery_count = fields.uint()?;
        let max_message_bytes = fields.any().as_i64().and_then(|bytes| u64::try_from(bytes).ok());
        Ok(Self {
            name,
            handle,
            role,
            sender_settles,
            receiver_settles,
            source,
            target,
            initial_delivery_count,
            max_message_bytes,
        })
    }

    pub(super) fn fields(&self) -> Vec<Value> {
        let settles = |mode: Option<u32>| mode.map_or(Value::Null, |mode| Value::Ubyte(mode as u8));
        vec![
            string(&self.name),
            Value::Uint(self.handle),
            self.role.value(),
            settles(self.sender_settles),
            settles(self.receiver_settles),
            self.source.clone(),
            self.target.clone(),
            Value::Null,
            Value::Null,
            uint(self.initial_delivery_count),
            self.max_message_bytes.map_or(Value::Null, Value::Ulong),
        ]
    }
}

impl Flow {
    pub(super) fn decode(fields: &mut Fields) -> Result<Self, Malformed> {
        let next_incoming_id = fields.uint()?;
        let incoming_window = fields.uint()?.ok_or_else(|| missing("incoming-window"))?;
        let next_outgoing_id = fields.uint()?.ok_or_else(|| missing("next-outgoing-id"))?;
        let outgoing_window = fields.uint()?.ok_or_else(|| missing("outgoing-window"))?;
        let (handle, delivery_count, link_credit) =
            (fields.uint()?, fields.uint()?, fields.uint()?);
        fields.skip(1);
        let (drain, echo) = (fields.flag()?, fields.flag()?);
        Ok(Self {
            next_incoming_id,
            incoming_window,
            next_outgoing_id,
            outgoing_window,
            handle,
            delivery_count,
            link_credit,
            drain,
            echo,
        })
    }

    pub(super) fn fields(&self) -> Vec<Value> {
        vec![
            uint(self.next_incoming_id),
            Value::Uint(self.incoming_window),
            Value::Uint(self.next_outgoing_id),
            Value::Uint(self.outgoing_window),
            uint(self.handle),
            uint(self.delivery_count),
            uint(self.link_credit),
            Value::Null,
            Value::Bool(self.drain),
            Value::Bool(self.echo),
        ]
    }
}

impl Transfer {
    pub(super) fn decode(fields: &mut Fields) -> Result<Self, Malformed> {
        let handle = fields.uint()?.ok_or_else(|| missing("the transfer's handle"))?;
        let delivery_id = fields.uint()?;
        let delivery_tag = fields.any();
        let message_format = fields.uint()?;
        let (settled, more) = (fields.flag()?, fields.flag()?);
        fields.skip(3);
        let aborted = fields.flag()?;
        Ok(Self { handle, delivery_id, delivery_tag, message_format, settled, more, aborted })
    }

    pub(super) fn fields(&self) -> Vec<Value> {
        vec![
            Value::Uint(self.handle),
            uint(self.delivery_id),
            self.delivery_tag.clone(),
            uint(self.message_format),
            Value::Bool(self.settled),
            Value::Bool(self.more),
        ]
    }
}

impl Disposition {
    pub(super) fn decode(fields: &mut Fields) -> Result<Self, Malformed> {
        let role = Role::decode(fields)?;
        let first = fields.uint()?.ok_or_else(|| missing("the first delivery"))?;
        let last = fields.uint()?.unwrap_or(first);
        let settled = fields.flag()?;
        Ok(Self { role, first, last, settled, outcome: Outcome::decode(fields.any())? })
    }

    pub(super) fn fields(&self) -> Vec<Value> {
        vec![
            self.role.value(),
            Value::Uint(self.first),
            Value::Uint(self.last),
            Value::Bool(self.settled),
            self.outcome.as_ref().map_or(Value::Null, Outcome::value),
        ]
    }
}

impl Detach {
    pub(super) fn decode(fields: &mut Fields) -> Result<Self, Malformed> {
        let handle = fields.uint()?.ok_or_else(|| missing("the link's handle"))?;
        Ok(Self { handle, closed: fields.flag()?, error: Error::decode(fields.any())? })
    }
}
