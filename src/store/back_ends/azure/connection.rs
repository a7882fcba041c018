//! An account's connection: how long a call may take, and what all its containers share.
//!
//! The credential (a token is fetched once, not once a container) and the pool of connections are
//! shared, so that another container costs nothing to open.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use object_store::azure::{AzureConfigKey, AzureCredentialProvider, MicrosoftAzureBuilder};
use object_store::client::{HttpClient, HttpConnector};
use object_store::{BackoffConfig, ClientOptions, HeaderValue, RetryConfig};
use secrecy::ExposeSecret;
use url::Url;

use super::account::{Account, Credential};
use super::codes::Coded;
use super::container::Container;
use super::route::Routes;
use crate::azure::identity::{Identity, Login};

/// The longest time without a byte of an answer. An upload counts until its answer begins, so this
/// is also how long one may take: a part of 100,000 rows (some 300 MB) needs 20 Mbit/s. Our own
/// choice.
const SILENCE: Duration = Duration::from_mins(2);

/// The longest time to make a connection. Our own choice.
const CONNECT: Duration = Duration::from_secs(10);

/// A failure is tried again while the call is younger than this; then it is the caller's, who has
/// a queue to put the work back on. Together with [`SILENCE`] a call ends within 150 s.
const PERSISTENCE: Duration = Duration::from_secs(30);

const AGENT: &str = concat!("mistnet/", env!("CARGO_PKG_VERSION"));

/// A connection to an account. Its containers are opened without asking Azure.
#[derive(Clone)]
pub(super) struct Connection {
    account: Arc<Account>,
    http: HttpClient,
    credentials: AzureCredentialProvider,
}

impl Connection {
    /// Prepares a connection; nothing is sent yet.
    pub(super) fn new(account: &Account) -> object_store::Result<Self> {
        let options = options(account);
        let http = HttpClient::new(Coded(Routes.connect(&options)?));
        // This one is never asked for an object: it is the only way to its credentials.
        let first = builder(account)
            .with_client_options(options)
            .with_http_connector(Routes)
            .with_container_name("none");
        let credentials = Arc::clone(first.build()?.credentials());
        Ok(Self { account: Arc::new(account.clone()), http, credentials })
    }

    /// A container, which need not exist.
    pub(super) fn container(&self, name: &str) -> object_store::Result<Container> {
        let blobs = builder(&self.account)
            .with_client_options(options(&self.account))
            .with_container_name(name)
            .with_credentials(Arc::clone(&self.credentials))
            .with_http_connector(Pool(self.http.clone()))
            .build()?;
        Ok(Container::new(blobs, Arc::clone(&self.account), name, self.http.clone()))
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("account", &self.account.name).finish_non_exhaustive()
    }
}

/// Hands out the client that is there already.
struct Pool(HttpClient);

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pool")
    }
}

impl HttpConnector for Pool {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(self.0.clone())
    }
}

fn options(account: &Account) -> ClientOptions {
    ClientOptions::new()
        .with_user_agent(HeaderValue::from_static(AGENT))
        .with_allow_http(account.endpoint.scheme() == "http")
        .with_connect_timeout(CONNECT)
        // Downloads may take as long as they like, as long as something comes.
        .with_timeout_disabled()
        .with_read_timeout(SILENCE)
}

fn builder(account: &Account) -> MicrosoftAzureBuilder {
    let retry = RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(200),
            max_backoff: Duration::from_secs(5),
            base: 2.0,
        },
        max_retries: 8,
        retry_timeout: PERSISTENCE,
    };
    let builder = MicrosoftAzureBuilder::new()
        .with_account(&account.name)
        .with_endpoint(account.endpoint.as_str().trim_end_matches('/').to_owned())
        .with_retry(retry);
    with_credential(builder, &account.credential)
}

fn with_credential(
    builder: MicrosoftAzureBuilder,
    credential: &Credential,
) -> MicrosoftAzureBuilder {
    match credential {
        Credential::Key(key) => {
            builder.with_credential_type("access_key").with_access_key(key.expose_secret())
        }
        Credential::Sas(sas) => builder
            .with_credential_type("sas_token")
            .with_config(AzureConfigKey::SasKey, sas.expose_secret()),
        Credential::Identity(login) => with_login(builder, login),
    }
}

fn with_login(builder: MicrosoftAzureBuilder, login: &Login) -> MicrosoftAzureBuilder {
    let Login { identity, authority } = login;
    match identity {
        Identity::Secret { tenant, client, secret } => {
            let builder = builder.with_credential_type("client_secret");
            with_authority(builder, authority.as_ref()).with_client_secret_authorization(
                client,
                secret.expose_secret(),
                tenant,
            )
        }
        Identity::Workload { tenant, client, token_file } => {
            let builder = builder.with_credential_type("workload_identity");
            with_authority(builder, authority.as_ref())
                .with_client_id(client)
                .with_tenant_id(tenant)
                .with_federated_token_file(token_file.to_string_lossy())
        }
        Identity::Managed { client, endpoint, .. } => {
            let builder = builder.with_credential_type("managed_identity");
            let builder = match client {
                Some(client) => builder.with_client_id(client),
                None => builder,
            };
            match endpoint {
                Some(endpoint) => builder.with_msi_endpoint(endpoint.as_str()),
                None => builder,
            }
        }
    }
}

fn with_authority(
    builder: MicrosoftAzureBuilder,
    authority: Option<&Url>,
) -> MicrosoftAzureBuilder {
    match authority {
        Some(url) => builder.with_authority_host(url.as_str().trim_end_matches('/')),
        None => builder,
    }
}
