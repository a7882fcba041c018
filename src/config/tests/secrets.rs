//! Where secrets come from, and that nothing shows them.

use secrecy::ExposeSecret;

use super::*;

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
            .flag(
                key::STORE,
                "--store",
                if cfg!(feature = "azure") { "az://data" } else { "memory:" },
            )
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
