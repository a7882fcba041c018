//! Who is told when a dataset is complete.
//!
//! What does not go together is refused by the name of a setting; what has no effect is a warning.
//! Whether a webhook's address may be reached is decided where it is called, by the addresses that
//! its name has then.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretSlice;
use url::Url;

use super::table::key;
use super::values;
use crate::queue::{self, QueueConfig, Sharing};
use crate::setting::{Invalid, Layers, SettingError};

/// The most characters of a queue's name: what Azure Service Bus allows (learn.microsoft.com,
/// "Naming rules and restrictions for Azure resources", Microsoft.ServiceBus, read 2026-11).
const MOST_NAME_CHARACTERS: usize = 260;

/// How many bytes a webhook's key may have (Standard Webhooks 1.0.0, "Signature scheme": 192 to
/// 512 bits; read 2026-11-23).
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Who is told when a dataset is complete. Nobody, unless something is set.
#[derive(Debug, Clone)]
pub struct NoticeConfig {
    /// The name of the queue that gets a message, where mistnet's own queues are.
    pub queue: Option<String>,
    /// What that message is.
    pub format: NoticeFormat,
    /// The webhook that is called.
    pub webhook: Option<WebhookConfig>,
}

/// What a message on the queue for notices is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeFormat {
    /// A CloudEvent, version 1.0.
    CloudEvents,
    /// The predecessor's three fields.
    Original,
}

/// A webhook.
#[derive(Debug, Clone)]
pub struct WebhookConfig {
    /// Where it is.
    pub url: WebhookUrl,
    /// The key that signs.
    pub secret: SecretSlice<u8>,
    /// Whether it may be on a private network.
    pub private: bool,
}

/// The address of a webhook, which may hold a key: only its host is ever shown.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(Url);

impl WebhookUrl {
    /// The whole address, for whoever calls it.
    pub fn expose(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/…", self.0.scheme(), self.0.host_str().unwrap_or_default())
    }
}

pub(super) fn build(
    layers: &Layers,
    queues: &dyn QueueConfig,
    warnings: &mut Vec<String>,
) -> Result<NoticeConfig, SettingError> {
    let queue = layers.optional(key::NOTIFY_QUEUE, queue_name)?;
    if let Some(name) = &queue {
        check_queue(name, queues).map_err(|why| layers.refuse(key::NOTIFY_QUEUE, why))?;
    }
    let format = layers.required(key::NOTICE_FORMAT, format)?;
    if queue.is_none() && layers.is_given(key::NOTICE_FORMAT) {
        warnings.push(without_effect(key::NOTICE_FORMAT, key::NOTIFY_QUEUE));
    }
    Ok(NoticeConfig { queue, format, webhook: webhook(layers, warnings)? })
}

/// Others read what is in this queue, and nothing else.
fn check_queue(name: &str, queues: &dyn QueueConfig) -> Result<(), Invalid> {
    if queues.sharing() == Sharing::OneProcess {
        let usual = queue::SETTING.default.unwrap_or_default();
        let fix = format!("set {} to {usual}, or leave {} out", key::QUEUE, key::NOTIFY_QUEUE);
        return Err(Invalid::new(
            "nobody else can read a queue in the memory of this process",
            fix,
        ));
    }
    let Some(taken_by) = queues.taken_by(name) else { return Ok(()) };
    let reason = format!("{taken_by} is the same queue, and mistnet's own work goes through it");
    let fix = format!("name another queue in {}, or in {taken_by}", key::NOTIFY_QUEUE);
    Err(Invalid::new(reason, fix))
}

fn without_effect(setting: &str, missing: &str) -> String {
    format!("{setting} has no effect, because {missing} is not set")
}

fn queue_name(text: &str) -> Result<String, Invalid> {
    if [queue::COLLECT, queue::STORE].contains(&text) {
        let reason = "mistnet's own work goes through the queue of this name";
        return Err(Invalid::new(reason, "choose another name, for example notices"));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    if text.is_empty() || text.len() > MOST_NAME_CHARACTERS || !text.chars().all(plain) {
        let fix = format!(
            "use letters, digits, dashes, underscores, dots and slashes, at most \
             {MOST_NAME_CHARACTERS}"
        );
        return Err(Invalid::new("not the name of a queue", fix));
    }
    Ok(text.to_owned())
}

fn format(text: &str) -> Result<NoticeFormat, Invalid> {
    let choices =
        [("cloudevents", NoticeFormat::CloudEvents), ("original", NoticeFormat::Original)];
    values::choice(text, &choices)
}

fn webhook(
    layers: &Layers,
    warnings: &mut Vec<String>,
) -> Result<Option<WebhookConfig>, SettingError> {
    let private = layers.required(key::WEBHOOK_PRIVATE, values::switch)?;
    let url = layers.optional(key::WEBHOOK_URL, |text| webhook_url(text, private))?;
    let secret = layers.optional(key::WEBHOOK_SECRET, webhook_secret)?;
    match (url, secret) {
        (Some(url), Some(secret)) => Ok(Some(WebhookConfig { url, secret, private })),
        (Some(_), None) => {
            let reason = format!("its calls are signed, and {} is not set", key::WEBHOOK_SECRET);
            Err(layers.refuse(key::WEBHOOK_URL, Invalid::new(reason, SECRET_FIX)))
        }
        (None, _) => {
            let given = [key::WEBHOOK_SECRET, key::WEBHOOK_PRIVATE];
            let given = given.into_iter().filter(|key| layers.is_given(key));
            warnings.extend(given.map(|key| without_effect(key, key::WEBHOOK_URL)));
            Ok(None)
        }
    }
}

fn webhook_url(text: &str, private: bool) -> Result<WebhookUrl, Invalid> {
    const FIX: &str = "write https://HOST/PATH; http:// only with webhook.private = true";
    let refuse = |reason: &str| Err(Invalid::new(reason, FIX));
    let Ok(url) = Url::parse(text) else { return refuse("not an address") };
    if !(url.scheme() == "https" || (private && url.scheme() == "http")) || !url.has_host() {
        return refuse("not an https:// address");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("an address with a user or password in it");
    }
    Ok(WebhookUrl(url))
}

const SECRET_FIX: &str =
    "set MISTNET_WEBHOOK_SECRET, for example to \"whsec_$(openssl rand -base64 32)\"";

fn webhook_secret(text: &str) -> Result<SecretSlice<u8>, Invalid> {
    let Some(encoded) = text.strip_prefix("whsec_") else {
        return Err(Invalid::new("it does not begin with whsec_", SECRET_FIX));
    };
    let Ok(key) = STANDARD.decode(encoded) else {
        return Err(Invalid::new("what follows whsec_ is not base64", SECRET_FIX));
    };
    if KEY_BYTES.contains(&key.len()) {
        Ok(key.into())
    } else {
        Err(Invalid::new(format!("the key has {} bytes, not 24 to 64", key.len()), SECRET_FIX))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn our_own_queues_and_odd_names_are_no_queues_for_notices() {
        assert_eq!(queue_name("team-a/notices_2.x").unwrap(), "team-a/notices_2.x");
        for wrong in ["collect", "store", "", "a b", "ä", "a\n", &"n".repeat(261)] {
            assert!(queue_name(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_secret_is_24_to_64_bytes_in_base64() {
        let secret = |bytes: usize| format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
        for right in [24, 32, 64] {
            let key = webhook_secret(&secret(right)).unwrap();
            assert_eq!(key.expose_secret().len(), right);
        }
        for wrong in [&secret(23), &secret(65), "whsec_", "whsec_%", &secret(32)[6..]] {
            assert!(webhook_secret(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_the_host_of_an_address_is_shown() {
        let url = webhook_url("https://hook.example:1/canary?code=canary", false).unwrap();
        assert_eq!(format!("{url:?}"), "https://hook.example/…");
    }

    #[test]
    fn plain_http_is_for_private_networks() {
        assert!(webhook_url("http://10.0.0.1/", false).is_err());
        assert!(webhook_url("http://10.0.0.1/", true).is_ok());
        for wrong in ["hook", "ftp://x", "https://u:p@x", "https://u@x"] {
            assert!(webhook_url(wrong, true).is_err(), "{wrong}");
        }
    }
}
