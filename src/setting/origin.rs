//! Where a value comes from.

use std::fmt;
use std::path::PathBuf;

/// Which layer a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// A file.
    File {
        /// Which.
        path: PathBuf,
    },
    /// An environment variable.
    Variable {
        /// Which.
        name: &'static str,
    },
    /// A file that an environment variable names.
    SecretFile {
        /// The variable, with `_FILE`.
        name: String,
        /// The file.
        path: PathBuf,
    },
    /// The command line.
    Flag {
        /// With its dashes.
        name: &'static str,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path } => path.display().fmt(f),
            Self::SecretFile { name, path } => write!(f, "{}, named by {name}", path.display()),
            Self::Variable { name } | Self::Flag { name } => f.write_str(name),
        }
    }
}
