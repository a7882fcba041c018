//! Where a namespace is on the network, and how AMQP gets there.
//!
//! | transport | port in TLS | port in clear |
//! |---|--:|--:|
//! | TCP | 5671 | 5672 |
//! | web sockets | 443 | 80 |
//!
//! (learn.microsoft.com, "AMQP 1.0 in Azure Service Bus and Event Hubs protocol guide", "Connections
//! and sessions", read 2026-11; in clear only emulators are spoken to.) An address may say another
//! port.

use std::fmt;

/// A namespace on the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// For example `contoso.servicebus.windows.net`.
    pub host: String,
    /// The port, if it is not the usual one of the transport.
    pub port: Option<u16>,
    /// Who may read what travels.
    pub security: Security,
    /// What carries AMQP.
    pub transport: Transport,
}

/// Who may read what travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Nobody, by TLS: the service.
    Tls,
    /// Everybody on the way: `UseDevelopmentEmulator=true`.
    Clear,
}

/// What carries AMQP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// TCP, on a port of AMQP's own, which many networks close to the outside.
    Tcp,
    /// A web socket, on the port of HTTPS, which hardly any network closes.
    WebSocket,
}

impl Endpoint {
    /// The service at a namespace's host.
    pub fn service(host: impl Into<String>) -> Self {
        let (security, transport) = (Security::Tls, Transport::Tcp);
        Self { host: host.into(), port: None, security, transport }
    }

    /// The same namespace by another transport.
    #[must_use]
    pub fn over(self, transport: Transport) -> Self {
        Self { transport, ..self }
    }

    /// The port to connect to.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match (self.transport, self.security) {
            (Transport::Tcp, Security::Tls) => 5671,
            (Transport::Tcp, Security::Clear) => 5672,
            (Transport::WebSocket, Security::Tls) => 443,
            (Transport::WebSocket, Security::Clear) => 80,
        })
    }

    /// The name of the namespace, as `az` wants it: the host's first label.
    pub fn namespace(&self) -> &str {
        self.host.split('.').next().unwrap_or(&self.host)
    }

    /// What to try if the port can't be reached; nothing if it is the one that is always open, or
    /// that of an emulator.
    pub fn way_around(&self) -> Option<String> {
        (self.transport == Transport::Tcp && self.security == Security::Tls).then(|| {
            let port = self.port();
            format!(
                "if this network closes port {port} to the outside, go through port 443: \
                 MISTNET_SERVICEBUS_TRANSPORT=websocket"
            )
        })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.transport, self.security, self.port) {
            (Transport::Tcp, Security::Tls, None) => f.write_str(&self.host),
            _ => write!(f, "{}:{}", self.host, self.port()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_transport_has_its_port_unless_the_address_says_another() {
        let service = Endpoint::service("contoso.servicebus.windows.net");
        assert_eq!((service.port(), service.namespace()), (5671, "contoso"));
        assert_eq!(service.to_string(), "contoso.servicebus.windows.net");
        let web = service.clone().over(Transport::WebSocket);
        assert_eq!(web.port(), 443);
        assert_eq!(web.to_string(), "contoso.servicebus.windows.net:443");
        let emulator = Endpoint { security: Security::Clear, ..service.clone() };
        assert_eq!(emulator.port(), 5672);
        let elsewhere = Endpoint { port: Some(9000), ..web };
        assert_eq!(elsewhere.to_string(), "contoso.servicebus.windows.net:9000");
    }

    #[test]
    fn the_way_around_is_only_for_the_port_that_networks_close() {
        let service = Endpoint::service("h");
        let around = service.way_around().unwrap();
        assert!(around.contains("5671") && around.contains("websocket"), "{around}");
        assert_eq!(service.clone().over(Transport::WebSocket).way_around(), None);
        assert_eq!(Endpoint { security: Security::Clear, ..service }.way_around(), None);
    }
}
