//! Checks of X: does it answer, does it take the token, does it agree about the time?
//!
//! The question is `GET /2/usage/tweets`, which returns no post and so costs nothing (docs.x.com,
//! usage and pricing, read 2026-08-22).

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;

use crate::check::Finding;
use crate::clock::Clock;
use crate::config::Config;
use crate::x::{HttpRequest, HttpResponse, ReqwestTransport, Transport, TransportError};

/// The clocks may differ by this much. Our own choice: the client reads rate windows from X's own
/// clock, and X's newest 30 seconds are out of reach anyway.
const SKEW: Duration = Duration::from_secs(10);

/// Asks X.
pub(super) async fn check(config: &Config, clock: &dyn Clock) -> Vec<Finding> {
    let url = config.x.api_url.clone();
    let Some(token) = config.x.bearer_token.clone() else {
        return vec![Finding::warning("x", "not asked: there is no token", "set X_BEARER_TOKEN")];
    };
    let agent = concat!("mistnet/", env!("CARGO_PKG_VERSION"));
    let transport = match ReqwestTransport::new(url.clone(), token, agent) {
        Ok(transport) => transport,
        Err(error) => return vec![Finding::wrong("x", error.to_string(), "correct the setting")],
    };
    let request = HttpRequest { path: "/2/usage/tweets", params: Vec::new() };
    match transport.get(request).await {
        Ok(response) => {
            let answer = answer(url.as_str(), &response);
            [Some(answer), skew(&response, clock.now())].into_iter().flatten().collect()
        }
        Err(TransportError::NotSent { detail } | TransportError::AnswerLost { detail }) => {
            let hint = "check the address, the network and HTTPS_PROXY";
            vec![Finding::wrong("x", format!("{url} can't be reached: {detail}"), hint)]
        }
    }
}

fn answer(url: &str, response: &HttpResponse) -> Finding {
    match response.status {
        200 => Finding::ok("x", format!("{url} answers and takes the token")),
        429 => {
            Finding::ok("x", format!("{url} answers; its rate limit for this question is used up"))
        }
        401 => Finding::wrong(
            "x",
            "X does not accept the bearer token (401)",
            "copy it again from the developer console",
        ),
        403 => Finding::wrong(
            "x",
            "X refuses this app (403)",
            "attach the app to a project with pay-per-use billing in the developer console",
        ),
        status @ 500.. => {
            let hint = "try again later; collections wait by themselves";
            Finding::warning("x", format!("{url} answers with status {status}"), hint)
        }
        status => {
            let hint = "check x.api_url: is this the X API?";
            Finding::wrong("x", format!("{url} answers with status {status}"), hint)
        }
    }
}

/// How far this machine's clock is from X's.
fn skew(response: &HttpResponse, now: Timestamp) -> Option<Finding> {
    let date = response.headers.get(http::header::DATE)?.to_str().ok()?;
    let theirs = rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    let apart = now.duration_since(theirs).unsigned_abs();
    let detail = format!("this clock and X's are {} s apart", apart.as_secs());
    Some(if apart <= SKEW {
        Finding::ok("clock", detail)
    } else {
        Finding::warning("clock", detail, "set the clock: the default end of a collection is now")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Verdict;

    fn response(status: u16, date: &'static str) -> HttpResponse {
        let mut headers = http::HeaderMap::new();
        headers.insert(http::header::DATE, http::HeaderValue::from_static(date));
        HttpResponse { status, headers, body: bytes::Bytes::new() }
    }

    #[test]
    fn a_status_says_whether_the_token_is_taken() {
        for (status, verdict) in [
            (200, Verdict::Ok),
            (401, Verdict::Wrong),
            (403, Verdict::Wrong),
            (404, Verdict::Wrong),
            (503, Verdict::Warning),
        ] {
            assert_eq!(answer("https://api.x.com", &response(status, "")).verdict, verdict);
        }
    }

    #[test]
    fn clocks_apart_are_noticed() {
        let response = response(200, "Sun, 22 Nov 2026 21:00:00 GMT");
        let skew = |now: &str| skew(&response, now.parse().unwrap()).unwrap();
        assert_eq!(skew("2026-11-22T21:00:05Z").verdict, Verdict::Ok);
        let late = skew("2026-11-22T21:01:00Z");
        assert_eq!(
            (late.verdict, late.detail.as_str()),
            (Verdict::Warning, "this clock and X's are 60 s apart")
        );
    }
}
