//! Which container of which storage account a store is in, and how to get in.
//!
//! In this order: a connection string; an account with a signature or a key; an account and an
//! identity of Microsoft Entra ID. A store elsewhere needs none of it, and then nothing here is
//! looked at: other programs on the machine use the same variables.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use url::Url;

use super::account::{self, Account, Credential};
use super::settings::{ACCOUNT, ACCOUNT_KEY, BLOB_ENDPOINT, CONNECTION_STRING, SAS};
use super::{connection_string, name};
use crate::azure::identity::Login;
use crate::check::{Finding, Scope, with_causes};
use crate::setting::address::goes_out_in_clear;
use crate::setting::{Invalid, Layers, SettingError};
use crate::store::config::{KEY, Location, StoreConfig};
use crate::store::{Store, StoreError};

/// A place in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    container: String,
    /// What the names of all objects begin with; may be empty.
    prefix: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { container, prefix } = self;
        match prefix.as_str() {
            "" => write!(f, "az://{container}"),
            prefix => write!(f, "az://{container}/{prefix}"),
        }
    }
}

/// A store in a container, complete and checked.
#[derive(Debug)]
struct AzureConfig {
    account: Account,
    place: Place,
}

/// Checks an address: `az://container/prefix`.
pub(super) fn read(text: &str) -> Result<String, Invalid> {
    Ok(place(text)?.to_string())
}

fn place(text: &str) -> Result<Place, Invalid> {
    let Some(rest) = text.strip_prefix("az://") else {
        return Err(Invalid::new(
            "a container is named without its account's address",
            "write az://container/prefix, and set AZURE_STORAGE_ACCOUNT, or put a whole SAS URL \
             into AZURE_STORAGE_SAS_TOKEN",
        ));
    };
    if rest.contains(['@', '?', '#']) {
        let fix = "write az://container/prefix; account and credential are settings of their own";
        return Err(Invalid::new("more than a container and a prefix", fix));
    }
    let (container, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    name::check_container(container)?;
    Ok(Place { container: container.to_owned(), prefix: name::prefix(prefix)? })
}

/// Reads the settings that belong to an address.
pub(super) fn configure(
    address: &str,
    layers: &Layers,
) -> Result<Arc<dyn StoreConfig>, SettingError> {
    let place = place(address).map_err(|why| layers.refuse(KEY, why))?;
    let account = account(layers, &place.container)?;
    Ok(Arc::new(AzureConfig { account, place }))
}

fn account(layers: &Layers, container: &str) -> Result<Account, SettingError> {
    if let Some(found) = layers.optional(CONNECTION_STRING, connection_string::parse)? {
        return Ok(found);
    }
    if let Some(found) = layers.optional(SAS, |text| sas_url(text, container))?.flatten() {
        return Ok(found);
    }
    let Some(name) = layers.text(ACCOUNT)? else {
        let reason = "nothing says which storage account the container is in";
        let fix = "set AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT together with \
            AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN or an identity of Entra ID";
        return Err(layers.refuse(KEY, Invalid::new(reason, fix)));
    };
    let address: Option<Url> = layers.optional(BLOB_ENDPOINT, account::endpoint)?;
    let found = Account::at(&name, address, credential(layers)?);
    found.map_err(|why| layers.refuse(ACCOUNT, why))
}

/// The account of a whole SAS URL; nothing if it is a signature alone.
fn sas_url(text: &str, container: &str) -> Result<Option<Account>, Invalid> {
    if !text.starts_with("https://") && !text.starts_with("http://") {
        return Ok(None);
    }
    let (found, named) = Account::from_sas_url(text)?;
    match named {
        Some(named) if named != container => Err(Invalid::new(
            format!("it is for the container {named}, and the store is in {container}"),
            "name the same container in MISTNET_STORE, or make a signature for that one",
        )),
        Some(_) | None => Ok(Some(found)),
    }
}

fn credential(layers: &Layers) -> Result<Credential, SettingError> {
    if let Some(sas) = layers.optional(SAS, Credential::sas)? {
        return Ok(sas);
    }
    match layers.optional(ACCOUNT_KEY, Credential::key)? {
        Some(key) => Ok(key),
        None => Login::read(layers).map(Credential::Identity),
    }
}

impl fmt::Display for AzureConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.fmt(f)
    }
}

#[async_trait]
impl StoreConfig for AzureConfig {
    fn open(&self) -> Result<Store, StoreError> {
        Store::azure(&self.account, &self.place.container, &self.place.prefix)
    }

    fn location(&self) -> Location {
        let Place { container, prefix } = self.place.clone();
        Location { address: self.to_string(), container, folder: prefix }
    }

    /// Keys only sign, but signatures and the data travel as they are.
    fn warnings(&self) -> Vec<String> {
        let Account { name, endpoint, .. } = &self.account;
        let warning = goes_out_in_clear(endpoint).then(|| {
            format!(
                "the storage account {name} is at http:// on another machine, so its data travel \
                 in clear"
            )
        });
        warning.into_iter().collect()
    }

    async fn check(&self, scope: Scope) -> Vec<Finding> {
        let Account { endpoint, credential, .. } = &self.account;
        let place = format!("{self} at {endpoint} by {}", credential.kind());
        vec![match scope {
            Scope::Offline => Finding::ok("store", format!("{place}; not asked"))
                .hint("mistnet doctor --online asks it, and leaves nothing there"),
            Scope::Online => found(&place, self.ask().await),
        }]
    }
}

impl AzureConfig {
    /// Whether the container is there; then it can be written too.
    async fn ask(&self) -> Result<bool, StoreError> {
        let store = self.open()?;
        let there = store.is_there().await?;
        if there {
            store.try_writing().await?;
        }
        Ok(there)
    }
}

fn found(place: &str, there: Result<bool, StoreError>) -> Finding {
    match there {
        Ok(true) => Finding::ok("store", format!("{place} can be read and written")),
        Ok(false) => {
            Finding::ok("store", format!("{place}: the container is made by the first collection"))
        }
        Err(error) => {
            let hint = "the settings of `azure` in docs/configuration.md";
            Finding::wrong("store", format!("{place}: {}", with_causes(&error)), hint)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::store::StoreUrl;

    #[test]
    fn a_container_and_a_prefix_are_a_place() {
        for (text, shown) in [
            ("az://data", "az://data"),
            ("az://data/", "az://data"),
            ("az://data/a/b/", "az://data/a/b"),
        ] {
            assert_eq!(text.parse::<StoreUrl>().unwrap().to_string(), shown);
        }
        for (wrong, why) in [
            ("az://", "names no container"),
            ("az://Data/x", "lower-case"),
            ("az://data/../x", "no path"),
            ("az://data@acct.blob.core.windows.net/x", "more than a container"),
            ("az://data?x=1", "more than a container"),
            ("az://data?sig=x", "shared access signature"),
            ("https://acct.blob.core.windows.net/data", "without its account's address"),
        ] {
            let refused = wrong.parse::<StoreUrl>().unwrap_err();
            assert!(refused.reason.contains(why), "{wrong}: {refused}");
        }
    }
}
