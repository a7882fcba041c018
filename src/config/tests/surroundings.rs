//! What stands around a value, and what stands in its place.

use secrecy::ExposeSecret;

use super::settings::all;
use super::*;
use crate::setting::Secrecy;

const CANARY: &str = "CANARYcanary";

/// Secrets of every kind that has a form.
fn secrets() -> Vec<String> {
    vec![
        format!("DefaultEndpointsProtocol=https;AccountName=a;AccountKey={CANARY}"),
        format!("./data/ACCOUNTKEY = {CANARY}"),
        format!(
            "Endpoint=sb://{CANARY}.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey=k"
        ),
        format!("az://c?sv=1&sig={CANARY}"),
        format!("https://user:{CANARY}@host/path"),
        format!("AAAAAAAAAAAAAAAAAAAAAMLheAAAA%2B{CANARY}"),
        format!("whsec_{CANARY}"),
        format!(
            "{CANARY}Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6QUJDREVGR0hJSktMTQ=="
        ),
    ]
}

#[test]
fn no_open_setting_takes_a_secret_or_shows_it() {
    for reach in all().iter().filter(|reach| reach.setting.secrecy == Secrecy::Open) {
        let key = reach.setting.key;
        for secret in secrets() {
            let refused = reach.machine().flag(key, "--flag", &secret).refused();
            assert!(!refused.contains(CANARY), "{key}: {refused}");
            let shown =
                refused.contains("which would be shown here") && refused.contains("[redacted]");
            assert!(shown, "{key}: {refused}");
        }
    }
}

#[test]
fn a_setting_that_nobody_asks_for_shows_no_secret_either() {
    for secret in secrets() {
        let machine = Machine::default().variable("AZURE_STORAGE_ACCOUNT", &secret);
        let config = machine.load().unwrap();
        assert!(!format!("{config} {:?}", config.effective()).contains(CANARY));
    }
}

#[test]
fn a_secret_in_the_place_of_another_is_refused() {
    for (variable, secret) in [
        ("X_BEARER_TOKEN", "AccountName=a;AccountKey=CANARYcanary"),
        ("X_BEARER_TOKEN", "Endpoint=sb://h/;SharedAccessKeyName=n;SharedAccessKey=CANARYcanary"),
        ("X_BEARER_TOKEN", "https://u:CANARYcanary@h"),
        ("X_BEARER_TOKEN", "whsec_CANARYcanary"),
        ("MISTNET_API_KEY", "AccountName=a;AccountKey=CANARYcanary;0123456789"),
        ("MISTNET_WEBHOOK_URL", "https://h/?x=Endpoint=sb://CANARYcanary"),
    ] {
        let refused = Machine::default().variable(variable, secret).refused();
        assert!(refused.contains(": it is ") && !refused.contains(CANARY), "{refused}");
    }
    let made_up =
        Machine::default().variable("MISTNET_API_KEY", "x:0123456789@0123456789-0123456789-");
    assert_eq!(made_up.load().unwrap().http.api_keys.len(), 1);
    let signed = "https://hook.example/workflows/1?sp=run&sig=abc";
    let webhook = Machine::default().variable("MISTNET_WEBHOOK_URL", signed);
    assert!(webhook.variable("MISTNET_WEBHOOK_SECRET", SECRET).load().is_ok());
}

#[test]
fn blanks_around_a_value_are_no_part_of_it_in_any_setting() {
    for reach in all() {
        let (key, value) = (reach.setting.key, reach.value);
        let with = |text: &str| {
            let config = reach.machine().flag(key, "", text).load().unwrap();
            let secret = config.notices.webhook.as_ref().unwrap().secret.expose_secret().to_vec();
            format!("{config:?} {secret:?}")
        };
        let plain = with(value);
        for (before, after) in
            [(" ", "\t "), ("", "\r\n"), ("\u{feff}", ""), ("\u{a0}", "\u{200b}")]
        {
            assert_eq!(with(&format!("{before}{value}{after}")), plain, "{key}");
        }
    }
}

#[test]
fn quotation_marks_blanks_alone_and_control_characters_are_refused_in_any_setting() {
    for reach in all() {
        let (key, value) = (reach.setting.key, reach.value);
        for (text, why) in [
            (format!("\"{value}\""), "quotation mark"),
            (format!("'{value}'"), "quotation mark"),
            (format!("{value}'"), "quotation mark"),
            (" \t".to_owned(), "nothing but blanks"),
            (format!("{value}\u{1}{value}"), "control character"),
        ] {
            let refused = reach.machine().flag(key, "", &text).refused();
            assert!(refused.contains(why) && refused.contains(key), "{key}: {refused}");
        }
    }
}

#[test]
fn every_layer_is_treated_alike() {
    let toml = Machine::default().file("mistnet.toml", "\u{feff}store = ' ./x '").load().unwrap();
    assert_eq!(toml.store.to_string(), "./x");
    let lines = "\u{feff}[collection]\r\nnum_results = 5\r\n";
    let lines = Machine::default().file("mistnet.toml", lines).load().unwrap();
    assert_eq!(lines.collection.limit.rows(), Some(5));
    let json = "\u{feff}{\"num_results\": \" 5\\r\"}";
    let json = Machine::default().file("c.json", json).config("c.json").load().unwrap();
    assert_eq!(json.collection.limit.rows(), Some(5));
    let variable = Machine::default().variable("MISTNET_STORE", "./x\r").load().unwrap();
    assert_eq!(variable.store.to_string(), "./x");
    let named = Machine::default().variable("MISTNET_CONFIG", " c.toml\r").file("c.toml", "");
    assert!(named.load().is_ok());
    let secret = Machine::default()
        .variable("X_BEARER_TOKEN_FILE", " /run/token\r")
        .file("/run/token", "\u{feff} token \r\n");
    let token = secret.load().unwrap().x.bearer_token.unwrap();
    assert_eq!(token.expose_secret(), "token");
    let quoted = Machine::default().variable("MISTNET_KEYS", "'k.json'").refused();
    assert!(quoted.contains("MISTNET_KEYS: a quotation mark"), "{quoted}");
}

#[test]
fn a_file_that_holds_no_text_is_refused_by_what_it_is() {
    let utf16: Vec<u8> = "\u{feff}CANARYcanary".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let secret = |bytes: &[u8]| {
        let machine = Machine::default().variable("X_BEARER_TOKEN_FILE", "/run/token");
        machine.bytes("/run/token", bytes)
    };
    let shown = |error: ConfigError| {
        let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        format!("{error}: {source}; {}", error.hint())
    };
    for (machine, why) in [
        (secret(&utf16), "UTF-16"),
        (secret(b"CANARYcanary\xff"), "no text in UTF-8 (byte 12)"),
        (secret(b""), "is empty"),
        (secret(b"\xef\xbb\xbf \r\n"), "is empty"),
        (secret(b"CANARY\ncanary"), "line break"),
        (Machine::default().bytes("mistnet.toml", &utf16), "UTF-16"),
        (Machine::default().bytes("k.json", &utf16).keys("k.json"), "UTF-16"),
    ] {
        let refused = shown(machine.load().unwrap_err());
        assert!(refused.contains(why) && !refused.contains("CANARY"), "{why}: {refused}");
    }
}

#[test]
fn a_secret_in_the_place_of_its_file_is_not_shown() {
    for secret in secrets().into_iter().chain([CANARY.to_owned()]) {
        for machine in [
            Machine::default().variable("X_BEARER_TOKEN_FILE", &secret),
            Machine::default().variable("MISTNET_API_KEY_FILE", &secret),
        ] {
            let refused = machine.refused();
            assert!(!refused.contains(CANARY), "{refused}");
        }
    }
    for secret in secrets() {
        for machine in [
            Machine::default().variable("MISTNET_CONFIG", &secret),
            Machine::default().variable("MISTNET_KEYS", &secret),
            Machine::default().config(&secret),
            Machine::default().keys(&secret),
            Machine::default().file("k.json", &format!("{{\"{secret}\": 1}}")).keys("k.json"),
            Machine::default().file("mistnet.toml", &format!("'{secret}' = 1")),
            Machine::default().file("mistnet.toml", &format!("store = {secret}")),
            Machine::default().file("mistnet.toml", &format!("store = ['{secret}']")),
        ] {
            let refused = machine.refused();
            assert!(!refused.contains(CANARY), "{refused}");
        }
    }
}

#[test]
fn a_proxy_that_cannot_be_used_is_a_warning_without_its_value() {
    let warnings = |value: &str| {
        let machine = Machine::default().variable("HTTPS_PROXY", value);
        machine.load().unwrap().warnings().join(" ")
    };
    assert_eq!(warnings("http://user:CANARY@proxy.example:3128"), "");
    for wrong in ["socks5://user:CANARY@proxy.example:1080", "'http://u:CANARY@proxy.example'"] {
        let said = warnings(wrong);
        assert!(said.contains("HTTPS_PROXY") && !said.contains("CANARY"), "{said}");
    }
}
