//! Connection strings, as the portal, the `az` tool and Azurite's documentation write them.
//!
//! `Name=value;Name=value`: a value goes on to the next semicolon, so that it may have `=` in it
//! (keys end in one). Names count without regard to case, as in Microsoft's own clients; those of
//! other services (`QueueEndpoint`, …) are passed over.
//! (learn.microsoft.com, "Configure Azure Storage connection strings", read 2026-11-22.)

use url::Url;

use super::Malformed;
use super::account::{Account, Credential, account_of, endpoint, endpoint_of};

/// The account of every emulator, and its key, which Microsoft publishes (same page).
const EMULATOR_ACCOUNT: &str = "devstoreaccount1";
const EMULATOR_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
/// The port of an emulator's blob service (same page).
const EMULATOR_PORT: u16 = 10000;

/// The account that a connection string describes.
pub fn parse(text: &str) -> Result<Account, Malformed> {
    let fields = Fields::read(text)?;
    if fields.get("UseDevelopmentStorage").is_some_and(|on| on.eq_ignore_ascii_case("true")) {
        return emulator(fields.get("DevelopmentStorageProxyUri"));
    }
    let credential = match (fields.get("AccountKey"), fields.get("SharedAccessSignature")) {
        (Some(key), _) => Credential::key(key)?,
        (None, Some(sas)) => Credential::sas(sas)?,
        (None, None) => {
            return Err(Malformed::new(
                "the connection string has neither AccountKey nor SharedAccessSignature",
                "copy it whole; for Entra ID, set AZURE_STORAGE_ACCOUNT and no connection string",
            ));
        }
    };
    let address = fields.get("BlobEndpoint").map(endpoint).transpose()?;
    let name = match (fields.get("AccountName"), &address) {
        (Some(name), _) => name.to_owned(),
        (None, Some(address)) => account_of(address)?,
        (None, None) => {
            let fix = "add AccountName=…, or BlobEndpoint=https://ACCOUNT.blob.core.windows.net";
            return Err(Malformed::new("the connection string names no account", fix));
        }
    };
    let address = match address {
        Some(address) => address,
        None => usual(&fields, &name)?,
    };
    Account::at(&name, Some(address), credential)
}

fn usual(fields: &Fields<'_>, name: &str) -> Result<Url, Malformed> {
    let scheme = fields.get("DefaultEndpointsProtocol").unwrap_or("https");
    if !matches!(scheme, "http" | "https") {
        let reason = "DefaultEndpointsProtocol is neither https nor http";
        return Err(Malformed::new(reason, "use DefaultEndpointsProtocol=https"));
    }
    endpoint_of(name, scheme, fields.get("EndpointSuffix").unwrap_or("core.windows.net"))
}

fn emulator(proxy: Option<&str>) -> Result<Account, Malformed> {
    let mut address = endpoint(proxy.unwrap_or("http://127.0.0.1"))?;
    if address.set_port(Some(EMULATOR_PORT)).is_err() {
        return Err(Malformed::new(
            "DevelopmentStorageProxyUri has no host",
            "write it like http://azurite",
        ));
    }
    address.set_path(EMULATOR_ACCOUNT);
    Account::at(EMULATOR_ACCOUNT, Some(address), Credential::key(EMULATOR_KEY)?)
}

/// Names and values; errors count the parts instead of quoting them, because they are secrets.
struct Fields<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Fields<'a> {
    fn read(text: &'a str) -> Result<Self, Malformed> {
        const FIX: &str = "write Name=value;Name=value, as the portal shows it under Access keys";
        let mut fields: Vec<(&str, &str)> = Vec::new();
        let parts = text.split(';').map(str::trim);
        for (number, part) in (1..).zip(parts).filter(|(_, part)| !part.is_empty()) {
            let Some((name, value)) = part.split_once('=') else {
                return Err(Malformed::new(format!("its part {number} has no ="), FIX));
            };
            let name = name.trim();
            if fields.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
                return Err(Malformed::new(format!("its part {number} repeats a name"), FIX));
            }
            fields.push((name, value.trim()));
        }
        if fields.is_empty() {
            Err(Malformed::new("the connection string is empty", FIX))
        } else {
            Ok(Self(fields))
        }
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        let named = |(known, _): &&(&str, &str)| known.eq_ignore_ascii_case(name);
        self.0.iter().find(named).map(|(_, value)| *value).filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn parsed(text: &str) -> (String, String, String) {
        let account = parse(text).unwrap();
        let secret = match &account.credential {
            Credential::Key(secret) | Credential::Sas(secret) => secret.expose_secret().to_owned(),
            other => panic!("{other:?}"),
        };
        (account.name, account.endpoint.to_string(), secret)
    }

    fn is(text: &str, name: &str, endpoint: &str, secret: &str) {
        assert_eq!(parsed(text), (name.into(), endpoint.into(), secret.into()), "{text}");
    }

    #[test]
    fn every_form_is_understood() {
        is(
            "DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=AAA=;EndpointSuffix=core.windows.net",
            "acct",
            "https://acct.blob.core.windows.net/",
            "AAA=",
        );
        is(
            "AccountName=acct;AccountKey=AAAA;EndpointSuffix=core.chinacloudapi.cn;",
            "acct",
            "https://acct.blob.core.chinacloudapi.cn/",
            "AAAA",
        );
        is(
            "BlobEndpoint=https://acct.blob.core.windows.net/;QueueEndpoint=https://acct.queue.core.windows.net/;SharedAccessSignature=sv=2024-11-04&ss=b&sig=a%2Bb%3D",
            "acct",
            "https://acct.blob.core.windows.net/",
            "sv=2024-11-04&ss=b&sig=a%2Bb%3D",
        );
        is(
            "AccountName=acct;SharedAccessSignature=?sv=1&sig=x",
            "acct",
            "https://acct.blob.core.windows.net/",
            "sv=1&sig=x",
        );
        is(
            " accountname = acct ; ACCOUNTKEY=AAAA ; BlobEndpoint = https://data.example.org ",
            "acct",
            "https://data.example.org/",
            "AAAA",
        );
        is(
            "UseDevelopmentStorage=true",
            "devstoreaccount1",
            "http://127.0.0.1:10000/devstoreaccount1",
            EMULATOR_KEY,
        );
        is(
            "UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://azurite",
            "devstoreaccount1",
            "http://azurite:10000/devstoreaccount1",
            EMULATOR_KEY,
        );
        is(
            "DefaultEndpointsProtocol=http;AccountName=dev;AccountKey=AAAA;BlobEndpoint=http://127.0.0.1:1/dev;",
            "dev",
            "http://127.0.0.1:1/dev",
            "AAAA",
        );
        is(
            "BlobEndpoint=http://azurite:1/dev;SharedAccessSignature=sig=x",
            "dev",
            "http://azurite:1/dev",
            "sig=x",
        );
    }

    #[test]
    fn what_is_malformed_is_said_without_quoting_it() {
        for (text, why) in [
            ("", "empty"),
            (" ; ", "empty"),
            ("AccountName=acct;CANARY", "part 2 has no ="),
            ("AccountName=acct;AccountKey=AAAA;accountname=CANARY", "part 3 repeats a name"),
            ("AccountName=acct", "neither AccountKey nor SharedAccessSignature"),
            ("UseDevelopmentStorage=false", "neither AccountKey nor SharedAccessSignature"),
            ("AccountName=acct;AccountKey=CANARY!", "not base64"),
            ("AccountName=acct;SharedAccessSignature=sv=CANARY", "no sig="),
            ("AccountKey=AAAA", "names no account"),
            ("AccountName=CANARY;AccountKey=AAAA", "3 to 24 lower-case"),
            ("AccountName=acct;AccountKey=AAAA;BlobEndpoint=CANARY", "no address"),
            ("AccountName=acct;AccountKey=AAAA;BlobEndpoint=ftp://CANARY", "neither an https"),
            ("AccountName=acct;AccountKey=AAAA;DefaultEndpointsProtocol=CANARY", "neither https"),
        ] {
            let refused = parse(text).unwrap_err().to_string();
            assert!(refused.contains(why) && !refused.contains("CANARY"), "{text}: {refused}");
        }
    }
}
