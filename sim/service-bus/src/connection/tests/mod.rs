//! Connections over a pipe, under paused time.

mod client;
mod endings;
mod faults;
mod messages;
mod settlement;
