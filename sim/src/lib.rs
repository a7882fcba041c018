//! Simulators of the services that mistnet talks to.
//!
//! [`x`] is the X (Twitter) API v2: search, counts, lookup and usage, with its
//! limits, prices, oddities and, on request, its failures. The crate shares no
//! type with the product. It is written from the documentation and from recorded
//! behaviour alone, so that it can testify for or against a client, ours or yours.
//!
//! It deliberately does not aim at being a social network: nothing can be posted,
//! and every post is computed from a seed and a number when it is asked for.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "numbers here are draws reduced to a small range, or times between 2006 and 2106"
)]

pub mod x;

/// Runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
