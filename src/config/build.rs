//! From layers of text to a [`Config`].

use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::collection;
use super::notices;
use super::table::key;
use super::types::{Config, HttpConfig, ReceiverConfig, SenderConfig, XConfig, is_x};
use super::values::{self, Pacing};
use crate::queue::QueueUrl;
use crate::setting::address::goes_out_in_clear;
use crate::setting::{Invalid, Layers, SettingError};
use crate::store::StoreUrl;

/// What the layers amount to.
pub(super) fn build(layers: &Layers, mut warnings: Vec<String>) -> Result<Config, SettingError> {
    let x = x(layers)?;
    warnings.extend(token_in_clear(&x.api_url, x.bearer_token.as_ref()));
    let store: StoreUrl = layers.required(key::STORE, str::parse)?;
    let store = store.configure(layers)?;
    warnings.extend(store.warnings());
    let queue: QueueUrl = layers.required(key::QUEUE, str::parse)?;
    let queue = queue.configure(layers)?;
    let notices = notices::build(layers, &*queue, &mut warnings)?;
    warnings.extend(queue.warnings());
    Ok(Config {
        store,
        queue,
        x,
        http: HttpConfig {
            listen: layers.required(key::LISTEN, values::listen)?,
            health_listen: layers.optional(key::HEALTH_LISTEN, values::listen)?,
            api_keys: layers.optional(key::API_KEYS, values::api_keys)?.unwrap_or_default(),
            allowed_hosts: layers.optional(key::ALLOWED_HOSTS, values::hosts)?.unwrap_or_default(),
        },
        collection: collection::collection(layers)?,
        cite: layers.optional(key::CITE, cite)?,
        sender: SenderConfig {
            concurrency: layers.required(key::SENDER_CONCURRENCY, concurrency)?,
            max_parts_ahead: layers
                .required(key::MAX_PARTS_AHEAD, |text| values::number(text, 1, 10_000))?,
        },
        receiver: ReceiverConfig {
            concurrency: layers.required(key::RECEIVER_CONCURRENCY, concurrency)?,
        },
        notices,
        sweep_interval: layers.required(key::SWEEP_INTERVAL, |text| {
            values::number(text, 1, 86_400).map(Duration::from_secs)
        })?,
        lease_time: layers
            .required(key::LEASE, |text| values::number(text, 1, 300).map(Duration::from_secs))?,
        effective: layers.effective(),
        warnings,
    })
}

fn cite(text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    if text.is_empty() || text.chars().any(char::is_control) {
        let fix = "write a name, for example Jane Roe, University of Oslo";
        return Err(Invalid::new("no name on one line", fix));
    }
    Ok(text.to_owned())
}

fn concurrency(text: &str) -> Result<usize, Invalid> {
    values::number(text, 1, 64).and_then(|number| {
        usize::try_from(number).map_err(|_| Invalid::new("too many", "use 1 to 64"))
    })
}

fn x(layers: &Layers) -> Result<XConfig, SettingError> {
    let api_url = layers.required(key::API_URL, values::api_url)?;
    let pacing = layers.required(key::PACING, values::pacing)?;
    if pacing == Pacing::Off && is_x(&api_url) {
        let reason = "X would answer with 429, and lock out an app that goes on";
        return Err(layers.refuse(key::PACING, Invalid::new(reason, "leave it on for api.x.com")));
    }
    let bearer_token = layers.optional(key::BEARER_TOKEN, values::bearer_token)?;
    Ok(XConfig { api_url, bearer_token, pacing })
}

/// A simulator on another machine gets any token, but a real one does not belong on a wire in
/// clear.
fn token_in_clear(url: &Url, token: Option<&SecretString>) -> Option<String> {
    (token.is_some() && goes_out_in_clear(url)).then(|| {
        format!(
            "{} is http:// on another machine, so the bearer token travels in clear",
            key::API_URL
        )
    })
}
