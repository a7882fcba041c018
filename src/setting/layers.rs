//! Values as text, the highest layer on top.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};

use super::error::{InvalidSetting, SettingError};
use super::invalid::Invalid;
use super::origin::Origin;
use super::recognise::{REDACTED, recognise, shown as shown_text};
use super::row::{Secrecy, Setting, Shape};
use super::text;

/// Every value that somebody gave to a setting of a table. All are held as secrets, so that none
/// can be shown by mistake.
#[derive(Debug)]
pub struct Layers {
    settings: &'static [Setting],
    values: BTreeMap<&'static str, (SecretString, Origin)>,
}

/// One setting as it is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// Its key.
    pub key: &'static str,
    /// Its value for people: a secret is shown as `[redacted]`, an absent value as nothing.
    pub value: String,
    /// Which layer it comes from.
    pub origin: Origin,
}

impl Layers {
    /// The lowest layer: what `settings` say if nobody says anything.
    pub fn defaults(settings: &'static [Setting]) -> Self {
        let with_default = |setting: &Setting| {
            setting.default.map(|text| (setting.key, (text.into(), Origin::Default)))
        };
        Self { settings, values: settings.iter().filter_map(with_default).collect() }
    }

    /// Puts a value on top of what is there.
    pub fn set(&mut self, key: &'static str, text: SecretString, origin: Origin) {
        self.values.insert(key, (text, origin));
    }

    /// The value of `key` as its type, if there is one.
    pub fn optional<T>(
        &self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Result<Option<T>, SettingError> {
        let Some((text, origin)) = self.values.get(key) else { return Ok(None) };
        let text = text.expose_secret();
        let parsed = self.cleaned(key, text).and_then(|text| parse(&text));
        parsed.map(Some).map_err(|why| self.invalid(key, text, origin, why))
    }

    /// The text of `key`, if there is one.
    pub fn text(&self, key: &'static str) -> Result<Option<String>, SettingError> {
        self.optional(key, |text| Ok(text.to_owned()))
    }

    /// The value of `key` as its type.
    pub fn required<T>(
        &self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Result<T, SettingError> {
        self.optional(key, parse)?.ok_or(SettingError::Missing { key })
    }

    /// `key` was understood, but does not go together with the rest.
    pub fn refuse(&self, key: &'static str, why: Invalid) -> SettingError {
        match self.values.get(key) {
            Some((text, origin)) => self.invalid(key, text.expose_secret(), origin, why),
            None => SettingError::Missing { key },
        }
    }

    /// Whether somebody gave a value to `key`.
    pub fn is_given(&self, key: &str) -> bool {
        self.values.get(key).is_some_and(|(_, origin)| *origin != Origin::Default)
    }

    /// What is in force, for people.
    pub fn effective(&self) -> Vec<Effective> {
        let effective = |setting: &Setting| match self.values.get(setting.key) {
            Some((text, origin)) => Effective {
                key: setting.key,
                value: self.shown(setting.key, text.expose_secret()),
                origin: origin.clone(),
            },
            None => Effective { key: setting.key, value: String::new(), origin: Origin::Default },
        };
        self.settings.iter().map(effective).collect()
    }

    fn setting(&self, key: &str) -> Option<&'static Setting> {
        self.settings.iter().find(|setting| setting.key == key)
    }

    fn invalid(
        &self,
        key: &'static str,
        text: &str,
        origin: &Origin,
        why: Invalid,
    ) -> SettingError {
        let value = self.shown(key, text);
        Box::new(InvalidSetting::new(key, value, origin, why)).into()
    }

    /// The value that the text of `key` stands for, unless it is a secret in the wrong place.
    fn cleaned(&self, key: &str, text: &str) -> Result<String, Invalid> {
        let setting = self.setting(key);
        let value = text::clean(text, setting.map_or(Shape::One, |setting| setting.shape))?;
        let found = recognise(&value);
        match setting {
            Some(Setting { secrecy: Secrecy::Open, .. }) => match found {
                Some(secret) => Err(secret.refusal()),
                None => Ok(value),
            },
            Some(Setting { secrecy: Secrecy::Secret, .. }) | None => {
                text::all_visible(&value)?;
                let never = setting.map_or(&[][..], |setting| setting.never);
                match found.filter(|secret| never.contains(secret)) {
                    Some(secret) => Err(secret.mistaken()),
                    None => Ok(value),
                }
            }
        }
    }

    /// A value as people may see it.
    fn shown(&self, key: &str, text: &str) -> String {
        match self.setting(key).map(|setting| setting.secrecy) {
            Some(Secrecy::Open) => {
                let text = self.cleaned(key, text).unwrap_or_else(|_| text.to_owned());
                shown_text(&text)
            }
            Some(Secrecy::Secret) | None => REDACTED.to_owned(),
        }
    }
}
