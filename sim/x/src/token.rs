//! Page tokens: opaque to the client, self-contained for the simulator.
//!
//! A token holds the rest of a window and a digest of the request it belongs to, so
//! it stays valid forever (also in a new simulator with the same options), always
//! leads to the same page, and is refused with other parameters. Recorded tokens
//! have 45 signs; these have too, in the base32hex alphabet of OpenAPI 2.167.

use super::draw::{Purpose, hash};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
const BYTES: usize = 28;

/// Whether a page was already served empty at this place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Not yet.
    First,
    /// Yes: now the posts must come.
    AfterEmpty,
}

/// What a token says. Search counts positions, counts count milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageToken {
    /// Digest of the query, the window as it was asked for, and the endpoint.
    pub request: u64,
    /// The end of the walk.
    pub low: u64,
    /// One past the newest that is left.
    pub high: u64,
    /// Before or after an empty page.
    pub turn: Turn,
}

impl PageToken {
    /// The token as text.
    pub fn encode(&self, seed: u64) -> String {
        let mut bytes = [0_u8; BYTES];
        bytes[0..8].copy_from_slice(&self.request.to_be_bytes());
        bytes[8..15].copy_from_slice(&self.low.to_be_bytes()[1..]);
        bytes[15..22].copy_from_slice(&self.high.to_be_bytes()[1..]);
        bytes[22] = u8::from(self.turn == Turn::AfterEmpty);
        let check = check(seed, &bytes).to_be_bytes();
        bytes[23..28].copy_from_slice(&check[..5]);
        mask(seed, &mut bytes);
        text(&bytes)
    }

    /// Reads a token; `None` if this simulator never gave it away.
    pub fn decode(seed: u64, text: &str) -> Option<Self> {
        let mut bytes = bytes(text)?;
        mask(seed, &mut bytes);
        let stated: [u8; 5] = bytes[23..28].try_into().ok()?;
        if check(seed, &bytes).to_be_bytes()[..5] != stated {
            return None;
        }
        Some(Self {
            request: u64::from_be_bytes(bytes[0..8].try_into().ok()?),
            low: number(&bytes[8..15]),
            high: number(&bytes[15..22]),
            turn: if bytes[22] == 1 { Turn::AfterEmpty } else { Turn::First },
        })
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

fn check(seed: u64, bytes: &[u8; BYTES]) -> u64 {
    bytes[..23].iter().fold(seed ^ 0xC0FF_EE00, |state, byte| hash(&[state, u64::from(*byte)]))
}

/// Makes neighbouring tokens look unrelated. The last five bytes, random already, key it.
fn mask(seed: u64, bytes: &mut [u8; BYTES]) {
    let key = number(&bytes[23..28]);
    for (place, byte) in bytes[..23].iter_mut().enumerate() {
        *byte ^= hash(&[seed, Purpose::Token as u64, key, place as u64]) as u8;
    }
}

fn text(bytes: &[u8; BYTES]) -> String {
    let mut text = String::with_capacity(45);
    let (mut buffer, mut bits) = (0_u32, 0);
    for byte in bytes {
        buffer = buffer << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(buffer >> bits & 31) as usize]));
        }
    }
    text.push(char::from(ALPHABET[(buffer << (5 - bits) & 31) as usize]));
    text
}

fn bytes(text: &str) -> Option<[u8; BYTES]> {
    if text.len() != 45 {
        return None;
    }
    let mut bytes = [0_u8; BYTES];
    let (mut buffer, mut bits, mut place) = (0_u32, 0, 0);
    for sign in text.bytes() {
        let value = ALPHABET.iter().position(|own| *own == sign)? as u32;
        buffer = buffer << 5 | value;
        bits += 5;
        if bits >= 8 && place < BYTES {
            bits -= 8;
            bytes[place] = (buffer >> bits) as u8;
            place += 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn tokens_come_back_whole(request: u64, low in 0_u64..1 << 56, high in 0_u64..1 << 56, again: bool, seed: u64) {
            let turn = if again { Turn::AfterEmpty } else { Turn::First };
            let token = PageToken { request, low, high, turn };
            let text = token.encode(seed);
            prop_assert_eq!(text.len(), 45);
            prop_assert_eq!(PageToken::decode(seed, &text), Some(token));
            prop_assert_eq!(PageToken::decode(seed ^ 1, &text), None);
        }

        #[test]
        fn strangers_are_refused(text in "[0-9a-v]{45}|.{0,60}") {
            prop_assert_eq!(PageToken::decode(7, &text), None);
        }
    }
}
