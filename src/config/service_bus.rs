//! Which namespace a queue on Azure Service Bus is in, and how to get in.
//!
//! `servicebus:` is opened by a connection string, `servicebus://NAMESPACE` by an identity of
//! Microsoft Entra ID. A queue elsewhere needs none of it, and then nothing here is looked at: other
//! programs on the machine use the same variables.

use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

use super::layers::Layers;
use super::setting::key;
use super::values::{self, Invalid};
use super::{ConfigError, NoticeQueue, QueueUrl, ServiceBusAccess, ServiceBusConfig};
use crate::queue::service_bus::address::ConnectionString;
use crate::queue::service_bus::endpoint::{Endpoint, Transport};
use crate::queue::service_bus::entra::Identity;

/// Where Entra ID gives out tokens, unless a setting says otherwise.
const AUTHORITY: &str = "https://login.microsoftonline.com";

/// The most messages fetched ahead. More would outlive their leases waiting for their turn.
const MAX_PREFETCH: u64 = 1000;

/// What belongs to queues on Service Bus, if one of `queues` is there.
pub(super) fn config(
    layers: &Layers,
    queues: &[&QueueUrl],
) -> Result<Option<ServiceBusConfig>, ConfigError> {
    let namespace = queues.iter().find_map(|queue| match queue {
        QueueUrl::ServiceBus(host) => Some(host),
        QueueUrl::Sqlite(_) | QueueUrl::Memory => None,
    });
    let Some(namespace) = namespace else { return Ok(None) };
    let transport = layers.optional(key::SERVICE_BUS_TRANSPORT, transport)?;
    let access = match namespace {
        None => ServiceBusAccess::ConnectionString(connection(layers, transport)?),
        Some(host) => ServiceBusAccess::Identity {
            endpoint: Endpoint::service(host).over(transport.unwrap_or(Transport::Tcp)),
            identity: identity(layers)?,
            authority: authority(layers)?,
        },
    };
    Ok(Some(ServiceBusConfig {
        access,
        collect_queue: layers.required(key::COLLECT_QUEUE, queue_name)?,
        store_queue: layers.required(key::STORE_QUEUE, queue_name)?,
        prefetch: layers.required(key::PREFETCH, |text| {
            let number = values::number(text, 0, MAX_PREFETCH)?;
            u32::try_from(number).map_err(|_| Invalid::new("too many", "use 0 to 1000"))
        })?,
    }))
}

fn transport(text: &str) -> Result<Transport, Invalid> {
    values::choice(text, &[("tcp", Transport::Tcp), ("websocket", Transport::WebSocket)])
}

/// The connection string, by `wanted` if that was said, else by what the string says.
fn connection(layers: &Layers, wanted: Option<Transport>) -> Result<ConnectionString, ConfigError> {
    const FIX: &str = "copy the connection string of a shared access policy of the namespace from \
        the portal, or from `az servicebus namespace authorization-rule keys list`";
    let parse = |text: &str| {
        ConnectionString::parse(text).map_err(|error| Invalid::new(error.to_string(), FIX))
    };
    let given = layers.optional(key::SERVICE_BUS_CONNECTION_STRING, parse)?;
    let mut connection = given.ok_or_else(|| {
        let fix = "set AZURE_SERVICEBUS_CONNECTION_STRING, or name the namespace for an identity of \
            Entra ID: servicebus://NAMESPACE.servicebus.windows.net";
        layers.refuse(key::QUEUE, Invalid::new("there is no connection string", fix))
    })?;
    if let Some(transport) = wanted {
        connection.endpoint = connection.endpoint.over(transport);
    }
    Ok(connection)
}

fn identity(layers: &Layers) -> Result<Identity, ConfigError> {
    let text = |key| layers.optional(key, |text| Ok(text.to_owned()));
    let (tenant, client) = (text(key::AZURE_TENANT)?, text(key::AZURE_CLIENT)?);
    let secret = layers.optional(key::AZURE_CLIENT_SECRET, |text| Ok(SecretString::from(text)))?;
    let token_file = layers.optional(key::AZURE_TOKEN_FILE, |text| Ok(PathBuf::from(text)))?;
    let lonely = |key| {
        let fix = "set AZURE_TENANT_ID and AZURE_CLIENT_ID too";
        layers.refuse(key, Invalid::new("it needs a tenant and a client", fix))
    };
    match (token_file, secret, tenant, client) {
        (Some(token_file), _, Some(tenant), Some(client)) => {
            Ok(Identity::Workload { tenant, client, token_file })
        }
        (None, Some(secret), Some(tenant), Some(client)) => {
            Ok(Identity::Secret { tenant, client, secret })
        }
        (Some(_), _, _, _) => Err(lonely(key::AZURE_TOKEN_FILE)),
        (None, Some(_), _, _) => Err(lonely(key::AZURE_CLIENT_SECRET)),
        (None, None, _, client) => {
            Ok(Identity::Managed { client, app_service: app_service(layers)? })
        }
    }
}

/// App Service and Container Apps set both, or neither.
fn app_service(layers: &Layers) -> Result<Option<(Url, SecretString)>, ConfigError> {
    let endpoint = layers.optional(key::AZURE_IDENTITY_ENDPOINT, url)?;
    let header =
        layers.optional(key::AZURE_IDENTITY_HEADER, |text| Ok(SecretString::from(text)))?;
    Ok(endpoint.zip(header))
}

fn authority(layers: &Layers) -> Result<Url, ConfigError> {
    let given = layers.optional(key::AZURE_AUTHORITY, url)?;
    let usual = || Url::parse(AUTHORITY);
    given.map_or_else(usual, Ok).map_err(|_| ConfigError::Missing { key: key::AZURE_AUTHORITY })
}

fn url(text: &str) -> Result<Url, Invalid> {
    let parsed = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    parsed.ok_or_else(|| Invalid::new("not an address", "write https://HOST"))
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

/// Collections, parts and notices need a queue each: what one role would take for its work, the
/// other sends, and whoever waits for notices would eat it. The service tells no upper case from
/// lower case.
pub(super) fn keep_apart(
    layers: &Layers,
    config: &ServiceBusConfig,
    notices: Option<&NoticeQueue>,
) -> Result<(), ConfigError> {
    let ServiceBusConfig { collect_queue, store_queue, .. } = config;
    if collect_queue.eq_ignore_ascii_case(store_queue) {
        return Err(shared_queue(layers, key::STORE_QUEUE, key::COLLECT_QUEUE));
    }
    let Some(NoticeQueue { at: QueueUrl::ServiceBus(_), name }) = notices else { return Ok(()) };
    let ours = [(key::COLLECT_QUEUE, collect_queue), (key::STORE_QUEUE, store_queue)];
    match ours.into_iter().find(|(_, queue)| queue.eq_ignore_ascii_case(name)) {
        Some((key, _)) => Err(shared_queue(layers, key::NOTIFY_QUEUE, key)),
        None => Ok(()),
    }
}

fn shared_queue(layers: &Layers, key: &'static str, taken_by: &str) -> ConfigError {
    let reason = format!("{taken_by} is the same queue, and mistnet's own work goes through it");
    let fix = format!("name another queue in {key}, or in {taken_by}");
    layers.refuse(key, Invalid::new(reason, fix))
}

/// A key of one queue opens one queue, and mistnet has two.
pub(super) fn too_narrow(config: &ServiceBusConfig) -> Option<String> {
    let ServiceBusAccess::ConnectionString(connection) = &config.access else { return None };
    let only = connection.entity.as_deref()?;
    let ours = [&config.collect_queue, &config.store_queue];
    ours.into_iter().any(|queue| queue != only).then(|| {
        format!(
            "AZURE_SERVICEBUS_CONNECTION_STRING is for the queue {only} alone, and mistnet uses {} \
             and {}; take that of a policy of the namespace",
            config.collect_queue, config.store_queue
        )
    })
}
