//! Why there is no configuration, and what to do about it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::values::MIN_API_KEY_CHARACTERS;
use crate::setting::SettingError;

/// Why there is no configuration. No variant shows a secret.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file that was named can't be read.
    #[error("can't read {what} {path}", path = path.display())]
    Unreadable {
        /// What the file is.
        what: &'static str,
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file is neither TOML nor JSON, or a value in it can't be a setting.
    #[error("{path}, line {line}: {reason}", path = path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What the parser says; without a quotation, in which a secret may stand.
        reason: String,
    },
    /// A file has a key that nobody reads.
    #[error("unknown key `{key}` in {path}", path = path.display())]
    UnknownKey {
        /// Which file.
        path: PathBuf,
        /// Its path in the file.
        key: String,
        /// The known ones.
        hint: String,
    },
    /// A value in a file has the wrong kind.
    #[error("`{key}` in {path} {reason}", path = path.display())]
    WrongKind {
        /// Which file.
        path: PathBuf,
        /// Its path in the file.
        key: String,
        /// For example `takes one value, not a list`.
        reason: &'static str,
    },
    /// A setting has no value.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// A variable that we read is no text.
    #[error("the environment variable {name} is no text in UTF-8")]
    NoText {
        /// Its name, with signs that stand for what is no text.
        name: String,
    },
    /// A variable that is no setting, or names a file, is refused; its value is not shown.
    #[error("{name}: {reason}")]
    Variable {
        /// Its name.
        name: String,
        /// Why.
        reason: String,
        /// What would be right.
        fix: String,
    },
    /// A secret is given as a value and as a file.
    #[error("{name} and {name}_FILE are both set")]
    GivenTwice {
        /// The variable.
        name: &'static str,
    },
    /// The HTTP service would be open to everyone.
    #[error("refusing to listen on {listen} without an API key")]
    Exposed {
        /// The address.
        listen: SocketAddr,
    },
}

impl ConfigError {
    /// The next step, for a person.
    pub fn hint(&self) -> String {
        match self {
            Self::Unreadable { source, .. } => match source.kind() {
                io::ErrorKind::InvalidData => {
                    "save it as text in UTF-8, without anything else in it".to_owned()
                }
                io::ErrorKind::IsADirectory => "name a file in this folder".to_owned(),
                _ => "check its name and its permissions".to_owned(),
            },
            Self::NoText { .. } => {
                "write name and value in UTF-8, or unset the variable".to_owned()
            }
            Self::Variable { fix, .. } => fix.clone(),
            Self::Malformed { .. } => "write it as TOML, or as JSON with braces around it; \
                a file that holds nothing but a token is named by X_BEARER_TOKEN_FILE"
                .to_owned(),
            Self::UnknownKey { hint, .. } => hint.clone(),
            Self::WrongKind { .. } => "see docs/configuration.md".to_owned(),
            Self::Setting(error) => error.hint(),
            Self::GivenTwice { name } => format!("unset {name} or {name}_FILE"),
            Self::Exposed { .. } => format!(
                "set MISTNET_API_KEY (at least {MIN_API_KEY_CHARACTERS} characters, for example \
                 from `openssl rand -hex 32`), or listen on 127.0.0.1"
            ),
        }
    }

    /// Whether the command line is to blame, rather than a file or the environment.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Setting(error) if error.is_usage())
    }
}
