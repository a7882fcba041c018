//! A value of any AMQP type.

use bytes::Bytes;

/// A value. Numbers keep their type, because peers look at it; floats, characters and
/// decimals are carried as their bytes, because nothing here computes with them.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// 8 bits, unsigned.
    Ubyte(u8),
    /// 16 bits, unsigned.
    Ushort(u16),
    /// 32 bits, unsigned.
    Uint(u32),
    /// 64 bits, unsigned.
    Ulong(u64),
    /// 8 bits.
    Byte(i8),
    /// 16 bits.
    Short(i16),
    /// 32 bits.
    Int(i32),
    /// 64 bits.
    Long(i64),
    /// Milliseconds since 1970.
    Timestamp(i64),
    /// Big-endian, as RFC 4122 writes it.
    Uuid([u8; 16]),
    /// A type of fixed width that is only passed on: its format code and its bytes.
    Opaque(u8, Bytes),
    /// Bytes.
    Binary(Bytes),
    /// Text.
    String(String),
    /// A word of some domain, in ASCII.
    Symbol(String),
    /// Values of any types.
    List(Vec<Value>),
    /// Pairs, in the order in which they came.
    Map(Vec<(Value, Value)>),
    /// Values of one type.
    Array(Array),
    /// A descriptor, and what it describes.
    Described(Box<Value>, Box<Value>),
}

/// Values of one type. Only the constructors here and the decoder make arrays, so that all items
/// have the same format code.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Array(Vec<Value>);

impl Array {
    /// An array of symbols.
    pub fn symbols(words: &[&str]) -> Self {
        Self(words.iter().copied().map(symbol).collect())
    }

    /// An array of signed 64-bit numbers.
    pub fn longs(numbers: &[i64]) -> Self {
        Self(numbers.iter().copied().map(Value::Long).collect())
    }

    /// An array of points in time, milliseconds since 1970.
    pub fn timestamps(times_ms: &[i64]) -> Self {
        Self(times_ms.iter().copied().map(Value::Timestamp).collect())
    }

    /// What the decoder read with one constructor.
    pub(super) fn decoded(items: Vec<Value>) -> Self {
        Self(items)
    }

    /// The items.
    pub fn items(&self) -> &[Value] {
        &self.0
    }
}

/// A symbol.
pub fn symbol(word: &str) -> Value {
    Value::Symbol(word.to_owned())
}

/// A text.
pub fn string(text: &str) -> Value {
    Value::String(text.to_owned())
}

impl Value {
    /// A list with a numeric descriptor: how performatives, outcomes and sections look.
    pub fn described(code: u64, inner: Value) -> Self {
        Self::Described(Box::new(Value::Ulong(code)), Box::new(inner))
    }

    /// Text or symbol.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) | Self::Symbol(text) => Some(text),
            _ => None,
        }
    }

    /// Any whole number or timestamp that fits.
    pub fn as_i64(&self) -> Option<i64> {
        match *self {
            Self::Ubyte(n) => Some(n.into()),
            Self::Ushort(n) => Some(n.into()),
            Self::Uint(n) => Some(n.into()),
            Self::Ulong(n) => n.try_into().ok(),
            Self::Byte(n) => Some(n.into()),
            Self::Short(n) => Some(n.into()),
            Self::Int(n) => Some(n.into()),
            Self::Long(n) | Self::Timestamp(n) => Some(n),
            _ => None,
        }
    }

    /// The items of a list or an array; nothing has none.
    pub fn items(&self) -> &[Value] {
        match self {
            Self::List(items) => items,
            Self::Array(array) => array.items(),
            _ => &[],
        }
    }

    /// The value under a key that is a text or a symbol.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Map(pairs) => {
                pairs.iter().find(|(name, _)| name.as_str() == Some(key)).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// The pairs of a map; anything else has none.
    pub fn into_pairs(self) -> Vec<(Value, Value)> {
        match self {
            Self::Map(pairs) => pairs,
            _ => Vec::new(),
        }
    }

    /// Descriptor and content, for the descriptors of part 1 to 3 of the standard, which
    /// may come as numbers or as names.
    pub fn into_described(self) -> Option<(u64, Value)> {
        let Self::Described(descriptor, inner) = self else { return None };
        let code = match *descriptor {
            Value::Ulong(code) => code,
            Value::Symbol(name) => code_of(&name)?,
            _ => return None,
        };
        Some((code, *inner))
    }
}

/// The numeric descriptors of the named types that clients may write by name.
fn code_of(name: &str) -> Option<u64> {
    Some(match name {
        "amqp:open:list" => 0x10,
        "amqp:begin:list" => 0x11,
        "amqp:attach:list" => 0x12,
        "amqp:flow:list" => 0x13,
        "amqp:transfer:list" => 0x14,
        "amqp:disposition:list" => 0x15,
        "amqp:detach:list" => 0x16,
        "amqp:end:list" => 0x17,
        "amqp:close:list" => 0x18,
        "amqp:error:list" => 0x1d,
        "amqp:received:list" => 0x23,
        "amqp:accepted:list" => 0x24,
        "amqp:rejected:list" => 0x25,
        "amqp:released:list" => 0x26,
        "amqp:modified:list" => 0x27,
        "amqp:source:list" => 0x28,
        "amqp:target:list" => 0x29,
        "amqp:header:list" => 0x70,
        "amqp:delivery-annotations:map" => 0x71,
        "amqp:message-annotations:map" => 0x72,
        "amqp:properties:list" => 0x73,
        "amqp:application-properties:map" => 0x74,
        "amqp:data:binary" => 0x75,
        "amqp:amqp-sequence:list" => 0x76,
        "amqp:amqp-value:*" => 0x77,
        "amqp:footer:map" => 0x78,
        _ => return None,
    })
}
