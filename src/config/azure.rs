//! Which storage account a store on Azure is in, and how to get in.
//!
//! In this order: a connection string; an account with a signature or a key; an account and an
//! identity of Microsoft Entra ID. A store elsewhere needs none of it, and then nothing here is
//! looked at: other programs on the machine use the same variables.

use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

use super::build::goes_out_in_clear;
use super::layers::Layers;
use super::setting::key;
use super::values::Invalid;
use super::{ConfigError, StorageAccount, StorageCredential, StoreUrl};
use crate::store::azure::{account, connection_string};

/// The account of the store, if the store is on Azure.
pub(super) fn account(
    layers: &Layers,
    store: &StoreUrl,
) -> Result<Option<StorageAccount>, ConfigError> {
    let StoreUrl::Azure { container, .. } = store else { return Ok(None) };
    let connection = |text: &str| Ok(connection_string::parse(text)?);
    if let Some(found) = layers.optional(key::AZURE_CONNECTION_STRING, connection)? {
        return Ok(Some(found));
    }
    if let Some(found) = layers.optional(key::AZURE_SAS, |text| sas_url(text, container))?.flatten()
    {
        return Ok(Some(found));
    }
    let Some(name) = text(layers, key::AZURE_ACCOUNT)? else {
        let reason = "nothing says which storage account the container is in";
        let fix = "set AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT together with \
            AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN or an identity of Entra ID";
        return Err(layers.refuse(key::STORE, Invalid::new(reason, fix)));
    };
    let address = url(layers, key::AZURE_BLOB_ENDPOINT)?;
    let credential = credential(layers)?;
    let found = StorageAccount::at(&name, address, credential);
    found.map(Some).map_err(|why| layers.refuse(key::AZURE_ACCOUNT, why.into()))
}

/// The account of a whole SAS URL; nothing if it is a signature alone.
fn sas_url(text: &str, container: &str) -> Result<Option<StorageAccount>, Invalid> {
    if !text.starts_with("https://") && !text.starts_with("http://") {
        return Ok(None);
    }
    let (found, named) = StorageAccount::from_sas_url(text)?;
    match named {
        Some(named) if named != container => Err(Invalid::new(
            format!("it is for the container {named}, and the store is in {container}"),
            "name the same container in MISTNET_STORE, or make a signature for that one",
        )),
        Some(_) | None => Ok(Some(found)),
    }
}

fn credential(layers: &Layers) -> Result<StorageCredential, ConfigError> {
    if let Some(sas) = layers.optional(key::AZURE_SAS, |text| Ok(StorageCredential::sas(text)?))? {
        return Ok(sas);
    }
    if let Some(key) = layers.optional(key::AZURE_KEY, |text| Ok(StorageCredential::key(text)?))? {
        return Ok(key);
    }
    let (tenant, client) = (text(layers, key::AZURE_TENANT)?, text(layers, key::AZURE_CLIENT)?);
    let authority = url(layers, key::AZURE_AUTHORITY)?;
    let token_file = layers.optional(key::AZURE_TOKEN_FILE, |text| Ok(PathBuf::from(text)))?;
    let secret = layers.optional(key::AZURE_CLIENT_SECRET, |text| Ok(SecretString::from(text)))?;
    let lonely = |key| {
        let fix = "set AZURE_TENANT_ID and AZURE_CLIENT_ID too";
        layers.refuse(key, Invalid::new("it needs a tenant and a client", fix))
    };
    match (token_file, secret, tenant, client) {
        (Some(token_file), _, Some(tenant), Some(client)) => {
            Ok(StorageCredential::WorkloadIdentity { tenant, client, token_file, authority })
        }
        (None, Some(secret), Some(tenant), Some(client)) => {
            Ok(StorageCredential::ClientSecret { tenant, client, secret, authority })
        }
        (Some(_), _, _, _) => Err(lonely(key::AZURE_TOKEN_FILE)),
        (None, Some(_), _, _) => Err(lonely(key::AZURE_CLIENT_SECRET)),
        (None, None, _, client) => {
            let endpoint = url(layers, key::AZURE_IDENTITY_ENDPOINT)?;
            Ok(StorageCredential::ManagedIdentity { client, endpoint })
        }
    }
}

fn text(layers: &Layers, key: &'static str) -> Result<Option<String>, ConfigError> {
    layers.optional(key, |text| Ok(text.to_owned()))
}

fn url(layers: &Layers, key: &'static str) -> Result<Option<Url>, ConfigError> {
    layers.optional(key, |text| Ok(account::endpoint(text)?))
}

/// Keys only sign, but signatures and the data travel as they are.
pub(super) fn data_in_clear(account: &StorageAccount) -> Option<String> {
    goes_out_in_clear(&account.endpoint).then(|| {
        format!(
            "the storage account {} is at http:// on another machine, so its data travel in clear",
            account.name
        )
    })
}
