//! What the layers amount to.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use secrecy::ExposeSecret;

use super::*;
use crate::model::spec::Expand;
use crate::model::spec::Spec;

/// A machine with an environment, files and a command line.
#[derive(Default)]
struct Machine {
    environment: BTreeMap<String, String>,
    files: BTreeMap<&'static str, String>,
    flags: Flags,
}

impl Machine {
    fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    fn file(mut self, path: &'static str, text: &str) -> Self {
        self.files.insert(path, text.to_owned());
        self
    }

    fn flag(mut self, key: &'static str, flag: &'static str, value: &str) -> Self {
        self.flags.set(key, flag, value);
        self
    }

    fn config(mut self, path: &str) -> Self {
        self.flags.config = Some(path.into());
        self
    }

    fn keys(mut self, path: &str) -> Self {
        self.flags.keys = Some(path.into());
        self
    }

    fn load(self) -> Result<Config, ConfigError> {
        let files = self.files;
        let read = move |path: &Path| {
            let text = path.to_str().and_then(|path| files.get(path));
            text.cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
        };
        load(&Sources { environment: self.environment, flags: self.flags, read: &read })
    }

    /// Error and hint, as people see them.
    fn refused(self) -> String {
        let error = self.load().unwrap_err();
        format!("{error}\n{}", error.hint())
    }
}

fn origin(config: &Config, key: &str) -> String {
    config.effective().iter().find(|e| e.key == key).unwrap().origin.to_string()
}

#[test]
fn defaults_are_those_of_the_specification() {
    let config = Config::defaults().unwrap();
    assert_eq!(config.collection.limit.rows(), Some(Spec::DEFAULT_LIMIT));
    assert_eq!(config.collection.partition_size, Spec::DEFAULT_PARTITION_SIZE);
    assert_eq!(config.collection.expand, Expand::default());
    insta::assert_snapshot!(config);
}

#[test]
fn each_layer_overrides_the_one_below() {
    let key = key::STORE;
    let with_file = || Machine::default().file("mistnet.toml", "store = './from-file'");
    let with_variable = || with_file().variable("MISTNET_STORE", "./from-variable");
    let with_flag = || with_variable().flag(key, "--store", "./from-flag");
    for (machine, store, from) in [
        (Machine::default(), "./data", "default"),
        (with_file(), "./from-file", "mistnet.toml"),
        (with_variable(), "./from-variable", "MISTNET_STORE"),
        (with_flag(), "./from-flag", "--store"),
    ] {
        let config = machine.load().unwrap();
        assert_eq!((config.store.to_string(), origin(&config, key)), (store.into(), from.into()));
    }
}

/// For every setting a value that is not its default.
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
    (key::API_KEYS, "0123456789abcdef0123456789abcdef"),
    (key::ALLOWED_HOSTS, "mist.example"),
    (key::NUM_RESULTS, "7"),
    (key::MAX_COST, "12.50"),
    (key::PARTITION_SIZE, "7"),
    (key::START_DATE, "2021-05-24"),
    (key::END_DATE, "2021-05-25"),
    (key::PROFILE, "original"),
    (key::LAYOUT, "original"),
    (key::SINGLE_FILE, "false"),
    (key::ARCHIVE, "recent"),
    (key::DIALECT, "post"),
    (key::AUTHORS, "false"),
    (key::MEDIA, "false"),
    (key::POLLS, "false"),
    (key::PLACES, "false"),
    (key::REFERENCED, "true"),
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

/// 24 and 25 bytes.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAA==";

#[test]
fn every_setting_is_read() {
    let fields = |machine: Machine| {
        let config = machine.load().unwrap();
        let secret = config.notices.webhook.as_ref().unwrap().secret.expose_secret().len();
        format!("{:?} {secret}", Config { effective: Vec::new(), ..config })
    };
    // There is only one format so far, hence no other list of them.
    let read = |setting: &&Setting| setting.key != key::FORMATS;
    for setting in SETTINGS.iter().filter(read).filter(|s| needs(s.key)) {
        let (key, other) = OTHERS.iter().find(|(key, _)| *key == setting.key).unwrap();
        let plain = fields(machine_for(key));
        assert_ne!(fields(machine_for(key).flag(key, "", other)), plain, "{key}");
    }
}

/// Whether this build reads the setting.
fn needs(key: &str) -> bool {
    match key.split_once('.') {
        Some(("servicebus", _) | ("azure", "identity_header")) => cfg!(feature = "service-bus"),
        Some(("azure", _)) => cfg!(feature = "azure"),
        _ => true,
    }
}

/// A machine on which the setting matters.
fn machine_for(key: &str) -> Machine {
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

#[cfg(feature = "service-bus")]
#[test]
fn a_queue_on_service_bus_has_a_connection_string_or_an_identity() {
    use super::ServiceBusAccess;
    let bus = || Machine::default().variable("MISTNET_QUEUE", "servicebus:");
    let refused = bus().refused();
    assert!(refused.contains("AZURE_SERVICEBUS_CONNECTION_STRING"), "{refused}");
    let string = "Endpoint=sb://h/;SharedAccessKeyName=k;SharedAccessKey=SECRET;EntityPath=one";
    let narrow = bus().variable("AZURE_SERVICEBUS_CONNECTION_STRING", string).load().unwrap();
    assert!(narrow.warnings()[0].contains("for the queue one alone"), "{:?}", narrow.warnings());
    assert!(!format!("{narrow:?} {narrow} {:?}", narrow.effective()).contains("SECRET"));
    let wrong = bus().variable("AZURE_SERVICEBUS_CONNECTION_STRING", "Endpoint=sb://SECRET");
    let wrong = wrong.refused();
    assert!(wrong.contains("SharedAccessKeyName") && !wrong.contains("SECRET"), "{wrong}");
    let entra = || Machine::default().variable("MISTNET_QUEUE", "servicebus://contoso");
    let identity = |machine: Machine| match machine.load().unwrap().service_bus.unwrap().access {
        ServiceBusAccess::Identity { identity, .. } => identity,
        ServiceBusAccess::ConnectionString(_) => panic!("an identity"),
    };
    let app = || entra().variable("AZURE_TENANT_ID", "t").variable("AZURE_CLIENT_ID", "c");
    let secret = app().variable("AZURE_CLIENT_SECRET", "s");
    assert!(matches!(identity(secret), Identity::Secret { .. }));
    let workload = app().variable("AZURE_FEDERATED_TOKEN_FILE", "/t");
    assert!(matches!(identity(workload), Identity::Workload { .. }));
    assert!(matches!(identity(entra()), Identity::Managed { client: None, app_service: None }));
    let lonely = entra().variable("AZURE_CLIENT_SECRET", "hush").refused();
    assert!(lonely.contains("AZURE_TENANT_ID") && !lonely.contains("hush"), "{lonely}");
}

#[cfg(feature = "service-bus")]
#[test]
fn the_transport_is_what_the_setting_says_then_what_the_connection_string_says() {
    use super::ServiceBusAccess;
    let endpoint = |machine: Machine| match machine.load().unwrap().service_bus.unwrap().access {
        ServiceBusAccess::Identity { endpoint, .. } => endpoint,
        ServiceBusAccess::ConnectionString(connection) => connection.endpoint,
    };
    let bus = |rest: &str| {
        let string = format!("Endpoint=sb://h/;SharedAccessKeyName=k;SharedAccessKey=s;{rest}");
        let machine = Machine::default().variable("MISTNET_QUEUE", "servicebus:");
        machine.variable("AZURE_SERVICEBUS_CONNECTION_STRING", &string)
    };
    let over = |machine: Machine, transport| {
        endpoint(machine.variable("MISTNET_SERVICEBUS_TRANSPORT", transport)).port()
    };
    let web = "TransportType=AmqpWebSockets";
    assert_eq!((endpoint(bus("")).port(), endpoint(bus(web)).port()), (5671, 443));
    assert_eq!((over(bus(""), "websocket"), over(bus(web), "tcp")), (443, 5671));
    let entra = || Machine::default().variable("MISTNET_QUEUE", "servicebus://contoso");
    assert_eq!((endpoint(entra()).port(), over(entra(), "websocket")), (5671, 443));
    let wrong = bus("").variable("MISTNET_SERVICEBUS_TRANSPORT", "udp").refused();
    assert!(wrong.contains("tcp or websocket"), "{wrong}");
}

#[cfg(feature = "azure")]
#[test]
fn a_store_on_azure_has_an_account_and_a_credential() {
    use StorageCredential::{ClientSecret, Key, ManagedIdentity, Sas, WorkloadIdentity};
    let on_azure = || Machine::default().variable("MISTNET_STORE", "az://data/x");
    let named = || on_azure().variable("AZURE_STORAGE_ACCOUNT", "acct");
    let entra = || named().variable("AZURE_TENANT_ID", "t").variable("AZURE_CLIENT_ID", "c");
    let account = |machine: Machine| machine.load().unwrap().storage_account.unwrap();
    let credential = |machine: Machine| account(machine).credential;
    let key = || named().variable("AZURE_STORAGE_KEY", "AAAA");
    assert!(matches!(credential(key()), Key(_)));
    let both = key().variable("AZURE_STORAGE_SAS_TOKEN", "?sv=1&sig=x");
    assert!(matches!(credential(both), Sas(_)), "the narrower right counts");
    let secret = entra().variable("AZURE_CLIENT_SECRET_FILE", "/s").file("/s", "secret\n");
    assert!(matches!(credential(secret), ClientSecret { .. }));
    let federated = entra().variable("AZURE_FEDERATED_TOKEN_FILE", "/t");
    assert!(matches!(credential(federated), WorkloadIdentity { .. }));
    assert!(matches!(credential(named()), ManagedIdentity { client: None, .. }));
    assert!(matches!(credential(entra()), ManagedIdentity { client: Some(_), .. }));
    let string = key().variable("AZURE_STORAGE_CONNECTION_STRING", "UseDevelopmentStorage=true");
    assert_eq!(account(string).name, "devstoreaccount1");
    let url = on_azure()
        .variable("AZURE_STORAGE_SAS_TOKEN", "https://other.blob.core.windows.net/data?sig=x");
    assert_eq!(account(url).name, "other");
    let elsewhere = Machine::default().variable("AZURE_STORAGE_CONNECTION_STRING", "broken");
    assert!(elsewhere.load().unwrap().storage_account.is_none(), "not ours to judge");
}

#[cfg(feature = "azure")]
#[test]
fn what_is_wrong_with_a_store_on_azure_is_said_before_it_is_asked() {
    let on_azure = || Machine::default().variable("MISTNET_STORE", "az://data/x");
    let named = || on_azure().variable("AZURE_STORAGE_ACCOUNT", "acct");
    let string = |text| on_azure().variable("AZURE_STORAGE_CONNECTION_STRING", text).refused();
    let shown = [
        on_azure().refused(),
        Machine::default().flag(key::STORE, "--store", "az://My_Data").refused(),
        string("AccountName=acct"),
        string("AccountName=acct;AccountKey=no base64"),
        string("garbage"),
        named().variable("AZURE_STORAGE_KEY", "no base64").refused(),
        named().variable("AZURE_STORAGE_SAS_TOKEN", "sv=1").refused(),
        named().variable("AZURE_CLIENT_SECRET", "s").refused(),
        on_azure().variable("AZURE_STORAGE_ACCOUNT", "acct.blob.core.windows.net").refused(),
        on_azure().variable("AZURE_STORAGE_SAS_TOKEN", "https://a.b/other?sig=x").refused(),
    ];
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn values_of_every_kind_are_read_from_toml() {
    let text = r#"
        [http]
        api_keys = ["0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdee"]
        [collection]
        num_results = "all"
        max_cost_usd = 12.5
        start_date = 2021-05-24
        end_date = 2021-05-25T00:00:00Z
        authors = false
        partition_size = 7
    "#;
    let config = Machine::default().file("mistnet.toml", text).load().unwrap();
    assert_eq!(config.http.api_keys.len(), 2);
    let collection = config.collection;
    assert_eq!((collection.limit, collection.partition_size), (Limit::All, 7));
    assert_eq!(collection.max_cost.unwrap().to_string(), "$12.50");
    assert_eq!(collection.start.as_deref(), Some("2021-05-24"));
    assert_eq!(collection.end.as_deref(), Some("2021-05-25T00:00:00Z"));
    assert!(!collection.expand.authors);
}

#[test]
fn the_predecessors_files_are_read_as_they_are() {
    let config = r#"{"num_results": 700, "partition_size": 200,
                     "start_date": "2021-05-20", "end_date": null}"#;
    let config = Machine::default()
        .file("config.json", config)
        .file("keys.json", r#"{"bearer_token": "AAAA"}"#)
        .config("config.json")
        .keys("keys.json")
        .load()
        .unwrap();
    assert_eq!(config.collection.limit.rows(), Some(700));
    assert_eq!(config.collection.partition_size, 200);
    assert_eq!(config.collection.start.as_deref(), Some("2021-05-20"));
    assert_eq!(config.collection.end, None);
    assert_eq!(config.x.bearer_token.as_ref().unwrap().expose_secret(), "AAAA");
    assert_eq!(origin(&config, key::NUM_RESULTS), "config.json");
}

#[test]
fn a_file_without_an_ending_is_known_by_its_first_brace() {
    for (text, rows) in [(" {\"num_results\": 5}", 5), ("collection.num_results = 6", 6)] {
        let config = Machine::default().file("conf", text).config("conf").load().unwrap();
        assert_eq!(config.collection.limit.rows(), Some(rows));
    }
}

#[test]
#[cfg(feature = "service-bus")]
fn each_job_on_service_bus_has_a_queue_of_its_own() {
    let bus = || {
        let endpoint = "Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=k;\
            SharedAccessKey=aHVzaA==";
        Machine::default()
            .variable("MISTNET_QUEUE", "servicebus:")
            .variable("AZURE_SERVICEBUS_CONNECTION_STRING", endpoint)
    };
    let notify = |machine: Machine, name| machine.variable("MISTNET_NOTIFY_QUEUE", name);
    let renamed = || bus().variable("MISTNET_STORE_QUEUE", "parts");
    let alone = || {
        let mut machine = bus();
        machine.flags.work_alone();
        machine
    };
    let refused = [
        notify(bus(), "mistnet-collect"),
        notify(bus(), "Mistnet-Store"),
        notify(renamed(), "parts"),
        notify(alone(), "mistnet-store"),
        bus().variable("MISTNET_STORE_QUEUE", "Mistnet-Collect"),
    ];
    insta::assert_snapshot!(refused.map(Machine::refused).join("\n\n"));
    for fine in [notify(renamed(), "mistnet-store"), notify(bus(), "notices")] {
        assert!(fine.load().is_ok());
    }
    let elsewhere = Machine::default().variable("MISTNET_NOTIFY_QUEUE", "mistnet-store").load();
    assert!(elsewhere.is_ok());
}

#[test]
fn unknown_keys_are_refused_with_the_known_ones() {
    let toml = |text| Machine::default().file("mistnet.toml", text).refused();
    let json = Machine::default().file("config.json", r#"{"num_tweets": 5}"#).config("config.json");
    let keys = Machine::default().file("k.toml", "consumer_key = 'x'").keys("k.toml");
    let shown = [
        toml("[http]\nlisten_on = '127.0.0.1:1'"),
        toml("num_results = 5"),
        toml("[htpp]"),
        json.refused(),
        keys.refused(),
    ];
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn refused_values_name_key_value_origin_reason_and_fix() {
    let toml = |text| Machine::default().file("mistnet.toml", text).refused();
    let variable = |name, value| Machine::default().variable(name, value).refused();
    let flag = Machine::default().flag(key::NUM_RESULTS, "--limit", "all");
    let shown = [
        toml("store = 's3://bucket/prefix'"),
        toml("store = ['a']"),
        toml("[[x]]\napi_url = 'https://api.x.com'"),
        toml("\n[http\n"),
        variable("MISTNET_QUEUE", "servicebus:"),
        variable("MISTNET_PARTITION_SIZE", "0"),
        variable("MISTNET_X_API_URL", "https://user:pass@api.x.com/?key=secret"),
        variable("MISTNET_X_PACING", "off"),
        variable("MISTNET_API_KEY", "short"),
        variable("MISTNET_NOTIFY_QUEUE", "collect"),
        variable("MISTNET_NOTICE_FORMAT", "xml"),
        variable("MISTNET_WEBHOOK_URL", "https://hook.example/?code=secret"),
        variable("MISTNET_WEBHOOK_URL", "http://127.0.0.1:1/"),
        variable("MISTNET_WEBHOOK_SECRET", "whsec_c2hvcnQ="),
        toml("queue = 'memory:'\nnotify_queue = 'notices'"),
        variable("X_BEARER_TOKEN", "Bearer abc"),
        flag.refused(),
        Machine::default().config("absent.toml").refused(),
    ];
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn the_first_name_of_a_token_wins_and_empty_ones_are_absent() {
    let config = Machine::default()
        .variable("X_BEARER_TOKEN", "")
        .variable("TWITTER_BEARER_TOKEN", "third")
        .variable("BEARER_TOKEN", "second")
        .load()
        .unwrap();
    assert_eq!(config.x.bearer_token.as_ref().unwrap().expose_secret(), "second");
    assert_eq!(origin(&config, key::BEARER_TOKEN), "BEARER_TOKEN");
}

#[test]
fn secrets_come_from_files_too_but_not_from_both() {
    let with_file = || {
        Machine::default().variable("X_BEARER_TOKEN_FILE", "/run/token").file("/run/token", "t\n")
    };
    let config = with_file().load().unwrap();
    assert_eq!(config.x.bearer_token.as_ref().unwrap().expose_secret(), "t");
    assert_eq!(origin(&config, key::BEARER_TOKEN), "/run/token, named by X_BEARER_TOKEN_FILE");
    let both = with_file().variable("X_BEARER_TOKEN", "u").load();
    assert!(matches!(both, Err(ConfigError::GivenTwice { name: "X_BEARER_TOKEN" })));
}

#[test]
fn an_unknown_variable_is_a_warning() {
    let config = Machine::default().variable("MISTNET_STOER", "x").variable("OTHER", "y").load();
    let config = config.unwrap();
    assert_eq!(config.warnings().len(), 1);
    let warning = &config.warnings()[0];
    assert!(warning.contains("MISTNET_STOER") && warning.contains("did you mean `MISTNET_STORE`?"));
    assert!(warning.contains("MISTNET_LOG_FORMAT") && warning.contains("MISTNET_API_KEY_FILE"));
}

#[test]
fn a_setting_for_notices_without_effect_is_a_warning() {
    for (name, value) in [
        ("MISTNET_NOTICE_FORMAT", "original"),
        ("MISTNET_WEBHOOK_SECRET", SECRET),
        ("MISTNET_WEBHOOK_PRIVATE", "true"),
    ] {
        let config = Machine::default().variable(name, value).load().unwrap();
        assert_eq!(config.warnings().len(), 1, "{name}");
        assert!(config.warnings()[0].contains("has no effect"), "{name}");
    }
    let config = Machine::default()
        .variable("MISTNET_NOTIFY_QUEUE", "notices")
        .variable("MISTNET_NOTICE_FORMAT", "original")
        .load()
        .unwrap();
    assert!(config.warnings().is_empty());
}

#[test]
fn a_token_in_clear_is_a_warning() {
    let warnings = |url: &str| {
        let machine = Machine::default().variable("MISTNET_X_API_URL", url);
        machine.variable("BEARER_TOKEN", "t").load().unwrap().warnings().len()
    };
    assert_eq!(warnings("http://sim:8080"), 1);
    assert_eq!(warnings("http://127.0.0.1:8080"), 0);
    assert_eq!(warnings("https://proxy.example"), 0);
}

#[test]
fn without_a_key_only_loopback_is_served() {
    let check = |listen: &str, key: &str| {
        let machine = Machine::default().variable("MISTNET_LISTEN", listen);
        machine.variable("MISTNET_API_KEY", key).load().unwrap().http.check_exposure()
    };
    let key = "k".repeat(32);
    for (listen, key, open) in [
        ("127.0.0.1:8889", "", true),
        ("127.9.9.9:8889", "", true),
        ("[::1]:8889", "", true),
        ("0.0.0.0:8889", "", false),
        ("[::]:8889", "", false),
        ("192.168.1.5:8889", "", false),
        ("0.0.0.0:8889", key.as_str(), true),
    ] {
        assert_eq!(check(listen, key).is_ok(), open, "{listen} {key}");
    }
    let refused = check("0.0.0.0:8889", "").unwrap_err();
    assert!(refused.hint().contains("MISTNET_API_KEY"));
}

#[test]
fn only_known_names_are_answered_unless_a_key_is_needed() {
    let rule = |key: &str, hosts: &str| {
        let machine = Machine::default().variable("MISTNET_API_KEY", key);
        machine.variable("MISTNET_ALLOWED_HOSTS", hosts).load().unwrap().http.host_rule()
    };
    let key = "k".repeat(32);
    let loopback = ["127.0.0.1", "[::1]", "localhost"];
    let only = |extra: &[&str]| {
        let mut names: Vec<_> = loopback.iter().chain(extra).map(|&n| n.to_owned()).collect();
        names.sort();
        HostRule::Only(names)
    };
    assert_eq!(rule("", ""), only(&[]));
    assert_eq!(rule("", "Mist.Example"), only(&["mist.example"]));
    assert_eq!(rule(&key, ""), HostRule::Any);
    assert_eq!(rule(&key, "mist.example"), only(&["mist.example"]));
}

#[test]
fn no_output_shows_a_secret() {
    let canary = "CANARY0123456789CANARY0123456789CANARY";
    let file = format!(
        "x.bearer_token = '{canary}'\nhttp.api_keys = ['{canary}']\n\
         webhook.url = 'https://hook.example/{canary}?code={canary}'\n\
         webhook.secret = 'whsec_{}'",
        &canary[..32]
    );
    let config = Machine::default().file("mistnet.toml", &file).load().unwrap();
    let mut outputs = vec![format!("{config:?} {config:#?} {config} {:?}", config.effective())];
    let sas = format!("sv=1&sp=r&sig={canary}");
    for (name, value) in [
        ("AZURE_STORAGE_KEY", format!("{canary}AA")),
        ("AZURE_STORAGE_SAS_TOKEN", sas.clone()),
        ("AZURE_STORAGE_SAS_TOKEN", format!("https://acct.blob.core.windows.net/data?{sas}")),
        (
            "AZURE_STORAGE_CONNECTION_STRING",
            format!("AccountName=a1b2;SharedAccessSignature={sas}"),
        ),
    ] {
        let config = Machine::default()
            .variable("MISTNET_STORE", "memory:")
            .variable("AZURE_STORAGE_ACCOUNT", "acct")
            .variable(name, &value)
            .flag(key::STORE, "--store", if needs("azure.") { "az://data" } else { "memory:" })
            .load()
            .unwrap();
        outputs.push(format!("{config:?} {config:#?} {config} {:?}", config.effective()));
    }
    let toml = |text: String| Machine::default().file("mistnet.toml", &text);
    for wrong in [
        toml(format!("x.bearer_token = {canary}")),
        toml(format!("x.bearer_token = '{canary} b'")),
        toml(format!("x.bearer_token = ['{canary}']")),
        toml(format!("x.bearer_tokn = '{canary}'")),
        toml(format!("x.bearer_token = '{canary}'\nx.bearer_token = '{canary}'")),
        toml(format!("http.api_keys = '{} b'", &canary[..20])),
        toml(format!("webhook.url = 'https://u:{canary}@hook.example/{canary}'")),
        toml(format!("webhook.url = 'https://hook.example/{canary}'")),
        toml(format!("webhook.secret = '{canary}'")),
        toml(format!("webhook.secret = 'whsec_{}'", &canary[..28])),
        toml(format!("store = 'https://u:{canary}@host/?sig={canary}'")),
        Machine::default()
            .file("k.json", &format!("{{\"bearer_token\": {canary}}}"))
            .keys("k.json"),
        Machine::default().file("k.json", &format!("\"{canary}\"")).keys("k.json"),
        Machine::default().file("k", canary).keys("k"),
        Machine::default().variable("MISTNET_API_KEY", &format!("{canary} x")),
        Machine::default().variable("MISTNET_X_API_URL", &format!("https://u:{canary}@x")),
        toml(format!("store = 'az://data?sig={canary}'")),
        toml(format!("store = 'az://data'\nazure.storage_connection_string = '{canary}'")),
        toml(format!(
            "store = 'az://data'\nazure.storage_connection_string = 'AccountName=a;AccountKey={canary}'"
        )),
        toml(format!(
            "store = 'az://data'\nazure.storage_account = 'acct'\nazure.storage_key = '{canary}!'"
        )),
        toml(format!("store = 'az://data'\nazure.storage_sas_token = 'https://{canary}/x?s'")),
    ] {
        let error = wrong.load().unwrap_err();
        outputs.push(format!("{error} {error:?} {}", error.hint()));
    }
    for output in outputs {
        assert!(!output.contains(&canary[..20]), "{output}");
    }
}
