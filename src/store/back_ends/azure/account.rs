//! A storage account: its name, the address of its blob service, and a credential.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use crate::azure::identity::{Identity, Login};
use crate::setting::Invalid;

/// A storage account, and how to get in.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// The address of its blob service; of an emulator with the account as its path.
    pub endpoint: Url,
    /// How to get in.
    pub credential: Credential,
}

/// How to get into an account.
#[derive(Debug, Clone)]
pub enum Credential {
    /// One of the account's two keys: may do everything.
    Key(SecretString),
    /// A shared access signature, without its question mark: may do what it says until it ends.
    Sas(SecretString),
    /// An identity of Microsoft Entra ID.
    Identity(Login),
}

impl Credential {
    /// A key, which is base64.
    pub fn key(text: &str) -> Result<Self, Invalid> {
        match STANDARD.decode(text) {
            Ok(bytes) if !bytes.is_empty() => Ok(Self::Key(text.into())),
            Ok(_) | Err(_) => Err(Invalid::new(
                "the account's key is not base64, as Azure writes it",
                "copy it whole, the = at its end included (Storage account, Access keys)",
            )),
        }
    }

    /// A shared access signature, with or without its question mark.
    pub fn sas(text: &str) -> Result<Self, Invalid> {
        let text = text.trim_start_matches('?');
        let pairs = || text.split('&').filter(|pair| !pair.is_empty());
        let signed = pairs().any(|pair| pair.starts_with("sig=") && pair.len() > "sig=".len());
        if !signed || !pairs().all(|pair| pair.contains('=')) {
            return Err(Invalid::new(
                "the shared access signature has no sig=…",
                "copy it whole: it begins like sv=2024-11-04&… and has a sig=…",
            ));
        }
        Ok(Self::Sas(text.into()))
    }

    /// What a person calls it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Key(_) => "the account's key",
            Self::Sas(_) => "a shared access signature",
            Self::Identity(login) => match login.identity {
                Identity::Secret { .. } => "an Entra application with a secret",
                Identity::Workload { .. } => "an Entra workload identity",
                Identity::Managed { .. } => "a managed identity",
            },
        }
    }

    /// The open parts of a shared access signature that say what it is good for: `st`, `se` and
    /// `sp` are its beginning, its end and its rights.
    pub fn terms(&self) -> Option<String> {
        let Self::Sas(text) = self else { return None };
        let open = |pair: &&str| ["st=", "se=", "sp="].iter().any(|name| pair.starts_with(name));
        let terms: Vec<_> = text.expose_secret().split('&').filter(open).collect();
        Some(terms.join(" ").replace("%3A", ":").replace("%3a", ":"))
    }
}

impl Account {
    /// An account at its usual address or a special one.
    pub fn at(name: &str, endpoint: Option<Url>, credential: Credential) -> Result<Self, Invalid> {
        let endpoint = match endpoint {
            Some(endpoint) => endpoint,
            None => endpoint_of(name, "https", "core.windows.net")?,
        };
        Ok(Self { name: name.to_owned(), endpoint, credential })
    }

    /// The account that a whole SAS URL names, and the container, if the URL is one of a container.
    pub fn from_sas_url(text: &str) -> Result<(Self, Option<String>), Invalid> {
        let mut url = endpoint(text.split('?').next().unwrap_or_default())?;
        let sas = text.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let credential = Credential::sas(sas)?;
        let segments: Vec<String> =
            url.path().split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        let in_path = usize::from(account_is_in_path(&url));
        url.set_path(&segments.iter().take(in_path).cloned().collect::<Vec<_>>().join("/"));
        let name = account_of(&url)?;
        Ok((Self { name, endpoint: url, credential }, segments.into_iter().nth(in_path)))
    }

    /// The address of a container.
    pub fn container_url(&self, container: &str) -> String {
        format!("{}/{container}", self.endpoint.as_str().trim_end_matches('/'))
    }
}

/// The usual address of an account. Names have 3 to 24 lower-case letters and digits
/// (learn.microsoft.com, "Storage account overview", read 2026-11-22).
pub(super) fn endpoint_of(name: &str, scheme: &str, suffix: &str) -> Result<Url, Invalid> {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if !plain || !(3..=24).contains(&name.len()) {
        let fix = "use the storage account's name alone, without .blob.core.windows.net";
        let reason = "the name of an account has 3 to 24 lower-case letters and digits";
        return Err(Invalid::new(reason, fix));
    }
    endpoint(&format!("{scheme}://{name}.blob.{suffix}"))
}

/// The address of a service, without credentials in it.
pub fn endpoint(text: &str) -> Result<Url, Invalid> {
    let refuse = |reason: &str| {
        let fix = "write a whole address, such as https://ACCOUNT.blob.core.windows.net";
        Err(Invalid::new(reason, fix))
    };
    let Ok(url) = Url::parse(text) else { return refuse("an endpoint is no address") };
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return refuse("an endpoint is neither an https:// nor an http:// address");
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
        return refuse("an endpoint has a user or a query in it");
    }
    Ok(url)
}

/// The account of an address: of `https://NAME.blob.…` the first label, of an emulator's
/// `http://127.0.0.1:10000/NAME` the path.
pub(super) fn account_of(endpoint: &Url) -> Result<String, Invalid> {
    let name = if account_is_in_path(endpoint) {
        endpoint.path().trim_matches('/').split('/').next().map(str::to_owned)
    } else {
        endpoint.host_str().and_then(|host| host.split('.').next()).map(str::to_owned)
    };
    name.filter(|name| !name.is_empty()).ok_or_else(|| {
        let fix = "add AccountName=…, or the account as the path: http://127.0.0.1:10000/NAME";
        Invalid::new("nothing names the storage account", fix)
    })
}

fn account_is_in_path(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => !name.contains('.'),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_base64_and_a_sas_is_signed() {
        assert!(Credential::key("AAAA").is_ok() && Credential::sas("?sv=1&sig=x%3D").is_ok());
        for wrong in ["", "AAA", "key with spaces", "sv=1&sig=x"] {
            assert!(Credential::key(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "?", "sv=2024-11-04", "sv=1&sig=", "AAAA=="] {
            let refused = Credential::sas(wrong).unwrap_err();
            assert!(refused.reason.contains("sig="), "{wrong}: {refused}");
        }
    }

    #[test]
    fn the_terms_of_a_sas_are_shown_without_its_signature() {
        let sas = Credential::sas("sv=1&st=2026-11-01T00%3A00Z&se=2026-12-01&sp=rl&sig=CANARY");
        let sas = sas.unwrap();
        assert_eq!(sas.terms().unwrap(), "st=2026-11-01T00:00Z se=2026-12-01 sp=rl");
        assert!(!format!("{sas:?}").contains("CANARY"));
    }

    #[test]
    fn a_sas_url_names_account_and_perhaps_container() {
        for (url, account, endpoint, container) in [
            (
                "https://acct.blob.core.windows.net/?sig=x",
                "acct",
                "https://acct.blob.core.windows.net/",
                None,
            ),
            (
                "https://acct.blob.core.windows.net/data?sp=r&sig=x",
                "acct",
                "https://acct.blob.core.windows.net/",
                Some("data"),
            ),
            ("http://127.0.0.1:1/dev/data?sig=x", "dev", "http://127.0.0.1:1/dev", Some("data")),
            ("http://azurite:1/dev?sig=x", "dev", "http://azurite:1/dev", None),
        ] {
            let (found, named) = Account::from_sas_url(url).unwrap();
            assert_eq!((found.name.as_str(), found.endpoint.as_str()), (account, endpoint));
            assert_eq!(named.as_deref(), container, "{url}");
        }
        assert!(Account::from_sas_url("https://acct.blob.core.windows.net/data").is_err());
    }

    #[test]
    fn an_account_has_its_usual_address() {
        let credential = || Credential::key("AAAA").unwrap();
        let account = Account::at("acct", None, credential()).unwrap();
        assert_eq!(account.container_url("data"), "https://acct.blob.core.windows.net/data");
        for wrong in ["ac", "Acct", "acct.blob.core.windows.net", "my-account"] {
            assert!(Account::at(wrong, None, credential()).is_err(), "{wrong}");
        }
    }
}
