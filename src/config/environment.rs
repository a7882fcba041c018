//! The environment: names, `…_FILE` for secrets, and what nobody reads.
//!
//! A variable with an empty value counts as absent, because that is what `${NAME:-}` in a compose
//! file makes of a variable that isn't there.

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::SecretString;

use super::file::unreadable;
use super::layers::Layers;
use super::setting::{SETTINGS, Secrecy};
use super::{ConfigError, Origin, ReadFile, suggest};

type Environment = BTreeMap<String, String>;

/// Names the configuration file.
pub(super) const CONFIG_FILE: &str = "MISTNET_CONFIG";

/// Names the file of keys.
pub(super) const KEYS_FILE: &str = "MISTNET_KEYS";

/// Variables of ours that are no settings: what is read before or beside the configuration.
const OTHERS: &[&str] = &[
    CONFIG_FILE,
    KEYS_FILE,
    crate::telemetry::LOG_VARIABLE,
    crate::telemetry::LOG_FORMAT_VARIABLE,
];

/// A variable's value, unless it is empty.
pub(super) fn text(environment: &Environment, name: &str) -> Option<String> {
    environment.get(name).filter(|text| !text.is_empty()).cloned()
}

/// Puts the environment's values on top of the layers.
pub(super) fn add(
    layers: &mut Layers,
    environment: &Environment,
    read: ReadFile<'_>,
) -> Result<(), ConfigError> {
    for setting in SETTINGS {
        for name in setting.variables.iter().copied() {
            let found = match setting.secrecy {
                Secrecy::Open => variable(environment, name),
                Secrecy::Secret => secret(environment, name, read)?,
            };
            if let Some((text, origin)) = found {
                layers.set(setting.key, text, origin);
                break;
            }
        }
    }
    Ok(())
}

fn variable(environment: &Environment, name: &'static str) -> Option<(SecretString, Origin)> {
    text(environment, name).map(|text| (text.into(), Origin::Variable { name }))
}

fn secret(
    environment: &Environment,
    name: &'static str,
    read: ReadFile<'_>,
) -> Result<Option<(SecretString, Origin)>, ConfigError> {
    let with_file = format!("{name}_FILE");
    let path = text(environment, &with_file).map(PathBuf::from);
    match (variable(environment, name), path) {
        (Some(_), Some(_)) => Err(ConfigError::GivenTwice { name }),
        (direct, None) => Ok(direct),
        (None, Some(path)) => {
            let text = read(&path).map_err(|source| unreadable("the secret", &path, source))?;
            // Files end in a newline that is no part of the secret.
            let text = text.trim_ascii().into();
            Ok(Some((text, Origin::SecretFile { name: with_file, path })))
        }
    }
}

/// Every variable that begins with `MISTNET_` and means something.
pub fn known_variables() -> Vec<String> {
    let of_settings = SETTINGS.iter().flat_map(|setting| {
        let files = match setting.secrecy {
            Secrecy::Open => &[],
            Secrecy::Secret => setting.variables,
        };
        let files = files.iter().map(|name| format!("{name}_FILE"));
        setting.variables.iter().map(|name| (*name).to_owned()).chain(files)
    });
    let mut names: Vec<_> = of_settings.chain(OTHERS.iter().map(|&n| n.to_owned())).collect();
    names.retain(|name| name.starts_with("MISTNET_"));
    names.sort();
    names
}

/// A warning for every `MISTNET_…` that nobody reads.
pub(super) fn unknown(environment: &Environment) -> Vec<String> {
    let known = known_variables();
    let unread = |name: &&String| name.starts_with("MISTNET_") && !known.contains(name);
    environment
        .keys()
        .filter(unread)
        .map(|name| {
            let hint = suggest::hint(name, known.iter().map(String::as_str));
            format!("the environment variable {name} is not known and has no effect; {hint}")
        })
        .collect()
}
