//! The environment: names, `…_FILE` for secrets, and what nobody reads.
//!
//! A variable with an empty value counts as absent, because that is what `${NAME:-}` in a compose
//! file makes of a variable that isn't there; one with nothing but blanks is refused. What is no
//! text never gets here: [`reads`] tells which names it must not be dropped for.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::error::ConfigError;
use super::file::{self, unreadable};
use super::sources::ReadFile;
use super::suggest;
use super::table::SETTINGS;
use crate::setting::recognise::{recognise, shown};
use crate::setting::{Invalid, Layers, Origin, Secrecy, Shape, text};
use crate::{proxy, telemetry};

type Environment = BTreeMap<String, String>;

/// Names the configuration file.
pub(super) const CONFIG_FILE: &str = "MISTNET_CONFIG";

/// Names the file of keys.
pub(super) const KEYS_FILE: &str = "MISTNET_KEYS";

/// Variables of ours that are no settings: what is read before or beside the configuration.
const OTHERS: &[&str] =
    &[CONFIG_FILE, KEYS_FILE, telemetry::LOG_VARIABLE, telemetry::LOG_FORMAT_VARIABLE];

/// Whether the variable `name` is ours, or one that we read.
pub fn reads(name: &str) -> bool {
    let settings = || SETTINGS.iter().flat_map(|setting| setting.variables);
    name.starts_with("MISTNET_")
        || name == telemetry::USUAL_LOG_VARIABLE
        || proxy::VARIABLES.contains(&name)
        || settings().any(|known| *known == name.strip_suffix("_FILE").unwrap_or(name))
}

/// The value of a variable that is no setting: without blanks around it, and nothing if it is
/// empty.
pub fn plain(environment: &Environment, name: &str) -> Result<Option<String>, ConfigError> {
    let Some(value) = given(environment, name) else { return Ok(None) };
    let refuse = |Invalid { reason, fix }| ConfigError::Variable { name: name.into(), reason, fix };
    let value = text::clean(value, Shape::One).map_err(refuse)?;
    match recognise(&value) {
        Some(secret) => Err(refuse(secret.refusal())),
        None => Ok(Some(value)),
    }
}

/// A variable's text, unless it is empty.
fn given<'a>(environment: &'a Environment, name: &str) -> Option<&'a String> {
    environment.get(name).filter(|text| !text.is_empty())
}

/// The file that a variable names.
pub(super) fn path(environment: &Environment, name: &str) -> Result<Option<PathBuf>, ConfigError> {
    plain(environment, name).map(|path| path.map(PathBuf::from))
}

/// Puts the environment's values on top of the layers.
pub(super) fn add(
    layers: &mut Layers,
    environment: &Environment,
    read: ReadFile<'_>,
) -> Result<(), ConfigError> {
    for setting in SETTINGS.iter() {
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
    given(environment, name).map(|text| (text.clone().into(), Origin::Variable { name }))
}

fn secret(
    environment: &Environment,
    name: &'static str,
    read: ReadFile<'_>,
) -> Result<Option<(SecretString, Origin)>, ConfigError> {
    let with_file = format!("{name}_FILE");
    let path = path(environment, &with_file)?;
    match (variable(environment, name), path) {
        (Some(_), Some(_)) => Err(ConfigError::GivenTwice { name }),
        (direct, None) => Ok(direct),
        (None, Some(path)) => {
            let text =
                file::text(&path, read).map_err(|source| unread(&with_file, &path, source))?;
            if text.trim().is_empty() {
                let reason = "the file that it names is empty".to_owned();
                let fix = "put the secret into the file, or unset the variable".to_owned();
                return Err(ConfigError::Variable { name: with_file, reason, fix });
            }
            // A newline at its end is taken off with all other blanks.
            Ok(Some((text.into(), Origin::SecretFile { name: with_file, path })))
        }
    }
}

/// The name of a file that can't be read is shown only if it looks like one: it may be the secret
/// itself, which has come into the wrong variable.
fn unread(variable: &str, path: &Path, source: io::Error) -> ConfigError {
    if path.to_string_lossy().contains(['/', '\\', '.']) {
        return unreadable("the secret", path, source);
    }
    let reason = format!("the file that it names can't be read: {source}");
    let fix = format!(
        "give the path of a file with the secret in it; the secret itself belongs into {}",
        variable.trim_end_matches("_FILE")
    );
    ConfigError::Variable { name: variable.to_owned(), reason, fix }
}

/// A warning for every proxy that can't be used.
pub(super) fn unusable_proxies(environment: &Environment) -> Vec<String> {
    let named = proxy::VARIABLES.iter().filter_map(|name| Some((name, given(environment, name)?)));
    named
        .filter(|(_, value)| !proxy::is_usable(value))
        .map(|(name, _)| {
            format!(
                "{name} names no proxy that mistnet can use, and has no effect or a wrong one; \
                 write it as http://HOST:PORT, without quotation marks (SOCKS is not supported)"
            )
        })
        .collect()
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
            let name = shown(name);
            format!("the environment variable {name} is not known and has no effect; {hint}")
        })
        .collect()
}
