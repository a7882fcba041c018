//! The table of settings: the one place that knows their names and defaults.
//!
//! A new setting is a row here, a field of [`super::Config`] and a line in `build.rs`; the tests
//! `every_setting_is_read` and `the_document_lists_every_setting` notice what is missing.

/// One thing that can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Its path in `mistnet.toml`.
    pub key: &'static str,
    /// Its environment variables; the first that is set counts.
    pub variables: &'static [&'static str],
    /// Its flag, if it has one.
    pub flag: Option<&'static str>,
    /// Its value if nobody says anything.
    pub default: Option<&'static str>,
    /// Whether it may be shown.
    pub secrecy: Secrecy,
    /// How many values it takes.
    pub shape: Shape,
    /// What it means, for a person.
    pub meaning: &'static str,
}

/// Whether a value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// To everyone.
    Open,
    /// To nobody. May also be given as a file, by the variable with `_FILE` added.
    Secret,
}

/// How many values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One.
    One,
    /// Several: an array in a file, separated by commas elsewhere.
    List,
}

/// The keys of [`SETTINGS`].
#[expect(missing_docs, reason = "the table below says what each one means")]
pub mod key {
    pub const STORE: &str = "store";
    pub const QUEUE: &str = "queue";
    pub const AZURE_CONNECTION_STRING: &str = "azure.storage_connection_string";
    pub const AZURE_ACCOUNT: &str = "azure.storage_account";
    pub const AZURE_KEY: &str = "azure.storage_key";
    pub const AZURE_SAS: &str = "azure.storage_sas_token";
    pub const AZURE_BLOB_ENDPOINT: &str = "azure.blob_endpoint";
    pub const AZURE_TENANT: &str = "azure.tenant_id";
    pub const AZURE_CLIENT: &str = "azure.client_id";
    pub const AZURE_CLIENT_SECRET: &str = "azure.client_secret";
    pub const AZURE_TOKEN_FILE: &str = "azure.federated_token_file";
    pub const AZURE_AUTHORITY: &str = "azure.authority_host";
    pub const AZURE_IDENTITY_ENDPOINT: &str = "azure.identity_endpoint";
    pub const AZURE_IDENTITY_HEADER: &str = "azure.identity_header";
    pub const SERVICE_BUS_CONNECTION_STRING: &str = "servicebus.connection_string";
    pub const SERVICE_BUS_TRANSPORT: &str = "servicebus.transport";
    pub const COLLECT_QUEUE: &str = "servicebus.collect_queue";
    pub const STORE_QUEUE: &str = "servicebus.store_queue";
    pub const PREFETCH: &str = "servicebus.prefetch";
    pub const API_URL: &str = "x.api_url";
    pub const BEARER_TOKEN: &str = "x.bearer_token";
    pub const PACING: &str = "x.pacing";
    pub const LISTEN: &str = "http.listen";
    pub const API_KEYS: &str = "http.api_keys";
    pub const ALLOWED_HOSTS: &str = "http.allowed_hosts";
    pub const NUM_RESULTS: &str = "collection.num_results";
    pub const MAX_COST: &str = "collection.max_cost_usd";
    pub const PARTITION_SIZE: &str = "collection.partition_size";
    pub const START_DATE: &str = "collection.start_date";
    pub const END_DATE: &str = "collection.end_date";
    pub const FORMATS: &str = "collection.formats";
    pub const PROFILE: &str = "collection.profile";
    pub const LAYOUT: &str = "collection.layout";
    pub const SINGLE_FILE: &str = "collection.single_file";
    pub const ARCHIVE: &str = "collection.archive";
    pub const DIALECT: &str = "collection.dialect";
    pub const AUTHORS: &str = "collection.authors";
    pub const MEDIA: &str = "collection.media";
    pub const POLLS: &str = "collection.polls";
    pub const PLACES: &str = "collection.places";
    pub const REFERENCED: &str = "collection.referenced";
    pub const SENDER_CONCURRENCY: &str = "sender.concurrency";
    pub const MAX_PARTS_AHEAD: &str = "sender.max_parts_ahead";
    pub const RECEIVER_CONCURRENCY: &str = "receiver.concurrency";
    pub const NOTIFY_QUEUE: &str = "notify_queue";
    pub const NOTICE_FORMAT: &str = "notice_format";
    pub const WEBHOOK_URL: &str = "webhook.url";
    pub const WEBHOOK_SECRET: &str = "webhook.secret";
    pub const WEBHOOK_PRIVATE: &str = "webhook.private";
    pub const SWEEP_INTERVAL: &str = "sweep.interval_seconds";
    pub const LEASE: &str = "lease.seconds";
}

/// A row with one open value; the others are made from it.
const fn row(
    key: &'static str,
    variables: &'static [&'static str],
    default: &'static str,
    meaning: &'static str,
) -> Setting {
    let default = Some(default);
    let (secrecy, shape) = (Secrecy::Open, Shape::One);
    Setting { key, variables, flag: None, default, secrecy, shape, meaning }
}

impl Setting {
    const fn flag(self, flag: &'static str) -> Self {
        Self { flag: Some(flag), ..self }
    }

    const fn absent(self) -> Self {
        Self { default: None, ..self }
    }

    const fn list(self) -> Self {
        Self { shape: Shape::List, ..self }
    }

    const fn secret(self) -> Self {
        Self { secrecy: Secrecy::Secret, default: None, ..self }
    }
}

/// Every setting.
pub const SETTINGS: &[Setting] = &[
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
    row(
        key::NUM_RESULTS,
        &["MISTNET_NUM_RESULTS"],
        "1000",
        "The most rows that a dataset may have, or `all`, which needs a `max_cost_usd`.",
    )
    .flag("--limit"),
    row(
        key::MAX_COST,
        &["MISTNET_MAX_COST_USD"],
        "",
        "The most that a collection may cost, in US dollars, counted at the worst case of what X \
         may charge; reaching it pauses the collection.",
    )
    .absent()
    .flag("--max-cost"),
    row(key::PARTITION_SIZE, &["MISTNET_PARTITION_SIZE"], "1000", "Rows in a part, 1 to 100000.")
        .flag("--partition-size"),
    row(
        key::START_DATE,
        &["MISTNET_START_DATE"],
        "",
        "The first day (`2021-05-24`, UTC) or instant (`2021-05-24T18:00:00Z`); absent: 30 days \
         before the end.",
    )
    .absent()
    .flag("--since"),
    row(
        key::END_DATE,
        &["MISTNET_END_DATE"],
        "",
        "The last day, which is included, or the first instant that is not; absent: now.",
    )
    .absent()
    .flag("--until"),
    row(
        key::FORMATS,
        &["MISTNET_FORMATS"],
        "csv",
        "File formats of a dataset: any of `csv`, `jsonl`, `jsonl.gz`, `jsonl.zst` and `parquet`.",
    )
    .list()
    .flag("--format"),
    row(
        key::PROFILE,
        &["MISTNET_PROFILE"],
        "full",
        "Columns: `original` (the 25 of mistnet's predecessor), `full` (these first, then \
         everything else that the API gives) or `twarc` (the 84 of twarc-csv).",
    )
    .flag("--profile"),
    row(
        key::LAYOUT,
        &["MISTNET_LAYOUT"],
        "mistnet",
        "How parts are named: `mistnet` (`parts/part-000000.csv` beside the manifest) or `original` \
         (as mistnet's predecessor did: `Blob_DD_MM_YYYY/…/fileblock_0.csv` in a container \
         `containerMMYYYY`).",
    )
    .flag("--layout"),
    row(
        key::SINGLE_FILE,
        &["MISTNET_SINGLE_FILE"],
        "",
        "Whether a dataset also has one file with all rows; absent: it has one, unless `layout` is \
         `original`.",
    )
    .absent()
    .flag("--no-single-file"),
    row(
        key::ARCHIVE,
        &["MISTNET_ARCHIVE"],
        "all",
        "Which index of X is searched: `all` (since 2006) or `recent` (the last seven days).",
    )
    .flag("--archive"),
    row(
        key::DIALECT,
        &["MISTNET_DIALECT"],
        "tweet",
        "Field names towards X: `tweet` (`tweet.fields`) or `post` (`post.fields`). The dataset \
         is the same.",
    ),
    row(
        key::AUTHORS,
        &["MISTNET_AUTHORS"],
        "true",
        "Whether authors come along. X charges for each.",
    )
    .flag("--no-authors"),
    row(key::MEDIA, &["MISTNET_MEDIA"], "true", "Whether photos and videos come along."),
    row(key::POLLS, &["MISTNET_POLLS"], "true", "Whether polls come along."),
    row(key::PLACES, &["MISTNET_PLACES"], "true", "Whether places come along."),
    row(
        key::REFERENCED,
        &["MISTNET_REFERENCED"],
        "false",
        "Whether the tweets that a tweet refers to come along. X may charge for each.",
    )
    .flag("--referenced"),
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

impl Setting {
    /// The setting with this key.
    pub fn with_key(key: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.key == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_used_twice() {
        let mut names: Vec<&str> = SETTINGS
            .iter()
            .flat_map(|s| [s.key].into_iter().chain(s.variables.iter().copied()).chain(s.flag))
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn no_secret_has_a_flag_or_a_default() {
        for setting in SETTINGS.iter().filter(|s| s.secrecy == Secrecy::Secret) {
            assert_eq!((setting.flag, setting.default), (None, None), "{}", setting.key);
        }
    }
}
