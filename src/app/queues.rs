//! Which back end a queue is on.

use std::sync::Arc;

use super::{COLLECT_QUEUE, STORE_QUEUE};
use crate::clock::Clock;
use crate::config::{Config, QueueUrl};
use crate::queue::memory::MemoryQueue;
use crate::queue::sqlite::SqliteQueue;
use crate::queue::{self, Queue, QueueError};

/// Opens a queue by its name: one of our own, or the one that notices go to. The only place that
/// does, so that whatever a back end wants to know about a queue is decided here.
pub(super) fn open(
    config: &Config,
    at: &QueueUrl,
    name: &str,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn Queue>, QueueError> {
    let settings = settings(config, name);
    Ok(match at {
        QueueUrl::Sqlite(path) => {
            Arc::new(SqliteQueue::open(path, name, settings, Arc::clone(clock))?)
        }
        QueueUrl::Memory => Arc::new(MemoryQueue::new(name, settings, Arc::clone(clock))),
        #[cfg(feature = "service-bus")]
        QueueUrl::ServiceBus(_) => Arc::new(service_bus(config, name, clock)?),
        #[cfg(not(feature = "service-bus"))]
        QueueUrl::ServiceBus(_) => {
            return Err(QueueError::Rejected {
                reason: "this build has no Azure Service Bus".to_owned(),
            });
        }
    })
}

fn settings(config: &Config, name: &str) -> queue::Settings {
    let max_attempts = match name {
        // How often a collection may crash its senders is decided by its log, where progress shows.
        COLLECT_QUEUE => u32::MAX,
        _ => queue::Settings::default().max_attempts,
    };
    let content_type = match name {
        COLLECT_QUEUE | STORE_QUEUE => queue::JSON,
        _ => super::notices::content_type(config.notices.format),
    };
    queue::Settings { lease_time: config.lease_time, max_attempts, content_type }
}

#[cfg(feature = "service-bus")]
pub use self::bus::service_bus;

#[cfg(feature = "service-bus")]
mod bus {
    use super::{Arc, COLLECT_QUEUE, Clock, Config, QueueError, STORE_QUEUE, settings};
    use crate::config::ServiceBusAccess;
    use crate::queue::service_bus::address::SharedAccess;
    use crate::queue::service_bus::dial::Network;
    use crate::queue::service_bus::endpoint::Endpoint;
    use crate::queue::service_bus::entra::EntraTokens;
    use crate::queue::service_bus::tokens::{SharedAccessTokens, Tokens};
    use crate::queue::service_bus::{Namespace, ServiceBusQueue};

    /// The queue `name` on Azure Service Bus; nothing is connected yet.
    pub fn service_bus(
        config: &Config,
        name: &str,
        clock: &Arc<dyn Clock>,
    ) -> Result<ServiceBusQueue, QueueError> {
        let reject = |reason: String| QueueError::Rejected { reason };
        let bus = config.service_bus.as_ref();
        let bus = bus.ok_or_else(|| reject("nothing says which namespace".to_owned()))?;
        let (endpoint, tokens): (Endpoint, Arc<dyn Tokens>) = match &bus.access {
            ServiceBusAccess::ConnectionString(connection) => {
                let access: SharedAccess = connection.access.clone();
                let tokens = SharedAccessTokens::new(access, Arc::clone(clock));
                (connection.endpoint.clone(), Arc::new(tokens))
            }
            ServiceBusAccess::Identity { endpoint, identity, authority } => {
                let (identity, authority) = (identity.clone(), authority.clone());
                let tokens = EntraTokens::new(identity, authority, Arc::clone(clock))
                    .map_err(|error| reject(error.to_string()))?;
                (endpoint.clone(), Arc::new(tokens))
            }
        };
        let dial = Arc::new(Network::to(endpoint.clone()));
        let namespace = Namespace { endpoint, dial, tokens };
        let entity = match name {
            COLLECT_QUEUE => &bus.collect_queue,
            STORE_QUEUE => &bus.store_queue,
            others => others,
        };
        let settings = settings(config, name);
        let clock = Arc::clone(clock);
        Ok(ServiceBusQueue::new(name, namespace, entity, settings, bus.prefetch, clock))
    }
}
