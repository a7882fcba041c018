//! The settings of a store on Azure, but for those of an identity.

#[cfg(test)]
use crate::azure::identity;
#[cfg(test)]
use crate::setting::kind::Sample;
use crate::setting::recognise::Recognised;
use crate::setting::{Setting, row};

/// A connection string of the storage account.
pub(super) const CONNECTION_STRING: &str = "azure.storage_connection_string";

/// The storage account's name.
pub(super) const ACCOUNT: &str = "azure.storage_account";

/// One of its keys.
pub(super) const ACCOUNT_KEY: &str = "azure.storage_key";

/// A shared access signature.
pub(super) const SAS: &str = "azure.storage_sas_token";

/// Where its blob service is.
pub(super) const BLOB_ENDPOINT: &str = "azure.blob_endpoint";

/// The rows of the table of settings.
pub(super) const SETTINGS: &[Setting] = &[
    row(
        CONNECTION_STRING,
        &["AZURE_STORAGE_CONNECTION_STRING"],
        "",
        "The storage account of a store at `az://`, as the portal shows it under Access keys; also \
         with a SharedAccessSignature, a BlobEndpoint, or `UseDevelopmentStorage=true`. Comes \
         before the other settings of `azure`.",
    )
    .secret()
    .never(&[Recognised::BusConnection]),
    row(
        ACCOUNT,
        &["AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_ACCOUNT_NAME"],
        "",
        "The storage account's name. With neither key nor signature, Microsoft Entra ID lets \
         mistnet in.",
    )
    .absent(),
    row(
        ACCOUNT_KEY,
        &["AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCOUNT_KEY"],
        "",
        "One of the storage account's two keys.",
    )
    .secret(),
    row(
        SAS,
        &["AZURE_STORAGE_SAS_TOKEN"],
        "",
        "A shared access signature (`sv=…&sig=…`) in place of a key, or a whole SAS URL, which \
         names the account too. It must allow to read, create, write and list.",
    )
    .secret(),
    row(
        BLOB_ENDPOINT,
        &["AZURE_STORAGE_BLOB_ENDPOINT"],
        "",
        "The account's blob service, if it is not at `https://ACCOUNT.blob.core.windows.net`.",
    )
    .absent(),
];

/// How tests reach each of them.
#[cfg(test)]
pub(super) const SAMPLES: &[Sample] = &[
    Sample {
        address: "az://data",
        given: &[(ACCOUNT, "acct"), (identity::TENANT, "tenant"), (identity::CLIENT, "client")],
        others: &[
            (CONNECTION_STRING, "AccountName=other;AccountKey=AAAA"),
            (ACCOUNT, "other"),
            (ACCOUNT_KEY, "AAAA"),
            (SAS, "sv=1&sig=x"),
            (BLOB_ENDPOINT, "https://data.example.org"),
            (identity::CLIENT_SECRET, "secret"),
            (identity::ENDPOINT, "http://localhost:3"),
            (identity::HEADER, "secret"),
        ],
    },
    Sample {
        address: "az://data/a/b",
        given: &[
            (ACCOUNT, "acct"),
            (identity::TENANT, "tenant"),
            (identity::CLIENT, "client"),
            (identity::TOKEN_FILE, "/run/token"),
        ],
        others: &[
            (identity::TENANT, "other"),
            (identity::CLIENT, "other"),
            (identity::TOKEN_FILE, "/run/other"),
            (identity::AUTHORITY, "https://login.example.org"),
        ],
    },
];
