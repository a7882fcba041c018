//! Every setting has an effect.

use secrecy::ExposeSecret;

use super::*;

/// For every setting that belongs to no collection a value that is not its default.
const OTHERS: &[(&str, &str)] = &[
    (key::STORE, "./elsewhere"),
    (key::QUEUE, "memory:"),
    (key::AZURE_CONNECTION_STRING, "AccountName=other;AccountKey=AAAA"),
    (key::AZURE_ACCOUNT, "other"),
    (key::AZURE_KEY, "AAAA"),
    (key::AZURE_SAS, "sv=1&sig=x"),
    (key::AZURE_BLOB_ENDPOINT, "https://data.example.org"),
    (key::AZURE_TENANT, "other"),
    (key::AZURE_CLIENT, "other"),
    (key::AZURE_CLIENT_SECRET, "secret"),
    (key::AZURE_TOKEN_FILE, "/run/token"),
    (key::AZURE_AUTHORITY, "https://login.example.org"),
    (key::AZURE_IDENTITY_ENDPOINT, "http://localhost:3"),
    (key::AZURE_IDENTITY_HEADER, "secret"),
    (key::SERVICE_BUS_CONNECTION_STRING, "Endpoint=sb://o;SharedAccessKeyName=k;SharedAccessKey=s"),
    (key::SERVICE_BUS_TRANSPORT, "websocket"),
    (key::COLLECT_QUEUE, "other"),
    (key::STORE_QUEUE, "other"),
    (key::PREFETCH, "9"),
    (key::API_URL, "http://localhost:2"),
    (key::BEARER_TOKEN, "t"),
    (key::PACING, "off"),
    (key::LISTEN, "127.0.0.1:1"),
    (key::HEALTH_LISTEN, "127.0.0.1:3"),
    (key::API_KEYS, "0123456789abcdef0123456789abcdef"),
    (key::ALLOWED_HOSTS, "mist.example"),
    (key::SENDER_CONCURRENCY, "9"),
    (key::MAX_PARTS_AHEAD, "9"),
    (key::RECEIVER_CONCURRENCY, "9"),
    (key::NOTIFY_QUEUE, "notices"),
    (key::NOTICE_FORMAT, "original"),
    (key::WEBHOOK_URL, "https://elsewhere.example/"),
    (key::WEBHOOK_SECRET, OTHER_SECRET),
    (key::WEBHOOK_PRIVATE, "true"),
    (key::SWEEP_INTERVAL, "9"),
    (key::LEASE, "9"),
];

/// A value of a setting that is not its default.
pub(super) fn other(key: &str) -> &'static str {
    let mut others = OTHERS.iter().chain(collection::OTHERS);
    others.find(|(known, _)| *known == key).map(|(_, value)| *value).unwrap()
}

#[test]
fn every_setting_is_read() {
    let fields = |machine: Machine| {
        let config = machine.load().unwrap();
        let secret = config.notices.webhook.as_ref().unwrap().secret.expose_secret().len();
        format!("{:?} {secret}", Config { effective: Vec::new(), ..config })
    };
    for setting in SETTINGS.iter().filter(|setting| needs(setting.key)) {
        let key = setting.key;
        let plain = fields(machine_for(key));
        assert_ne!(fields(machine_for(key).flag(key, "", other(key))), plain, "{key}");
    }
}

/// A machine on which the setting matters.
pub(super) fn machine_for(key: &str) -> Machine {
    // A webhook has an address and a secret, or is none.
    let machine = Machine::default()
        .flag(key::API_URL, "", "http://localhost:1")
        .flag(key::WEBHOOK_URL, "", "https://hook.example/")
        .flag(key::WEBHOOK_SECRET, "", SECRET);
    if key.starts_with("servicebus.") {
        let string = "Endpoint=sb://h;SharedAccessKeyName=k;SharedAccessKey=s";
        let machine = machine.flag(key::QUEUE, "", "servicebus:");
        return machine.flag(key::SERVICE_BUS_CONNECTION_STRING, "", string);
    }
    if !key.starts_with("azure.") {
        return machine;
    }
    let identity =
        machine.flag(key::AZURE_TENANT, "", "tenant").flag(key::AZURE_CLIENT, "", "client");
    if key == key::AZURE_IDENTITY_HEADER {
        let endpoint = "http://localhost:4";
        let bus = identity.flag(key::QUEUE, "", "servicebus://contoso");
        return bus.flag(key::AZURE_IDENTITY_ENDPOINT, "", endpoint);
    }
    let azure = identity.flag(key::STORE, "", "az://data").flag(key::AZURE_ACCOUNT, "", "acct");
    match key {
        key::AZURE_TENANT | key::AZURE_AUTHORITY => azure.flag(key::AZURE_CLIENT_SECRET, "", "s"),
        _ => azure,
    }
}
