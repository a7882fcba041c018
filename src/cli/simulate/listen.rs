//! Listening, with the next step if that fails.

use std::net::SocketAddr;

use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::cli::report::{Exit, Reporting};

/// Listens, or says which flag helps.
pub(super) async fn listen(wanted: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(wanted)
        .await
        .with_context(|| format!("can't listen on {wanted}"))
        .exit(Exit::Io)
        .hint(format!("choose another address: {flag} 127.0.0.1:0 takes any free port"))
}
