//! What went wrong, in two faces: RFC 9457 (problem+json) for the caller, the chain of causes for
//! the log.
//!
//! Every kind has a stable `type`, a relative reference that resolves: `GET /problems/<name>` says
//! what it means. The caller reads a detail that is ours; what back ends said stays in the log,
//! where [`super::guard::finish`] writes it once.

use std::error::Error;
use std::sync::Arc;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::clip;
use crate::model::request::{InvalidField, InvalidRequest};
use crate::sender::{AcceptError, ControlError};
use crate::store::StoreError;

/// The media type of problems.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";

/// What a refusal without a key asks for, each in a header line of its own: Chromium overlooks
/// `Basic` behind a scheme that it does not know in the same line, and then never asks for a key.
/// A realm belongs to each (RFC 6750 section 3, RFC 7617 section 2; read 2026-11-30).
const WAYS_TO_SHOW_A_KEY: [&str; 2] =
    ["Basic realm=\"mistnet\", charset=\"UTF-8\"", "Bearer realm=\"mistnet\""];

/// The kinds of problems. Names and statuses are public interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    InvalidRequest,
    Unauthorized,
    CrossOrigin,
    NotFound,
    MethodNotAllowed,
    Conflict,
    BodyTooLarge,
    Misdirected,
    KeyReused,
    Internal,
    Damaged,
    Unavailable,
    NotReady,
    TooManySubscribers,
    TimedOut,
}

/// What a kind is.
pub(super) struct About {
    /// The last segment of its type.
    pub(super) name: &'static str,
    /// The status of the answer.
    pub(super) status: StatusCode,
    /// Its title, the same for every occurrence.
    pub(super) title: &'static str,
    /// What it means and what to do.
    pub(super) meaning: &'static str,
}

impl Kind {
    /// Every kind, by status.
    pub(super) const ALL: [Self; 15] = [
        Self::InvalidRequest,
        Self::Unauthorized,
        Self::CrossOrigin,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::BodyTooLarge,
        Self::Misdirected,
        Self::KeyReused,
        Self::Internal,
        Self::Damaged,
        Self::Unavailable,
        Self::NotReady,
        Self::TooManySubscribers,
        Self::TimedOut,
    ];

    /// What it is.
    pub(super) const fn about(self) -> About {
        let (name, status, title, meaning) = match self {
            Self::InvalidRequest => (
                "invalid-request",
                StatusCode::BAD_REQUEST,
                "The request makes no sense",
                "Something in the request is wrong; nothing was started. `errors` names each \
                 field with its value, the reason and what would be right.",
            ),
            Self::Unauthorized => (
                "unauthorized",
                StatusCode::UNAUTHORIZED,
                "An API key is needed",
                "This service asks for one of its API keys: `Authorization: Bearer KEY` or \
                 `X-API-Key: KEY`; browsers may use it as a password with any user name.",
            ),
            Self::CrossOrigin => (
                "cross-origin",
                StatusCode::FORBIDDEN,
                "Requests from other web pages are refused",
                "A web page of another origin made the request. Only pages of this service may.",
            ),
            Self::NotFound => (
                "not-found",
                StatusCode::NOT_FOUND,
                "There is no such thing",
                "No collection, file or page has this address.",
            ),
            Self::MethodNotAllowed => (
                "method-not-allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                "The address does not take this method",
                "The header `Allow` lists the methods that it takes.",
            ),
            Self::Conflict => (
                "conflict",
                StatusCode::CONFLICT,
                "The collection is in the wrong state",
                "The collection is over, so that the intervention would have no effect.",
            ),
            Self::BodyTooLarge => (
                "body-too-large",
                StatusCode::PAYLOAD_TOO_LARGE,
                "The body is too large",
                "Requests of this API have at most 64 KiB.",
            ),
            Self::Misdirected => (
                "misdirected",
                StatusCode::MISDIRECTED_REQUEST,
                "This service has another name",
                "The header `Host` has a name that is not this service's, which protects it from \
                 web pages that point their own name at it. Add it to `http.allowed_hosts` if it \
                 is right.",
            ),
            Self::KeyReused => (
                "idempotency-key-reused",
                StatusCode::UNPROCESSABLE_ENTITY,
                "The idempotency key belongs to another request",
                "A request with the same `Idempotency-Key` and another body came before. Nothing \
                 was started; use a new key for a new request.",
            ),
            Self::Internal => (
                "internal",
                StatusCode::INTERNAL_SERVER_ERROR,
                "The service made a mistake",
                "A defect of this program. Its log has the details, under the request id.",
            ),
            Self::Damaged => (
                "damaged-log",
                StatusCode::INTERNAL_SERVER_ERROR,
                "A collection's log can't be read",
                "A record in the store is damaged, was not written by mistnet, or comes from a \
                 newer version. It is named and left alone.",
            ),
            Self::Unavailable => (
                "unavailable",
                StatusCode::SERVICE_UNAVAILABLE,
                "The store can't be used now",
                "Nothing half-done is visible. Try again later; `/readyz` says why.",
            ),
            Self::NotReady => (
                "not-ready",
                StatusCode::SERVICE_UNAVAILABLE,
                "The service is not ready",
                "The store or a queue can't be used now; `checks` says which and why.",
            ),
            Self::TooManySubscribers => (
                "too-many-subscribers",
                StatusCode::SERVICE_UNAVAILABLE,
                "Too many streams of events are open",
                "Try again later, or ask for the collection now and then instead.",
            ),
            Self::TimedOut => (
                "timed-out",
                StatusCode::SERVICE_UNAVAILABLE,
                "The answer took too long",
                "The request may have taken effect. With an `Idempotency-Key` it is safe to \
                 repeat.",
            ),
        };
        About { name, status, title, meaning }
    }

    /// The kind that an answer without a problem of ours comes nearest to.
    pub(super) fn of_status(status: StatusCode) -> Self {
        let same = |kind: &Self| kind.about().status == status;
        Self::ALL.into_iter().find(same).unwrap_or(if status.is_client_error() {
            Self::InvalidRequest
        } else {
            Self::Internal
        })
    }
}

/// Something went wrong with a request.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    kind: Kind,
    detail: String,
    errors: Vec<FieldError>,
    cause: Option<String>,
}

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct FieldError {
    /// The field's name; `body` for the whole body.
    #[schema(example = "num_results")]
    pub(super) field: String,
    /// What it was.
    #[schema(example = "0")]
    pub(super) value: String,
    /// Why it can't be.
    #[schema(example = "not a number of rows")]
    pub(super) reason: String,
    /// What would be right.
    #[schema(example = "use 1 or more, or all")]
    pub(super) fix: String,
}

/// A problem as it is sent (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemBody {
    /// What kind of problem this is: a stable relative reference, which resolves.
    #[serde(rename = "type")]
    #[schema(example = "/problems/invalid-request")]
    kind: String,
    /// The kind in words, the same every time.
    #[schema(example = "The request makes no sense")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 400)]
    status: u16,
    /// What happened this time.
    detail: String,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

impl Problem {
    /// A problem; `detail` says what happened this time.
    pub(super) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new(), cause: None }
    }

    /// There is no collection with this name.
    pub(super) fn unknown_collection(id: &str) -> Self {
        let shown = clip(id);
        Self::new(Kind::NotFound, format!("there is no collection {shown:?}"))
    }

    /// Fields are wrong.
    pub(super) fn fields(errors: Vec<FieldError>) -> Self {
        let lines: Vec<String> = errors.iter().map(FieldError::line).collect();
        Self { errors, ..Self::new(Kind::InvalidRequest, lines.join("; ")) }
    }

    /// One field is wrong.
    pub(super) fn field(field: &str, value: &str, reason: &str, fix: &str) -> Self {
        let value = clip(value);
        let (field, reason, fix) = (field.to_owned(), reason.to_owned(), fix.to_owned());
        Self::fields(vec![FieldError { field, value, reason, fix }])
    }

    fn because(self, error: &dyn Error) -> Self {
        Self { cause: Some(chain(error)), ..self }
    }

    /// What happened this time.
    pub(super) fn detail(&self) -> &str {
        &self.detail
    }

    /// What led to it, for the log.
    pub(super) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// One line for each thing that went wrong.
    pub(super) fn lines(&self) -> Vec<String> {
        match self.errors.as_slice() {
            [] => vec![self.detail.clone()],
            errors => errors.iter().map(FieldError::line).collect(),
        }
    }

    /// The problem as it is sent.
    pub(super) fn body(&self) -> ProblemBody {
        let About { name, status, title, .. } = self.kind.about();
        ProblemBody {
            kind: format!("/problems/{name}"),
            title,
            status: status.as_u16(),
            detail: self.detail.clone(),
            errors: self.errors.clone(),
        }
    }
}

impl FieldError {
    fn line(&self) -> String {
        let Self { field, value, reason, fix } = self;
        format!("{field} {value:?}: {reason} ({fix})")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.kind.about().status;
        let mut response = (status, Json(self.body())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        if status == StatusCode::UNAUTHORIZED {
            for way in WAYS_TO_SHOW_A_KEY {
                headers.append(header::WWW_AUTHENTICATE, HeaderValue::from_static(way));
            }
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// An error and everything that led to it, in one line.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        text = format!("{text}: {deeper}");
        cause = deeper.source();
    }
    text
}

impl From<InvalidField> for FieldError {
    fn from(InvalidField { field, value, reason, fix }: InvalidField) -> Self {
        Self { field: field.to_owned(), value, reason, fix }
    }
}

impl From<InvalidRequest> for Problem {
    fn from(invalid: InvalidRequest) -> Self {
        Self::fields(invalid.problems.into_iter().map(FieldError::from).collect())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let problem = match &error {
            StoreError::Unavailable { .. } | StoreError::Refused { .. } => {
                Self::new(Kind::Unavailable, "the store can't be reached, read or written now")
            }
            StoreError::Elsewhere { .. } => Self::new(
                Kind::Unavailable,
                "the store is gone: its volume is not mounted, or its folder was moved or \
                 removed; nothing is fetched until it is back",
            ),
            // These name a record below the store, which the caller has to know.
            StoreError::Corrupt { .. }
            | StoreError::Newer { .. }
            | StoreError::Unknown { .. }
            | StoreError::Missing { .. } => Self::new(Kind::Damaged, error.to_string()),
        };
        problem.because(&error)
    }
}

impl From<AcceptError> for Problem {
    fn from(error: AcceptError) -> Self {
        match error {
            AcceptError::Store(error) => error.into(),
            reused @ AcceptError::KeyReused(_) => Self::new(Kind::KeyReused, reused.to_string()),
        }
    }
}

impl From<ControlError> for Problem {
    fn from(error: ControlError) -> Self {
        match error {
            ControlError::Unknown(id) => Self::unknown_collection(id.as_str()),
            over @ (ControlError::Over { .. } | ControlError::Spent { .. }) => {
                Self::new(Kind::Conflict, over.to_string())
            }
            ControlError::Store(error) => error.into(),
        }
    }
}
