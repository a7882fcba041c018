//! From layers of text to a [`Config`].

use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::azure;
use super::collection;
use super::layers::Layers;
use super::notices;
#[cfg(feature = "service-bus")]
use super::service_bus;
use super::setting::key;
use super::values::{self, Invalid, Pacing};
use super::{Config, ConfigError, HttpConfig, QueueUrl, ReceiverConfig, SenderConfig, XConfig};

/// `shared` is the queue that processes share, whether or not this one works alone.
pub(super) fn build(
    layers: &Layers,
    shared: &QueueUrl,
    mut warnings: Vec<String>,
) -> Result<Config, ConfigError> {
    let x = x(layers)?;
    warnings.extend(token_in_clear(&x.api_url, x.bearer_token.as_ref()));
    let store = layers.required(key::STORE, str::parse)?;
    let storage_account = azure::account(layers, &store)?;
    warnings.extend(storage_account.as_ref().and_then(azure::data_in_clear));
    let notices = notices::build(layers, shared, &mut warnings)?;
    let queue = layers.required(key::QUEUE, str::parse)?;
    #[cfg(feature = "service-bus")]
    let service_bus = service_bus::config(layers, &[&queue, shared])?;
    #[cfg(feature = "service-bus")]
    if let Some(bus) = &service_bus {
        service_bus::keep_apart(layers, bus, notices.queue.as_ref())?;
    }
    #[cfg(feature = "service-bus")]
    warnings.extend(service_bus.as_ref().and_then(service_bus::too_narrow));
    Ok(Config {
        store,
        storage_account,
        queue,
        #[cfg(feature = "service-bus")]
        service_bus,
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

fn x(layers: &Layers) -> Result<XConfig, ConfigError> {
    let api_url = layers.required(key::API_URL, values::api_url)?;
    let pacing = layers.required(key::PACING, values::pacing)?;
    if pacing == Pacing::Off && is_x(&api_url) {
        let reason = "X would answer with 429, and lock out an app that goes on";
        return Err(layers.refuse(key::PACING, Invalid::new(reason, "leave it on for api.x.com")));
    }
    let bearer_token = layers.optional(key::BEARER_TOKEN, values::bearer_token)?;
    Ok(XConfig { api_url, bearer_token, pacing })
}

pub(super) fn is_x(url: &Url) -> bool {
    let of = |domain: &str| {
        url.host_str().is_some_and(|host| host == domain || host.ends_with(&format!(".{domain}")))
    };
    of("x.com") || of("twitter.com")
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

/// Whether what is sent to `url` can be read on the way.
pub(super) fn goes_out_in_clear(url: &Url) -> bool {
    url.scheme() == "http" && !is_loopback(url)
}

pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => true,
    }
}
