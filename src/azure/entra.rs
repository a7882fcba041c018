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

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;
use url::form_urlencoded::Serializer;

use super::identity::{Identity, Login};
use crate::check::with_causes;
use crate::clock::Clock;
use crate::proxy;

/// Where Entra ID gives out tokens, unless a setting says otherwise.
const AUTHORITY: &str = "https://login.microsoftonline.com";

/// Where a virtual machine asks for its identity.
const IMDS: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

/// How a token of the platform is called as a proof.
const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How long an answer may take.
const TIME_OUT: Duration = Duration::from_secs(15);

/// A token, and when it ends.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// The token.
    pub text: SecretString,
    /// When it ends.
    pub ends: Timestamp,
}

impl AccessToken {
    /// How long it may still be used before it should be replaced: four fifths of what is left.
    fn fresh_for(&self, now: Timestamp) -> Duration {
        let left = self.ends.duration_since(now);
        left.try_into().unwrap_or(Duration::ZERO) * 4 / 5
    }
}

/// A token that was not to be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Later it may be.
    #[error("{0}")]
    Passing(String),
    /// It can't be had as things are set.
    #[error("{0}")]
    Lasting(String),
}

/// See the module.
#[derive(Debug)]
pub struct EntraTokens {
    identity: Identity,
    authority: Url,
    resource: &'static str,
    http: Client,
    clock: Arc<dyn Clock>,
    kept: Mutex<Option<(AccessToken, Instant)>>,
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
    /// Tokens of `login` for `resource`, a service's address such as `https://servicebus.azure.net`.
    pub fn new(
        login: Login,
        resource: &'static str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, TokenError> {
        let lasting = |error: &dyn std::error::Error| TokenError::Lasting(error.to_string());
        let Login { identity, authority } = login;
        let authority = match authority {
            Some(authority) => authority,
            None => Url::parse(AUTHORITY).map_err(|error| lasting(&error))?,
        };
        let mut http = Client::builder().timeout(TIME_OUT);
        // Where a managed identity is asked for is this machine's own business.
        if matches!(identity, Identity::Managed { .. }) || proxy::is_never_proxied(&authority) {
            http = http.no_proxy();
        }
        let http = http.build().map_err(|error| lasting(&error))?;
        Ok(Self { identity, authority, resource, http, clock, kept: Mutex::new(None) })
    }

    /// A token that is good now: the same for everybody, until a fifth of its life is left.
    pub async fn token(&self) -> Result<AccessToken, TokenError> {
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
            Identity::Managed { client, endpoint: Some(endpoint), header: Some(header) } => self
                .http
                .get(self.managed(endpoint.clone(), "2019-08-01", client.as_deref()))
                .header("X-IDENTITY-HEADER", header.expose_secret()),
            Identity::Managed { client, .. } => {
                let imds = Url::parse(IMDS).map_err(|e| TokenError::Lasting(e.to_string()))?;
                let url = self.managed(imds, "2018-02-01", client.as_deref());
                self.http.get(url).header("Metadata", "true")
            }
        })
    }

    fn managed(&self, mut url: Url, version: &str, client: Option<&str>) -> Url {
        let mut pairs = url.query_pairs_mut();
        pairs.append_pair("api-version", version).append_pair("resource", self.resource);
        if let Some(client) = client {
            pairs.append_pair("client_id", client);
        }
        drop(pairs);
        url
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
            .append_pair("scope", &format!("{}/.default", self.resource))
            .extend_pairs(proof)
            .finish();
        Ok(self.http.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body))
    }

    async fn fetch(&self) -> Result<AccessToken, TokenError> {
        let unreachable = |error: reqwest::Error| {
            // Without the address: it is ours to know, and may hold an id.
            let text = with_causes(&error.without_url());
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

fn read(body: &[u8], asked: Timestamp) -> Result<AccessToken, TokenError> {
    let unreadable = || TokenError::Passing("Entra ID answered something unreadable".to_owned());
    let answer: Answer = serde_json::from_slice(body).map_err(|_| unreadable())?;
    let seconds = match &answer.expires_in {
        serde_json::Value::Number(number) => number.as_i64(),
        serde_json::Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let life = jiff::SignedDuration::from_secs(seconds.ok_or_else(unreadable)?);
    let ends = asked.checked_add(life).map_err(|_| unreadable())?;
    Ok(AccessToken { text: answer.access_token.into(), ends })
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
        let login = Login { identity, authority: Some(authority) };
        let resource = "https://servicebus.azure.net";
        EntraTokens::new(login, resource, Arc::new(SystemClock::new())).unwrap()
    }

    fn secret() -> Identity {
        Identity::Secret { tenant: "t".into(), client: "c".into(), secret: "hush&hush".into() }
    }

    #[tokio::test]
    async fn an_app_shows_its_secret_once_for_many_tokens() {
        let (url, asked) = stand_in(200, r#"{"access_token":"JWT","expires_in":3599}"#).await;
        let tokens = tokens(secret(), url);
        for _ in 0..2 {
            let token = tokens.token().await.unwrap();
            assert_eq!(token.text.expose_secret(), "JWT");
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
        tokens(identity, url).token().await.unwrap();
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
        let (endpoint, header) = (url.join("/msi/token").ok(), Some("header".into()));
        let identity = Identity::Managed { client: Some("c".into()), endpoint, header };
        tokens(identity, url).token().await.unwrap();
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
        let error = tokens(secret(), url).token().await.unwrap_err();
        let TokenError::Lasting(said) = error else { panic!("{error}") };
        assert!(said.contains("AADSTS7000215: Invalid.; check AZURE_TENANT_ID"), "{said}");
        assert!(!said.contains("hush") && !said.contains("Trace"), "{said}");
        let (url, _) = stand_in(503, "busy").await;
        let error = tokens(secret(), url).token().await.unwrap_err();
        assert!(matches!(error, TokenError::Passing(_)), "{error}");
    }
}
