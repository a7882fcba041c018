//! The environment of the process: what of it is text, and what is not.

use std::collections::BTreeMap;
use std::ffi::OsString;

use crate::config::{self, ConfigError};
use crate::telemetry;

/// The environment: what of it is text, and the names of ours that are not.
#[derive(Default)]
pub struct Environment {
    /// Names and values.
    pub text: BTreeMap<String, String>,
    /// Variables that would be read if name and value were text in UTF-8.
    pub no_text: Vec<String>,
}

impl Environment {
    pub(super) fn of(variables: impl Iterator<Item = (OsString, OsString)>) -> Self {
        let mut environment = Self::default();
        for (name, value) in variables {
            let shown = name.to_string_lossy().into_owned();
            match (name.into_string(), value.into_string()) {
                (Ok(name), Ok(value)) => drop(environment.text.insert(name, value)),
                (_, _) if config::reads(&shown) => environment.no_text.push(shown),
                (_, _) => {}
            }
        }
        environment.no_text.sort();
        environment
    }

    /// The variables of logs, which are read before any configuration, as they are meant.
    pub(super) fn logs(&self) -> Result<BTreeMap<String, String>, ConfigError> {
        let mut found = self.text.clone();
        for name in telemetry::VARIABLES {
            if self.no_text.iter().any(|other| other == name) {
                return Err(ConfigError::NoText { name: name.to_owned() });
            }
            match config::plain(&self.text, name)? {
                Some(value) => drop(found.insert(name.to_owned(), value)),
                None => drop(found.remove(name)),
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_variable_of_ours_that_is_no_text_is_remembered() {
        use std::os::unix::ffi::OsStringExt as _;
        let text = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        let given = [
            (&b"MISTNET_STORE"[..], &b"./caf\xe9"[..]),
            (b"MISTNET_\xff", b"x"),
            (b"X_BEARER_TOKEN_FILE", b"\xff"),
            (b"AZURE_TENANT_ID", b"\xff"),
            (b"MISTNET_LOG", b"\xff"),
            (b"HTTPS_PROXY", b"\xff"),
            (b"OTHERS", b"\xff"),
            (b"MISTNET_QUEUE", b"memory:"),
        ];
        let given = given.map(|(name, value)| (text(name), text(value)));
        let environment = Environment::of(given.into_iter());
        let ours = [
            "AZURE_TENANT_ID",
            "HTTPS_PROXY",
            "MISTNET_LOG",
            "MISTNET_STORE",
            "MISTNET_\u{fffd}",
            "X_BEARER_TOKEN_FILE",
        ];
        assert_eq!(environment.no_text, ours);
        assert_eq!(environment.text.len(), 1);
        assert!(
            matches!(environment.logs(), Err(ConfigError::NoText { name }) if name == "MISTNET_LOG")
        );
    }

    #[test]
    fn what_is_logged_is_read_as_it_is_meant() {
        let of = |value: &str| {
            let variable = ("MISTNET_LOG_FORMAT".into(), value.into());
            Environment::of([variable].into_iter()).logs()
        };
        assert_eq!(of(" json\r").unwrap()["MISTNET_LOG_FORMAT"], "json");
        assert!(of("").unwrap().is_empty());
        for wrong in ["\"json\"", " ", "AccountKey=CANARY"] {
            let refused = of(wrong).unwrap_err().to_string();
            assert!(refused.contains("MISTNET_LOG_FORMAT") && !refused.contains("CANARY"));
        }
    }
}
