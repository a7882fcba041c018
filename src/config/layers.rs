//! Values as text, the highest layer on top.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

use super::error::InvalidSetting;
use super::file::FileValues;
use super::recognise::{REDACTED, Recognised, recognise};
use super::setting::{SETTINGS, Secrecy, Setting, Shape, key};
use super::values::Invalid;
use super::{ConfigError, Effective, recognise::shown as shown_text, text};

/// Which layer a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// A file.
    File {
        /// Which.
        path: PathBuf,
    },
    /// An environment variable.
    Variable {
        /// Which.
        name: &'static str,
    },
    /// A file that an environment variable names.
    SecretFile {
        /// The variable, with `_FILE`.
        name: String,
        /// The file.
        path: PathBuf,
    },
    /// The command line.
    Flag {
        /// With its dashes.
        name: &'static str,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path } => path.display().fmt(f),
            Self::SecretFile { name, path } => write!(f, "{}, named by {name}", path.display()),
            Self::Variable { name } | Self::Flag { name } => f.write_str(name),
        }
    }
}

/// Every value that somebody gave. All are held as secrets, so that none can be shown by mistake.
#[derive(Debug)]
pub(super) struct Layers {
    values: BTreeMap<&'static str, (SecretString, Origin)>,
}

impl Layers {
    /// The lowest layer.
    pub(super) fn defaults() -> Self {
        let with_default = |setting: &Setting| {
            setting.default.map(|text| (setting.key, (text.into(), Origin::Default)))
        };
        Self { values: SETTINGS.iter().filter_map(with_default).collect() }
    }

    /// Puts a value on top of what is there.
    pub(super) fn set(&mut self, key: &'static str, text: SecretString, origin: Origin) {
        self.values.insert(key, (text, origin));
    }

    /// Puts the values of a file on top of what is there; an empty one counts as absent.
    pub(super) fn add_file(&mut self, file: &FileValues) {
        for (key, text) in file.values.iter().filter(|(_, text)| !text.expose_secret().is_empty()) {
            self.set(key, text.clone(), Origin::File { path: file.path.clone() });
        }
    }

    /// The value of `key` as its type, if there is one.
    pub(super) fn optional<T>(
        &self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Result<Option<T>, ConfigError> {
        let Some((text, origin)) = self.values.get(key) else { return Ok(None) };
        let text = text.expose_secret();
        let parsed = cleaned(key, text).and_then(|text| parse(&text));
        parsed.map(Some).map_err(|why| invalid(key, text, origin, why))
    }

    /// The value of `key` as its type.
    pub(super) fn required<T>(
        &self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Result<T, ConfigError> {
        self.optional(key, parse)?.ok_or(ConfigError::Missing { key })
    }

    /// `key` was understood, but does not go together with the rest.
    pub(super) fn refuse(&self, key: &'static str, why: Invalid) -> ConfigError {
        match self.values.get(key) {
            Some((text, origin)) => invalid(key, text.expose_secret(), origin, why),
            None => ConfigError::Missing { key },
        }
    }

    /// Whether somebody gave a value to `key`.
    pub(super) fn is_given(&self, key: &str) -> bool {
        self.values.get(key).is_some_and(|(_, origin)| *origin != Origin::Default)
    }

    /// What is in force, for people.
    pub(super) fn effective(&self) -> Vec<Effective> {
        let effective = |setting: &Setting| match self.values.get(setting.key) {
            Some((text, origin)) => Effective {
                key: setting.key,
                value: shown(setting.key, text.expose_secret()),
                origin: origin.clone(),
            },
            None => Effective { key: setting.key, value: String::new(), origin: Origin::Default },
        };
        SETTINGS.iter().map(effective).collect()
    }
}

fn invalid(key: &'static str, text: &str, origin: &Origin, why: Invalid) -> ConfigError {
    let value = shown(key, text);
    let Invalid { reason, fix } = why;
    Box::new(InvalidSetting { key, value, origin: origin.clone(), reason, fix }).into()
}

/// The value that the text of `key` stands for, unless it is a secret in the wrong place.
fn cleaned(key: &str, text: &str) -> Result<String, Invalid> {
    let setting = Setting::with_key(key);
    let shape = setting.map_or(Shape::One, |setting| setting.shape);
    let value = text::clean(text, shape)?;
    let found = recognise(&value);
    match setting.map(|setting| setting.secrecy) {
        Some(Secrecy::Open) => match found {
            Some(secret) => Err(secret.refusal()),
            None => Ok(value),
        },
        Some(Secrecy::Secret) | None => {
            text::all_visible(&value)?;
            match found.filter(|secret| is_mistaken(key, *secret)) {
                Some(secret) => Err(secret.mistaken()),
                None => Ok(value),
            }
        }
    }
}

/// Whether this kind of secret is certainly not the one that `key` asks for. A webhook's address
/// may well hold a signature, and nobody knows what an application's secret looks like.
fn is_mistaken(key: &str, secret: Recognised) -> bool {
    use Recognised::{
        BusConnection, Password, Signature, SignedConnection, StorageConnection, WebhookKey,
    };
    match secret {
        StorageConnection => key != key::AZURE_CONNECTION_STRING,
        BusConnection => key != key::SERVICE_BUS_CONNECTION_STRING,
        SignedConnection => {
            ![key::AZURE_CONNECTION_STRING, key::SERVICE_BUS_CONNECTION_STRING].contains(&key)
        }
        Signature | WebhookKey => [key::BEARER_TOKEN, key::API_KEYS].contains(&key),
        // An API key is whatever its owner made up, and may well have an `@` in it.
        Password => key == key::BEARER_TOKEN,
        Recognised::Token | Recognised::ClientSecret | Recognised::Key => false,
    }
}

/// A value as people may see it.
fn shown(key: &str, text: &str) -> String {
    match Setting::with_key(key).map(|setting| setting.secrecy) {
        Some(Secrecy::Open) => {
            let text = cleaned(key, text).unwrap_or_else(|_| text.to_owned());
            shown_text(&text)
        }
        Some(Secrecy::Secret) | None => REDACTED.to_owned(),
    }
}
