//! Why a setting has no value, and what to do about it.

use super::invalid::Invalid;
use super::origin::Origin;

/// Why a setting has no value. No variant shows a secret.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    /// The value is refused.
    #[error(transparent)]
    Invalid(#[from] Box<InvalidSetting>),
    /// A setting that has no default is absent.
    #[error("{key} is not set")]
    Missing {
        /// Which.
        key: &'static str,
    },
}

/// A setting whose value is refused.
#[derive(Debug, thiserror::Error)]
#[error("{key} = {value:?} (from {origin}): {reason}")]
pub struct InvalidSetting {
    /// The setting.
    pub key: &'static str,
    /// The value, redacted if it is a secret.
    pub value: String,
    /// Which layer it comes from.
    pub origin: Origin,
    /// Why.
    pub reason: String,
    /// What would be right.
    pub fix: String,
}

impl InvalidSetting {
    /// `key` is `value` by `origin`, and refused for the reason that `why` says.
    pub(super) fn new(key: &'static str, value: String, origin: &Origin, why: Invalid) -> Self {
        let Invalid { reason, fix } = why;
        Self { key, value, origin: origin.clone(), reason, fix }
    }
}

impl SettingError {
    /// The next step, for a person.
    pub fn hint(&self) -> String {
        match self {
            Self::Invalid(invalid) => invalid.fix.clone(),
            Self::Missing { .. } => "see docs/configuration.md".to_owned(),
        }
    }

    /// Whether the command line is to blame, rather than a file or the environment.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Invalid(invalid) if matches!(invalid.origin, Origin::Flag { .. }))
    }
}
