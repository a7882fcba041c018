//! The table of settings: the rows of the back ends, and those that belong to none.
//!
//! A new setting of a back end is a row in its own folder. Another one is a key and a row here, a
//! field of [`super::Config`] and a line in `build`; one of a collection is all of it in
//! [`super::collection`]. The tests `every_setting_is_read` and
//! `the_document_lists_every_setting` notice what is missing.

use std::sync::LazyLock;

use super::collection;
use crate::setting::recognise::Recognised;
use crate::setting::{Setting, row};
use crate::{queue, store};

/// Every setting, those of the back ends first. A row that several of them use is there once.
pub static SETTINGS: LazyLock<Vec<Setting>> = LazyLock::new(|| {
    let mut rows = vec![store::SETTING, queue::SETTING];
    let of_stores = store::KINDS.iter().flat_map(|kind| kind.settings);
    let of_queues = queue::KINDS.iter().flat_map(|kind| kind.settings);
    for row in of_stores.chain(of_queues).copied().flatten() {
        if !rows.iter().any(|known| known.key == row.key) {
            rows.push(*row);
        }
    }
    for others in [OF_SERVICES, collection::SETTINGS, OF_WORK] {
        rows.extend_from_slice(others);
    }
    rows
});

/// The setting with this key.
pub fn with_key(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

/// The keys of the settings that belong to no back end.
#[expect(missing_docs, reason = "the table below says what each one means")]
pub mod key {
    pub use super::super::collection::key::*;
    pub use crate::queue::KEY as QUEUE;
    pub use crate::store::KEY as STORE;

    pub const API_URL: &str = "x.api_url";
    pub const BEARER_TOKEN: &str = "x.bearer_token";
    pub const PACING: &str = "x.pacing";
    pub const LISTEN: &str = "http.listen";
    pub const HEALTH_LISTEN: &str = "http.health_listen";
    pub const API_KEYS: &str = "http.api_keys";
    pub const ALLOWED_HOSTS: &str = "http.allowed_hosts";
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

/// X and the HTTP service.
const OF_SERVICES: &[Setting] = &[
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
    .secret()
    .never(&[
        Recognised::StorageConnection,
        Recognised::BusConnection,
        Recognised::SignedConnection,
        Recognised::Signature,
        Recognised::WebhookKey,
        Recognised::Password,
    ]),
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
    .secret()
    // A key is whatever its owner made up, and may well have an `@` in it.
    .never(&[
        Recognised::StorageConnection,
        Recognised::BusConnection,
        Recognised::SignedConnection,
        Recognised::Signature,
        Recognised::WebhookKey,
    ]),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setting::Secrecy;

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
