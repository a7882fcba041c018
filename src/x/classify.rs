//! What an answer means: a pure function of status, headers and body.
//!
//! The body of a success is read by the caller's function, once, because indexing a megabyte of
//! JSON is most of the work that a page makes here.
//!
//! The problem's type and title are looked at first, because X uses one status for different
//! things: 429 is a rate limit or the monthly cap, 403 a missing right or the spending cap. Waiting
//! for a cap as if it were a rate limit goes on for ever (xdevplatform/xdk issue 25). Then the
//! status decides; a refusal that comes in a 200 is judged by the status that its body names or
//! means. Sources: bodies recorded from public code and issues 2021-26, and docs.x.com,
//! response codes, read 2026-08-22.
//!
//! It decides nothing that needs a history: repeated 401s and the length of a pause are the
//! client's.

use super::failure::{Failure, Paid, Size};
use super::headers::LimitHeaders;
use super::page::NoPage;
use super::problem::Problem;
use crate::model::record::Trouble;

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict<T> {
    /// A page, whole as far as JSON goes, as it was read.
    Answer(T),
    /// A rate limit.
    RateLimited,
    /// The token is not accepted.
    Unauthorized(Trouble),
    /// Everything else.
    Failure(Failure),
}

/// Judges an answer. `read` reads the body of a success, or says how it fails to be an answer.
pub(super) fn classify<T>(
    status: u16,
    headers: &LimitHeaders,
    body: &[u8],
    read: impl FnOnce(&[u8]) -> Result<T, NoPage>,
) -> Verdict<T> {
    if !(200..300).contains(&status) {
        return refused(status, headers, &Problem::read(body));
    }
    match read(body) {
        Ok(page) => Verdict::Answer(page),
        Err(NoPage::Broken(why)) => {
            unavailable(headers, Paid::Perhaps, format!("HTTP {status}, but {why}"))
        }
        Err(NoPage::Refusal) => refused_in_success(status, headers, body),
        Err(NoPage::Empty) => no_page(format!("HTTP {status}, but no page: {}", shown(body))),
    }
}

/// A refusal, by its status.
fn refused<T>(status: u16, headers: &LimitHeaders, problem: &Problem) -> Verdict<T> {
    if let Some(trouble) = out_of_money(status, problem) {
        return Verdict::Failure(Failure::Park(trouble));
    }
    match status {
        400 => Verdict::Failure(bad_request(problem)),
        401 => Verdict::Unauthorized(unauthorized(problem)),
        403 => Verdict::Failure(Failure::Failed(forbidden(problem))),
        404 => Verdict::Failure(Failure::Failed(not_found(problem))),
        408 | 425 | 500..=599 => unavailable(headers, Paid::No, said(status, problem)),
        414 | 431 => Verdict::Failure(Failure::Failed(too_long(status))),
        429 => Verdict::RateLimited,
        _ => Verdict::Failure(Failure::Failed(unexpected(status, problem))),
    }
}

/// A refusal that came with a status of success. It costs nothing, as other refusals: X charges
/// what it returns, and errors are not billed (docs.x.com, pricing, read 2026-08-22).
fn refused_in_success<T>(status: u16, headers: &LimitHeaders, body: &[u8]) -> Verdict<T> {
    let problem = Problem { inside: Some(status), ..Problem::read(body) };
    if let Some(meant) = problem.meant_status() {
        return refused(meant, headers, &problem);
    }
    if let Some(trouble) = out_of_money(status, &problem) {
        return Verdict::Failure(Failure::Park(trouble));
    }
    let words = match (problem.title.as_str(), problem.message.as_str()) {
        (_, "") => shown(body),
        ("", message) => message.to_owned(),
        (title, message) if title == message => message.to_owned(),
        (title, message) => format!("{title}: {message}"),
    };
    no_page(format!("HTTP {status}, but no page: {words}"))
}

fn no_page<T>(detail: String) -> Verdict<T> {
    Verdict::Failure(Failure::NoPage { detail })
}

/// The longest part of a body that is shown, in characters.
const SHOWN: usize = 120;

/// A body that says nothing, as text fit for a message.
fn shown(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body.get(..4 * SHOWN).unwrap_or(body));
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    clean.take(SHOWN).collect::<String>().trim().to_owned()
}

fn unavailable<T>(headers: &LimitHeaders, paid: Paid, detail: String) -> Verdict<T> {
    let retry_after = headers.retry_after;
    Verdict::Failure(Failure::Unavailable { retry_after, paid, size: Size::Smaller, detail })
}

/// `HTTP 503: Service Unavailable`.
fn said(status: u16, problem: &Problem) -> String {
    let place = match problem.inside {
        Some(outside) if outside != status => format!("HTTP {outside} with status {status} inside"),
        _ => format!("HTTP {status}"),
    };
    if problem.message.is_empty() {
        format!("{place} without an explanation")
    } else {
        format!("{place}: {}", problem.message)
    }
}

fn trouble(code: &str, detail: String, hint: &str) -> Trouble {
    Trouble { code: code.to_owned(), detail, hint: hint.to_owned() }
}

/// Things that only money or a higher cap cures.
fn out_of_money(status: u16, problem: &Problem) -> Option<Trouble> {
    let detail = said(status, problem);
    if problem.is(&["usage-capped"], &["UsageCapExceeded"]) {
        let hint = "X's monthly cap on post reads is reached: raise it in the developer console, \
                    or resume after the cap resets";
        return Some(trouble("usage_cap", detail, hint));
    }
    if problem.is(&["spend-cap-reached", "spend-cap"], &["SpendCapReached"]) {
        let reset = problem.reset_date.as_ref();
        let when =
            reset.map_or("when the next billing cycle begins".to_owned(), |d| format!("on {d}"));
        let hint = format!(
            "the spending cap of the X account is reached: raise it in the developer console, or \
             resume {when}"
        );
        return Some(trouble("spend_cap", detail, &hint));
    }
    let credits = problem.is(&["credits", "credits-depleted"], &["CreditsDepleted"]);
    (credits || status == 402).then(|| {
        let hint = "the X account has no credits left: buy some in the developer console, then \
                    resume; everything fetched so far is kept";
        trouble("out_of_credits", detail, hint)
    })
}

fn bad_request(problem: &Problem) -> Failure {
    let names = |name: &str| problem.parameters.iter().any(|parameter| parameter == name);
    let mentions = |text: &str| problem.message.contains(text);
    let detail = said(400, problem);
    if names("next_token") || names("pagination_token") || mentions("next_token") {
        return Failure::CursorRefused { detail };
    }
    Failure::Failed(if names("query") || mentions("errors processing your request") {
        let hint = "correct the query where X points to (positions count characters from 1), and \
                    start a new collection; nothing was charged";
        trouble("bad_query", detail, hint)
    } else if too_old(problem) {
        let hint = "recent search reaches back 7 days only, and the window has slid out of them: \
                    start a new collection with the full archive";
        trouble("window_too_old", detail, hint)
    } else {
        let hint = "X does not accept this request; if it looks right to you, it is a mistake in \
                    mistnet worth reporting";
        trouble("bad_request", detail, hint)
    })
}

/// `'start_time' must be on or after …`, `'since_id' must be a tweet id created after …`.
fn too_old(problem: &Problem) -> bool {
    ["must be on or after", "must be a tweet id created after"]
        .iter()
        .any(|wording| problem.message.contains(wording))
}

fn unauthorized(problem: &Problem) -> Trouble {
    let hint = "X does not accept the bearer token: copy the app's Bearer Token again from the \
                developer console, and set X_BEARER_TOKEN to it";
    trouble("unauthorized", said(401, problem), hint)
}

fn forbidden(problem: &Problem) -> Trouble {
    let detail = said(403, problem);
    if problem.is(&["client-forbidden"], &["Client Forbidden"])
        || problem.reason.contains("enrolled")
    {
        let hint = "the app of this token has no access to this endpoint: in the developer console, \
                    attach it to a project with pay-per-use billing, then resume";
        trouble("not_enrolled", detail, hint)
    } else if problem.kind == "unsupported-authentication" {
        let hint = "this endpoint takes an app-only Bearer Token, not a user's token: copy the \
                    app's Bearer Token from the developer console";
        trouble("wrong_token", detail, hint)
    } else {
        let hint = "X refuses this request to the app of this token: look at the app's access and \
                    at notices in the developer console";
        trouble("forbidden", detail, hint)
    }
}

fn not_found(problem: &Problem) -> Trouble {
    let hint = "there is no such endpoint at this address: check the base URL of X in the \
                configuration, and that the app has access to it";
    trouble("not_found", said(404, problem), hint)
}

fn too_long(status: u16) -> Trouble {
    let hint = "shorten the query: characters outside ASCII take up to 12 bytes each in a URL";
    trouble("bad_query", format!("HTTP {status}: the request is too long"), hint)
}

fn unexpected(status: u16, problem: &Problem) -> Trouble {
    let hint = "X does not answer like this: check the base URL in the configuration, and whether \
                a proxy stands in between";
    trouble("unexpected_status", said(status, problem), hint)
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
