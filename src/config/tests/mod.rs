//! What the layers amount to.

#[cfg(any(feature = "azure", feature = "service-bus"))]
mod azure;
mod files;
mod http;
mod kinds;
mod refusals;
mod secrets;
mod settings;
mod surroundings;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::*;
use crate::model::spec::{Expand, Spec};

/// 24 and 25 bytes.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAA==";

/// A machine with an environment, files and a command line.
#[derive(Default)]
struct Machine {
    environment: BTreeMap<String, String>,
    files: BTreeMap<&'static str, Vec<u8>>,
    flags: Flags,
}

impl Machine {
    fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    fn file(self, path: &'static str, text: &str) -> Self {
        self.bytes(path, text.as_bytes())
    }

    fn bytes(mut self, path: &'static str, bytes: &[u8]) -> Self {
        self.files.insert(path, bytes.to_owned());
        self
    }

    fn flag(mut self, key: &'static str, flag: &'static str, value: &str) -> Self {
        self.flags.set(key, flag, value);
        self
    }

    fn config(mut self, path: &str) -> Self {
        self.flags.config = Some(path.into());
        self
    }

    fn keys(mut self, path: &str) -> Self {
        self.flags.keys = Some(path.into());
        self
    }

    fn load(self) -> Result<Config, ConfigError> {
        let files = self.files;
        let read = move |path: &Path| {
            let bytes = path.to_str().and_then(|path| files.get(path));
            bytes.cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
        };
        load(&Sources { environment: self.environment, flags: self.flags, read: &read })
    }

    /// Error and hint, as people see them.
    fn refused(self) -> String {
        let error = self.load().unwrap_err();
        format!("{error}\n{}", error.hint())
    }
}

fn origin(config: &Config, key: &str) -> String {
    config.effective().iter().find(|e| e.key == key).unwrap().origin.to_string()
}

#[test]
fn defaults_are_those_of_the_specification() {
    let config = Config::defaults().unwrap();
    assert_eq!(config.collection.limit.rows(), Some(Spec::DEFAULT_LIMIT));
    assert_eq!(config.collection.partition_size, Spec::DEFAULT_PARTITION_SIZE);
    assert_eq!(config.collection.expand, Expand::default());
    insta::assert_snapshot!(config);
}

#[test]
fn each_layer_overrides_the_one_below() {
    let key = key::STORE;
    let with_file = || Machine::default().file("mistnet.toml", "store = './from-file'");
    let with_variable = || with_file().variable("MISTNET_STORE", "./from-variable");
    let with_flag = || with_variable().flag(key, "--store", "./from-flag");
    for (machine, store, from) in [
        (Machine::default(), "./data", "default"),
        (with_file(), "./from-file", "mistnet.toml"),
        (with_variable(), "./from-variable", "MISTNET_STORE"),
        (with_flag(), "./from-flag", "--store"),
    ] {
        let config = machine.load().unwrap();
        assert_eq!((config.store.to_string(), origin(&config, key)), (store.into(), from.into()));
    }
}
