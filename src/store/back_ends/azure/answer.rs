//! What Azure's refusals mean, and what a person does about them.
//!
//! `object_store` shows an answer as text only: `… status code: 403 Forbidden: <?xml …>` with
//! `<Code>` and `<Message>` inside; for a HEAD only the code, from [`super::codes`]. [`explain`]
//! reads status and code from that text and says it in a sentence with the setting and the next
//! step. Codes: learn.microsoft.com, "Status and error codes" and "Blob Storage error codes", read
//! 2026-11-22. What is not known here passes on Azure's own words.

use std::error::Error;

use url::Url;

use super::account::{Account, Credential};
use crate::azure::identity::{Identity, Login};
use crate::proxy;

/// What kind of failure it is, by what can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A person has to change a setting or a right.
    Refused,
    /// There is no such object.
    NoObject,
    /// There is no such container, hence no such object.
    NoContainer,
    /// Something is there already.
    Exists,
    /// It may work later.
    Passing,
}

/// A failure as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub(super) struct Explained {
    pub(super) kind: Kind,
    sentence: String,
}

/// What `error` means in this container.
pub(super) fn explain(
    error: &(dyn Error + 'static),
    account: &Account,
    container: &str,
) -> Explained {
    let texts = texts(error);
    let text = texts.last().map(String::as_str).unwrap_or_default();
    let answer = Answer::read(text);
    if texts.iter().any(|text| text.starts_with("Error performing token request"))
        || text.contains("federated token file")
    {
        return no_token(&answer, text, &account.credential);
    }
    let place = Place { account, container };
    match answer.status {
        Some(status) => place.answered(status, &answer),
        None => place.unanswered(text),
    }
}

/// An error and its causes, the last one innermost.
fn texts(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut texts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        texts.push(error.to_string());
        cause = error.source();
    }
    texts
}

/// The container that something happened in.
struct Place<'a> {
    account: &'a Account,
    container: &'a str,
}

impl Place<'_> {
    fn answered(&self, status: u16, answer: &Answer<'_>) -> Explained {
        let (name, container) = (&self.account.name, self.container);
        let said = answer.shown();
        match (status, answer.code.unwrap_or_default()) {
            (_, "ContainerNotFound") => {
                let sentence = format!("there is no container {container} in account {name}");
                Explained { kind: Kind::NoContainer, sentence }
            }
            (_, "ContainerBeingDeleted" | "ContainerDisabled") => passing(format!(
                "the container {container} is being deleted, and Azure keeps its name for a while; \
                 wait, or name another one in MISTNET_STORE ({said})"
            )),
            (_, "AuthenticationFailed" | "InvalidAuthenticationInfo") => {
                refused(format!("{} ({said})", self.not_recognised()))
            }
            (_, "KeyBasedAuthenticationNotPermitted") => refused(format!(
                "the account {name} takes no keys: leave them out and use Entra ID, by \
                 AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or a managed identity \
                 ({said})"
            )),
            (_, "AccountIsDisabled") => refused(format!(
                "the account {name} is disabled; look at its subscription ({said})"
            )),
            (_, "InvalidResourceName" | "OutOfRangeInput" | "InvalidUri") => refused(format!(
                "Azure does not take this name; check container and prefix in MISTNET_STORE ({said})"
            )),
            (401 | 403, _) => refused(format!("{} ({said})", self.not_allowed())),
            (404, _) => Explained { kind: Kind::NoObject, sentence: said },
            (407, _) => passing(proxy::refused(&self.account.endpoint)),
            (409 | 412, _) => Explained { kind: Kind::Exists, sentence: said },
            (_, _) => passing(format!("Azure could not do it now ({said})")),
        }
    }

    /// The credential is not what Azure knows.
    fn not_recognised(&self) -> String {
        let name = &self.account.name;
        match &self.account.credential {
            Credential::Key(_) => format!(
                "Azure does not accept the key of account {name}: copy it again into AccountKey of \
                 AZURE_STORAGE_CONNECTION_STRING, or into AZURE_STORAGE_KEY; a clock that is 15 \
                 minutes off has the same effect"
            ),
            Credential::Sas(_) => format!(
                "Azure does not accept the shared access signature ({}) for account {name}: it is \
                 over, has not begun by this machine's clock, or is damaged; make a new one for \
                 AZURE_STORAGE_SAS_TOKEN or AZURE_STORAGE_CONNECTION_STRING",
                self.account.credential.terms().unwrap_or_default()
            ),
            other @ Credential::Identity(_) => format!(
                "Azure does not accept the token of {} for account {name}: check that \
                 AZURE_TENANT_ID is the tenant of the account's subscription",
                other.kind()
            ),
        }
    }

    /// The credential is known, and does not allow this.
    fn not_allowed(&self) -> String {
        let Account { name, credential, .. } = self.account;
        match credential {
            Credential::Key(_) => format!(
                "account {name} refuses access: check the key in AZURE_STORAGE_CONNECTION_STRING or \
                 AZURE_STORAGE_KEY, and the account's firewall (Networking)"
            ),
            Credential::Sas(_) => format!(
                "the shared access signature ({}) does not allow this: make one with the rights to \
                 read, create, write and list (rcwl) for AZURE_STORAGE_SAS_TOKEN or \
                 AZURE_STORAGE_CONNECTION_STRING, and check its dates; only one for the whole \
                 account can make a container, so make {} beforehand",
                credential.terms().unwrap_or_default(),
                self.container
            ),
            other @ Credential::Identity(_) => format!(
                "{} may not do this: give it the role Storage Blob Data Contributor on account \
                 {name}, and wait some minutes for it to take effect",
                other.kind()
            ),
        }
    }

    /// No answer came.
    fn unanswered(&self, text: &str) -> Explained {
        let endpoint = self.account.endpoint.as_str().trim_end_matches('/');
        let text = proxy::explain(&self.account.endpoint, without_signature(text));
        passing(format!(
            "{endpoint} can't be reached: {text}; check the account's name in AZURE_STORAGE_ACCOUNT or \
             AZURE_STORAGE_CONNECTION_STRING, and the network"
        ))
    }
}

/// Entra ID gave no token.
fn no_token(answer: &Answer<'_>, text: &str, credential: &Credential) -> Explained {
    let identity = match credential {
        Credential::Identity(login) => Some(&login.identity),
        Credential::Key(_) | Credential::Sas(_) => None,
    };
    let what = match identity {
        Some(Identity::Secret { .. }) => {
            "check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"
        }
        Some(Identity::Workload { .. }) => {
            "check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE, and the \
             application's federated credential"
        }
        Some(Identity::Managed { .. }) | None => {
            "does this machine have a managed identity? Otherwise set AZURE_STORAGE_KEY, \
             AZURE_STORAGE_SAS_TOKEN or AZURE_CLIENT_SECRET"
        }
    };
    let said: String = match answer.body {
        "" => match authority(credential) {
            Some(url) if answer.status == Some(407) => proxy::refused(&url),
            Some(url) => proxy::explain(&url, without_signature(text)),
            None => without_signature(text),
        },
        body => description(body).unwrap_or(body).chars().take(300).collect(),
    };
    let sentence = format!("no token for {}: {said}; {what}", credential.kind());
    match answer.status {
        Some(407) => passing(sentence),
        Some(400..500) => refused(sentence),
        Some(_) | None => passing(sentence),
    }
}

/// Where a token is asked for, if that may be behind a proxy.
fn authority(credential: &Credential) -> Option<Url> {
    let Credential::Identity(Login { identity, authority }) = credential else { return None };
    match identity {
        Identity::Secret { .. } | Identity::Workload { .. } => {
            authority.clone().or_else(|| Url::parse("https://login.microsoftonline.com").ok())
        }
        Identity::Managed { .. } => None,
    }
}

/// The text in `"error_description":"…"` up to its first line's end.
fn description(json: &str) -> Option<&str> {
    let (_, rest) = json.split_once("\"error_description\":\"")?;
    rest.split(['"', '\\']).next()
}

fn refused(sentence: String) -> Explained {
    Explained { kind: Kind::Refused, sentence }
}

fn passing(sentence: String) -> Explained {
    Explained { kind: Kind::Passing, sentence }
}

/// An answer, as far as its text tells.
#[derive(Debug, Default, PartialEq, Eq)]
struct Answer<'a> {
    status: Option<u16>,
    code: Option<&'a str>,
    message: Option<&'a str>,
    body: &'a str,
}

impl<'a> Answer<'a> {
    /// Reads `… status code: 403 Forbidden: BODY`.
    fn read(text: &'a str) -> Self {
        let Some((_, rest)) = text.split_once("status code: ") else { return Self::default() };
        let status = rest.get(..3).and_then(|digits| digits.parse().ok());
        let body = rest.split_once(": ").map(|(_, body)| body.trim()).unwrap_or_default();
        Self { status, code: element(body, "Code"), message: element(body, "Message"), body }
    }

    fn shown(&self) -> String {
        let status = self.status.unwrap_or_default();
        let code = self.code.map(|code| format!(" {code}")).unwrap_or_default();
        let first_line = self.message.and_then(|message| message.lines().next());
        let message = first_line.map(without_signature).map(|message| format!(": {message}"));
        format!("{status}{code}{}", message.unwrap_or_default().trim_end_matches('.'))
    }
}

/// The text of an XML element.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once('<').map(|(text, _)| text.trim())
}

/// At most 300 characters, and no signature, should one ever stand in a message.
fn without_signature(text: &str) -> String {
    let text: String = text.chars().take(300).collect();
    let Some((before, rest)) = text.split_once("sig=") else { return text };
    let end = rest.find(['&', ' ', '"', '\'', ')', '>']).unwrap_or(rest.len());
    format!("{before}sig=[redacted]{}", without_signature(&rest[end..]))
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;

    #[derive(Debug)]
    struct Text(&'static str, Option<Box<Text>>);

    impl fmt::Display for Text {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Text {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|error| error as _)
        }
    }

    fn account(credential: Credential) -> Account {
        Account::at("acct", None, credential).unwrap()
    }

    fn key() -> Account {
        account(Credential::key("AAAA").unwrap())
    }

    fn sas() -> Account {
        account(Credential::sas("sp=r&se=2026-01-01&sig=CANARY").unwrap())
    }

    fn entra() -> Account {
        let identity = Identity::Managed { client: None, endpoint: None, header: None };
        account(Credential::Identity(Login { identity, authority: None }))
    }

    fn explained(account: &Account, text: &'static str) -> (Kind, String) {
        let Explained { kind, sentence } = explain(&Text(text, None), account, "data");
        (kind, sentence)
    }

    const FORBIDDEN: &str = "Server returned non-2xx status code: 403 Forbidden: <?xml version=\"1.0\"?>\
        <Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.\n\
        RequestId:1</Message></Error>";
    const MISMATCH: &str = "Server returned non-2xx status code: 403 Forbidden: <Error><Code>\
        AuthorizationPermissionMismatch</Code><Message>This request is not authorized.</Message></Error>";
    const NO_BODY: &str = "Server returned non-2xx status code: 403 Forbidden: ";

    #[test]
    fn each_refusal_names_setting_and_next_step() {
        let mut shown = Vec::new();
        for account in [key(), sas(), entra()] {
            for text in [FORBIDDEN, MISMATCH, NO_BODY] {
                let (kind, sentence) = explained(&account, text);
                assert_eq!(kind, Kind::Refused);
                shown.push(sentence);
            }
        }
        assert!(!shown.concat().contains("CANARY"));
        insta::assert_snapshot!(shown.join("\n"));
    }

    #[test]
    fn what_passes_and_what_does_not_is_told_apart() {
        for (text, kind) in [
            ("status code: 404 Not Found: <Code>ContainerNotFound</Code>", Kind::NoContainer),
            ("status code: 404 Not Found: <Code>BlobNotFound</Code>", Kind::NoObject),
            ("status code: 404 Not Found: ", Kind::NoObject),
            ("status code: 409 Conflict: <Code>BlobAlreadyExists</Code>", Kind::Exists),
            ("status code: 409 Conflict: <Code>ContainerBeingDeleted</Code>", Kind::Passing),
            ("status code: 503 Service Unavailable: <Code>ServerBusy</Code>", Kind::Passing),
            ("status code: 500 Internal Server Error: ", Kind::Passing),
            ("status code: 400 Bad Request: <Code>OutOfRangeInput</Code>", Kind::Refused),
            ("status code: 403 Forbidden: <Code>AccountIsDisabled</Code>", Kind::Refused),
            ("status code: 407 Proxy Authentication Required: ", Kind::Passing),
            ("dns error: no such host", Kind::Passing),
            ("operation timed out", Kind::Passing),
        ] {
            assert_eq!(explained(&key(), text).0, kind, "{text}");
        }
    }

    #[test]
    fn a_wrong_account_names_its_address() {
        let (_, sentence) = explained(&key(), "failed to lookup address information");
        assert!(sentence.starts_with("https://acct.blob.core.windows.net can't be reached"));
        assert!(sentence.contains("AZURE_STORAGE_ACCOUNT"));
    }

    #[test]
    fn a_token_that_entra_refuses_is_told_apart_from_a_blob_that_azure_refuses() {
        let inner = Text(
            "Server returned non-2xx status code: 401 Unauthorized: {\"error\":\"invalid_client\",\
             \"error_description\":\"AADSTS7000215: Invalid client secret provided.\\r\\nTrace\"}",
            None,
        );
        let error = Text("Error performing token request: …", Some(Box::new(inner)));
        let (tenant, client) = ("t".into(), "c".into());
        let identity = Identity::Secret { tenant, client, secret: "CANARY".into() };
        let client = account(Credential::Identity(Login { identity, authority: None }));
        let Explained { kind, sentence } = explain(&error, &client, "data");
        assert_eq!(kind, Kind::Refused);
        assert!(sentence.contains("AADSTS7000215: Invalid client secret provided."), "{sentence}");
        assert!(sentence.ends_with("AZURE_CLIENT_SECRET") && !sentence.contains("CANARY"));
    }

    #[test]
    fn a_signature_is_never_shown() {
        let text = "can't get https://h/c?sig=CANARY&se=1 nor 'https://h/?sig=CANARY'";
        assert_eq!(
            without_signature(text),
            "can't get https://h/c?sig=[redacted]&se=1 nor 'https://h/?sig=[redacted]'"
        );
    }
}
