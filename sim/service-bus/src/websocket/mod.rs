//! AMQP inside a web socket (RFC 6455; OASIS, "AMQP WebSocket Binding (WSB) Version 1.0").
//!
//! A connection that begins with an HTTP request is upgraded, at `/$servicebus/websocket` only, and
//! its binary messages are one stream of AMQP's bytes, cut anywhere. Pings are answered, a close ends
//! the stream, whatever breaks the rules ends the connection with a status. Memory is bounded: a
//! request of [`upgrade::MAX_HEAD_BYTES`], and messages that pass through piece by piece.
//!
//! It deliberately compresses nothing, sends no pings of its own, and serves nothing else by HTTP.

mod frame;
mod stream;
mod upgrade;

#[cfg(test)]
mod tests;

pub use stream::WebSocket;
pub use upgrade::{is_http, upgrade};
