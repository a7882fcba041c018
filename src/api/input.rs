//! What callers send: bodies, query strings and ids, with every problem named at once.
//!
//! A body is JSON whatever its content type says, because `curl -d` says that it is a form. Web
//! pages of other origins, which could abuse that, are refused before anything is read.
//!
//! Each field is tried alone, so that an answer can name all wrong fields and not just the first.

use axum::body::Bytes;
use axum::extract::FromRequest;
use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::Face;
use super::problem::{FieldError, Kind, Problem};
use super::types::{Field, RequestBody};
use crate::model::{CollectionId, clip};

/// A body, at most as long as the service takes.
pub(super) struct Body(pub(super) Bytes);

impl FromRequest<Face> for Body {
    type Rejection = Problem;

    async fn from_request(request: axum::extract::Request, face: &Face) -> Result<Self, Problem> {
        let limit = face.limits.body_bytes;
        let body = Bytes::from_request(request, face).await;
        body.map(Self).map_err(|rejection| unreadable_body(rejection.status(), limit))
    }
}

/// The answer to a body over the limit, or one that stopped midway.
fn unreadable_body(status: StatusCode, limit: usize) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(Kind::BodyTooLarge, format!("the body has more than {limit} bytes"))
    } else {
        Problem::new(Kind::InvalidRequest, "the body ended before it was complete")
    }
}

/// Reads a body, which has no other fields than its type.
pub(super) fn read<T: RequestBody>(body: &[u8]) -> Result<T, Problem> {
    let object: Map<String, Value> =
        serde_json::from_slice(body).map_err(|e| no_object(body, &e))?;
    let wrong: Vec<_> = object.iter().filter_map(wrong::<T>).collect();
    if !wrong.is_empty() {
        return Err(Problem::fields(wrong));
    }
    // From the text once more: only this sees a field that is there twice.
    serde_json::from_slice(body).map_err(|error| no_object(body, &error))
}

fn no_object(body: &[u8], error: &serde_json::Error) -> Problem {
    let fix = "send a JSON object such as {\"hashtag\": \"#rustlang\"}";
    Problem::field("body", &String::from_utf8_lossy(body), &error.to_string(), fix)
}

/// What is wrong with a field taken alone.
fn wrong<T: RequestBody>((name, value): (&String, &Value)) -> Option<FieldError> {
    let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let problem = |reason: String, fix: String| FieldError {
        field: clip(name),
        value: clip(&shown),
        reason,
        fix,
    };
    let Some(Field { fix, .. }) = T::FIELDS.iter().find(|known| known.name == name) else {
        let names: Vec<&str> = T::FIELDS.iter().map(|known| known.name).collect();
        return Some(problem("unknown field".into(), format!("known are {}", names.join(", "))));
    };
    let alone = Value::Object(Map::from_iter([(name.clone(), value.clone())]));
    let error = serde_json::from_value::<T>(alone).err()?;
    Some(problem(error.to_string(), (*fix).to_owned()))
}

/// Reads the id in an address. Whatever is no id names no collection.
pub(super) fn id(text: &str) -> Result<CollectionId, Problem> {
    text.parse().map_err(|_| Problem::unknown_collection(text))
}

/// The query of an address, by name.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// The parameters, none of which may be unknown.
    pub(super) fn new(query: Vec<(String, String)>, known: &[&str]) -> Result<Self, Problem> {
        match query.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            None => Ok(Self(query)),
            Some((name, value)) => {
                let fix = format!("known are {}", known.join(", "));
                Err(Problem::field(name, value, "unknown parameter", &fix))
            }
        }
    }

    /// The value of a parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A number of things from 1 to `most`.
    pub(super) fn count(
        &self,
        name: &str,
        otherwise: usize,
        most: usize,
    ) -> Result<usize, Problem> {
        let Some(text) = self.get(name) else { return Ok(otherwise) };
        let number = text.parse().ok().filter(|number| (1..=most).contains(number));
        number.ok_or_else(|| {
            Problem::field(name, text, "out of range", &format!("use a number from 1 to {most}"))
        })
    }
}
