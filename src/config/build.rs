//! From layers of text to a [`Config`].

use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::notices;
use super::table::key;
use super::types::{Config, HttpConfig, ReceiverConfig, SenderConfig, XConfig, is_x};
use super::values::{self, Pacing};
use crate::model::request::{Defaults, check_brake};
use crate::model::spec::Expand;
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
        collection: collection(layers)?,
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

fn collection(layers: &Layers) -> Result<Defaults, SettingError> {
    let switch = |key| layers.required(key, values::switch);
    let collection = Defaults {
        limit: layers.required(key::NUM_RESULTS, values::limit)?,
        max_cost: layers.optional(key::MAX_COST, values::usd)?,
        partition_size: layers.required(key::PARTITION_SIZE, values::partition_size)?,
        start: layers.optional(key::START_DATE, values::start_date)?,
        end: layers.optional(key::END_DATE, values::end_date)?,
        formats: layers.required(key::FORMATS, values::formats)?,
        profile: layers.required(key::PROFILE, values::profile)?,
        layout: layers.required(key::LAYOUT, values::layout)?,
        single_file: layers.optional(key::SINGLE_FILE, values::switch)?,
        archive: layers.required(key::ARCHIVE, values::archive)?,
        dialect: layers.required(key::DIALECT, values::dialect)?,
        expand: Expand {
            authors: switch(key::AUTHORS)?,
            media: switch(key::MEDIA)?,
            polls: switch(key::POLLS)?,
            places: switch(key::PLACES)?,
            referenced: switch(key::REFERENCED)?,
        },
    };
    check_brake(collection.limit, collection.max_cost).map_err(|problem| {
        layers.refuse(key::NUM_RESULTS, Invalid::new(problem.reason, problem.fix))
    })?;
    Ok(collection)
}
