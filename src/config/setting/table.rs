//! The table of settings: the one place that knows their names, defaults and meanings.

use super::super::collection;
use super::{Setting, key, row};

/// Every setting, in the order in which they are documented.
pub const SETTINGS: &[Setting] = &joined::<
    { OF_PLACES.len() + collection::SETTINGS.len() + OF_WORK.len() },
>([OF_PLACES, collection::SETTINGS, OF_WORK]);

/// Several lists, one after the other; `N` is the number of all their members, at least one.
const fn joined<const N: usize>(lists: [&[Setting]; 3]) -> [Setting; N] {
    let mut all = [lists[0][0]; N];
    let (mut filled, mut list) = (0, 0);
    while list < lists.len() {
        let mut member = 0;
        while member < lists[list].len() {
            all[filled] = lists[list][member];
            (filled, member) = (filled + 1, member + 1);
        }
        list += 1;
    }
    all
}

/// Where things are: stores, queues, X and the HTTP service.
const OF_PLACES: &[Setting] = &[
    row(
        key::STORE,
        &["MISTNET_STORE"],
        "./data",
        "Where datasets and logs lie: a folder (`./data`, `/srv/mistnet`, `file:///srv/mistnet`; \
         a relative path counts from the current directory), or a container of an Azure storage \
         account (`az://container/prefix`).",
    )
    .flag("--store"),
    row(
        key::QUEUE,
        &["MISTNET_QUEUE"],
        "sqlite:./mistnet-queue.db",
        "Where work waits: `sqlite:PATH`, one file that any number of senders and receivers on \
         one machine share; `servicebus:` (Azure Service Bus, by a connection string) or \
         `servicebus://NAMESPACE.servicebus.windows.net` (by an identity of Microsoft Entra ID), \
         which machines share; or `memory:`, which lives and dies with one process.",
    )
    .flag("--queue"),
    row(
        key::AZURE_CONNECTION_STRING,
        &["AZURE_STORAGE_CONNECTION_STRING"],
        "",
        "The storage account of a store at `az://`, as the portal shows it under Access keys; also \
         with a SharedAccessSignature, a BlobEndpoint, or `UseDevelopmentStorage=true`. Comes \
         before the other settings of `azure`.",
    )
    .secret(),
    row(
        key::AZURE_ACCOUNT,
        &["AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_ACCOUNT_NAME"],
        "",
        "The storage account's name. With neither key nor signature, Microsoft Entra ID lets \
         mistnet in.",
    )
    .absent(),
    row(
        key::AZURE_KEY,
        &["AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCOUNT_KEY"],
        "",
        "One of the storage account's two keys.",
    )
    .secret(),
    row(
        key::AZURE_SAS,
        &["AZURE_STORAGE_SAS_TOKEN"],
        "",
        "A shared access signature (`sv=…&sig=…`) in place of a key, or a whole SAS URL, which \
         names the account too. It must allow to read, create, write and list.",
    )
    .secret(),
    row(
        key::AZURE_BLOB_ENDPOINT,
        &["AZURE_STORAGE_BLOB_ENDPOINT"],
        "",
        "The account's blob service, if it is not at `https://ACCOUNT.blob.core.windows.net`.",
    )
    .absent(),
    row(
        key::AZURE_TENANT,
        &["AZURE_TENANT_ID"],
        "",
        "The tenant of the application in Microsoft Entra ID.",
    )
    .absent(),
    row(
        key::AZURE_CLIENT,
        &["AZURE_CLIENT_ID"],
        "",
        "The application in Microsoft Entra ID; alone, which of the machine's managed identities.",
    )
    .absent(),
    row(
        key::AZURE_CLIENT_SECRET,
        &["AZURE_CLIENT_SECRET"],
        "",
        "The application's secret.",
    )
    .secret(),
    row(
        key::AZURE_TOKEN_FILE,
        &["AZURE_FEDERATED_TOKEN_FILE"],
        "",
        "The token of a workload identity in place of a secret; Kubernetes sets it.",
    )
    .absent(),
    row(
        key::AZURE_AUTHORITY,
        &["AZURE_AUTHORITY_HOST"],
        "",
        "Where Entra ID gives out tokens, if not at `https://login.microsoftonline.com`.",
    )
    .absent(),
    row(
        key::AZURE_IDENTITY_ENDPOINT,
        &["IDENTITY_ENDPOINT"],
        "",
        "Where the machine's managed identity gives out tokens; Container Apps and App Service set \
         it.",
    )
    .absent(),
    row(
        key::AZURE_IDENTITY_HEADER,
        &["IDENTITY_HEADER"],
        "",
        "What `azure.identity_endpoint` wants to be shown; set together with it.",
    )
    .secret(),
    row(
        key::SERVICE_BUS_CONNECTION_STRING,
        &["AZURE_SERVICEBUS_CONNECTION_STRING"],
        "",
        "The namespace of a queue at `servicebus:` and the right to use it, as the portal shows it \
         under Shared access policies; the policy needs the rights Send and Listen.",
    )
    .secret(),
    row(
        key::SERVICE_BUS_TRANSPORT,
        &["MISTNET_SERVICEBUS_TRANSPORT"],
        "",
        "How Service Bus is reached: `tcp` (port 5671), or `websocket` (port 443) for networks that \
         let nothing but HTTPS out. Without it, as `TransportType` of the connection string says \
         (`Amqp` or `AmqpWebSockets`), else `tcp`.",
    )
    .absent(),
    row(
        key::COLLECT_QUEUE,
        &["MISTNET_COLLECT_QUEUE"],
        "mistnet-collect",
        "The queue on Service Bus on which collections wait for a sender. Its lock duration should \
         be `lease.seconds`, and its max delivery count 2000, because a collection may rightly be \
         delivered very often: mistnet counts attempts itself.",
    ),
    row(
        key::STORE_QUEUE,
        &["MISTNET_STORE_QUEUE"],
        "mistnet-store",
        "The queue on Service Bus on which parts wait for a receiver, with the same settings.",
    ),
    row(
        key::PREFETCH,
        &["MISTNET_SERVICEBUS_PREFETCH"],
        "0",
        "Messages that are fetched from Service Bus before they are needed, 0 to 1000. Their leases \
         run from then on.",
    ),
    row(
        key::API_URL,
        &["MISTNET_X_API_URL"],
        "https://api.x.com",
        "The X API, without `/2/…`; a simulator's address for trying things out.",
    )
    .flag("--x-api-url"),
    row(
        key::BEARER_TOKEN,
        &["X_BEARER_TOKEN", "BEARER_TOKEN", "TWITTER_BEARER_TOKEN"],
        "",
        "The app's bearer token from X's developer console.",
    )
    .secret(),
    row(
        key::PACING,
        &["MISTNET_X_PACING"],
        "on",
        "`on`: requests keep to the pace that X allows. `off`: as fast as possible, for a \
         simulator without rate limits; refused for `api.x.com`.",
    ),
    row(
        key::LISTEN,
        &["MISTNET_LISTEN"],
        "127.0.0.1:8889",
        "Address and port of the HTTP service. Any other address than loopback needs an API key.",
    )
    .flag("--listen"),
    row(
        key::HEALTH_LISTEN,
        &["MISTNET_HEALTH_LISTEN"],
        "",
        "Address and port of a listener that serves `/healthz` and `/readyz` alone, also of a \
         `receiver`: without a key, on any address. `mistnet health` then asks there.",
    )
    .absent()
    .flag("--health-listen"),
    row(
        key::API_KEYS,
        &["MISTNET_API_KEY"],
        "",
        "Keys that callers of the HTTP service may use, each of at least 32 characters; several \
         so that one can be replaced without a gap.",
    )
    .list()
    .secret(),
    row(
        key::ALLOWED_HOSTS,
        &["MISTNET_ALLOWED_HOSTS"],
        "",
        "Further names under which the HTTP service may be called (`Host` header, without port). \
         Names of loopback and the listening address are always allowed; if there is an API key \
         and this is empty, every name is.",
    )
    .list()
    .absent(),
];

/// How much work a process does, and who is told of it.
const OF_WORK: &[Setting] = &[
    row(
        key::SENDER_CONCURRENCY,
        &["MISTNET_SENDER_CONCURRENCY"],
        "4",
        "Collections that one sender has in hand at a time, 1 to 64. They share the pace that X \
         allows.",
    ),
    row(
        key::MAX_PARTS_AHEAD,
        &["MISTNET_SENDER_MAX_PARTS_AHEAD"],
        "16",
        "A collection is fetched on only while fewer parts than this wait to be stored.",
    ),
    row(
        key::RECEIVER_CONCURRENCY,
        &["MISTNET_RECEIVER_CONCURRENCY"],
        "2",
        "Parts that one receiver stores at a time, 1 to 64.",
    ),
    row(
        key::NOTIFY_QUEUE,
        &["MISTNET_NOTIFY_QUEUE"],
        "",
        "The queue that is told when a dataset is complete: its name, on the same back end as \
         `queue`.",
    )
    .absent(),
    row(
        key::NOTICE_FORMAT,
        &["MISTNET_NOTICE_FORMAT"],
        "cloudevents",
        "What a message on `notify_queue` is: `cloudevents` (CloudEvents 1.0, JSON), or `original`, \
         the predecessor's three fields.",
    ),
    row(
        key::WEBHOOK_URL,
        &["MISTNET_WEBHOOK_URL"],
        "",
        "The `https://` address that is called with a CloudEvent when a dataset is complete. It \
         is treated as a secret, because many such addresses hold a key. Needs `webhook.secret`.",
    )
    .secret(),
    row(
        key::WEBHOOK_SECRET,
        &["MISTNET_WEBHOOK_SECRET"],
        "",
        "The key that signs these calls as Standard Webhooks says: `whsec_` and the base64 of 24 \
         to 64 random bytes.",
    )
    .secret(),
    row(
        key::WEBHOOK_PRIVATE,
        &["MISTNET_WEBHOOK_PRIVATE"],
        "false",
        "Whether the webhook may be on a private network or on this machine; there also by plain \
         `http://`.",
    ),
    row(
        key::SWEEP_INTERVAL,
        &["MISTNET_SWEEP_INTERVAL_SECONDS"],
        "300",
        "How often unfinished work that nobody has in hand is put back on a queue, 1 to 86400.",
    ),
    row(
        key::LEASE,
        &["MISTNET_LEASE_SECONDS"],
        "20",
        "How long work stays with a process that has died, 1 to 300. The same for all processes.",
    ),
];
