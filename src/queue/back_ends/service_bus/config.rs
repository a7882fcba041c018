//! Which namespace queues on Azure Service Bus are in, and how to get in.
//!
//! `servicebus:` is opened by a connection string, `servicebus://NAMESPACE` by an identity of
//! Microsoft Entra ID. A queue elsewhere needs none of it, and then nothing here is looked at: other
//! programs on the machine use the same variables.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::address::ConnectionString;
use super::checks;
use super::dial::Network;
use super::endpoint::{Endpoint, Transport};
use super::settings::{COLLECT_QUEUE, CONNECTION_STRING, PREFETCH, STORE_QUEUE, TRANSPORT};
use super::tokens::{SharedAccessTokens, Tokens};
use super::{Namespace, ServiceBusQueue};
use crate::azure::entra::EntraTokens;
use crate::azure::identity::Login;
use crate::check::{Finding, Scope};
use crate::clock::Clock;
use crate::queue::config::{COLLECT, KEY, Opening, QueueConfig, STORE};
use crate::queue::{Queue, QueueError};
use crate::setting::{Invalid, Layers, SettingError, values};

/// The most messages fetched ahead. More would outlive their leases waiting for their turn.
const MAX_PREFETCH: u64 = 1000;

/// What tokens of Entra ID are for.
const RESOURCE: &str = "https://servicebus.azure.net";

/// An address: the host of a namespace that an identity opens, or none if a connection string names
/// it.
struct Host(Option<String>);

impl Host {
    fn read(text: &str) -> Result<Self, Invalid> {
        let rest = text.strip_prefix("servicebus:").unwrap_or(text);
        if rest.is_empty() {
            return Ok(Self(None));
        }
        let host = rest.strip_prefix("//").unwrap_or(rest).trim_end_matches('/');
        let named = host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
        if !rest.starts_with("//") || !named || url::Host::parse(host).is_err() {
            return Err(Invalid::new(
                "a namespace is named by its host alone",
                "write servicebus://NAMESPACE.servicebus.windows.net; or servicebus: alone, and put \
                 the connection string into AZURE_SERVICEBUS_CONNECTION_STRING",
            ));
        }
        // A namespace without the rest is what people remember.
        let host = if host.contains('.') {
            host.to_owned()
        } else {
            format!("{host}.servicebus.windows.net")
        };
        Ok(Self(Some(host.to_ascii_lowercase())))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            None => f.write_str("servicebus:"),
            Some(host) => write!(f, "servicebus://{host}"),
        }
    }
}

/// Queues in a namespace, complete and checked.
#[derive(Debug)]
struct ServiceBusConfig {
    address: String,
    access: Access,
    collect_queue: String,
    store_queue: String,
    prefetch: u32,
}

/// How to get into a namespace.
#[derive(Debug)]
enum Access {
    /// By a key or a signature.
    ConnectionString(ConnectionString),
    /// By an identity of Microsoft Entra ID.
    Identity {
        /// The namespace.
        endpoint: Endpoint,
        /// Who this program is.
        login: Login,
    },
}

/// Checks an address.
pub(super) fn read(text: &str) -> Result<String, Invalid> {
    Ok(Host::read(text)?.to_string())
}

/// Reads the settings that belong to an address.
pub(super) fn configure(
    address: &str,
    layers: &Layers,
) -> Result<Arc<dyn QueueConfig>, SettingError> {
    let transport = layers.optional(TRANSPORT, transport)?;
    let access = match Host::read(address).map_err(|why| layers.refuse(KEY, why))?.0 {
        None => Access::ConnectionString(connection(layers, transport)?),
        Some(host) => Access::Identity {
            endpoint: Endpoint::service(host).over(transport.unwrap_or(Transport::Tcp)),
            login: Login::read(layers)?,
        },
    };
    let config = ServiceBusConfig {
        address: address.to_owned(),
        access,
        collect_queue: layers.required(COLLECT_QUEUE, queue_name)?,
        store_queue: layers.required(STORE_QUEUE, queue_name)?,
        prefetch: layers.required(PREFETCH, prefetch)?,
    };
    if config.collect_queue.eq_ignore_ascii_case(&config.store_queue) {
        let reason =
            format!("{COLLECT_QUEUE} is the same queue, and mistnet's own work goes through it");
        let fix = format!("name another queue in {STORE_QUEUE}, or in {COLLECT_QUEUE}");
        return Err(layers.refuse(STORE_QUEUE, Invalid::new(reason, fix)));
    }
    Ok(Arc::new(config))
}

fn transport(text: &str) -> Result<Transport, Invalid> {
    values::choice(text, &[("tcp", Transport::Tcp), ("websocket", Transport::WebSocket)])
}

fn prefetch(text: &str) -> Result<u32, Invalid> {
    let number = values::number(text, 0, MAX_PREFETCH)?;
    u32::try_from(number).map_err(|_| Invalid::new("too many", "use 0 to 1000"))
}

/// The connection string, by `wanted` if that was said, else by what the string says.
fn connection(
    layers: &Layers,
    wanted: Option<Transport>,
) -> Result<ConnectionString, SettingError> {
    const FIX: &str = "copy the connection string of a shared access policy of the namespace from \
        the portal, or from `az servicebus namespace authorization-rule keys list`";
    let parse = |text: &str| {
        ConnectionString::parse(text).map_err(|error| Invalid::new(error.to_string(), FIX))
    };
    let given = layers.optional(CONNECTION_STRING, parse)?;
    let mut connection = given.ok_or_else(|| {
        let fix = "set AZURE_SERVICEBUS_CONNECTION_STRING, or name the namespace for an identity of \
            Entra ID: servicebus://NAMESPACE.servicebus.windows.net";
        layers.refuse(KEY, Invalid::new("there is no connection string", fix))
    })?;
    if let Some(transport) = wanted {
        connection.endpoint = connection.endpoint.over(transport);
    }
    Ok(connection)
}

/// Up to 260 letters, digits, `.`, `-`, `_`, `/` (learn.microsoft.com, "Naming rules and
/// restrictions for Azure resources", read 2026-11).
fn queue_name(text: &str) -> Result<String, Invalid> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b".-_/".contains(&b);
    let ends = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    if bytes.len() <= 260
        && bytes.iter().copied().all(allowed)
        && ends(bytes.first())
        && ends(bytes.last())
    {
        return Ok(text.to_owned());
    }
    Err(Invalid::new(
        "not the name of a queue",
        "use up to 260 letters, digits and . - _ / with a letter or digit at both ends",
    ))
}

impl ServiceBusConfig {
    /// A queue; nothing is connected yet.
    fn queue(&self, queue: Opening) -> Result<ServiceBusQueue, QueueError> {
        let Opening { name, settings, clock } = queue;
        let entity = match name.as_str() {
            COLLECT => &self.collect_queue,
            STORE => &self.store_queue,
            others => others,
        };
        let namespace = self.access.namespace(&clock)?;
        let entity = entity.to_owned();
        Ok(ServiceBusQueue::new(name, namespace, entity, settings, self.prefetch, clock))
    }
}

impl Access {
    fn namespace(&self, clock: &Arc<dyn Clock>) -> Result<Namespace, QueueError> {
        let (endpoint, tokens): (_, Arc<dyn Tokens>) = match self {
            Self::ConnectionString(ConnectionString { endpoint, access, .. }) => {
                let tokens = SharedAccessTokens::new(access.clone(), Arc::clone(clock));
                (endpoint, Arc::new(tokens))
            }
            Self::Identity { endpoint, login } => {
                let tokens = EntraTokens::new(login.clone(), RESOURCE, Arc::clone(clock))
                    .map_err(|error| QueueError::Rejected { reason: error.to_string() })?;
                (endpoint, Arc::new(tokens))
            }
        };
        let dial = Arc::new(Network::to(endpoint.clone()));
        Ok(Namespace { endpoint: endpoint.clone(), dial, tokens })
    }
}

impl fmt::Display for ServiceBusConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

#[async_trait]
impl QueueConfig for ServiceBusConfig {
    fn open(&self, queue: Opening) -> Result<Arc<dyn Queue>, QueueError> {
        Ok(Arc::new(self.queue(queue)?))
    }

    /// The service tells no upper case from lower case.
    fn taken_by(&self, name: &str) -> Option<&'static str> {
        let own = [(COLLECT_QUEUE, &self.collect_queue), (STORE_QUEUE, &self.store_queue)];
        own.into_iter().find(|(_, queue)| queue.eq_ignore_ascii_case(name)).map(|(key, _)| key)
    }

    /// A key of one queue opens one queue, and mistnet has two.
    fn warnings(&self) -> Vec<String> {
        let Self { collect_queue, store_queue, .. } = self;
        let Access::ConnectionString(connection) = &self.access else { return Vec::new() };
        let narrow = connection.entity.as_deref();
        let narrow = narrow.filter(|only| *only != collect_queue || *only != store_queue);
        let warning = narrow.map(|only| {
            format!(
                "AZURE_SERVICEBUS_CONNECTION_STRING is for the queue {only} alone, and mistnet uses \
                 {collect_queue} and {store_queue}; take that of a policy of the namespace"
            )
        });
        warning.into_iter().collect()
    }

    async fn check(&self, own: [Opening; 2], scope: Scope) -> Vec<Finding> {
        let configured = Finding::ok("queue", format!("{self} is configured"));
        if scope == Scope::Offline {
            let hint = "mistnet doctor --online connects, and looks for missing queues and rights";
            return vec![configured.hint(hint)];
        }
        let mut findings = vec![configured];
        for opening in own {
            findings.push(match self.queue(opening) {
                Ok(queue) => checks::look(&queue).await,
                Err(error) => Finding::wrong("queue", error.to_string(), "correct the setting"),
            });
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use crate::queue::QueueUrl;

    #[test]
    fn a_queue_on_service_bus_has_a_namespace_or_a_connection_string() {
        for (text, shown) in [
            ("servicebus:", "servicebus:"),
            ("servicebus://contoso", "servicebus://contoso.servicebus.windows.net"),
            (
                "servicebus://Contoso.servicebus.windows.net/",
                "servicebus://contoso.servicebus.windows.net",
            ),
        ] {
            assert_eq!(text.parse::<QueueUrl>().unwrap().to_string(), shown, "{text}");
        }
        for wrong in [
            "servicebus://",
            "servicebus:contoso",
            "servicebus://a/queue",
            "servicebus://user:key@a",
            "servicebus:Endpoint=sb://a;SharedAccessKey=k",
        ] {
            assert!(wrong.parse::<QueueUrl>().is_err(), "{wrong}");
        }
    }
}
