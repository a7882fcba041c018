//! Simulators of the services that mistnet talks to.
//!
//! [`x`] is the X (Twitter) API v2: search, counts, lookup and usage, with its
//! limits, prices, oddities and, on request, its failures. [`service_bus`] is the
//! queues of an Azure Service Bus namespace, over AMQP 1.0. The crate shares no
//! type with the product. It is written from documentation and from recorded
//! behaviour alone, so that it can testify for or against a client, ours or yours.
//!
//! It deliberately does not aim at being a social network or a broker: nothing can
//! be posted, every post is computed from a seed and a number when it is asked for,
//! and messages live in memory.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "numbers here are draws reduced to a small range, or times between 2006 and 2106"
)]

pub mod service_bus;
pub mod x;

/// Runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
