//! Where things are: the address of a store and of a queue.
//!
//! An address is checked for its form only; whether the place exists is found out when it is
//! opened. What later back ends will understand is refused by name, never taken for a path.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use url::Url;

use super::recognise::recognise;
use super::values::Invalid;
use crate::store::azure::name;

/// Where datasets and logs lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// A folder.
    Folder(PathBuf),
    /// The memory of one process, for tests.
    Memory,
    /// A container of an Azure storage account; which account, other settings say.
    Azure {
        /// Its name.
        container: String,
        /// What the names of all objects begin with; may be empty.
        prefix: String,
    },
}

/// Where work waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueueUrl {
    /// One `SQLite` file.
    Sqlite(PathBuf),
    /// The memory of one process.
    Memory,
    /// Azure Service Bus: the host of a namespace that an identity opens, or none if a connection
    /// string names it.
    ServiceBus(Option<String>),
}

#[cfg(feature = "azure")]
const STORE_FORMS: &str = "use a folder: ./data, /srv/mistnet or file:///srv/mistnet, \
    or a container on Azure: az://container/prefix";
#[cfg(not(feature = "azure"))]
const STORE_FORMS: &str = "use a folder: ./data, /srv/mistnet or file:///srv/mistnet";
#[cfg(feature = "service-bus")]
const QUEUE_FORMS: &str = "use sqlite:PATH, for example sqlite:./mistnet-queue.db, servicebus:, \
    servicebus://NAMESPACE.servicebus.windows.net, or memory:";
#[cfg(not(feature = "service-bus"))]
const QUEUE_FORMS: &str = "use sqlite:PATH, for example sqlite:./mistnet-queue.db, or memory:";

impl FromStr for StoreUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        refuse_secret(text)?;
        if text.is_empty() {
            return Err(Invalid::new("a store has an address", STORE_FORMS));
        }
        if text == "memory:" {
            return Ok(Self::Memory);
        }
        match text.split_once("://") {
            None => Ok(Self::Folder(text.into())),
            Some(("file", _)) => folder_of(text).map(Self::Folder),
            Some(("az", place)) if cfg!(feature = "azure") => container_of(place),
            Some(("https" | "http", rest)) if rest.contains(".blob.") => Err(Invalid::new(
                "a container is named without its account's address",
                "write az://container/prefix, and set AZURE_STORAGE_ACCOUNT, or put a whole SAS \
                 URL into AZURE_STORAGE_SAS_TOKEN",
            )),
            Some((scheme, _)) => Err(Invalid::new(
                format!("a store at {scheme}:// is not supported by this build"),
                STORE_FORMS,
            )),
        }
    }
}

/// A place is shown, and a folder is called by it.
fn refuse_secret(text: &str) -> Result<(), Invalid> {
    recognise(text).map_or(Ok(()), |secret| Err(secret.refusal()))
}

/// `container/prefix`.
fn container_of(place: &str) -> Result<StoreUrl, Invalid> {
    if place.contains(['@', '?', '#']) {
        let fix = "write az://container/prefix; account and credential are settings of their own";
        return Err(Invalid::new("more than a container and a prefix", fix));
    }
    let (container, prefix) = place.split_once('/').unwrap_or((place, ""));
    name::check_container(container)?;
    Ok(StoreUrl::Azure { container: container.to_owned(), prefix: name::prefix(prefix)? })
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
            Self::Azure { container, prefix } if prefix.is_empty() => write!(f, "az://{container}"),
            Self::Azure { container, prefix } => write!(f, "az://{container}/{prefix}"),
        }
    }
}

impl FromStr for QueueUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        refuse_secret(text)?;
        if text == "memory:" {
            return Ok(Self::Memory);
        }
        match text.split_once(':') {
            // Other programs write sqlite:///absolute and sqlite://relative.
            Some(("sqlite", rest)) => match rest.strip_prefix("//").unwrap_or(rest) {
                "" => Err(Invalid::new("a queue in SQLite has a file", QUEUE_FORMS)),
                path => Ok(Self::Sqlite(path.into())),
            },
            Some(("servicebus", rest)) if cfg!(feature = "service-bus") => namespace(rest),
            Some((scheme, _)) if is_scheme(scheme) => Err(Invalid::new(
                format!("a queue at {scheme}: is not supported by this build"),
                QUEUE_FORMS,
            )),
            Some(_) | None => Err(Invalid::new("this is not the address of a queue", QUEUE_FORMS)),
        }
    }
}

/// What follows `servicebus:`.
fn namespace(rest: &str) -> Result<QueueUrl, Invalid> {
    let host = rest.strip_prefix("//").unwrap_or(rest).trim_end_matches('/');
    if rest.is_empty() {
        return Ok(QueueUrl::ServiceBus(None));
    }
    let named = host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
    if !rest.starts_with("//") || !named || url::Host::parse(host).is_err() {
        return Err(Invalid::new(
            "a namespace is named by its host alone",
            "write servicebus://NAMESPACE.servicebus.windows.net; or servicebus: alone, and put the \
             connection string into AZURE_SERVICEBUS_CONNECTION_STRING",
        ));
    }
    // A namespace without the rest is what people remember.
    let host =
        if host.contains('.') { host.to_owned() } else { format!("{host}.servicebus.windows.net") };
    Ok(QueueUrl::ServiceBus(Some(host.to_ascii_lowercase())))
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
            Self::ServiceBus(None) => f.write_str("servicebus:"),
            Self::ServiceBus(Some(host)) => write!(f, "servicebus://{host}"),
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
        for scheme in ["s3", "gs", "https"] {
            let refused = format!("{scheme}://bucket/x").parse::<StoreUrl>().unwrap_err();
            assert!(
                refused.reason.contains(&format!("{scheme}:// is not supported by this build"))
            );
        }
        assert!("file://elsewhere/x".parse::<StoreUrl>().is_err());
        assert!("".parse::<StoreUrl>().is_err());
    }

    #[cfg(feature = "azure")]
    #[test]
    fn a_container_and_a_prefix_are_a_place_on_azure() {
        for (text, container, prefix) in [
            ("az://data", "data", ""),
            ("az://data/", "data", ""),
            ("az://data/a/b/", "data", "a/b"),
        ] {
            let (container, prefix) = (container.into(), prefix.into());
            assert_eq!(text.parse(), Ok(StoreUrl::Azure { container, prefix }), "{text}");
        }
        for (wrong, why) in [
            ("az://", "names no container"),
            ("az://Data/x", "lower-case"),
            ("az://data/../x", "no path"),
            ("az://data@acct.blob.core.windows.net/x", "more than a container"),
            ("az://data?x=1", "more than a container"),
            ("az://data?sig=x", "shared access signature"),
            ("https://acct.blob.core.windows.net/data", "without its account's address"),
        ] {
            let refused = wrong.parse::<StoreUrl>().unwrap_err();
            assert!(refused.reason.contains(why), "{wrong}: {refused}");
        }
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
        for wrong in ["", "sqlite:", "./q.db", "nats://host"] {
            assert!(wrong.parse::<QueueUrl>().is_err(), "{wrong:?}");
        }
    }

    #[cfg(feature = "service-bus")]
    #[test]
    fn a_queue_on_service_bus_has_a_namespace_or_a_connection_string() {
        assert_eq!("servicebus:".parse(), Ok(QueueUrl::ServiceBus(None)));
        for text in ["servicebus://contoso", "servicebus://Contoso.servicebus.windows.net/"] {
            let host = Some("contoso.servicebus.windows.net".to_owned());
            assert_eq!(text.parse(), Ok(QueueUrl::ServiceBus(host)), "{text}");
        }
        for wrong in [
            "servicebus://",
            "servicebus:contoso",
            "servicebus://a/queue",
            "servicebus://user:key@a",
            "servicebus:Endpoint=sb://a;SharedAccessKey=k",
        ] {
            assert!(wrong.parse::<QueueUrl>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn addresses_print_as_they_are_read() {
        let azure = ["az://data", "az://data/a/b"];
        let azure = azure.into_iter().filter(|_| cfg!(feature = "azure"));
        for text in ["./data", "memory:", "/srv/mistnet"].into_iter().chain(azure) {
            assert_eq!(text.parse::<StoreUrl>().unwrap().to_string(), text);
        }
        for text in ["sqlite:./q.db", "memory:"] {
            assert_eq!(text.parse::<QueueUrl>().unwrap().to_string(), text);
        }
    }
}
