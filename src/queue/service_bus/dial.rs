//! How a stream of bytes to the namespace comes about: TCP, and TLS over it.
//!
//! TLS is rustls with the provider of cryptography that the rest of the program uses; which
//! certificates are trusted is asked of the operating system.

use std::fmt::Debug;
use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::address::{Endpoint, Transport};

/// A stream of bytes in both directions.
pub trait Stream: AsyncRead + AsyncWrite + Debug + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Debug + Send + Unpin> Stream for T {}

/// A way to the namespace.
#[async_trait]
pub trait Dial: Debug + Send + Sync {
    /// A new stream.
    async fn dial(&self) -> io::Result<Box<dyn Stream>>;
}

/// The way over the network.
#[derive(Debug)]
pub struct Network {
    endpoint: Endpoint,
}

impl Network {
    /// The way to `endpoint`.
    pub fn to(endpoint: Endpoint) -> Self {
        Self { endpoint }
    }

    async fn secured(&self, stream: TcpStream) -> io::Result<Box<dyn Stream>> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(BuilderVerifierExt::with_platform_verifier)
            .map_err(io::Error::other)?
            .with_no_client_auth();
        let name = ServerName::try_from(self.endpoint.host.clone()).map_err(io::Error::other)?;
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
        Ok(Box::new(stream))
    }
}

#[async_trait]
impl Dial for Network {
    async fn dial(&self) -> io::Result<Box<dyn Stream>> {
        let stream = TcpStream::connect((self.endpoint.host.as_str(), self.endpoint.port)).await?;
        // Most frames are small and waited for.
        stream.set_nodelay(true)?;
        match self.endpoint.transport {
            Transport::Tls => self.secured(stream).await,
            Transport::Plain => Ok(Box::new(stream)),
        }
    }
}
