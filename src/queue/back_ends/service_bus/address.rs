//! Where the namespace is and what opens it: connection strings, taken apart.
//!
//! Errors name the part that is wrong and never its value, and `Debug` shows no key.

use secrecy::SecretString;

use super::endpoint::{Endpoint, Security, Transport};
use crate::azure::connection_string::Pairs;

/// What a connection string gives the right with.
#[derive(Debug, Clone)]
pub enum SharedAccess {
    /// A key, with which tokens are signed.
    Key {
        /// `SharedAccessKeyName`.
        name: String,
        /// `SharedAccessKey`.
        key: SecretString,
    },
    /// A token that somebody else signed; it can't be renewed.
    Signature(SecretString),
}

/// A connection string, taken apart.
#[derive(Debug, Clone)]
pub struct ConnectionString {
    /// Where.
    pub endpoint: Endpoint,
    /// With what right.
    pub access: SharedAccess,
    /// The only queue that it opens, if it is one of a single queue.
    pub entity: Option<String>,
}

/// What is wrong with a connection string; its text shows no part of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidConnectionString(String);

impl ConnectionString {
    /// Takes `text` apart.
    pub fn parse(text: &str) -> Result<Self, InvalidConnectionString> {
        let pairs = Pairs::of(text).map_err(|_| refuse("a part of it is not Name=value"))?;
        let address = pairs.get("Endpoint").ok_or_else(|| refuse("it has no Endpoint"))?;
        let (host, port) = host_and_port(address)?;
        let (security, transport) = (security(&pairs)?, transport(&pairs)?);
        Ok(Self {
            endpoint: Endpoint { host, port, security, transport },
            access: access(&pairs)?,
            entity: pairs.get("EntityPath").map(str::to_owned),
        })
    }
}

fn refuse(reason: impl Into<String>) -> InvalidConnectionString {
    InvalidConnectionString(reason.into())
}

fn security(pairs: &Pairs<'_>) -> Result<Security, InvalidConnectionString> {
    match pairs.get("UseDevelopmentEmulator") {
        Some(value) if value.eq_ignore_ascii_case("true") => Ok(Security::Clear),
        Some(value) if !value.eq_ignore_ascii_case("false") => {
            Err(refuse("UseDevelopmentEmulator is neither true nor false"))
        }
        _ => Ok(Security::Tls),
    }
}

/// The two names that Microsoft's clients for .NET give it (learn.microsoft.com,
/// `Microsoft.Azure.ServiceBus.TransportType`, read 2026-11), and the newer one of the first
/// (`ServiceBusTransportType`).
fn transport(pairs: &Pairs<'_>) -> Result<Transport, InvalidConnectionString> {
    let Some(value) = pairs.get("TransportType") else { return Ok(Transport::Tcp) };
    let is = |name: &str| value.eq_ignore_ascii_case(name);
    if is("Amqp") || is("AmqpTcp") {
        Ok(Transport::Tcp)
    } else if is("AmqpWebSockets") {
        Ok(Transport::WebSocket)
    } else {
        Err(refuse("TransportType is neither Amqp nor AmqpWebSockets"))
    }
}

fn host_and_port(text: &str) -> Result<(String, Option<u16>), InvalidConnectionString> {
    let rest = ["sb://", "amqps://", "amqp://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme))
        .ok_or_else(|| refuse("its Endpoint does not begin with sb://"))?;
    let authority = rest.split('/').next().unwrap_or(rest);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => {
            let port = port.parse().map_err(|_| refuse("the port of its Endpoint is no number"))?;
            (host, Some(port))
        }
        None => (authority, None),
    };
    if url::Host::parse(host).is_err() {
        return Err(refuse("its Endpoint names no host"));
    }
    Ok((host.to_owned(), port))
}

fn access(pairs: &Pairs<'_>) -> Result<SharedAccess, InvalidConnectionString> {
    let key = (pairs.get("SharedAccessKeyName"), pairs.get("SharedAccessKey"));
    match (key, pairs.get("SharedAccessSignature")) {
        ((Some(name), Some(key)), None) => {
            Ok(SharedAccess::Key { name: name.to_owned(), key: key.into() })
        }
        ((None, None), Some(signature)) => Ok(SharedAccess::Signature(signature.into())),
        ((None, None), None) => Err(refuse(
            "it has neither SharedAccessKeyName and SharedAccessKey nor a SharedAccessSignature",
        )),
        ((_, _), Some(_)) => Err(refuse("it has both a SharedAccessSignature and a key")),
        ((Some(_), None), None) => {
            Err(refuse("it has a SharedAccessKeyName but no SharedAccessKey"))
        }
        ((None, Some(_)), None) => {
            Err(refuse("it has a SharedAccessKey but no SharedAccessKeyName"))
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    const KEY: &str = "SharedAccessKeyName=Root;SharedAccessKey=c2VjcmV0LWtleQ==";

    fn parse(text: &str) -> ConnectionString {
        ConnectionString::parse(text).unwrap()
    }

    #[test]
    fn a_connection_string_of_a_namespace_is_tls_and_a_key() {
        let parsed = parse(&format!("Endpoint=sb://contoso.servicebus.windows.net/;{KEY}"));
        assert_eq!(parsed.endpoint, Endpoint::service("contoso.servicebus.windows.net"));
        assert_eq!(parsed.entity, None);
        let SharedAccess::Key { name, key } = parsed.access else { panic!("a key") };
        // The signs of equality belong to the key.
        assert_eq!((name.as_str(), key.expose_secret()), ("Root", "c2VjcmV0LWtleQ=="));
    }

    #[test]
    fn an_emulator_is_plain_at_any_port() {
        for (endpoint, port) in [("sb://localhost", 5672), ("sb://127.0.0.1:5690/", 5690)] {
            let parsed = parse(&format!("Endpoint={endpoint};{KEY};UseDevelopmentEmulator=true;"));
            let found = (parsed.endpoint.port(), parsed.endpoint.security);
            assert_eq!(found, (port, Security::Clear), "{endpoint}");
        }
        let parsed = parse(&format!("Endpoint=sb://here:9000;{KEY};UseDevelopmentEmulator=false"));
        assert_eq!((parsed.endpoint.port(), parsed.endpoint.security), (9000, Security::Tls));
    }

    #[test]
    fn the_transport_is_named_as_microsofts_clients_name_it() {
        for (name, transport, port) in [
            ("Amqp", Transport::Tcp, 5671),
            ("AmqpTcp", Transport::Tcp, 5671),
            ("amqpwebsockets", Transport::WebSocket, 443),
        ] {
            let parsed = parse(&format!("Endpoint=sb://h/;{KEY};TransportType={name}"));
            let found = (parsed.endpoint.transport, parsed.endpoint.port());
            assert_eq!(found, (transport, port), "{name}");
        }
    }

    #[test]
    fn names_count_without_case_and_a_queue_may_be_named() {
        let parsed = parse(
            "endpoint=sb://h/; SHAREDACCESSSIGNATURE=SharedAccessSignature sr=a&sig=b%3D&se=1&skn=k ;entitypath=q",
        );
        assert_eq!(parsed.entity.as_deref(), Some("q"));
        let SharedAccess::Signature(token) = parsed.access else { panic!("a signature") };
        assert!(token.expose_secret().ends_with("skn=k"));
    }

    #[test]
    fn what_is_wrong_is_named_without_its_value() {
        for (text, reason) in [
            ("", "no Endpoint"),
            ("SECRET", "not Name=value"),
            (KEY, "no Endpoint"),
            ("Endpoint=https://SECRET;SharedAccessKeyName=a;SharedAccessKey=b", "begin with sb://"),
            ("Endpoint=sb://h:SECRET;SharedAccessKeyName=a;SharedAccessKey=b", "port"),
            ("Endpoint=sb://;SharedAccessKeyName=a;SharedAccessKey=b", "no host"),
            ("Endpoint=sb://h;SharedAccessKeyName=a", "no SharedAccessKey"),
            ("Endpoint=sb://h;SharedAccessKey=SECRET", "no SharedAccessKeyName"),
            ("Endpoint=sb://h", "neither"),
            (
                "Endpoint=sb://h;SharedAccessKeyName=a;SharedAccessKey=SECRET;SharedAccessSignature=SECRET",
                "both",
            ),
            (
                "Endpoint=sb://h;SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=SECRET",
                "neither true",
            ),
            (
                "Endpoint=sb://h;SharedAccessKeyName=a;SharedAccessKey=b;TransportType=SECRET",
                "neither Amqp nor",
            ),
        ] {
            let error = ConnectionString::parse(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
            assert!(!error.contains("SECRET"), "{error}");
        }
    }

    #[test]
    fn no_output_shows_a_key() {
        let parsed = parse(&format!("Endpoint=sb://h;{KEY}"));
        assert!(!format!("{parsed:?}").contains("c2VjcmV0"));
    }
}
