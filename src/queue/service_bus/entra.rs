//! Tokens of Entra ID: of an app with a secret, of a workload in Kubernetes, or of the machine.
//!
//! | identity | asked | proof |
//! |---|---|---|
//! | client secret | `login.microsoftonline.com/TENANT/oauth2/v2.0/token` | the secret |
//! | workload | the same | the token in `AZURE_FEDERATED_TOKEN_FILE`, read anew each time |
//! | managed, App Service | `IDENTITY_ENDPOINT` | `IDENTITY_HEADER` |
//! | managed, virtual machine | `169.254.169.254` (IMDS) | being there |
//!
//! Sources: learn.microsoft.com, "OAuth 2.0 client credentials flow", "How to use managed identities
//! with App Service", "How to use managed identities on an Azure VM" (read 2026-11). A token is kept
//! until a fifth of its life is left, and asked for once for all links. Entra ID is asked through the
//! proxy that the usual variables name; a managed identity, and whatever is on this machine, never. Never tried against Azure
//! itself; tests stand in for its answers.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;
use url::form_urlencoded::Serializer;

use super::tokens::{Token, TokenError, Tokens};
use crate::clock::Clock;
use crate::proxy;

/// What the token is for.
const SCOPE: &str = "https://servicebus.azure.net/.default";

/// The same, as managed identities call it.
const RESOURCE: &str = "https://servicebus.azure.net";

/// Where a virtual machine asks for its identity.
const IMDS: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

/// How a token of the platform is called as a proof.
const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How long an answer may take.
const TIME_OUT: Duration = Duration::from_secs(15);

/// Who this program is.
#[derive(Debug, Clone)]
pub enum Identity {
    /// An app with a secret.
    Secret {
        /// `AZURE_TENANT_ID`.
        tenant: String,
        /// `AZURE_CLIENT_ID`.
        client: String,
        /// `AZURE_CLIENT_SECRET`.
        secret: SecretString,
    },
    /// A workload whose platform vouches for it.
    Workload {
        /// `AZURE_TENANT_ID`.
        tenant: String,
        /// `AZURE_CLIENT_ID`.
        client: String,
        /// `AZURE_FEDERATED_TOKEN_FILE`.
        token_file: PathBuf,
    },
    /// The machine's or the app's own identity.
    Managed {
        /// `AZURE_CLIENT_ID`, if there is more than one.
        client: Option<String>,
        /// `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`, where App Service sets them.
        app_service: Option<(Url, SecretString)>,
    },
}

/// See the module.
#[derive(Debug)]
pub struct EntraTokens {
    identity: Identity,
    authority: Url,
    http: Client,
    clock: Arc<dyn Clock>,
    kept: Mutex<Option<(Token, Instant)>>,
}

/// What every one of them answers.
#[derive(Deserialize)]
struct Answer {
    access_token: String,
    /// Seconds; some write it as text.
    expires_in: serde_json::Value,
}

/// What they answer instead.
#[derive(Deserialize)]
struct Refusal {
    error: String,
    #[serde(default)]
    error_description: String,
}

impl EntraTokens {
    /// Tokens of `identity`. `authority` is `https://login.microsoftonline.com`, or that of another
    /// cloud.
    pub fn new(
        identity: Identity,
        authority: Url,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, reqwest::Error> {
        let mut http = Client::builder().timeout(TIME_OUT);
        // Where a managed identity is asked for is this machine's own business.
        if matches!(identity, Identity::Managed { .. }) || proxy::is_never_proxied(&authority) {
            http = http.no_proxy();
        }
        Ok(Self { identity, authority, http: http.build()?, clock, kept: Mutex::new(None) })
    }

    /// The question to whoever gives tokens.
    fn question(&self) -> Result<RequestBuilder, TokenError> {
        Ok(match &self.identity {
            Identity::Secret { tenant, client, secret } => {
                self.form(tenant, client, &[("client_secret", secret.expose_secret())])?
            }
            Identity::Workload { tenant, client, token_file } => {
                // A small file of a file system in memory: no need for a thread.
                let token = std::fs::read_to_string(token_file).map_err(|error| {
                    let path = token_file.display();
                    TokenError::Passing(format!(
                        "AZURE_FEDERATED_TOKEN_FILE {path} can't be read: {error}"
                    ))
                })?;
                let proof = [("client_assertion_type", KIND), ("client_assertion", token.trim())];
                self.form(tenant, client, &proof)?
            }
            Identity::Managed { client, app_service: Some((endpoint, header)) } => self
                .http
                .get(managed(endpoint.clone(), "2019-08-01", client.as_deref()))
                .header("X-IDENTITY-HEADER", header.expose_secret()),
            Identity::Managed { client, app_service: None } => {
                let imds = Url::parse(IMDS).map_err(|e| TokenError::Lasting(e.to_string()))?;
                let url = managed(imds, "2018-02-01", client.as_deref());
                self.http.get(url).header("Metadata", "true")
            }
        })
    }

    fn form(
        &self,
        tenant: &str,
        client: &str,
        proof: &[(&str, &str)],
    ) -> Result<RequestBuilder, TokenError> {
        let path = format!("{tenant}/oauth2/v2.0/token");
        let url = self.authority.join(&path).map_err(|_| {
            TokenError::Lasting("AZURE_TENANT_ID is not the id or name of a tenant".to_owned())
        })?;
        let body = Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", client)
            .append_pair("scope", SCOPE)
            .extend_pairs(proof)
            .finish();
        Ok(self.http.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body))
    }

    async fn fetch(&self) -> Result<Token, TokenError> {
        let unreachable = |error: reqwest::Error| {
            // Without the address: it is ours to know, and may hold an id.
            let text = causes(&error.without_url());
            let text = if matches!(self.identity, Identity::Managed { .. }) {
                text
            } else {
                proxy::explain(&self.authority, text)
            };
            TokenError::Passing(format!("no token from Entra ID: {text}"))
        };
        let asked = self.clock.now();
        let response = self.question()?.send().await.map_err(unreachable)?;
        let status = response.status();
        if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            let refused = proxy::refused(&self.authority);
            return Err(TokenError::Passing(format!("no token from Entra ID: {refused}")));
        }
        let body = response.bytes().await.map_err(unreachable)?;
        if status.is_success() {
            return read(&body, asked);
        }
        let reason = match serde_json::from_slice::<Refusal>(&body) {
            // The first line: what follows are trace ids.
            Ok(refusal) => {
                let line = refusal.error_description.lines().next().unwrap_or_default().to_owned();
                format!("{} {line}", refusal.error)
            }
            Err(_) => "no reason given".to_owned(),
        };
        let reason = format!("Entra ID gives no token ({status}): {reason}");
        Err(match status.as_u16() {
            408 | 429 | 500.. => TokenError::Passing(reason),
            _ => TokenError::Lasting(format!(
                "{reason}; check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or the \
                 workload's or machine's identity)"
            )),
        })
    }
}

/// An error and everything behind it, which is what tells a proxy from a name that nobody knows.
fn causes(error: &reqwest::Error) -> String {
    let error: &(dyn std::error::Error + 'static) = error;
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn managed(mut url: Url, version: &str, client: Option<&str>) -> Url {
    url.query_pairs_mut().append_pair("api-version", version).append_pair("resource", RESOURCE);
    if let Some(client) = client {
        url.query_pairs_mut().append_pair("client_id", client);
    }
    url
}

fn read(body: &[u8], asked: Timestamp) -> Result<Token, TokenError> {
    let unreadable = || TokenError::Passing("Entra ID answered something unreadable".to_owned());
    let answer: Answer = serde_json::from_slice(body).map_err(|_| unreadable())?;
    let seconds = match &answer.expires_in {
        serde_json::Value::Number(number) => number.as_i64(),
        serde_json::Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let life = jiff::SignedDuration::from_secs(seconds.ok_or_else(unreadable)?);
    let ends = asked.checked_add(life).map_err(|_| unreadable())?;
    Ok(Token::web(answer.access_token.into(), ends))
}

#[async_trait]
impl Tokens for EntraTokens {
    async fn token(&self, _: &str) -> Result<Token, TokenError> {
        let mut kept = self.kept.lock().await;
        if let Some((token, until)) = &*kept
            && Instant::now() < *until
        {
            return Ok(token.clone());
        }
        let token = self.fetch().await?;
        *kept = Some((token.clone(), Instant::now() + token.fresh_for(self.clock.now())));
        Ok(token)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex as StdMutex;

    use axum::Router;
    use axum::http::{HeaderMap, Uri};
    use axum::routing::any;

    use super::*;
    use crate::clock::SystemClock;

    /// Every question that was asked: path, headers, body.
    type Asked = Arc<StdMutex<Vec<(String, HeaderMap, String)>>>;

    /// Somebody who answers every question with the same, and remembers them.
    async fn stand_in(status: u16, answer: &'static str) -> (Url, Asked) {
        let asked = Asked::default();
        let noted = Arc::clone(&asked);
        let handler = move |uri: Uri, headers: HeaderMap, body: String| {
            noted.lock().unwrap().push((uri.to_string(), headers, body));
            async move { (StatusCode::from_u16(status).unwrap(), answer) }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let app = Router::new().fallback(any(handler));
        tokio::spawn(async move { axum::serve(listener, app).await });
        (url, asked)
    }

    fn tokens(identity: Identity, authority: Url) -> EntraTokens {
        EntraTokens::new(identity, authority, Arc::new(SystemClock::new())).unwrap()
    }

    fn secret() -> Identity {
        Identity::Secret { tenant: "t".into(), client: "c".into(), secret: "hush&hush".into() }
    }

    #[tokio::test]
    async fn an_app_shows_its_secret_once_for_many_tokens() {
        let (url, asked) = stand_in(200, r#"{"access_token":"JWT","expires_in":3599}"#).await;
        let tokens = tokens(secret(), url);
        for audience in ["sb://h/a", "sb://h/b"] {
            let token = tokens.token(audience).await.unwrap();
            assert_eq!((token.text.expose_secret(), token.kind), ("JWT", "jwt"));
            let left = token.ends.duration_since(SystemClock::new().now()).as_secs();
            assert!((3500..=3599).contains(&left), "{left}");
        }
        let asked = asked.lock().unwrap();
        let [(path, _, body)] = asked.as_slice() else { panic!("one question: {asked:?}") };
        assert_eq!(path, "/t/oauth2/v2.0/token");
        assert_eq!(
            body,
            "grant_type=client_credentials&client_id=c\
             &scope=https%3A%2F%2Fservicebus.azure.net%2F.default&client_secret=hush%26hush"
        );
        assert!(!format!("{tokens:?}").contains("hush"));
    }

    #[tokio::test]
    async fn a_workload_shows_the_token_of_its_platform() {
        let (url, asked) = stand_in(200, r#"{"access_token":"JWT","expires_in":60}"#).await;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "PLATFORM\n").unwrap();
        let token_file = file.path().to_owned();
        let identity = Identity::Workload { tenant: "t".into(), client: "c".into(), token_file };
        tokens(identity, url).token("sb://h/a").await.unwrap();
        let (_, _, body) = asked.lock().unwrap().remove(0);
        assert!(
            body.contains("client_assertion=PLATFORM&") || body.ends_with("=PLATFORM"),
            "{body}"
        );
        assert!(body.contains("jwt-bearer"), "{body}");
    }

    #[tokio::test]
    async fn app_service_is_shown_its_header() {
        // It writes seconds as text.
        let (url, asked) = stand_in(200, r#"{"access_token":"JWT","expires_in":"3600"}"#).await;
        let app_service = Some((url.join("/msi/token").unwrap(), "header".into()));
        let identity = Identity::Managed { client: Some("c".into()), app_service };
        tokens(identity, url).token("sb://h/a").await.unwrap();
        let (path, headers, _) = asked.lock().unwrap().remove(0);
        assert_eq!(
            path,
            "/msi/token?api-version=2019-08-01\
             &resource=https%3A%2F%2Fservicebus.azure.net&client_id=c"
        );
        assert_eq!(headers["x-identity-header"], "header");
    }

    #[tokio::test]
    async fn a_refusal_names_the_settings_and_no_secret() {
        let answer =
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid.\nTrace"}"#;
        let (url, _) = stand_in(401, answer).await;
        let error = tokens(secret(), url).token("sb://h/a").await.unwrap_err();
        let TokenError::Lasting(said) = error else { panic!("{error}") };
        assert!(said.contains("AADSTS7000215: Invalid.; check AZURE_TENANT_ID"), "{said}");
        assert!(!said.contains("hush") && !said.contains("Trace"), "{said}");
        let (url, _) = stand_in(503, "busy").await;
        let error = tokens(secret(), url).token("sb://h/a").await.unwrap_err();
        assert!(matches!(error, TokenError::Passing(_)), "{error}");
    }
}
