//! Who this program is in Microsoft Entra ID: an application, a workload, or the machine.

use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

use crate::setting::{Invalid, Layers, Setting, SettingError, row, values};

/// The tenant of the application.
pub const TENANT: &str = "azure.tenant_id";

/// The application, or one of the machine's identities.
pub const CLIENT: &str = "azure.client_id";

/// The application's secret.
pub const CLIENT_SECRET: &str = "azure.client_secret";

/// The file with the token of a workload.
pub const TOKEN_FILE: &str = "azure.federated_token_file";

/// Where Entra ID gives out tokens.
pub const AUTHORITY: &str = "azure.authority_host";

/// Where the machine's identity gives out tokens.
pub const ENDPOINT: &str = "azure.identity_endpoint";

/// What that place wants to be shown.
pub const HEADER: &str = "azure.identity_header";

/// The rows of the table of settings.
pub const SETTINGS: &[Setting] = &[
    row(TENANT, &["AZURE_TENANT_ID"], "", "The tenant of the application in Microsoft Entra ID.")
        .absent(),
    row(
        CLIENT,
        &["AZURE_CLIENT_ID"],
        "",
        "The application in Microsoft Entra ID; alone, which of the machine's managed identities.",
    )
    .absent(),
    row(CLIENT_SECRET, &["AZURE_CLIENT_SECRET"], "", "The application's secret.").secret(),
    row(
        TOKEN_FILE,
        &["AZURE_FEDERATED_TOKEN_FILE"],
        "",
        "The token of a workload identity in place of a secret; Kubernetes sets it.",
    )
    .absent(),
    row(
        AUTHORITY,
        &["AZURE_AUTHORITY_HOST"],
        "",
        "Where Entra ID gives out tokens, if not at `https://login.microsoftonline.com`.",
    )
    .absent(),
    row(
        ENDPOINT,
        &["IDENTITY_ENDPOINT"],
        "",
        "Where the machine's managed identity gives out tokens; Container Apps and App Service set \
         it.",
    )
    .absent(),
    row(
        HEADER,
        &["IDENTITY_HEADER"],
        "",
        "What `azure.identity_endpoint` wants to be shown; set together with it.",
    )
    .secret(),
];

/// Who this program is, and who says so.
#[derive(Debug, Clone)]
pub struct Login {
    /// Who this program is.
    pub identity: Identity,
    /// Where tokens are given out, if not at `https://login.microsoftonline.com`.
    pub authority: Option<Url>,
}

/// Who this program is.
#[derive(Debug, Clone)]
pub enum Identity {
    /// An application with a secret.
    Secret {
        /// The tenant's id or domain.
        tenant: String,
        /// The application's id.
        client: String,
        /// Its secret.
        secret: SecretString,
    },
    /// An application that trusts another issuer's token (Kubernetes).
    Workload {
        /// The tenant's id or domain.
        tenant: String,
        /// The application's id.
        client: String,
        /// The file with the token, read anew each time.
        token_file: PathBuf,
    },
    /// The identity of the machine or container that this runs on.
    Managed {
        /// Which one, if it has several.
        client: Option<String>,
        /// Where tokens are given out, if not at `169.254.169.254`.
        endpoint: Option<Url>,
        /// What that place wants to be shown; App Service and Container Apps set both, or neither.
        header: Option<SecretString>,
    },
}

impl Login {
    /// What the settings amount to.
    pub fn read(layers: &Layers) -> Result<Self, SettingError> {
        Ok(Self {
            identity: identity(layers)?,
            authority: layers.optional(AUTHORITY, values::http_url)?,
        })
    }
}

fn identity(layers: &Layers) -> Result<Identity, SettingError> {
    let (tenant, client) = (layers.text(TENANT)?, layers.text(CLIENT)?);
    let secret = secret_of(layers, CLIENT_SECRET)?;
    let token_file = layers.optional(TOKEN_FILE, |text| Ok(PathBuf::from(text)))?;
    let lonely = |key| {
        let fix = "set AZURE_TENANT_ID and AZURE_CLIENT_ID too";
        layers.refuse(key, Invalid::new("it needs a tenant and a client", fix))
    };
    match (token_file, secret, tenant, client) {
        (Some(token_file), _, Some(tenant), Some(client)) => {
            Ok(Identity::Workload { tenant, client, token_file })
        }
        (None, Some(secret), Some(tenant), Some(client)) => {
            Ok(Identity::Secret { tenant, client, secret })
        }
        (Some(_), _, _, _) => Err(lonely(TOKEN_FILE)),
        (None, Some(_), _, _) => Err(lonely(CLIENT_SECRET)),
        (None, None, _, client) => Ok(Identity::Managed {
            client,
            endpoint: layers.optional(ENDPOINT, values::http_url)?,
            header: secret_of(layers, HEADER)?,
        }),
    }
}

fn secret_of(layers: &Layers, key: &'static str) -> Result<Option<SecretString>, SettingError> {
    layers.optional(key, |text| Ok(SecretString::from(text)))
}
