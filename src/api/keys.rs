//! The keys of the API, and whose key a request shows.
//!
//! Keys are kept and compared as SHA-256 digests in constant time, all of them every time, so that
//! neither memory dumps nor timings tell a key.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// The keys that are valid, as digests.
#[derive(Debug)]
pub(super) struct Keys(Vec<[u8; 32]>);

impl Keys {
    /// The digests of these keys.
    pub(super) fn new(keys: &[SecretString]) -> Self {
        Self(keys.iter().map(|key| digest(key.expose_secret().as_bytes())).collect())
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Who sent a request with these headers.
    pub(super) fn caller(&self, headers: &HeaderMap) -> Caller {
        shown_key(headers).and_then(|key| self.number(&key)).map_or(Caller::Anyone, Caller::Key)
    }

    /// Whether this caller may pass. Without any key configured all may: then only this machine
    /// can reach the service.
    pub(super) fn admit(&self, caller: Caller) -> bool {
        self.0.is_empty() || caller != Caller::Anyone
    }

    /// Which key this is, if it is one.
    fn number(&self, key: &[u8]) -> Option<usize> {
        let shown = digest(key);
        let mut found = (Choice::from(0), 0);
        for (number, known) in (0_u64..).zip(&self.0) {
            let is_equal = known.ct_eq(&shown);
            found.1.conditional_assign(&number, is_equal);
            found.0 |= is_equal;
        }
        bool::from(found.0).then(|| usize::try_from(found.1).ok()).flatten()
    }
}

/// Who sent a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Caller {
    /// Whoever it is, no valid key came with it.
    #[default]
    Anyone,
    /// A holder of the key with this number.
    Key(usize),
}

fn digest(key: &[u8]) -> [u8; 32] {
    Sha256::digest(key).into()
}

/// The key that a request shows.
fn shown_key(headers: &HeaderMap) -> Option<Vec<u8>> {
    if let Some(key) = headers.get("x-api-key") {
        return Some(key.as_bytes().to_vec());
    }
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, value) = text.split_once(' ')?;
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Some(value.trim().as_bytes().to_vec()),
        "basic" => {
            let pair = STANDARD.decode(value.trim()).ok()?;
            let colon = pair.iter().position(|byte| *byte == b':')?;
            pair.get(colon + 1..).map(<[u8]>::to_vec)
        }
        _ => None,
    }
}
