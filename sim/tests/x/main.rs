//! The simulator against X's documentation: laws of paging, limits, bodies, schemas.
//!
//! Requests go to the router as a service under paused time, so nothing here waits.

mod counts;
mod dialects;
mod faults;
mod limits;
mod paging;
mod parameters;
mod posts;
mod schemas;
mod sockets;
mod support;
