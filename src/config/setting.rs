//! What a setting is, and the keys of all.
//!
//! A new setting is a key here, a row in [`table`], a field of [`super::Config`] and a line in
//! `build.rs`; one of a collection is all three in [`super::collection`]. The tests `every_setting_is_read` and `the_document_lists_every_setting` notice what
//! is missing.

mod row;
mod table;

pub(super) use row::row;
pub use table::SETTINGS;

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
    pub use super::super::collection::key::*;

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
