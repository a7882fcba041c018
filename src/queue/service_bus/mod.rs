//! The queue on Azure Service Bus, by AMQP 1.0: any number of processes on any number of machines.
//!
//! What it promises beyond and besides the contract of the room:
//!
//! * **Durable** as the namespace is: [`Queue::send`] returns when the service has accepted every
//!   message. A repeated send has the same message id, which a queue with duplicate detection drops.
//! * **A lease is a lock.** It lasts as the service says (`locks`), also where that is shorter than
//!   `lease.seconds`, and is renewed with [`Queue::renew`]. After the connection broke, locks are settled and renewed by their tokens.
//! * **Settling is a request.** The service's answer to an acknowledgement is not awaited; one
//!   that got lost is another delivery when the lock runs out.
//! * **A delay of nack and release is a copy** with the delay, sent before the original is completed:
//!   a crash in between leaves both, and so one delivery too many.
//! * **Nothing is merged** ([`Merging::Never`]).
//! * **Attempts** are the service's delivery count, plus those that a copy carries along. The
//!   queue's own limit should be out of reach ([`MAX_DELIVERY_COUNT`]).
//! * [`Queue::depth`] reads messages to count them, up to 5,000 of each kind; the service does not
//!   tell ready from leased ([`LeasedDepth::AmongReady`]).
//! * A [`Queue::receive`] that waits less than a round trip finds only what came too late for
//!   an earlier one.
//!
//! Whether an acknowledgement of an expired lease is noticed depends on this machine's clock, which
//! counts the lease from the moment when the message arrived here.
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

use super::config::Kind;
use crate::azure::identity;
use crate::setting::kind::Offer;

/// This kind of queue. Its settings are always there, so that a file of settings is read alike by
/// every build; the rest needs the feature `service-bus`.
pub static KIND: Kind = Kind {
    name: "service_bus",
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
