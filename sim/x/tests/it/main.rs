//! The simulator against X's documentation: laws of paging, limits, bodies, schemas.
//!
//! Requests go to the router as a service under paused time, so nothing here waits.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::duration_suboptimal_units,
    reason = "a test program: it may stop at what it did not expect, and its numbers are small"
)]

mod counts;
mod dialects;
mod faults;
mod limits;
mod operators;
mod paging;
mod parameters;
mod posts;
mod schemas;
mod sockets;
mod support;
