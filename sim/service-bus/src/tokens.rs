//! Tokens that clients put into `$cbs`, and what they allow.
//!
//! A shared access signature is `SharedAccessSignature sr=…&sig=…&se=…&skn=…`: `sig` is the base64
//! of HMAC-SHA256 over `sr`, as it stands there, a line feed, and `se`, under the text of the key
//! (learn.microsoft.com, Service Bus access control with Shared Access Signatures, read
//! 2026-11-22). It is checked for real whenever the simulator has a key.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::broker::path_of;
use super::options::Options;

/// How many different resources a connection may hold tokens for.
const MAX_GRANTS: usize = 256;

/// What a connection may do, and until when.
#[derive(Debug)]
pub struct Claims {
    required: bool,
    grants: Vec<Grant>,
}

/// Everything below a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The path, in lower case; empty is the whole namespace.
    pub path: String,
    /// Milliseconds since 1970.
    pub until_ms: i64,
}

impl Claims {
    /// No claims. If none are required, everything is allowed until tokens are expired.
    pub fn new(options: &Options) -> Self {
        Self { required: options.keys.is_some(), grants: Vec::new() }
    }

    /// Whether a path may be used.
    pub fn allow(&self, path: &str, now_ms: i64) -> bool {
        let path = path_of(path).to_ascii_lowercase();
        let covers = |grant: &Grant| grant.until_ms > now_ms && covers(&grant.path, &path);
        !self.required || self.grants.iter().any(covers)
    }

    /// Adds a grant, in place of an older one for the same path. `false` if there are too many.
    pub fn add(&mut self, grant: Grant) -> bool {
        self.grants.retain(|old| old.path != grant.path);
        self.grants.push(grant);
        self.grants.len() <= MAX_GRANTS
    }

    /// Forgets all grants; from now on they are required.
    pub fn expire(&mut self) {
        self.grants.clear();
        self.required = true;
    }

    /// When the next grant runs out after a time.
    pub fn next_expiry(&self, now_ms: i64) -> Option<i64> {
        let ends = self.grants.iter().map(|grant| grant.until_ms).filter(|until| *until > now_ms);
        ends.min().filter(|_| self.required)
    }
}

/// Whether a path is a resource or below it.
fn covers(resource: &str, path: &str) -> bool {
    let rest = path.strip_prefix(resource);
    rest.is_some_and(|rest| resource.is_empty() || rest.is_empty() || rest.starts_with('/'))
}

/// Looks at a token for a resource. Refusals say why, in a word for the log of a client.
pub fn check(
    options: &Options,
    kind: &str,
    token: &str,
    resource: &str,
    now_ms: i64,
) -> Result<Grant, &'static str> {
    let path = path_of(resource).to_ascii_lowercase();
    let Some((policy, key)) = &options.keys else {
        return Ok(Grant { path, until_ms: i64::MAX });
    };
    // What it is shows in the token: azure-servicebus 7.15.0 puts signatures with the type `jwt`.
    let until_ms = if let Some(fields) = token.strip_prefix("SharedAccessSignature ") {
        let signature = Signature::parse(fields).ok_or("MalformedToken")?;
        signature.verify(policy, key, &path)?
    } else if kind == "jwt" || kind == "amqp:jwt" {
        let check = options.jwt.as_ref().ok_or("InvalidIssuer")?;
        let until_ms = jwt_expiry_ms(token).ok_or("MalformedToken")?;
        if (check.0)(token) { until_ms } else { return Err("InvalidToken") }
    } else {
        return Err("UnsupportedTokenType");
    };
    if until_ms <= now_ms {
        return Err("ExpiredToken");
    }
    Ok(Grant { path, until_ms })
}

/// The parts of a shared access signature.
#[derive(Default)]
struct Signature<'a> {
    resource: &'a str,
    proof: &'a str,
    expiry: &'a str,
    policy: &'a str,
}

impl<'a> Signature<'a> {
    fn parse(fields: &'a str) -> Option<Self> {
        let mut parts = Self::default();
        for pair in fields.split('&') {
            match pair.split_once('=')? {
                ("sr", value) => parts.resource = value,
                ("sig", value) => parts.proof = value,
                ("se", value) => parts.expiry = value,
                ("skn", value) => parts.policy = value,
                _ => {}
            }
        }
        Some(parts)
    }

    /// Gives the expiry, if policy, signature and resource are right.
    fn verify(&self, policy: &str, key: &str, path: &str) -> Result<i64, &'static str> {
        if unescaped(self.policy) != policy.as_bytes() {
            return Err("InvalidPolicy");
        }
        let signature = STANDARD.decode(unescaped(self.proof)).map_err(|_| "MalformedToken")?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
        let signed = format!("{}\n{}", self.resource, self.expiry);
        hmac::verify(&key, signed.as_bytes(), &signature).map_err(|_| "InvalidSignature")?;
        let resource = String::from_utf8(unescaped(self.resource)).map_err(|_| "MalformedToken")?;
        if !covers(&path_of(&resource).to_ascii_lowercase(), path) {
            return Err("InvalidAudience");
        }
        let seconds: i64 = self.expiry.parse().map_err(|_| "MalformedToken")?;
        Ok(seconds.saturating_mul(1_000))
    }
}

/// Undoes `%XX`; what is no such escape stays.
fn unescaped(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escape = match rest {
            [b'%', high, low, ..] => hex(*high).zip(hex(*low)),
            _ => None,
        };
        if let Some((high, low)) = escape {
            out.push(high * 16 + low);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    out
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|digit| digit as u8)
}

/// `exp` of a JWT, in milliseconds.
fn jwt_expiry_ms(token: &str) -> Option<i64> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let payload: serde_json::Value = serde_json::from_slice(&payload).ok()?;
    payload.get("exp")?.as_i64()?.checked_mul(1_000)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::options::JwtCheck;

    const SAS: &str = "servicebus.windows.net:sastoken";
    /// HMAC-SHA256 of `sb%3A%2F%2Fns%2Fbirds\n2000` under `secret`, by Python's hmac.
    const SIGNATURE: &str = "IIGLQ45dijpUuKL7xBv6QF3pSQKZb9r5rfg0JOnKMYE%3D";

    fn options() -> Options {
        Options { keys: Some(("ringer".into(), "secret".into())), ..Options::default() }
    }

    fn token(signature: &str) -> String {
        format!("SharedAccessSignature sr=sb%3A%2F%2Fns%2Fbirds&sig={signature}&se=2000&skn=ringer")
    }

    fn put(token: &str, resource: &str, now_ms: i64) -> Result<Grant, &'static str> {
        check(&options(), SAS, token, resource, now_ms)
    }

    #[test]
    fn a_true_signature_allows_its_resource_until_it_expires() {
        let grant = put(&token(SIGNATURE), "amqps://ns:5671/Birds", 1_999_999);
        assert_eq!(grant, Ok(Grant { path: "birds".into(), until_ms: 2_000_000 }));
        assert_eq!(put(&token(SIGNATURE), "sb://ns/birds", 2_000_000), Err("ExpiredToken"));
        let mut claims = Claims::new(&options());
        assert!(!claims.allow("birds", 0));
        assert!(claims.add(grant.unwrap()));
        assert!(claims.allow("amqp://ns/Birds/$management", 0));
        assert!(!claims.allow("birdsong", 0));
        assert!(!claims.allow("birds", 2_000_000));
        assert_eq!(claims.next_expiry(0), Some(2_000_000));
    }

    #[test]
    fn what_is_forged_or_for_something_else_is_refused() {
        let good = token(SIGNATURE);
        for (token, resource, reason) in [
            (good.replace("se=2000", "se=3000"), "sb://ns/birds", "InvalidSignature"),
            (token("AAAA"), "sb://ns/birds", "InvalidSignature"),
            (token("!"), "sb://ns/birds", "MalformedToken"),
            (good.clone(), "sb://ns/other", "InvalidAudience"),
            (good.clone(), "sb://ns/birdsong", "InvalidAudience"),
            (good.replace("ringer", "other"), "sb://ns/birds", "InvalidPolicy"),
            ("SharedAccessSignature nonsense".into(), "sb://ns/birds", "MalformedToken"),
            ("nonsense".into(), "sb://ns/birds", "UnsupportedTokenType"),
        ] {
            assert_eq!(put(&token, resource, 0), Err(reason), "{token}");
        }
    }

    #[test]
    fn an_entra_token_is_asked_about_and_expires() {
        let payload = URL_SAFE_NO_PAD.encode(r#"{"exp":2000}"#);
        let jwt = format!("x.{payload}.y");
        let put = |options: &Options, now_ms| check(options, "jwt", &jwt, "sb://ns/birds", now_ms);
        assert_eq!(put(&options(), 0), Err("InvalidIssuer"));
        let ask = |answer: bool| {
            let jwt = Some(JwtCheck(Arc::new(move |_: &str| answer)));
            Options { jwt, ..options() }
        };
        assert_eq!(put(&ask(true), 0).map(|grant| grant.until_ms), Ok(2_000_000));
        assert_eq!(put(&ask(true), 2_000_000), Err("ExpiredToken"));
        assert_eq!(put(&ask(false), 0), Err("InvalidToken"));
    }

    #[test]
    fn without_keys_everything_is_allowed_until_tokens_are_expired() {
        let mut claims = Claims::new(&Options::default());
        assert!(claims.allow("birds", 0));
        claims.expire();
        assert!(!claims.allow("birds", 0));
        let grant = check(&Options::default(), SAS, "anything", "sb://ns/birds", 0).unwrap();
        assert!(claims.add(grant) && claims.allow("birds", i64::MAX - 1));
    }

    #[test]
    fn no_key_is_in_debug_output() {
        assert!(!format!("{:?}", options()).contains("secret"));
    }
}
