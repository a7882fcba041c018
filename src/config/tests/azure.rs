//! Stores and queues on Azure: what is needed, what is taken, what is refused.

use super::*;

#[cfg(feature = "service-bus")]
#[test]
fn a_queue_on_service_bus_has_a_connection_string_or_an_identity() {
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
    let has = |machine: Machine, identity: &str| {
        let queue = format!("{:?}", machine.load().unwrap().queue);
        assert!(queue.contains(&format!("identity: {identity}")), "{queue}");
    };
    let app = || entra().variable("AZURE_TENANT_ID", "t").variable("AZURE_CLIENT_ID", "c");
    let secret = app().variable("AZURE_CLIENT_SECRET", "s");
    has(secret, "Secret {");
    let workload = app().variable("AZURE_FEDERATED_TOKEN_FILE", "/t");
    has(workload, "Workload {");
    has(entra(), "Managed { client: None, endpoint: None, header: None }");
    let lonely = entra().variable("AZURE_CLIENT_SECRET", "hush").refused();
    assert!(lonely.contains("AZURE_TENANT_ID") && !lonely.contains("hush"), "{lonely}");
}

#[cfg(feature = "service-bus")]
#[test]
fn the_transport_is_what_the_setting_says_then_what_the_connection_string_says() {
    let transport = |machine: Machine| {
        let queue = format!("{:?}", machine.load().unwrap().queue);
        if queue.contains("transport: WebSocket") { "websocket" } else { "tcp" }
    };
    let bus = |rest: &str| {
        let string = format!("Endpoint=sb://h/;SharedAccessKeyName=k;SharedAccessKey=s;{rest}");
        let machine = Machine::default().variable("MISTNET_QUEUE", "servicebus:");
        machine.variable("AZURE_SERVICEBUS_CONNECTION_STRING", &string)
    };
    let over =
        |machine: Machine, by| transport(machine.variable("MISTNET_SERVICEBUS_TRANSPORT", by));
    let web = "TransportType=AmqpWebSockets";
    assert_eq!((transport(bus("")), transport(bus(web))), ("tcp", "websocket"));
    assert_eq!((over(bus(""), "websocket"), over(bus(web), "tcp")), ("websocket", "tcp"));
    let entra = || Machine::default().variable("MISTNET_QUEUE", "servicebus://contoso");
    assert_eq!((transport(entra()), over(entra(), "websocket")), ("tcp", "websocket"));
    let wrong = bus("").variable("MISTNET_SERVICEBUS_TRANSPORT", "udp").refused();
    assert!(wrong.contains("tcp or websocket"), "{wrong}");
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
    let refused = [
        notify(bus(), "mistnet-collect"),
        notify(bus(), "Mistnet-Store"),
        notify(renamed(), "parts"),
        bus().variable("MISTNET_STORE_QUEUE", "Mistnet-Collect"),
    ];
    insta::assert_snapshot!(refused.map(Machine::refused).join("\n\n"));
    for fine in [notify(renamed(), "mistnet-store"), notify(bus(), "notices")] {
        assert!(fine.load().is_ok());
    }
    let elsewhere = Machine::default().variable("MISTNET_NOTIFY_QUEUE", "mistnet-store").load();
    assert!(elsewhere.is_ok());
}

#[cfg(feature = "azure")]
#[test]
fn a_store_on_azure_has_an_account_and_a_credential() {
    let on_azure = || Machine::default().variable("MISTNET_STORE", "az://data/x");
    let named = || on_azure().variable("AZURE_STORAGE_ACCOUNT", "acct");
    let entra = || named().variable("AZURE_TENANT_ID", "t").variable("AZURE_CLIENT_ID", "c");
    let has = |machine: Machine, part: &str| {
        let store = format!("{:?}", machine.load().unwrap().store);
        assert!(store.contains(part), "{part}: {store}");
    };
    let key = || named().variable("AZURE_STORAGE_KEY", "AAAA");
    has(key(), "credential: Key(");
    let both = key().variable("AZURE_STORAGE_SAS_TOKEN", "?sv=1&sig=x");
    // The narrower right counts.
    has(both, "credential: Sas(");
    let secret = entra().variable("AZURE_CLIENT_SECRET_FILE", "/s").file("/s", "secret\n");
    has(secret, "identity: Secret {");
    let federated = entra().variable("AZURE_FEDERATED_TOKEN_FILE", "/t");
    has(federated, "identity: Workload {");
    has(named(), "identity: Managed { client: None,");
    has(entra(), "identity: Managed { client: Some(");
    let string = key().variable("AZURE_STORAGE_CONNECTION_STRING", "UseDevelopmentStorage=true");
    has(string, "devstoreaccount1");
    let url = on_azure()
        .variable("AZURE_STORAGE_SAS_TOKEN", "https://other.blob.core.windows.net/data?sig=x");
    has(url, "name: \"other\"");
    let elsewhere = Machine::default().variable("AZURE_STORAGE_CONNECTION_STRING", "broken");
    assert!(elsewhere.load().is_ok(), "not ours to judge");
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
