//! Where things are: the address of a store and of a queue.
//!
//! An address is checked for its form only; whether the place exists is found out when it is
//! opened. What later back ends will understand is refused by name, never taken for a path.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use url::Url;

use super::values::Invalid;

/// Where datasets and logs lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// A folder.
    Folder(PathBuf),
    /// The memory of one process, for tests.
    Memory,
}

/// Where work waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueueUrl {
    /// One `SQLite` file.
    Sqlite(PathBuf),
    /// The memory of one process.
    Memory,
}

const STORE_FORMS: &str = "use a folder: ./data, /srv/mistnet or file:///srv/mistnet";
const QUEUE_FORMS: &str = "use sqlite:PATH, for example sqlite:./mistnet-queue.db, or memory:";

impl FromStr for StoreUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(Invalid::new("a store has an address", STORE_FORMS));
        }
        if text == "memory:" {
            return Ok(Self::Memory);
        }
        match text.split_once("://") {
            None => Ok(Self::Folder(text.into())),
            Some(("file", _)) => folder_of(text).map(Self::Folder),
            Some((scheme, _)) => Err(Invalid::new(
                format!("a store at {scheme}:// is not supported by this build"),
                STORE_FORMS,
            )),
        }
    }
}

fn folder_of(text: &str) -> Result<PathBuf, Invalid> {
    let path = Url::parse(text).ok().and_then(|url| url.to_file_path().ok());
    path.ok_or_else(|| {
        Invalid::new(
            "a file:// address names this machine and an absolute path",
            "use three slashes: file:///srv/mistnet",
        )
    })
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Memory => f.write_str("memory:"),
        }
    }
}

impl FromStr for QueueUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text == "memory:" {
            return Ok(Self::Memory);
        }
        match text.split_once(':') {
            // Other programs write sqlite:///absolute and sqlite://relative.
            Some(("sqlite", rest)) => match rest.strip_prefix("//").unwrap_or(rest) {
                "" => Err(Invalid::new("a queue in SQLite has a file", QUEUE_FORMS)),
                path => Ok(Self::Sqlite(path.into())),
            },
            Some((scheme, _)) if is_scheme(scheme) => Err(Invalid::new(
                format!("a queue at {scheme}: is not supported by this build"),
                QUEUE_FORMS,
            )),
            Some(_) | None => Err(Invalid::new("this is not the address of a queue", QUEUE_FORMS)),
        }
    }
}

/// More than one letter: `C:` is a drive.
fn is_scheme(text: &str) -> bool {
    text.len() > 1 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

impl fmt::Display for QueueUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Memory => f.write_str("memory:"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_paths_or_file_addresses() {
        for (text, path) in [
            ("./data", "./data"),
            ("/srv/mistnet", "/srv/mistnet"),
            ("file:///srv/mist%20net", "/srv/mist net"),
            ("2026:summer", "2026:summer"),
        ] {
            assert_eq!(text.parse(), Ok(StoreUrl::Folder(path.into())), "{text}");
        }
        assert_eq!("memory:".parse(), Ok(StoreUrl::Memory));
    }

    #[test]
    fn stores_of_other_builds_are_refused_by_name() {
        for scheme in ["az", "s3", "gs", "https"] {
            let refused = format!("{scheme}://bucket/x").parse::<StoreUrl>().unwrap_err();
            assert!(
                refused.reason.contains(&format!("{scheme}:// is not supported by this build"))
            );
        }
        assert!("file://elsewhere/x".parse::<StoreUrl>().is_err());
        assert!("".parse::<StoreUrl>().is_err());
    }

    #[test]
    fn a_queue_is_a_sqlite_file_or_memory() {
        for (text, path) in [
            ("sqlite:./q.db", "./q.db"),
            ("sqlite:///srv/q.db", "/srv/q.db"),
            ("sqlite:C:\\q.db", "C:\\q.db"),
        ] {
            assert_eq!(text.parse(), Ok(QueueUrl::Sqlite(path.into())), "{text}");
        }
        for wrong in ["", "sqlite:", "./q.db", "nats://host", "servicebus:"] {
            assert!(wrong.parse::<QueueUrl>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn addresses_print_as_they_are_read() {
        for text in ["./data", "memory:", "/srv/mistnet"] {
            assert_eq!(text.parse::<StoreUrl>().unwrap().to_string(), text);
        }
        for text in ["sqlite:./q.db", "memory:"] {
            assert_eq!(text.parse::<QueueUrl>().unwrap().to_string(), text);
        }
    }
}
