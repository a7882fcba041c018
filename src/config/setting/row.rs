//! How a row of the table of settings is written down.

use super::{Secrecy, Setting, Shape};

/// A row with one open value; the others are made from it.
pub(in crate::config) const fn row(
    key: &'static str,
    variables: &'static [&'static str],
    default: &'static str,
    meaning: &'static str,
) -> Setting {
    let default = Some(default);
    let (secrecy, shape) = (Secrecy::Open, Shape::One);
    Setting { key, variables, flag: None, default, secrecy, shape, meaning }
}

impl Setting {
    /// With this flag.
    pub(in crate::config) const fn flag(self, flag: &'static str) -> Self {
        Self { flag: Some(flag), ..self }
    }

    /// Without a default.
    pub(in crate::config) const fn absent(self) -> Self {
        Self { default: None, ..self }
    }

    /// With several values.
    pub(in crate::config) const fn list(self) -> Self {
        Self { shape: Shape::List, ..self }
    }

    /// With a value that nobody may see, and no default.
    pub(in crate::config) const fn secret(self) -> Self {
        Self { secrecy: Secrecy::Secret, default: None, ..self }
    }
}
