//! The queue on Azure Service Bus, by AMQP 1.0: any number of processes on any number of machines.
//!
//! | file | what it knows |
//! |---|---|
//! | `settings`, `config` | the rows of the table of settings, and what they amount to |
//! | `checks` | what `mistnet doctor` says of a queue |
//! | `queue` | the promises of this back end, and how they are kept |
//! | the others | one matter of AMQP or of the service each |
//!
//! AMQP goes over TCP (port 5671), or inside a web socket (port 443) for networks that let nothing
//! else out.
//!
//! It deliberately creates no queue and changes no setting: it names the `az` command instead. It
//! asks no HTTP proxy for the way.

#[cfg(feature = "service-bus")]
pub mod address;
#[cfg(feature = "service-bus")]
mod bus;
#[cfg(feature = "service-bus")]
mod calls;
#[cfg(feature = "service-bus")]
mod checks;
#[cfg(feature = "service-bus")]
mod config;
#[cfg(feature = "service-bus")]
mod connector;
#[cfg(feature = "service-bus")]
pub mod dial;
#[cfg(feature = "service-bus")]
pub mod endpoint;
#[cfg(feature = "service-bus")]
mod entity;
#[cfg(feature = "service-bus")]
mod inbox;
#[cfg(feature = "service-bus")]
mod leases;
#[cfg(feature = "service-bus")]
mod letters;
#[cfg(feature = "service-bus")]
mod locks;
#[cfg(feature = "service-bus")]
mod message;
#[cfg(feature = "service-bus")]
mod node;
#[cfg(feature = "service-bus")]
mod outbox;
#[cfg(feature = "service-bus")]
mod queue;
#[cfg(feature = "service-bus")]
mod sas;
mod settings;
#[cfg(feature = "service-bus")]
mod settlement;
#[cfg(feature = "service-bus")]
mod stream;
#[cfg(feature = "service-bus")]
pub mod tokens;
#[cfg(feature = "service-bus")]
mod trouble;
#[cfg(feature = "service-bus")]
mod websocket;

#[cfg(feature = "service-bus")]
pub use self::entity::MAX_DELIVERY_COUNT;
#[cfg(feature = "service-bus")]
pub use self::queue::{Namespace, ServiceBusQueue};

use crate::azure::identity;
use crate::queue::Kind;
use crate::setting::kind::Offer;

/// This kind of queue. Its settings are always there, so that a file of settings is read alike by
/// every build; the rest needs the feature `service-bus`.
pub static KIND: Kind = Kind {
    name: "service_bus",
    built_on: None,
    claims: |text| text.starts_with("servicebus:"),
    offer: Some(Offer {
        forms: "servicebus:, servicebus://NAMESPACE.servicebus.windows.net",
        meaning: "`servicebus:` (Azure Service Bus, by a connection string) or \
            `servicebus://NAMESPACE.servicebus.windows.net` (by an identity of Microsoft Entra ID), \
            which machines share",
    }),
    settings: &[identity::SETTINGS, settings::SETTINGS],
    #[cfg(feature = "service-bus")]
    back_end: Some(crate::setting::kind::BackEnd {
        read: config::read,
        configure: config::configure,
    }),
    #[cfg(not(feature = "service-bus"))]
    back_end: None,
    #[cfg(test)]
    samples: settings::SAMPLES,
};
