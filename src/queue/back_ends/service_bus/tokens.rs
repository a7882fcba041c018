//! Tokens: what opens the namespace, for how long, and where a new one comes from.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;

use super::address::SharedAccess;
use super::sas;
use super::trouble::Trouble;
use crate::azure::entra::{AccessToken, EntraTokens, TokenError};
use crate::clock::Clock;

/// How long a token that we sign is good. The official clients use an hour as well.
const LIFETIME: Duration = Duration::from_hours(1);

/// A token, as `$cbs` takes it.
#[derive(Debug, Clone)]
pub struct Token {
    /// The token.
    pub(super) text: SecretString,
    /// How `$cbs` calls its kind.
    pub(super) kind: &'static str,
    /// When it ends.
    pub(super) ends: Timestamp,
}

impl Token {
    /// How long it may still be used before it should be replaced: four fifths of what is left.
    pub(super) fn fresh_for(&self, now: Timestamp) -> Duration {
        let left = self.ends.duration_since(now);
        left.try_into().unwrap_or(Duration::ZERO) * 4 / 5
    }
}

impl From<TokenError> for Trouble {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Passing(reason) => Self::passing(reason),
            TokenError::Lasting(reason) => Self::lasting(reason),
        }
    }
}

/// Where tokens come from.
#[async_trait]
pub trait Tokens: Debug + Send + Sync {
    /// A token that is good for `audience` now.
    async fn token(&self, audience: &str) -> Result<Token, TokenError>;
}

/// Tokens of a connection string.
#[derive(Debug)]
pub struct SharedAccessTokens {
    access: SharedAccess,
    clock: Arc<dyn Clock>,
}

impl SharedAccessTokens {
    /// Tokens signed with, or given by, `access`.
    pub fn new(access: SharedAccess, clock: Arc<dyn Clock>) -> Self {
        Self { access, clock }
    }

    fn given(&self, text: &SecretString) -> Result<Token, TokenError> {
        let ends = sas::expiry(text).and_then(|seconds| Timestamp::from_second(seconds).ok());
        let ends = ends.ok_or_else(|| {
            TokenError::Lasting("the SharedAccessSignature says no expiry (se=)".to_owned())
        })?;
        if ends <= self.clock.now() {
            return Err(TokenError::Lasting(format!(
                "the SharedAccessSignature of AZURE_SERVICEBUS_CONNECTION_STRING ended at {ends}; \
                 set a new one"
            )));
        }
        Ok(Token { text: text.clone(), kind: SAS, ends })
    }
}

/// How `$cbs` calls a shared access token.
const SAS: &str = "servicebus.windows.net:sastoken";

#[async_trait]
impl Tokens for SharedAccessTokens {
    async fn token(&self, audience: &str) -> Result<Token, TokenError> {
        match &self.access {
            SharedAccess::Signature(text) => self.given(text),
            SharedAccess::Key { name, key } => {
                let ends = self.clock.now() + LIFETIME;
                let text = sas::sign(audience, name, key, ends.as_second());
                let text = text.ok_or_else(|| TokenError::Lasting("the key is unusable".into()))?;
                Ok(Token { text, kind: SAS, ends })
            }
        }
    }
}

/// Tokens of Entra ID open every queue of the namespace.
#[async_trait]
impl Tokens for EntraTokens {
    async fn token(&self, _: &str) -> Result<Token, TokenError> {
        let AccessToken { text, ends } = self.token().await?;
        Ok(Token { text, kind: "jwt", ends })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::TestClock;

    fn clock() -> Arc<TestClock> {
        Arc::new(TestClock::at("2026-11-22T00:00:00Z".parse().unwrap()))
    }

    #[tokio::test(start_paused = true)]
    async fn a_signed_token_lasts_an_hour_and_is_replaced_before() {
        let clock = clock();
        let access = SharedAccess::Key { name: "k".into(), key: "s".into() };
        let tokens = SharedAccessTokens::new(access, clock.clone());
        let token = tokens.token("sb://h/q").await.unwrap();
        assert_eq!(token.ends, clock.now() + LIFETIME);
        assert_eq!(token.fresh_for(clock.now()), Duration::from_mins(48));
        assert!(!format!("{tokens:?} {token:?}").contains("sig="));
    }

    #[tokio::test(start_paused = true)]
    async fn a_given_token_that_ended_is_named() {
        let text = "SharedAccessSignature sr=a&sig=b&se=1700000000&skn=k";
        let tokens = SharedAccessTokens::new(SharedAccess::Signature(text.into()), clock());
        let error = tokens.token("sb://h/q").await.unwrap_err();
        assert!(error.to_string().contains("ended at 2023-11-14T22:13:20Z"), "{error}");
    }
}
