//! Knows secrets by their form, wherever they were put by mistake.
//!
//! Connection strings, signatures, keys and tokens are pasted into the wrong setting, and addresses
//! are shown: in errors, by `doctor`, as the name of a folder. So the text of a setting that is no
//! secret is looked at before anything else is done with it, and one that [`recognise`] knows is
//! refused and never shown ([`shown`]).
//!
//! | form | is |
//! |---|---|
//! | `AccountKey=`, `DefaultEndpointsProtocol=`, `BlobEndpoint=` | a connection string of a storage account |
//! | `Endpoint=sb://`, `SharedAccessKey=`, `SharedAccessKeyName=` | a connection string of Service Bus |
//! | `SharedAccessSignature` with `=` or `sr=` after it | one of either, with a signature |
//! | `sig=` as the name of a parameter | a shared access signature |
//! | `USER:PASSWORD@`, or 16 and more characters before `@`, at the beginning of an address | a password |
//! | 16 times `A`; `Bearer …`; three parts with dots that begin with `eyJ` | a bearer token |
//! | `whsec_` | the key of a webhook |
//! | a digit and `Q~` within 30 and more characters | the secret of an application of Entra ID |
//! | 40 and more characters of base64, upper and lower case and digits mixed | a key |
//!
//! Upper and lower case, blanks and percent-encoding make no difference. The forms are those that
//! Azure's portal and X's developer console give out (read 2026-11); the length and the mixture of
//! the last one are our own choice: names that people make up have fewer changes between letters and
//! digits, and hashes have letters of one case. A short password alone has no form: this can't find
//! it.

use super::invalid::Invalid;

/// What a secret is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognised {
    /// A connection string of a storage account.
    StorageConnection,
    /// A connection string of Service Bus.
    BusConnection,
    /// A connection string with a signature: of a storage account or of Service Bus.
    SignedConnection,
    /// A shared access signature.
    Signature,
    /// A user and a password in an address.
    Password,
    /// A bearer token.
    Token,
    /// The key of a webhook.
    WebhookKey,
    /// The secret of an application of Entra ID.
    ClientSecret,
    /// A key, or another secret that nobody can guess.
    Key,
}

/// The secret that stands in `text`, if its form is known.
pub fn recognise(text: &str) -> Option<Recognised> {
    let text = decoded(&decoded(text));
    let squeezed: String = text.chars().filter(|c| !is_blank(*c)).collect();
    let lower = squeezed.to_ascii_lowercase();
    connection(&lower)
        .or_else(|| parameter(&lower).then_some(Recognised::Signature))
        .or_else(|| password(&squeezed).then_some(Recognised::Password))
        .or_else(|| alone(&text, &squeezed))
}

/// A text as people may see it: nothing of one that holds a secret, and of an address neither user,
/// password nor query.
pub fn shown(text: &str) -> String {
    match recognise(text) {
        Some(_) => REDACTED.to_owned(),
        None => without_credentials(text),
    }
}

/// The beginning of a text; of an address neither user, password nor query, where secrets stand.
fn without_credentials(text: &str) -> String {
    let text: String = text.chars().take(200).collect();
    let Some((scheme, rest)) = text.split_once("://") else { return text };
    let (rest, query) = match rest.find(['?', '#']) {
        Some(at) => (&rest[..at], "?[redacted]"),
        None => (rest, ""),
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://[redacted]@{host}{path}{query}"),
        None => format!("{scheme}://{authority}{path}{query}"),
    }
}

/// What stands in place of a secret.
pub const REDACTED: &str = "[redacted]";

impl Recognised {
    /// Connection strings: only the setting that asks for one takes one.
    pub const CONNECTIONS: &[Self] =
        &[Self::StorageConnection, Self::BusConnection, Self::SignedConnection];

    /// What a person calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::StorageConnection => "a connection string of a storage account",
            Self::BusConnection => "a connection string of Service Bus",
            Self::SignedConnection => "a connection string with a signature",
            Self::Signature => "a shared access signature",
            Self::Password => "a user and a password",
            Self::Token => "a bearer token",
            Self::WebhookKey => "the key of a webhook",
            Self::ClientSecret => "the secret of an application",
            Self::Key => "a key",
        }
    }

    /// Where it belongs.
    pub const fn belongs(self) -> &'static str {
        match self {
            Self::StorageConnection => {
                "put it into AZURE_STORAGE_CONNECTION_STRING, and name the container as \
                 az://CONTAINER in MISTNET_STORE"
            }
            Self::BusConnection => {
                "put it into AZURE_SERVICEBUS_CONNECTION_STRING, and set MISTNET_QUEUE to \
                 servicebus:"
            }
            Self::SignedConnection => {
                "put it into AZURE_STORAGE_CONNECTION_STRING if it is one of a storage account, or \
                 into AZURE_SERVICEBUS_CONNECTION_STRING if it is one of Service Bus"
            }
            Self::Signature => {
                "put it, or the whole SAS URL, into AZURE_STORAGE_SAS_TOKEN, and name the container \
                 as az://CONTAINER in MISTNET_STORE"
            }
            Self::Password => "write the address without a user and a password",
            Self::Token => "put the token of X into X_BEARER_TOKEN",
            Self::WebhookKey => "put it into MISTNET_WEBHOOK_SECRET",
            Self::ClientSecret => "put it into AZURE_CLIENT_SECRET",
            Self::Key => {
                "put the key of a storage account into AZURE_STORAGE_KEY, a token of X into \
                 X_BEARER_TOKEN, and an API key into MISTNET_API_KEY; if this is a name and no \
                 key, choose another one"
            }
        }
    }

    /// Why a setting that is another secret refuses it.
    pub fn mistaken(self) -> Invalid {
        Invalid::new(format!("it is {}", self.name()), self.belongs())
    }

    /// Why a setting that is no secret refuses it.
    pub fn refusal(self) -> Invalid {
        let reason = format!("it holds {}, which would be shown here", self.name());
        Invalid::new(reason, self.belongs())
    }
}

fn connection(lower: &str) -> Option<Recognised> {
    let has = |names: &[&str]| names.iter().any(|name| lower.contains(name));
    if has(&["accountkey=", "defaultendpointsprotocol=", "blobendpoint="]) {
        Some(Recognised::StorageConnection)
    } else if has(&["endpoint=sb://", "sharedaccesskey=", "sharedaccesskeyname="]) {
        Some(Recognised::BusConnection)
    } else if has(&["sharedaccesssignature=", "sharedaccesssignaturesr="]) {
        Some(Recognised::SignedConnection)
    } else {
        None
    }
}

/// Whether there is a parameter `sig=…`.
fn parameter(lower: &str) -> bool {
    lower.match_indices("sig=").any(|(at, name)| {
        let before = lower[..at].chars().next_back();
        let value = lower[at + name.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && value.is_some_and(|c| c != '&')
    })
}

/// Fewest characters before an `@` that are taken for a secret though there is no colon: no user's
/// name that stands in an address is so long (guess).
const LONG_USER: usize = 16;

fn password(text: &str) -> bool {
    let after_schemes = text.match_indices("://").map(|(at, mark)| &text[at + mark.len()..]);
    // `scheme:USER:PASSWORD@HOST` and `USER:PASSWORD@HOST` are mistakes of the same kind.
    std::iter::once(text).chain(after_schemes).any(|rest| {
        let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
        let user = authority.rsplit_once('@').map(|(user, _)| user);
        user.is_some_and(|user| user.contains(':') || user.len() >= LONG_USER)
    })
}

/// Secrets that come without a name.
fn alone(text: &str, squeezed: &str) -> Option<Recognised> {
    let words = || text.split(|c: char| !is_of_key(c));
    let bearer = text.trim().get(..7).is_some_and(|begin| begin.eq_ignore_ascii_case("bearer "));
    if squeezed.contains("whsec_") {
        Some(Recognised::WebhookKey)
    } else if bearer || squeezed.contains("AAAAAAAAAAAAAAAA") || words().any(is_web_token) {
        Some(Recognised::Token)
    } else if words().any(is_client_secret) {
        Some(Recognised::ClientSecret)
    } else {
        // Base64 has slashes in it, and so have paths: with slashes only what ends as base64 does.
        let padded = text.split(|c: char| !is_of_key(c) && !"/=".contains(c));
        let is_key =
            padded.filter(|word| word.ends_with('=')).any(is_mixed) || words().any(is_mixed);
        is_key.then_some(Recognised::Key)
    }
}

/// Characters of base64 but the slash, of its form for addresses, and of Entra's secrets.
fn is_of_key(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+-_~.".contains(c)
}

/// A JSON web token: three parts of base64, the first of which is an object.
fn is_web_token(word: &str) -> bool {
    word.len() >= 40
        && word
            .match_indices("eyJ")
            .any(|(at, _)| word[at..].bytes().filter(|b| *b == b'.').count() >= 2)
}

/// learn.microsoft.com shows them with a digit and `Q~` in fourth to sixth place (read 2026-11).
fn is_client_secret(word: &str) -> bool {
    let mark = |(at, _): (usize, &str)| word[..at].ends_with(|c: char| c.is_ascii_digit());
    word.len() >= 30 && word.match_indices("Q~").any(mark)
}

/// Whether it is as long as a key, and no name that a person made up.
fn is_mixed(word: &str) -> bool {
    let bytes = word.as_bytes();
    let changes = bytes
        .windows(2)
        .filter(|pair| match pair {
            [a, b] => a.is_ascii_digit() != b.is_ascii_digit(),
            _ => false,
        })
        .count();
    bytes.len() >= 40
        && bytes.iter().any(u8::is_ascii_uppercase)
        && bytes.iter().any(u8::is_ascii_lowercase)
        && changes >= 6
}

/// Blanks and signs without width, which people copy along.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || is_invisible(c)
}

/// Signs without width: the byte order mark, the joiners, marks of direction.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{ad}')
}

/// Without percent-encoding.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *first == b'%');
        let code = code.and_then(|hex| std::str::from_utf8(hex).ok());
        if let Some(byte) = code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::Recognised::{
        BusConnection, ClientSecret, Key, Password, Signature, SignedConnection, StorageConnection,
        Token, WebhookKey,
    };
    use super::*;

    /// 64 bytes, as a storage account has them.
    const STORAGE_KEY: &str =
        "Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6QUJDREVGR0hJSktMTU5PUFFSU1RVVg==";

    #[test]
    fn secrets_are_known_by_their_form() {
        let bearer =
            "AAAAAAAAAAAAAAAAAAAAAMLheAAAAAAA0%2BuSeid%2BULvsea4JtiGRiSDSJSI%3DEUifiRBkKG5E2XzM";
        for (text, kind) in [
            ("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=x", StorageConnection),
            ("./data/accountkey = x", StorageConnection),
            ("ACCOUNTKEY=x", StorageConnection),
            (
                "BlobEndpoint=https://a.blob.core.windows.net/;SharedAccessSignature=sv=1",
                StorageConnection,
            ),
            ("Account%4bey%3Dx", StorageConnection),
            ("Account%254bey%253Dx", StorageConnection),
            ("Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=k", BusConnection),
            ("servicebus:Endpoint = sb://x", BusConnection),
            ("sharedaccesskey\u{a0}=k", BusConnection),
            ("SharedAccessSignature sr=a&sig=b&se=1", SignedConnection),
            ("az://c?sv=1&sig=k", Signature),
            ("https://a.blob.core.windows.net/c?SIG=k", Signature),
            ("sig=k", Signature),
            ("https://u:p@host/x", Password),
            ("servicebus://n:k@x.servicebus.windows.net", Password),
            ("u:p@host", Password),
            ("az://0123456789abcdefg@host", Password),
            (bearer, Token),
            ("./AAAAAAAAAAAAAAAAAAAAAMLheAAAA", Token),
            ("Bearer abc", Token),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N", Token),
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", WebhookKey),
            ("abc8Q~0123456789abcdefghijklmnopqrstuvwx", ClientSecret),
            (STORAGE_KEY, Key),
            ("Sup3rS3cretKey0123456789abcdefghijklmnop1q2=", Key),
            ("ghp_16C7e42F292c6912E7710c838347Ae178B4a2k9", Key),
        ] {
            assert_eq!(recognise(text), Some(kind), "{text}");
            assert_eq!(shown(text), "[redacted]", "{text}");
        }
        assert_eq!(recognise(&format!("./{STORAGE_KEY}/x")), Some(Key));
    }

    #[test]
    fn addresses_are_shown_without_credentials() {
        for (text, shown) in [
            ("https://u:p@host:1/x?sig=s#f", "https://[redacted]@host:1/x?[redacted]"),
            ("az://c/p", "az://c/p"),
            ("./data", "./data"),
        ] {
            assert_eq!(without_credentials(text), shown);
        }
    }

    #[test]
    fn what_people_call_their_folders_and_queues_is_no_secret() {
        for text in [
            "",
            "./data",
            "/srv/mistnet/2026:summer",
            "/var/lib/docker/volumes/3b0f8e1f4c6d2a9b7e5d4c3b2a19081726354453627180918273645f6e5d4c3b/_data",
            "/data/warehouse/tweets/collections/year=2026/month=11/day=30",
            "./MyVeryLongProjectForTheUniversityOfSomewhere2026",
            "20261122-rustlang-k3v9x2m7qa",
            "/home/me/design=1",
            "az://container/prefix",
            "az://data@acct.blob.core.windows.net/x",
            "servicebus://contoso.servicebus.windows.net",
            "sqlite:///srv/queue.db",
            "C:\\Users\\me@example\\data",
            "127.0.0.1:8889",
            "https://api.x.com",
            "me@example/data",
            "/tmp/550e8400-e29b-41d4-a716-446655440000/550e8400-e29b-41d4-a716-446655440000",
        ] {
            assert_eq!(recognise(text), None, "{text}");
        }
    }
}
