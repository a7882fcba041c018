//! AMQP 1.0 as it stands on the wire: values, frames, performatives.
//!
//! Written from the OASIS standard "AMQP Version 1.0" of 2012-10-29, parts 1 to 3.
//! Bytes from outside are decoded with limits on size, depth and number of values
//! ([`decode`]), so that no input costs more memory than a small multiple of itself.
//!
//! It deliberately knows no queue and no clock, and no transactions.

mod decode;
mod encode;
mod fields;
mod frame;
mod outcome;
mod performative;
mod value;

#[cfg(test)]
mod tests;

pub use decode::{Decoder, Malformed};
pub use encode::encode;
pub use frame::{Frame, FrameReader, Kind, MAX_FRAME_BYTES, ReadError, write_frame};
pub use outcome::{Error, Outcome};
pub use performative::{
    Attach, Begin, Detach, Disposition, Flow, Open, Performative, Role, Transfer,
};
pub use value::{Array, Value, string, symbol};
