//! How a stream of bytes to the namespace comes about: TCP, TLS over it, and if asked for a web
//! socket over that.
//!
//! TLS is rustls with the provider of cryptography that the rest of the program uses; which
//! certificates are trusted is asked of the operating system. No proxy is asked for help, whatever
//! `HTTPS_PROXY` says, neither for TCP nor for web sockets: what is dialled is the namespace itself.

use std::fmt::Debug;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::endpoint::{Endpoint, Security, Transport};
use super::stream::{DialError, Stream};
use super::websocket;

/// How long a port may take to answer. One that is closed by dropping what is sent to it never does;
/// an answer that got lost twice comes after 3 s (RFC 6298), so this is no matter of luck.
const ANSWER_WAIT: Duration = Duration::from_secs(10);

/// A way to the namespace.
#[async_trait]
pub trait Dial: Debug + Send + Sync {
    /// A new stream.
    async fn dial(&self) -> Result<Box<dyn Stream>, DialError>;
}

/// The way over the network.
#[derive(Debug)]
pub struct Network {
    endpoint: Endpoint,
    extra_roots: Vec<CertificateDer<'static>>,
}

impl Network {
    /// The way to `endpoint`.
    pub fn to(endpoint: Endpoint) -> Self {
        Self { endpoint, extra_roots: Vec::new() }
    }

    /// Trusts these certificate authorities besides those of the operating system.
    #[must_use]
    pub fn trusting(self, extra_roots: Vec<CertificateDer<'static>>) -> Self {
        Self { extra_roots, ..self }
    }

    async fn connected(&self) -> io::Result<TcpStream> {
        let (host, port) = (self.endpoint.host.as_str(), self.endpoint.port());
        let stream = timeout(ANSWER_WAIT, TcpStream::connect((host, port))).await;
        let stream = stream.map_err(|_| {
            let text = format!("port {port} did not answer in {} s", ANSWER_WAIT.as_secs());
            io::Error::new(io::ErrorKind::TimedOut, text)
        })??;
        // Most frames are small and waited for.
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    async fn secured(&self, stream: TcpStream) -> Result<Box<dyn Stream>, DialError> {
        let name = ServerName::try_from(self.endpoint.host.clone()).map_err(io::Error::other)?;
        let connector = TlsConnector::from(Arc::new(self.tls().map_err(io::Error::other)?));
        match connector.connect(name, stream).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(error) => Err(refused_certificate(error)),
        }
    }

    fn tls(&self) -> Result<ClientConfig, rustls::Error> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let roots = self.extra_roots.iter().cloned();
        let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider))?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            // "Dangerous" is any verifier that is not rustls' own; this is the operating system's.
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        Ok(config.with_no_client_auth())
    }
}

/// Tells a certificate that was refused from a network that failed.
fn refused_certificate(error: io::Error) -> DialError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(refused @ rustls::Error::InvalidCertificate(_)) => {
            DialError::Certificate(refused.clone())
        }
        _ => DialError::Network(error),
    }
}

#[async_trait]
impl Dial for Network {
    async fn dial(&self) -> Result<Box<dyn Stream>, DialError> {
        let stream = self.connected().await?;
        let stream = match self.endpoint.security {
            Security::Tls => self.secured(stream).await?,
            Security::Clear => Box::new(stream),
        };
        match self.endpoint.transport {
            Transport::Tcp => Ok(stream),
            Transport::WebSocket => Ok(Box::new(websocket::open(stream, &self.endpoint).await?)),
        }
    }
}
