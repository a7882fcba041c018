//! What the text of a setting means. Flags, files and variables share these parsers.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

use crate::model::Usd;
use crate::model::request::{Limit, MAX_PARTITION_SIZE};
use crate::model::spec::{Archive, Dialect, FileFormat, FileLayout, Profile};
use crate::model::window::{DateField, check_date};
use crate::setting::Invalid;
use crate::setting::recognise::recognise;
pub use crate::setting::values::{choice, list, number, switch};

/// Fewest characters of an API key: 32 hexadecimal digits are 128 bits, which nobody guesses.
pub const MIN_API_KEY_CHARACTERS: usize = 32;

/// The first day or instant of a window.
pub fn start_date(text: &str) -> Result<String, Invalid> {
    date(DateField::Start, text)
}

/// The last day or instant of a window.
pub fn end_date(text: &str) -> Result<String, Invalid> {
    date(DateField::End, text)
}

fn date(field: DateField, text: &str) -> Result<String, Invalid> {
    check_date(field, text).map_err(|error| Invalid::new(error.reason, error.fix))?;
    Ok(text.to_owned())
}

/// The most rows.
pub fn limit(text: &str) -> Result<Limit, Invalid> {
    text.parse().map_err(|_| Invalid::new("not a number of rows", "use 1 or more, or all"))
}

/// Whether requests keep to the pace that X allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pacing {
    /// They do.
    On,
    /// They go out as fast as possible: for a simulator without rate limits.
    Off,
}

pub(super) fn pacing(text: &str) -> Result<Pacing, Invalid> {
    Ok(if switch(text)? { Pacing::On } else { Pacing::Off })
}

/// A choice of columns.
pub fn profile(text: &str) -> Result<Profile, Invalid> {
    choice(text, &Profile::ALL.map(|p| (p.name(), p)))
}

/// How files are named.
pub fn layout(text: &str) -> Result<FileLayout, Invalid> {
    choice(text, &FileLayout::ALL.map(|l| (l.name(), l)))
}

/// An index of X.
pub fn archive(text: &str) -> Result<Archive, Invalid> {
    choice(text, &Archive::ALL.map(|a| (a.name(), a)))
}

/// A vocabulary of X.
pub fn dialect(text: &str) -> Result<Dialect, Invalid> {
    choice(text, &Dialect::ALL.map(|d| (d.name(), d)))
}

/// A file format.
pub fn format(text: &str) -> Result<FileFormat, Invalid> {
    let known: Vec<_> = FileFormat::built_in().map(|format| (format.name(), format)).collect();
    choice(text, &known)
}

/// File formats, separated by commas.
pub fn formats(text: &str) -> Result<Vec<FileFormat>, Invalid> {
    let mut formats = Vec::new();
    for name in list(text) {
        let format = format(name)?;
        if !formats.contains(&format) {
            formats.push(format);
        }
    }
    if formats.is_empty() {
        return Err(Invalid::new("a dataset has at least one format", "use csv"));
    }
    Ok(formats)
}

/// Rows in a part.
pub fn partition_size(text: &str) -> Result<u64, Invalid> {
    number(text, 1, MAX_PARTITION_SIZE)
}

/// An amount of dollars.
pub fn usd(text: &str) -> Result<Usd, Invalid> {
    text.parse().map_err(|_| Invalid::new("not an amount of dollars", "write 5 or 12.50"))
}

/// A file or folder that is made; a secret would become its name.
pub fn place(path: OsString) -> Result<PathBuf, Invalid> {
    match recognise(&path.to_string_lossy()) {
        Some(secret) => Err(secret.refusal()),
        None => Ok(path.into()),
    }
}

/// An address to listen on.
pub fn listen(text: &str) -> Result<SocketAddr, Invalid> {
    let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    numeric.as_deref().unwrap_or(text).parse().map_err(|_| {
        Invalid::new(
            "not an IP address and a port",
            "write 127.0.0.1:8889, [::1]:8889 or 0.0.0.0:8889",
        )
    })
}

/// Where the X API is.
pub fn api_url(text: &str) -> Result<Url, Invalid> {
    const FIX: &str = "write https://api.x.com, or http://127.0.0.1:PORT for a simulator";
    let refuse = |reason: &str| Err(Invalid::new(reason, FIX));
    let Ok(url) = Url::parse(text) else { return refuse("not an address") };
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return refuse("neither an https:// nor an http:// address");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("an address with a user or password in it");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("an address with a query or fragment");
    }
    Ok(url)
}

/// A bearer token as it may stand in a header.
pub(super) fn bearer_token(text: &str) -> Result<SecretString, Invalid> {
    const FIX: &str = "copy the bearer token from X's developer console";
    if text.starts_with("Bearer ") {
        return Err(Invalid::new("it begins with the word Bearer", "give the token alone"));
    }
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Invalid::new("it is empty, or has spaces or foreign characters", FIX));
    }
    Ok(text.into())
}

pub(super) fn api_keys(text: &str) -> Result<Vec<SecretString>, Invalid> {
    list(text).map(api_key).collect()
}

fn api_key(text: &str) -> Result<SecretString, Invalid> {
    let fix = || {
        format!("use at least {MIN_API_KEY_CHARACTERS}, for example from `openssl rand -hex 32`")
    };
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Invalid::new("a key has spaces or foreign characters", fix()));
    }
    if text.len() < MIN_API_KEY_CHARACTERS {
        return Err(Invalid::new(format!("a key has only {} characters", text.len()), fix()));
    }
    Ok(text.into())
}

pub(super) fn hosts(text: &str) -> Result<Vec<String>, Invalid> {
    list(text).map(host).collect()
}

fn host(text: &str) -> Result<String, Invalid> {
    let valid = url::Host::parse(text).is_ok();
    if valid {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(Invalid::new("not the name of a host", "write names without port: mistnet.example.org"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_api_carry_no_credentials() {
        assert!(api_url("https://api.x.com").is_ok());
        assert!(api_url("http://127.0.0.1:8080/prefix").is_ok());
        for wrong in ["api.x.com", "ftp://x", "https://u:p@api.x.com", "https://api.x.com/?k=v"] {
            assert!(api_url(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn tokens_and_keys_fit_into_a_header() {
        assert!(bearer_token("AAAA%2Fbbb").is_ok());
        for wrong in ["", "a b", "a\n", "Bearer abc", "ä"] {
            assert!(bearer_token(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(api_keys(&format!("{},{}\n", "a".repeat(32), "b".repeat(40))).unwrap().len(), 2);
        assert!(api_keys(&"a".repeat(31)).is_err());
    }

    #[test]
    fn listening_takes_numbers_and_localhost() {
        for right in ["127.0.0.1:8889", "[::1]:0", "localhost:80", "0.0.0.0:8889"] {
            assert!(listen(right).is_ok(), "{right}");
        }
        for wrong in ["8889", ":8889", "example.org:80", "127.0.0.1"] {
            assert!(listen(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn formats_and_words_are_from_a_list() {
        assert_eq!(formats("csv,csv"), Ok(vec![FileFormat::Csv]));
        assert!(formats("").is_err());
        let fix = formats("csv,xml").unwrap_err().fix;
        assert_eq!(fix, "use csv or jsonl or jsonl.gz or jsonl.zst or parquet");
        let two = [FileFormat::JsonlGz, FileFormat::Csv];
        assert_eq!(formats("jsonl.gz,csv"), Ok(two.to_vec()));
        assert_eq!(profile("twarc"), Ok(Profile::Twarc));
        assert!(profile("minet").unwrap_err().fix.contains("original or full or twarc"));
    }
}
