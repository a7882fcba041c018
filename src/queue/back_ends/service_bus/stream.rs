//! A stream of bytes to the namespace, and why there may be none.

use std::fmt::Debug;
use std::io;

use tokio::io::{AsyncRead, AsyncWrite};

/// A stream of bytes in both directions.
pub trait Stream: AsyncRead + AsyncWrite + Debug + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Debug + Send + Unpin> Stream for T {}

/// Why there is no stream.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The network failed; it may work later.
    #[error(transparent)]
    Network(#[from] io::Error),
    /// Whoever answers has no certificate that this machine accepts.
    #[error(
        "{0}; if a proxy opens TLS on this network, add its certificate authority to those that \
         the operating system trusts (on Linux, SSL_CERT_FILE names a file with all of them)"
    )]
    Certificate(rustls::Error),
    /// Whoever answers does not make a web socket of the connection.
    #[error(
        "no web socket: {0}; a proxy or firewall on the way has to let web sockets to the namespace \
         pass"
    )]
    WebSocket(String),
}
