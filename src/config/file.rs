//! Configuration files: `mistnet.toml`, and the predecessor's `config.json` and `keys.json`.
//!
//! | file | form | keys |
//! |---|---|---|
//! | configuration | TOML | every key of the table of settings |
//! | configuration | JSON | `num_results`, `partition_size`, `start_date`, `end_date` |
//! | keys | TOML or JSON | `bearer_token`, `api_key` |
//!
//! A file is JSON if its name ends in `.json`, or if it ends in something else than `.toml` and
//! the text begins with a brace. Parsers' messages are passed on without the line they quote,
//! because a secret may stand there.

use std::io;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::error::ConfigError;
use super::sources::ReadFile;
use super::table::{SETTINGS, key, with_key};
use super::{bytes, suggest};
use crate::setting::recognise::{REDACTED, recognise, shown};
use crate::setting::{Layers, Origin, Shape};

/// The values of one file, by key.
pub(super) struct FileValues {
    path: PathBuf,
    values: Vec<(&'static str, SecretString)>,
}

impl FileValues {
    /// Puts the values on top of what is there; an empty one counts as absent.
    pub(super) fn add_to(&self, layers: &mut Layers) {
        for (key, text) in self.values.iter().filter(|(_, text)| !text.expose_secret().is_empty()) {
            layers.set(key, text.clone(), Origin::File { path: self.path.clone() });
        }
    }
}

/// Names in a file, and the settings that they are.
type Names = &'static [(&'static str, &'static str)];

/// The predecessor's `config.json`.
const CONFIG_JSON: Names = &[
    ("num_results", key::NUM_RESULTS),
    ("partition_size", key::PARTITION_SIZE),
    ("start_date", key::START_DATE),
    ("end_date", key::END_DATE),
];

/// The predecessor's `keys.json`, and our own secret.
const KEYS: Names = &[("bearer_token", key::BEARER_TOKEN), ("api_key", key::API_KEYS)];

/// Reads a configuration file that was named.
pub(super) fn read_config(path: &Path, read: ReadFile<'_>) -> Result<FileValues, ConfigError> {
    let text = text(path, read).map_err(|source| unreadable("the configuration", path, source))?;
    config_values(path, &text)
}

/// Reads a configuration file that need not exist.
pub(super) fn read_config_if_there(
    path: &Path,
    read: ReadFile<'_>,
) -> Result<Option<FileValues>, ConfigError> {
    match text(path, read) {
        Ok(text) => config_values(path, &text).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(unreadable("the configuration", path, source)),
    }
}

/// Reads a file of keys that was named.
pub(super) fn read_keys(path: &Path, read: ReadFile<'_>) -> Result<FileValues, ConfigError> {
    let text = text(path, read).map_err(|source| unreadable("the keys", path, source))?;
    let entries = match form(path, &text) {
        Form::Json => json_entries(path, &text)?,
        Form::Toml => toml_entries(path, &text)?,
    };
    resolve(path, entries, KEYS)
}

/// The text of a file.
pub(super) fn text(path: &Path, read: ReadFile<'_>) -> io::Result<String> {
    read(path).and_then(bytes::text)
}

/// A secret in the place of a file's name is not shown.
pub(super) fn unreadable(what: &'static str, path: &Path, source: io::Error) -> ConfigError {
    let is_secret = recognise(&path.to_string_lossy()).is_some();
    let path = if is_secret { REDACTED.into() } else { path.to_owned() };
    ConfigError::Unreadable { what, path, source }
}

fn config_values(path: &Path, text: &str) -> Result<FileValues, ConfigError> {
    match form(path, text) {
        Form::Json => resolve(path, json_entries(path, text)?, CONFIG_JSON),
        Form::Toml => {
            let own: Vec<_> = SETTINGS.iter().map(|setting| (setting.key, setting.key)).collect();
            resolve(path, toml_entries(path, text)?, &own)
        }
    }
}

enum Form {
    Toml,
    Json,
}

fn form(path: &Path, text: &str) -> Form {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => Form::Json,
        Some("toml") => Form::Toml,
        Some(_) | None if text.trim_start().starts_with('{') => Form::Json,
        Some(_) | None => Form::Toml,
    }
}

/// A leaf of a file: its path with dots, and what is there.
struct Entry {
    name: String,
    value: Leaf,
}

enum Leaf {
    One(String),
    Many(Vec<String>),
    /// A table without entries, or a list of tables: nothing that is a value.
    Nothing,
}

fn resolve(
    path: &Path,
    entries: Vec<Entry>,
    names: &[(&'static str, &'static str)],
) -> Result<FileValues, ConfigError> {
    let mut values = Vec::new();
    for Entry { name, value } in entries {
        let Some(key) = names.iter().find(|(known, _)| *known == name).map(|(_, key)| *key) else {
            let hint = suggest::hint(&name, names.iter().map(|(known, _)| *known));
            let key = shown(&name);
            return Err(ConfigError::UnknownKey { path: path.to_owned(), key, hint });
        };
        let wrong = |reason| ConfigError::WrongKind { path: path.to_owned(), key: name, reason };
        let shape = with_key(key).map(|setting| setting.shape);
        values.push((key, text_of(value, shape).map_err(wrong)?.into()));
    }
    Ok(FileValues { path: path.to_owned(), values })
}

fn text_of(value: Leaf, shape: Option<Shape>) -> Result<String, &'static str> {
    match (value, shape) {
        (Leaf::One(text), _) => Ok(text),
        (Leaf::Many(texts), Some(Shape::List)) => Ok(texts.join(",")),
        (Leaf::Many(_), _) => Err("takes one value, not a list"),
        (Leaf::Nothing, _) => Err("takes a value, not a table"),
    }
}

fn toml_entries(path: &Path, text: &str) -> Result<Vec<Entry>, ConfigError> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let start = error.span().map_or(0, |span| span.start);
        let line = 1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count();
        ConfigError::Malformed { path: path.to_owned(), line, reason: shown(error.message()) }
    })?;
    let mut entries = Vec::new();
    flatten_toml("", table, &mut entries);
    Ok(entries)
}

fn flatten_toml(prefix: &str, table: toml::Table, entries: &mut Vec<Entry>) {
    for (name, value) in table {
        let name = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::Table(inner) if !inner.is_empty() => flatten_toml(&name, inner, entries),
            toml::Value::Table(_) if is_section(&name) => {}
            toml::Value::Array(members) => {
                let members: Option<_> = members.iter().map(toml_scalar).collect();
                entries.push(Entry { name, value: members.map_or(Leaf::Nothing, Leaf::Many) });
            }
            value => {
                let value = toml_scalar(&value).map_or(Leaf::Nothing, Leaf::One);
                entries.push(Entry { name, value });
            }
        }
    }
}

fn is_section(name: &str) -> bool {
    SETTINGS.iter().any(|setting| setting.key.split_once('.').is_some_and(|(s, _)| s == name))
}

fn toml_scalar(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Boolean(truth) => Some(truth.to_string()),
        toml::Value::Datetime(time) => Some(time.to_string()),
        toml::Value::Array(_) | toml::Value::Table(_) => None,
    }
}

fn json_entries(path: &Path, text: &str) -> Result<Vec<Entry>, ConfigError> {
    let parsed: serde_json::Result<serde_json::Map<_, _>> = serde_json::from_str(text);
    let map = parsed.map_err(|error| {
        let reason = if error.is_data() {
            "the file is not a JSON object".to_owned()
        } else {
            format!("not JSON ({})", error.to_string().split(" at line").next().unwrap_or_default())
        };
        ConfigError::Malformed { path: path.to_owned(), line: error.line(), reason }
    })?;
    Ok(map.into_iter().map(|(name, value)| Entry { name, value: json_leaf(&value) }).collect())
}

fn json_leaf(value: &serde_json::Value) -> Leaf {
    match value {
        // The predecessor's files say "no date" with null.
        serde_json::Value::Null => Leaf::One(String::new()),
        serde_json::Value::Array(members) => {
            members.iter().map(json_scalar).collect::<Option<_>>().map_or(Leaf::Nothing, Leaf::Many)
        }
        value => json_scalar(value).map_or(Leaf::Nothing, Leaf::One),
    }
}

fn json_scalar(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(truth) => Some(truth.to_string()),
        serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_) => {
            None
        }
    }
}
