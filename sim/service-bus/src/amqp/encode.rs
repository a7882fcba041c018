//! Values to bytes, in the shortest form that the standard has for each.

use bytes::{BufMut, BytesMut};

use super::value::{Array, Value};

/// Appends a value.
pub fn encode(value: &Value, out: &mut BytesMut) {
    match value {
        Value::Null => out.put_u8(0x40),
        Value::Bool(truth) => out.put_u8(if *truth { 0x41 } else { 0x42 }),
        Value::Uint(0) => out.put_u8(0x43),
        Value::Ulong(0) => out.put_u8(0x44),
        Value::List(items) if items.is_empty() => out.put_u8(0x45),
        Value::Uint(n @ 1..=255) => out.put_slice(&[0x52, *n as u8]),
        Value::Ulong(n @ 1..=255) => out.put_slice(&[0x53, *n as u8]),
        Value::Binary(bytes) => variable(0xa0, bytes, out),
        Value::String(text) => variable(0xa1, text.as_bytes(), out),
        Value::Symbol(word) => variable(0xa3, word.as_bytes(), out),
        Value::List(_) | Value::Map(_) | Value::Array(_) => compound(value, out),
        Value::Described(descriptor, inner) => {
            out.put_u8(0);
            encode(descriptor, out);
            encode(inner, out);
        }
        scalar => {
            out.put_u8(wide_code(scalar));
            wide(scalar, out);
        }
    }
}

fn variable(short_code: u8, bytes: &[u8], out: &mut BytesMut) {
    if let Ok(size) = u8::try_from(bytes.len()) {
        out.put_slice(&[short_code, size]);
    } else {
        out.put_u8(short_code + 0x10);
        out.put_u32(bytes.len() as u32);
    }
    out.put_slice(bytes);
}

fn compound(value: &Value, out: &mut BytesMut) {
    let (count, items) = content(value);
    let code = wide_code(value);
    // One byte for the count is part of the size, hence 254.
    if items.len() <= 254 && count <= 255 {
        out.put_slice(&[code - 0x10, items.len() as u8 + 1, count as u8]);
    } else {
        out.put_u8(code);
        out.put_u32(items.len() as u32 + 4);
        out.put_u32(count as u32);
    }
    out.put_slice(&items);
}

/// The items of a compound value without its size and count.
fn content(value: &Value) -> (usize, BytesMut) {
    let mut items = BytesMut::new();
    let count = match value {
        Value::List(list) => {
            for item in list {
                encode(item, &mut items);
            }
            list.len()
        }
        Value::Map(pairs) => {
            for (key, value) in pairs {
                encode(key, &mut items);
                encode(value, &mut items);
            }
            pairs.len() * 2
        }
        Value::Array(array) => {
            array_content(array, &mut items);
            array.items().len()
        }
        _ => 0,
    };
    (count, items)
}

/// One constructor, then every item in its widest form.
fn array_content(array: &Array, out: &mut BytesMut) {
    let mut sample = array.items().first().unwrap_or(&Value::Null);
    if let Value::Described(descriptor, inner) = sample {
        out.put_u8(0);
        encode(descriptor, out);
        sample = inner;
    }
    out.put_u8(wide_code(sample));
    for item in array.items() {
        match item {
            Value::Described(_, inner) => wide(inner, out),
            plain => wide(plain, out),
        }
    }
}

/// The format code under which every value of a type can be written.
fn wide_code(value: &Value) -> u8 {
    match value {
        Value::Null => 0x40,
        Value::Bool(_) => 0x56,
        Value::Ubyte(_) => 0x50,
        Value::Byte(_) => 0x51,
        Value::Ushort(_) => 0x60,
        Value::Short(_) => 0x61,
        Value::Uint(_) => 0x70,
        Value::Int(_) => 0x71,
        Value::Ulong(_) => 0x80,
        Value::Long(_) => 0x81,
        Value::Timestamp(_) => 0x83,
        Value::Uuid(_) => 0x98,
        Value::Opaque(code, _) => *code,
        Value::Binary(_) => 0xb0,
        Value::String(_) => 0xb1,
        Value::Symbol(_) => 0xb3,
        Value::List(_) => 0xd0,
        Value::Map(_) => 0xd1,
        Value::Array(_) => 0xf0,
        Value::Described(..) => 0x00,
    }
}

/// What follows the code of [`wide_code`].
fn wide(value: &Value, out: &mut BytesMut) {
    match value {
        Value::Null => {}
        Value::Bool(truth) => out.put_u8((*truth).into()),
        Value::Ubyte(n) => out.put_u8(*n),
        Value::Byte(n) => out.put_i8(*n),
        Value::Ushort(n) => out.put_u16(*n),
        Value::Short(n) => out.put_i16(*n),
        Value::Uint(n) => out.put_u32(*n),
        Value::Int(n) => out.put_i32(*n),
        Value::Ulong(n) => out.put_u64(*n),
        Value::Long(n) | Value::Timestamp(n) => out.put_i64(*n),
        Value::Uuid(bytes) => out.put_slice(bytes),
        Value::Opaque(_, bytes) => out.put_slice(bytes),
        Value::Binary(bytes) => sized(bytes, out),
        Value::String(text) | Value::Symbol(text) => sized(text.as_bytes(), out),
        Value::List(_) | Value::Map(_) | Value::Array(_) => {
            let (count, items) = content(value);
            out.put_u32(items.len() as u32 + 4);
            out.put_u32(count as u32);
            out.put_slice(&items);
        }
        Value::Described(_, inner) => wide(inner, out),
    }
}

fn sized(bytes: &[u8], out: &mut BytesMut) {
    out.put_u32(bytes.len() as u32);
    out.put_slice(bytes);
}
