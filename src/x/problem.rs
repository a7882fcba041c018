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
        }
    }

    /// Whether its type is one of `kinds` or its title one of `titles`.
    pub fn is(&self, kinds: &[&str], titles: &[&str]) -> bool {
        kinds.contains(&self.kind.as_str()) || titles.contains(&self.title.as_str())
    }
}

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
    fn texts_are_cut_and_cleaned() {
        let body = serde_json::json!({ "detail": "a\n\u{1b}[31m".to_owned() + &"x".repeat(9999) });
        let problem = Problem::read(body.to_string().as_bytes());
        assert!(problem.message.starts_with("a  [31mx"));
        assert_eq!(problem.message.chars().count(), MAX_TEXT);
    }
}
