//! Where a configuration comes from.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// A way to read a small file; that of a process is [`read_file`](super::read_file).
pub type ReadFile<'a> = &'a dyn Fn(&Path) -> io::Result<Vec<u8>>;

/// Where a configuration comes from. Not `Debug`: the environment holds secrets.
pub struct Sources<'a> {
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// What the command line says.
    pub flags: Flags,
    /// How files are read.
    pub read: ReadFile<'a>,
}

/// What the command line says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    pub(super) config: Option<PathBuf>,
    pub(super) keys: Option<PathBuf>,
    pub(super) given: Vec<Given>,
}

/// A setting that the command line gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) key: &'static str,
    pub(super) flag: &'static str,
    pub(super) value: String,
}

impl Flags {
    /// The files that `--config` and `--keys` name.
    pub fn of_files(config: Option<PathBuf>, keys: Option<PathBuf>) -> Self {
        Self { config, keys, given: Vec::new() }
    }

    /// `flag` gives the setting `key` this value.
    pub fn set(&mut self, key: &'static str, flag: &'static str, value: impl Into<String>) {
        self.given.push(Given { key, flag, value: value.into() });
    }
}
