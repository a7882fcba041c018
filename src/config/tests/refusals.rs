//! What is refused, and what is only warned of.

use super::*;

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
