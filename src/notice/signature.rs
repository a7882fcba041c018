//! The signature of a webhook, as Standard Webhooks defines it.
//!
//! `v1,` and the base64 of HMAC-SHA256 over `{id}.{timestamp}.{body}` (Standard Webhooks 1.0.0,
//! `spec/standard-webhooks.md`, "Signature scheme", read 2026-11-23). The timestamp is that of the
//! try, in seconds of Unix time, so that an old request can't be played again.
//!
//! The key never leaves: there is no way to read it back, and `Debug` does not show it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

/// Signs with one key.
#[derive(Clone)]
pub struct Signer {
    keyed: Hmac<Sha256>,
}

/// A key that HMAC can't take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the webhook's secret can't be used as a key")]
pub struct InvalidKey;

impl Signer {
    /// A signer with this key, as it is after `whsec_` and base64 are taken off.
    pub fn new(key: &[u8]) -> Result<Self, InvalidKey> {
        Hmac::new_from_slice(key).map(|keyed| Self { keyed }).map_err(|_| InvalidKey)
    }

    /// The value of the header `webhook-signature`.
    pub fn sign(&self, id: &str, at: Timestamp, body: &[u8]) -> String {
        let mut mac = self.keyed.clone();
        mac.update(format!("{id}.{}.", at.as_second()).as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector in the tests of the specification's own libraries
    /// (`standard-webhooks/standard-webhooks`, `libraries/javascript/src/webhook.test.ts`, "sign
    /// function works", read 2026-11-23).
    #[test]
    fn the_published_example_is_signed_as_published() {
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let at = Timestamp::from_second(1_614_265_330).unwrap();
        let signature = Signer::new(&key).unwrap().sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            at,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn id_time_and_body_are_all_signed() {
        let signer = Signer::new(&[7; 24]).unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        let signature = signer.sign("a", at(1), b"x");
        for other in [
            signer.sign("b", at(1), b"x"),
            signer.sign("a", at(2), b"x"),
            signer.sign("a", at(1), b"y"),
        ] {
            assert_ne!(other, signature);
        }
        assert_eq!(format!("{signer:?}"), "Signer { .. }");
    }
}
