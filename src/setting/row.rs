//! One row of the table of settings.

use super::recognise::Recognised;

/// One thing that can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Its path in `mistnet.toml`.
    pub key: &'static str,
    /// Its environment variables; the first that is set counts.
    pub variables: &'static [&'static str],
    /// Its flag, if it has one.
    pub flag: Option<&'static str>,
    /// Its value if nobody says anything.
    pub default: Option<&'static str>,
    /// Whether it may be shown.
    pub secrecy: Secrecy,
    /// How many values it takes.
    pub shape: Shape,
    /// Forms of secrets that a secret setting certainly does not take, so that one is a mistake.
    pub never: &'static [Recognised],
    /// What it means, for a person.
    pub meaning: &'static str,
}

/// Whether a value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// To everyone.
    Open,
    /// To nobody. May also be given as a file, by the variable with `_FILE` added.
    Secret,
}

/// How many values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One.
    One,
    /// Several: an array in a file, separated by commas elsewhere.
    List,
}

/// A row with one open value; the others are made from it.
pub const fn row(
    key: &'static str,
    variables: &'static [&'static str],
    default: &'static str,
    meaning: &'static str,
) -> Setting {
    let default = Some(default);
    let (secrecy, shape, never) = (Secrecy::Open, Shape::One, Recognised::CONNECTIONS);
    Setting { key, variables, flag: None, default, secrecy, shape, never, meaning }
}

impl Setting {
    /// The same with a flag.
    #[must_use]
    pub const fn flag(self, flag: &'static str) -> Self {
        Self { flag: Some(flag), ..self }
    }

    /// The same without a default.
    #[must_use]
    pub const fn absent(self) -> Self {
        Self { default: None, ..self }
    }

    /// The same with several values.
    #[must_use]
    pub const fn list(self) -> Self {
        Self { shape: Shape::List, ..self }
    }

    /// The same, which nobody is shown.
    #[must_use]
    pub const fn secret(self) -> Self {
        Self { secrecy: Secrecy::Secret, default: None, ..self }
    }

    /// The same, which certainly takes no secrets of these forms. Of a row that does not say it,
    /// connection strings are none.
    #[must_use]
    pub const fn never(self, never: &'static [Recognised]) -> Self {
        Self { never, ..self }
    }
}
