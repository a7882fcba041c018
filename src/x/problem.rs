//! The bodies of X's errors.
//!
//! X sends at least two families (recorded 2021-26): one problem object with `title`, `type`,
//! `detail`, and one with a list `errors` of messages; some answers have both, some neither (HTML
//! or nothing). Everything here is optional, because the shapes vary even within one endpoint.
//! Only texts are taken out, cut to a length that is fit for a message.

use serde_json::Value;

/// What could be read from an error's body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problem {
    /// The last segment of `type`: what follows `/problems/`, on whichever host.
    pub kind: String,
    /// `title`.
    pub title: String,
    /// The most specific text: the first message of `errors`, else `detail`, else `title`.
    pub message: String,
    /// `reason` and `required_enrollment`, for a refused access.
    pub reason: String,
    /// The names of parameters that it complains about.
    pub parameters: Vec<String>,
    /// `reset_date`, when a spending cap ends.
    pub reset_date: Option<String>,
    /// `code` of the first entry of `errors`.
    pub code: Option<u64>,
    /// `status`, as a number or as its digits.
    pub status: Option<u16>,
    /// The status of the answer that it came in, if that says something else.
    pub inside: Option<u16>,
}

/// The longest text that is taken from a body, in characters.
const MAX_TEXT: usize = 400;

impl Problem {
    /// Reads a body; everything is empty if it is no JSON object.
    pub fn read(body: &[u8]) -> Self {
        // Nobody needs more of an error than this, and HTML pages can be long.
        let Ok(Value::Object(body)) = serde_json::from_slice(body.get(..MAX_BODY).unwrap_or(body))
        else {
            return Self::default();
        };
        let body = Value::Object(body);
        let first = &body["errors"][0];
        let either = |name: &str| text(&body[name]).or_else(|| text(&first[name]));
        let kind = either("type").unwrap_or_default();
        let message = text(&first["message"]).or_else(|| either("detail"));
        let title = either("title").unwrap_or_default();
        Self {
            kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
            message: message.unwrap_or_else(|| title.clone()),
            title,
            reason: either("reason").or_else(|| either("required_enrollment")).unwrap_or_default(),
            parameters: parameters(&body),
            reset_date: text(&body["reset_date"]),
            code: first["code"].as_u64(),
            status: status(&body["status"]).or_else(|| status(&first["status"])),
            inside: None,
        }
    }

    /// The status that it would have come with, had it not come in a 200: the one that it names, or
    /// else the one that X sends with this type, title or code (recorded 2021-26; docs.x.com,
    /// response codes, read 2026-08-22). `None` if that can't be told, or if it is about things that
    /// a post refers to, and not about the request.
    pub fn meant_status(&self) -> Option<u16> {
        if RESOURCE_KINDS.iter().any(|kind| self.kind.starts_with(kind)) {
            return None;
        }
        let named = self.status.filter(|status| (400..600).contains(status));
        let known = |known: &&(u16, &[&str], &[u64])| {
            let (_, words, codes) = **known;
            self.is(words, words) || self.code.is_some_and(|code| codes.contains(&code))
        };
        named.or_else(|| MEANINGS.iter().find(known).map(|(status, ..)| *status))
    }

    /// Whether its type is one of `kinds` or its title one of `titles`.
    pub fn is(&self, kinds: &[&str], titles: &[&str]) -> bool {
        kinds.contains(&self.kind.as_str()) || titles.contains(&self.title.as_str())
    }
}

/// Types of problems about a resource or a field: partial errors, which do not refuse the request.
const RESOURCE_KINDS: [&str; 4] =
    ["resource-", "not-authorized-for-", "field-", "disallowed-resource"];

/// What types and titles, and the codes of X's API v1.1, mean as a status.
const MEANINGS: &[(u16, &[&str], &[u64])] = &[
    (
        429,
        &["rate-limit-exceeded", "Too Many Requests", "Rate Limit", "Rate limit exceeded"],
        &[88],
    ),
    (401, &["Unauthorized"], &[32, 89, 215]),
    (402, &["Payment Required"], &[]),
    (
        403,
        &[
            "client-forbidden",
            "unsupported-authentication",
            "oauth1-permissions",
            "Client Forbidden",
            "Unsupported Authentication",
            "Forbidden",
        ],
        &[],
    ),
    (400, &["invalid-request", "Invalid Request", "Bad Request"], &[]),
    (500, &["internal-error", "Internal Error", "Internal Server Error"], &[131]),
    (502, &["Bad Gateway"], &[]),
    (503, &["service-unavailable", "Service Unavailable", "Over capacity"], &[130]),
    (504, &["Gateway Timeout", "Gateway Time-out"], &[]),
];

/// The largest body of an error that is looked at. Our own limit; recorded ones are below 2 KB.
const MAX_BODY: usize = 64 * 1024;

/// `errors[].parameters{name: …}`, and the flat `parameter` of OpenAPI 2.167.
fn parameters(body: &Value) -> Vec<String> {
    let mut names: Vec<String> = text(&body["parameter"]).into_iter().collect();
    for error in body["errors"].as_array().into_iter().flatten().take(20) {
        names.extend(text(&error["parameter"]));
        names.extend(error["parameters"].as_object().into_iter().flatten().map(|(k, _)| k.clone()));
    }
    names
}

fn status(value: &Value) -> Option<u16> {
    let number = value.as_u64().and_then(|number| u16::try_from(number).ok());
    number.or_else(|| value.as_str()?.trim().parse().ok())
}

/// A text without control characters, not too long; `None` if it is none or empty.
fn text(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    (!text.is_empty()).then(|| clean.take(MAX_TEXT).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_shapes_are_borne() {
        for body in [
            "",
            "null",
            "[]",
            "<html>",
            "{",
            "{\"errors\":7}",
            "{\"errors\":[7]}",
            "{\"errors\":{\"a\":1}}",
            "{\"title\":[],\"type\":{},\"detail\":1e400}",
        ] {
            assert_eq!(Problem::read(body.as_bytes()), Problem::default(), "{body}");
        }
    }

    #[test]
    fn the_host_of_a_type_does_not_matter() {
        for host in ["api.twitter.com", "api.x.com"] {
            let body = format!("{{\"type\":\"https://{host}/2/problems/usage-capped\"}}");
            assert_eq!(Problem::read(body.as_bytes()).kind, "usage-capped");
        }
    }

    #[test]
    fn a_problem_names_or_means_its_status() {
        for (body, expected) in [
            (r#"{"title":"Anything","status":503}"#, Some(503)),
            (r#"{"title":"Anything","status":"429"}"#, Some(429)),
            (r#"{"errors":[{"status":401,"message":"x"}]}"#, Some(401)),
            (r#"{"title":"Too Many Requests","status":200}"#, Some(429)),
            (r#"{"title":"Service Unavailable"}"#, Some(503)),
            (r#"{"errors":[{"code":88,"message":"Rate limit exceeded"}]}"#, Some(429)),
            (r#"{"errors":[{"code":89,"message":"Invalid or expired token"}]}"#, Some(401)),
            (r#"{"type":"https://api.x.com/2/problems/rate-limit-exceeded"}"#, Some(429)),
            (r#"{"type":"https://api.x.com/2/problems/invalid-request"}"#, Some(400)),
            (r#"{"title":"Forbidden","type":"x/problems/resource-not-found","status":404}"#, None),
            (r#"{"errors":[{"type":"x/problems/not-authorized-for-resource"}]}"#, None),
            (r#"{"title":"Anything","status":99999}"#, None),
            (r#"{"title":"Anything","status":-1}"#, None),
            ("{}", None),
        ] {
            assert_eq!(Problem::read(body.as_bytes()).meant_status(), expected, "{body}");
        }
    }

    #[test]
    fn texts_are_cut_and_cleaned() {
        let body = serde_json::json!({ "detail": "a\n\u{1b}[31m".to_owned() + &"x".repeat(9999) });
        let problem = Problem::read(body.to_string().as_bytes());
        assert!(problem.message.starts_with("a  [31mx"));
        assert_eq!(problem.message.chars().count(), MAX_TEXT);
    }
}
