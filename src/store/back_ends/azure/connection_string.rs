//! Connection strings of a storage account, as the portal, the `az` tool and Azurite's documentation
//! write them. Names of other services (`QueueEndpoint`, …) are passed over.

use url::Url;

use super::account::{Account, Credential, account_of, endpoint, endpoint_of};
use crate::azure::connection_string::{NotAPair, Pairs};
use crate::setting::Invalid;

/// The account of every emulator, and its key, which Microsoft publishes (same page).
const EMULATOR_ACCOUNT: &str = "devstoreaccount1";
const EMULATOR_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
/// The port of an emulator's blob service (same page).
const EMULATOR_PORT: u16 = 10000;

/// The account that a connection string describes.
pub fn parse(text: &str) -> Result<Account, Invalid> {
    let fields = pairs(text)?;
    if fields.get("UseDevelopmentStorage").is_some_and(|on| on.eq_ignore_ascii_case("true")) {
        return emulator(fields.get("DevelopmentStorageProxyUri"));
    }
    let credential = match (fields.get("AccountKey"), fields.get("SharedAccessSignature")) {
        (Some(key), _) => Credential::key(key)?,
        (None, Some(sas)) => Credential::sas(sas)?,
        (None, None) => {
            return Err(Invalid::new(
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
            return Err(Invalid::new("the connection string names no account", fix));
        }
    };
    let address = match address {
        Some(address) => address,
        None => usual(&fields, &name)?,
    };
    Account::at(&name, Some(address), credential)
}

fn usual(fields: &Pairs<'_>, name: &str) -> Result<Url, Invalid> {
    let scheme = fields.get("DefaultEndpointsProtocol").unwrap_or("https");
    if !matches!(scheme, "http" | "https") {
        let reason = "DefaultEndpointsProtocol is neither https nor http";
        return Err(Invalid::new(reason, "use DefaultEndpointsProtocol=https"));
    }
    endpoint_of(name, scheme, fields.get("EndpointSuffix").unwrap_or("core.windows.net"))
}

fn emulator(proxy: Option<&str>) -> Result<Account, Invalid> {
    let mut address = endpoint(proxy.unwrap_or("http://127.0.0.1"))?;
    if address.set_port(Some(EMULATOR_PORT)).is_err() {
        return Err(Invalid::new(
            "DevelopmentStorageProxyUri has no host",
            "write it like http://azurite",
        ));
    }
    address.set_path(EMULATOR_ACCOUNT);
    Account::at(EMULATOR_ACCOUNT, Some(address), Credential::key(EMULATOR_KEY)?)
}

/// Names and values; none is there twice.
fn pairs(text: &str) -> Result<Pairs<'_>, Invalid> {
    const FIX: &str = "write Name=value;Name=value, as the portal shows it under Access keys";
    let no_pair = |NotAPair { part }| Invalid::new(format!("its part {part} has no ="), FIX);
    let pairs = Pairs::of(text).map_err(no_pair)?;
    if let Some(part) = pairs.repeated() {
        return Err(Invalid::new(format!("its part {part} repeats a name"), FIX));
    }
    if pairs.is_empty() {
        return Err(Invalid::new("the connection string is empty", FIX));
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn parsed(text: &str) -> (String, String, String) {
        let account = parse(text).unwrap();
        let secret = match &account.credential {
            Credential::Key(secret) | Credential::Sas(secret) => secret.expose_secret().to_owned(),
            other @ Credential::Identity(_) => panic!("{other:?}"),
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
