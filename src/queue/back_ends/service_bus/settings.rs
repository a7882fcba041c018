//! The settings of queues on Azure Service Bus, but for those of an identity.

#[cfg(test)]
use crate::azure::identity;
#[cfg(test)]
use crate::setting::kind::Sample;
use crate::setting::recognise::Recognised;
use crate::setting::{Setting, row};

/// A connection string of the namespace.
pub(super) const CONNECTION_STRING: &str = "servicebus.connection_string";

/// What carries AMQP.
pub(super) const TRANSPORT: &str = "servicebus.transport";

/// The queue on which collections wait for a sender.
pub(super) const COLLECT_QUEUE: &str = "servicebus.collect_queue";

/// The queue on which parts wait for a receiver.
pub(super) const STORE_QUEUE: &str = "servicebus.store_queue";

/// Messages that are fetched before they are needed.
pub(super) const PREFETCH: &str = "servicebus.prefetch";

/// The rows of the table of settings.
pub(super) const SETTINGS: &[Setting] = &[
    row(
        CONNECTION_STRING,
        &["AZURE_SERVICEBUS_CONNECTION_STRING"],
        "",
        "The namespace of a queue at `servicebus:` and the right to use it, as the portal shows it \
         under Shared access policies; the policy needs the rights Send and Listen.",
    )
    .secret()
    .never(&[Recognised::StorageConnection]),
    row(
        TRANSPORT,
        &["MISTNET_SERVICEBUS_TRANSPORT"],
        "",
        "How Service Bus is reached: `tcp` (port 5671), or `websocket` (port 443) for networks that \
         let nothing but HTTPS out. Without it, as `TransportType` of the connection string says \
         (`Amqp` or `AmqpWebSockets`), else `tcp`.",
    )
    .absent(),
    row(
        COLLECT_QUEUE,
        &["MISTNET_COLLECT_QUEUE"],
        "mistnet-collect",
        "The queue on Service Bus on which collections wait for a sender. Its lock duration should \
         be `lease.seconds`, and its max delivery count 2000, because a collection may rightly be \
         delivered very often: mistnet counts attempts itself.",
    ),
    row(
        STORE_QUEUE,
        &["MISTNET_STORE_QUEUE"],
        "mistnet-store",
        "The queue on Service Bus on which parts wait for a receiver, with the same settings.",
    ),
    row(
        PREFETCH,
        &["MISTNET_SERVICEBUS_PREFETCH"],
        "0",
        "Messages that are fetched from Service Bus before they are needed, 0 to 1000. Their leases \
         run from then on.",
    ),
];

/// How tests reach each of them.
#[cfg(test)]
pub(super) const SAMPLES: &[Sample] = &[
    Sample {
        address: "servicebus:",
        given: &[(CONNECTION_STRING, "Endpoint=sb://h;SharedAccessKeyName=k;SharedAccessKey=s")],
        others: &[
            (CONNECTION_STRING, "Endpoint=sb://o;SharedAccessKeyName=k;SharedAccessKey=s"),
            (TRANSPORT, "websocket"),
            (COLLECT_QUEUE, "other"),
            (STORE_QUEUE, "other"),
            (PREFETCH, "9"),
        ],
    },
    Sample {
        address: "servicebus://contoso.servicebus.windows.net",
        given: &[(identity::TENANT, "tenant"), (identity::CLIENT, "client")],
        others: &[
            (identity::CLIENT_SECRET, "secret"),
            (identity::ENDPOINT, "http://localhost:3"),
            (identity::HEADER, "secret"),
        ],
    },
    Sample {
        address: "servicebus://contoso.servicebus.windows.net",
        given: &[
            (identity::TENANT, "tenant"),
            (identity::CLIENT, "client"),
            (identity::TOKEN_FILE, "/run/token"),
        ],
        others: &[
            (identity::TENANT, "other"),
            (identity::CLIENT, "other"),
            (identity::TOKEN_FILE, "/run/other"),
            (identity::AUTHORITY, "https://login.example.org"),
        ],
    },
];
