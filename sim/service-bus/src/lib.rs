//! A simulator of Azure Service Bus: the queues of a namespace, over AMQP 1.0.
//!
//! It promises what the official clients for Python (azure-servicebus 7.15.0) and JavaScript
//! (@azure/service-bus 7.9.5) rely on, and what Microsoft documents: peek-lock and
//! receive-and-delete, locks that run out, delivery counts, dead letters, deferred and scheduled
//! messages, duplicate detection, time to live, batches, `$cbs` and `$management`, size limits.
//! A connection that begins with an HTTP request is AMQP inside a web socket. All time is
//! tokio's: under `tokio::time::pause`, over [`tokio::io::duplex`], a lock of a minute runs out at
//! once. Bad input ends the connection that it came on, and no other. It shares no type with mistnet,
//! so that it can testify for or against any client.
//!
//! It deliberately has no topics, no sessions (in the sense of Service Bus), no transactions,
//! no HTTP interface of Azure's, and keeps everything in memory. It was never compared with the real
//! service; where neither the documentation nor a client says what happens, the source says
//! *guess*.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "sizes here have been checked against limits below 2^32, and times lie between 1970 and 2106"
)]

mod amqp;
mod broker;
mod clock;
mod connection;
mod control;
mod faults;
mod management;
mod options;
mod request;
mod shared;
mod simulator;
mod tls;
mod tokens;
mod websocket;

pub use broker::Counts;
pub use faults::Fault;
pub use options::{Expired, JwtCheck, MAX_MESSAGE_BYTES, Options, QueueSettings};
pub use simulator::Simulator;
pub use tls::{Tls, TlsError};

/// Runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
