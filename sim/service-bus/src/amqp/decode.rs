//! Bytes to values, with limits.

use bytes::{Buf, Bytes};

use super::value::{Array, Value};

/// How deep values may nest. The deepest that clients write are the annotations in a source,
/// about six levels; a limit protects the stack.
pub const MAX_DEPTH: u32 = 32;

/// Bytes that are not AMQP, or more than is decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed(pub String);

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Malformed {}

fn malformed<T>(why: impl Into<String>) -> Result<T, Malformed> {
    Err(Malformed(why.into()))
}

/// Reads one value after the other. Binaries are slices of the input, not copies.
#[derive(Debug)]
pub struct Decoder {
    input: Bytes,
    /// How many more values may be made: one for each byte of input, so that arrays of empty
    /// items can't make much out of little.
    budget: usize,
}

impl Decoder {
    /// A decoder at the start of the input.
    pub fn new(input: Bytes) -> Self {
        let budget = input.len();
        Self { input, budget }
    }

    /// Whether everything was read.
    pub fn is_at_end(&self) -> bool {
        self.input.is_empty()
    }

    /// What was not read yet.
    pub fn rest(&self) -> &Bytes {
        &self.input
    }

    /// The next value.
    pub fn value(&mut self) -> Result<Value, Malformed> {
        self.nested(0)
    }

    fn nested(&mut self, depth: u32) -> Result<Value, Malformed> {
        let code = self.u8()?;
        if code == 0 {
            within(depth)?;
            let descriptor = self.nested(depth + 1)?;
            let inner = self.nested(depth + 1)?;
            return Ok(Value::Described(Box::new(descriptor), Box::new(inner)));
        }
        self.of_code(code, depth)
    }

    fn of_code(&mut self, code: u8, depth: u32) -> Result<Value, Malformed> {
        let Some(budget) = self.budget.checked_sub(1) else {
            return malformed("more values than bytes");
        };
        self.budget = budget;
        // The high half of a format code is the width of what follows (part 1, 1.2).
        match code >> 4 {
            0x4 => empty(code),
            0x5..=0x9 => self.fixed(code),
            0xa | 0xb => self.variable(code),
            0xc..=0xf => self.compound(code, depth),
            _ => unknown(code),
        }
    }

    fn fixed(&mut self, code: u8) -> Result<Value, Malformed> {
        Ok(match code {
            0x50 => Value::Ubyte(self.u8()?),
            0x51 => Value::Byte(self.u8()? as i8),
            0x52 => Value::Uint(self.u8()?.into()),
            0x53 => Value::Ulong(self.u8()?.into()),
            0x54 => Value::Int((self.u8()? as i8).into()),
            0x55 => Value::Long((self.u8()? as i8).into()),
            0x56 => match self.u8()? {
                0 => Value::Bool(false),
                1 => Value::Bool(true),
                other => return malformed(format!("a boolean of {other}")),
            },
            0x60 => Value::Ushort(u16::from_be_bytes(self.array()?)),
            0x61 => Value::Short(i16::from_be_bytes(self.array()?)),
            0x70 => Value::Uint(self.u32()?),
            0x71 => Value::Int(i32::from_be_bytes(self.array()?)),
            0x80 => Value::Ulong(u64::from_be_bytes(self.array()?)),
            0x81 => Value::Long(i64::from_be_bytes(self.array()?)),
            0x83 => Value::Timestamp(i64::from_be_bytes(self.array()?)),
            0x98 => Value::Uuid(self.array()?),
            0x72..=0x74 => Value::Opaque(code, self.take(4)?),
            0x82 | 0x84 => Value::Opaque(code, self.take(8)?),
            0x94 => Value::Opaque(code, self.take(16)?),
            _ => return unknown(code),
        })
    }

    fn variable(&mut self, code: u8) -> Result<Value, Malformed> {
        let size = if code < 0xb0 { self.u8()?.into() } else { self.u32()? as usize };
        let bytes = self.take(size)?;
        match code & 0x0f {
            0 => Ok(Value::Binary(bytes)),
            1 => Ok(Value::String(text(&bytes)?)),
            3 if bytes.is_ascii() => Ok(Value::Symbol(text(&bytes)?)),
            3 => malformed("a symbol that is not ASCII"),
            _ => unknown(code),
        }
    }

    /// Lists, maps and arrays: size, count, items. Size includes the count.
    fn compound(&mut self, code: u8, depth: u32) -> Result<Value, Malformed> {
        within(depth)?;
        let small = matches!(code, 0xc0 | 0xc1 | 0xe0);
        let size = if small { self.u8()?.into() } else { self.u32()? as usize };
        let mut content = Self { input: self.take(size)?, budget: self.budget };
        let count = if small { content.u8()?.into() } else { content.u32()? as usize };
        let value = match code {
            0xc0 | 0xd0 => Value::List(content.list(count, depth)?),
            0xc1 | 0xd1 => Value::Map(content.map(count, depth)?),
            0xe0 | 0xf0 => Value::Array(content.items(count, depth)?),
            _ => return unknown(code),
        };
        if !content.is_at_end() {
            return malformed("a compound value is larger than its items");
        }
        self.budget = content.budget;
        Ok(value)
    }

    fn list(&mut self, count: usize, depth: u32) -> Result<Vec<Value>, Malformed> {
        (0..count).map(|_| self.nested(depth + 1)).collect()
    }

    fn map(&mut self, count: usize, depth: u32) -> Result<Vec<(Value, Value)>, Malformed> {
        if !count.is_multiple_of(2) {
            return malformed("a map with a key without value");
        }
        (0..count / 2).map(|_| Ok((self.nested(depth + 1)?, self.nested(depth + 1)?))).collect()
    }

    fn items(&mut self, count: usize, depth: u32) -> Result<Array, Malformed> {
        let code = self.u8()?;
        let descriptor = if code == 0 { Some(self.nested(depth + 1)?) } else { None };
        let code = if code == 0 { self.u8()? } else { code };
        let item = |decoder: &mut Self| {
            let inner = decoder.of_code(code, depth + 1)?;
            Ok(match &descriptor {
                Some(descriptor) => Value::Described(Box::new(descriptor.clone()), Box::new(inner)),
                None => inner,
            })
        };
        let items: Result<_, _> = (0..count).map(|_| item(self)).collect();
        Ok(Array::decoded(items?))
    }

    fn take(&mut self, size: usize) -> Result<Bytes, Malformed> {
        if size > self.input.len() {
            return malformed(format!("cut short: {size} bytes wanted, {} left", self.input.len()));
        }
        Ok(self.input.split_to(size))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let mut array = [0; N];
        self.take(N)?.copy_to_slice(&mut array);
        Ok(array)
    }

    fn u8(&mut self) -> Result<u8, Malformed> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    fn u32(&mut self) -> Result<u32, Malformed> {
        Ok(u32::from_be_bytes(self.array()?))
    }
}

fn within(depth: u32) -> Result<(), Malformed> {
    if depth < MAX_DEPTH { Ok(()) } else { malformed("values nest deeper than 32 levels") }
}

fn empty(code: u8) -> Result<Value, Malformed> {
    Ok(match code {
        0x40 => Value::Null,
        0x41 => Value::Bool(true),
        0x42 => Value::Bool(false),
        0x43 => Value::Uint(0),
        0x44 => Value::Ulong(0),
        0x45 => Value::List(Vec::new()),
        _ => return unknown(code),
    })
}

fn text(bytes: &Bytes) -> Result<String, Malformed> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => malformed("a text that is not UTF-8"),
    }
}

fn unknown<T>(code: u8) -> Result<T, Malformed> {
    malformed(format!("unknown format code {code:#04x}"))
}
