//! Shared access tokens: a claim to an address until a moment, signed with a key.
//!
//! `SharedAccessSignature sr=<address>&sig=<signature>&se=<expiry>&skn=<key name>`, where the
//! signature is the HMAC-SHA256 of `<address>\n<expiry>`, the address percent-encoded and the key
//! taken as the bytes of its text (learn.microsoft.com, "Service Bus access control with shared
//! access signatures", read 2026-11).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// A token for `audience` (`sb://host/queue`) until `expiry`, in seconds since 1970.
pub(super) fn sign(
    audience: &str,
    key_name: &str,
    key: &SecretString,
    expiry: i64,
) -> Option<SecretString> {
    let resource = encoded(audience);
    // Keys of any length are keys of an HMAC, so this is `Some`.
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes()).ok()?;
    mac.update(format!("{resource}\n{expiry}").as_bytes());
    let signature = encoded(&STANDARD.encode(mac.finalize().into_bytes()));
    let key_name = encoded(key_name);
    Some(
        format!("SharedAccessSignature sr={resource}&sig={signature}&se={expiry}&skn={key_name}")
            .into(),
    )
}

/// The moment until which a token says that it is good, in seconds since 1970.
pub(super) fn expiry(token: &SecretString) -> Option<i64> {
    let fields = token.expose_secret().split(['&', ' ']);
    fields.filter_map(|field| field.strip_prefix("se=")).next_back()?.parse().ok()
}

/// What stays as it is: letters, digits and `-._~` (RFC 3986, 2.3).
const REST: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, REST).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with Python's hmac, hashlib, base64 and `urllib.parse.quote_plus`.
    const KNOWN: &str = "SharedAccessSignature sr=sb%3A%2F%2Fcontoso.servicebus.windows.net%2Fmistnet-store&sig=KasIbU%2BpRz8N3xGn0jC3NdhcZeLMFHGZMNY8LSMhzvE%3D&se=1800000000&skn=Root%2BKey";

    #[test]
    fn a_token_is_signed_as_others_sign_it() {
        let key = SecretString::from("c2VjcmV0LWtleQ==/+x");
        let token = sign(
            "sb://contoso.servicebus.windows.net/mistnet-store",
            "Root+Key",
            &key,
            1_800_000_000,
        );
        assert_eq!(token.unwrap().expose_secret(), KNOWN);
    }

    #[test]
    fn a_token_says_when_it_ends() {
        assert_eq!(expiry(&KNOWN.into()), Some(1_800_000_000));
        assert_eq!(expiry(&"SharedAccessSignature sr=a&sig=b".into()), None);
    }
}
