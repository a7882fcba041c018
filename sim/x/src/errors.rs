//! Refusals: the bodies that X was recorded to send, and a few that only its
//! documentation shows. Wordings marked *guess* have no source; a client must not
//! depend on them, and neither do the tests here.

use serde_json::{Value, json};

use super::clock::timestamp;
use super::options::Dialect;

/// What an answer carries.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// An answer, `application/json`.
    Answer(String),
    /// An old-style error, `application/json`.
    Json(Value),
    /// An error, `application/problem+json`.
    Problem(Value),
    /// A page for people.
    Html(&'static str),
    /// Nothing.
    Empty,
}

/// A status other than 200, and its body.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: Body,
}

impl Refusal {
    fn problem(status: u16, body: Value) -> Self {
        Self { status, body: Body::Problem(body) }
    }
}

const LEGACY: &str = "https://api.twitter.com/2/problems/";
const CURRENT: &str = "https://api.x.com/2/problems/";

/// The `type` of a problem in a dialect.
pub fn kind(dialect: Dialect, name: &str) -> String {
    format!("{}{name}", dialect.pick(LEGACY, CURRENT))
}

/// 401, recorded.
pub fn unauthorized() -> Refusal {
    let body = json!({"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"});
    Refusal::problem(401, body)
}

/// 429 of both rate limits (geduldig/TwitterAPI issue 180).
pub fn too_many_requests() -> Refusal {
    let body = json!({"title": "Too Many Requests", "type": "about:blank", "status": 429, "detail": "Too Many Requests"});
    Refusal::problem(429, body)
}

/// 429 as the older documentation shows it (docs.x.com, rate limits, read 2026-08-22).
pub fn rate_limit_code_88() -> Refusal {
    let body = json!({"errors": [{"code": 88, "message": "Rate limit exceeded"}]});
    Refusal { status: 429, body: Body::Json(body) }
}

/// 429 of the monthly cap (xdevplatform/xdk issue 25, 2026-02). Waiting does not help.
pub fn usage_capped() -> Refusal {
    Refusal::problem(
        429,
        json!({
            "account_id": 1_949_003_093_120_876_544_u64,
            "product_name": "standard-basic",
            "title": "UsageCapExceeded",
            "period": "Monthly",
            "scope": "Product",
            "detail": "Usage cap exceeded: Monthly product cap",
            "type": "https://api.twitter.com/2/problems/usage-capped"
        }),
    )
}

/// 402, recorded early in 2026. The account id is a number above 2^53.
pub fn credits_depleted() -> Refusal {
    Refusal::problem(
        402,
        json!({
            "account_id": 1_949_003_093_120_876_544_u64,
            "title": "CreditsDepleted",
            "detail": "Your enrolled account [1949003093120876544] does not have any credits to fulfill this request.",
            "type": "https://api.twitter.com/2/problems/credits"
        }),
    )
}

/// 402 in its newer form.
pub fn payment_required() -> Refusal {
    Refusal::problem(
        402,
        json!({
            "detail": "credits depleted",
            "status": 402,
            "title": "Payment Required",
            "type": "https://api.x.com/2/problems/credits-depleted"
        }),
    )
}

/// 403 of the spending limit; the cycle resets on the first of the next month here.
pub fn spend_cap_reached(now_ms: i64) -> Refusal {
    let date = timestamp(now_ms).to_zoned(jiff::tz::TimeZone::UTC).date();
    let next = date.first_of_month().saturating_add(jiff::Span::new().months(1));
    Refusal::problem(
        403,
        json!({
            "account_id": 1_949_003_093_120_876_544_u64,
            "title": "SpendCapReached",
            "detail": format!("Your enrolled account [1949003093120876544] has reached its billing cycle spend cap. API requests will be blocked until the next cycle begins on {next}."),
            "reset_date": next.to_string(),
            "type": "https://api.twitter.com/2/problems/credits"
        }),
    )
}

/// 403 of an app that is not attached to a project, recorded.
pub fn client_not_enrolled() -> Refusal {
    Refusal::problem(
        403,
        json!({
            "client_id": "12262375",
            "detail": "When authenticating requests to the Twitter API v2 endpoints, you must use keys and tokens from a Twitter developer App that is attached to a Project. You can create a project via the developer portal.",
            "registration_url": "https://developer.twitter.com/en/docs/projects/overview",
            "title": "Client Forbidden",
            "required_enrollment": "Appropriate Level of API Access",
            "reason": "client-not-enrolled",
            "type": "https://api.twitter.com/2/problems/client-forbidden"
        }),
    )
}

/// 404 of an unknown path: a page, not JSON (recorded).
pub fn no_such_path() -> Refusal {
    Refusal { status: 404, body: Body::Html(NOT_FOUND) }
}

/// 5xx as JSON (wording of 503 seen in public code, unverified).
pub fn server_error(status: u16) -> Refusal {
    let title = title(status);
    let body = json!({"title": title, "detail": title, "type": "about:blank", "status": status});
    Refusal::problem(status, body)
}

/// A refusal of this status that comes in a 200 (*guess*: no body of that kind was recorded).
pub fn in_200(status: u16) -> Refusal {
    let refusal = match status {
        401 => unauthorized(),
        402 => payment_required(),
        403 => client_not_enrolled(),
        429 => too_many_requests(),
        other => server_error(other),
    };
    Refusal { status: 200, ..refusal }
}

/// 200 and an object without fields (*guess*).
pub fn empty_object() -> Refusal {
    Refusal { status: 200, body: Body::Json(json!({})) }
}

/// 200 and a partial error without anything that it is part of (as a lookup answers that finds
/// nothing; of a search a *guess*).
pub fn errors_only(dialect: Dialect) -> Refusal {
    let error = partial(dialect, Missing::Protected, "tweet", "ids", "7");
    Refusal { status: 200, body: Body::Json(json!({"errors": [error]})) }
}

/// The page that a proxy in front of X shows.
pub fn html(status: u16) -> Refusal {
    Refusal { status, body: Body::Html(OVER_CAPACITY) }
}

/// A status and nothing else.
pub fn empty(status: u16) -> Refusal {
    Refusal { status, body: Body::Empty }
}

fn title(status: u16) -> &'static str {
    match status {
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Error",
    }
}

const NOT_FOUND: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Page not found</title></head>\n<body><h1>Sorry, that page doesn’t exist!</h1></body>\n</html>\n";
const OVER_CAPACITY: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Over capacity</title></head>\n<body><h1>Something is technically wrong.</h1></body>\n</html>\n";

/// A parameter that X does not accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The parameters to blame, with their values as X echoes them.
    pub parameters: Vec<(String, String)>,
    /// X's words.
    pub message: String,
}

impl Invalid {
    /// One parameter to blame.
    pub fn new(parameter: &str, value: &str, message: impl Into<String>) -> Self {
        Self { parameters: vec![(parameter.to_owned(), value.to_owned())], message: message.into() }
    }

    /// A second parameter to blame.
    pub fn and(mut self, parameter: &str, value: &str) -> Self {
        self.parameters.push((parameter.to_owned(), value.to_owned()));
        self
    }

    /// The 400: `errors[]` as recorded in the legacy dialect, flat as in OpenAPI 2.167
    /// in the current one.
    pub fn refusal(&self, dialect: Dialect) -> Refusal {
        const DETAIL: &str = "One or more parameters to your request was invalid.";
        let values = |value: &String| if value.is_empty() { json!([]) } else { json!([value]) };
        let parameters: serde_json::Map<String, Value> =
            self.parameters.iter().map(|(name, value)| (name.clone(), values(value))).collect();
        let body = match dialect {
            Dialect::Legacy => json!({
                "errors": [{"parameters": parameters, "message": self.message}],
                "title": "Invalid Request",
                "detail": DETAIL,
                "type": kind(dialect, "invalid-request")
            }),
            Dialect::Current => {
                let (name, value) = self.parameters.first().cloned().unwrap_or_default();
                json!({
                    "type": kind(dialect, "invalid-request"),
                    "title": "Invalid Request",
                    "detail": self.message,
                    "parameter": name,
                    "value": value,
                    "status": 400
                })
            }
        };
        Refusal::problem(400, body)
    }
}

/// Why something is missing from a 200: an item of its `errors`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// "Could not find …"
    NotFound,
    /// "Sorry, you are not authorized to see …"
    Protected,
    /// "User has been suspended: …", titled "Forbidden"
    Suspended,
}

/// A partial error with the exact keys that were recorded.
pub fn partial(
    dialect: Dialect,
    missing: Missing,
    resource: &'static str,
    parameter: &str,
    value: &str,
) -> Value {
    let name = if resource == "user" { "user" } else { "tweet" };
    let noun = if resource == "user" { "User" } else { "Tweet" };
    let (title, detail, problem) = match missing {
        Missing::NotFound => (
            "Not Found Error",
            format!("Could not find {name} with {parameter}: [{value}]."),
            "resource-not-found",
        ),
        Missing::Protected => (
            "Authorization Error",
            format!("Sorry, you are not authorized to see the {noun} with {parameter}: [{value}]."),
            "not-authorized-for-resource",
        ),
        Missing::Suspended => {
            ("Forbidden", format!("User has been suspended: [{value}]."), "resource-not-found")
        }
    };
    let mut error = json!({
        "value": value,
        "detail": detail,
        "title": title,
        "resource_type": name,
        "parameter": parameter,
        "resource_id": value,
        "type": kind(dialect, problem)
    });
    if missing == Missing::Protected {
        error["section"] = json!("includes");
    }
    error
}

/// A field that an app-only caller may not see.
pub fn field_forbidden(dialect: Dialect, id: &str, field: &str) -> Value {
    json!({
        "value": id,
        "detail": format!("Sorry, you are not authorized to access '{field}' on the Tweet with id : [{id}]."),
        "title": "Field Authorization Error",
        "resource_type": "tweet",
        "parameter": "id",
        "resource_id": id,
        "field": field,
        "section": "data",
        "type": kind(dialect, "not-authorized-for-field")
    })
}
