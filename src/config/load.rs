//! From the sources, layer upon layer, to a configuration.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::sources::{Flags, Given, Sources};
use super::table::SETTINGS;
use super::types::Config;
use super::{build, environment, file};
use crate::setting::{Layers, Origin};

/// The configuration file that is read if it is there and no other is named.
pub const DEFAULT_FILE: &str = "mistnet.toml";

impl Config {
    /// The effective configuration of no file, no variable and no flag.
    pub fn defaults() -> Result<Self, ConfigError> {
        load(&Sources {
            environment: BTreeMap::new(),
            flags: Flags::default(),
            read: &|_| Err(io::ErrorKind::NotFound.into()),
        })
    }
}

/// The configuration that `sources` amount to.
pub fn load(sources: &Sources<'_>) -> Result<Config, ConfigError> {
    let Sources { environment, flags, read } = sources;
    let mut layers = Layers::defaults(&SETTINGS);
    let named = |flag: &Option<PathBuf>, variable: &str| match flag {
        Some(path) => Ok(Some(path.clone())),
        None => environment::path(environment, variable),
    };
    match named(&flags.config, environment::CONFIG_FILE)? {
        Some(path) => file::read_config(&path, *read)?.add_to(&mut layers),
        None => {
            if let Some(found) = file::read_config_if_there(Path::new(DEFAULT_FILE), *read)? {
                found.add_to(&mut layers);
            }
        }
    }
    if let Some(path) = named(&flags.keys, environment::KEYS_FILE)? {
        file::read_keys(&path, *read)?.add_to(&mut layers);
    }
    environment::add(&mut layers, environment, *read)?;
    for Given { key, flag, value } in &flags.given {
        layers.set(key, value.clone().into(), Origin::Flag { name: flag });
    }
    let mut warnings = environment::unknown(environment);
    warnings.extend(environment::unusable_proxies(environment));
    Ok(build::build(&layers, warnings)?)
}
