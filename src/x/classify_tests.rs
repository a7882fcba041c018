//! Every body that X is known to have sent, and odd ones.
//!
//! Recorded from public code and issues 2021-26 (numbers of accounts replaced).

use std::time::Duration;

use super::super::page::look;
use super::*;

const CREDITS: &str = r#"{"account_id":1900000000000000001,"title":"CreditsDepleted","detail":"Your enrolled account [1900000000000000001] does not have any credits to fulfill this request.","type":"https://api.twitter.com/2/problems/credits"}"#;
const CREDITS_NEW: &str = r#"{"detail":"credits depleted","status":402,"title":"Payment Required","type":"https://api.x.com/2/problems/credits-depleted"}"#;
const SPEND_CAP: &str = r#"{"account_id":1900000000000000001,"title":"SpendCapReached","detail":"Your account has reached its billing cycle spend cap. API requests will be blocked until the next cycle begins on 2026-04-14.","reset_date":"2026-04-14"}"#;
const USAGE_CAP: &str = r#"{"account_id":1900000000000000001,"product_name":"standard-basic","title":"UsageCapExceeded","period":"Monthly","scope":"Product","detail":"Usage cap exceeded: Monthly product cap","type":"https://api.twitter.com/2/problems/usage-capped"}"#;
const RATE: &str = r#"{"title":"Too Many Requests","type":"about:blank","status":429,"detail":"Too Many Requests"}"#;
const RATE_OLD: &str = r#"{"errors":[{"code":88,"message":"Rate limit exceeded"}]}"#;
const RATE_NEW: &str =
    r#"{"title":"Rate Limit","type":"https://api.x.com/2/problems/rate-limit-exceeded"}"#;
const TIMES: &str = r#"{"errors":[{"parameters":{"start_time":["2020-06-21T01:00Z"],"end_time":["2020-06-21T00:00Z"]},"message":"Invalid 'start_time':'2020-06-21T01:00Z'. 'start_time' must be before 'end_time':2020-06-21T00:00Z"}],"title":"Invalid Request","detail":"One or more parameters to your request was invalid.","type":"https://api.twitter.com/2/problems/invalid-request"}"#;
const QUERY: &str = r#"{"errors":[{"parameters":{"query":["cats and dogs"]},"message":"There were errors processing your request: Ambiguous use of and as a keyword. Use a space to logically join two clauses, or \"and\" to find occurrences of and in text (at position 6)"}],"title":"Invalid Request"}"#;
const QUERY_FLAT: &str = r#"{"type":"https://api.x.com/2/problems/invalid-request","title":"Invalid Request","detail":"no viable alternative at character '%'","parameter":"query","value":"%"}"#;
const TOKEN: &str = r#"{"errors":[{"parameters":{"next_token":["x"]},"message":"Invalid 'next_token':'x'"}],"title":"Invalid Request"}"#;
const TOKEN_FLAT: &str = r#"{"title":"Invalid Request","detail":"The token is not valid","parameter":"pagination_token"}"#;
const OLD_ID: &str = r#"{"errors":[{"parameters":{"since_id":["1"]},"message":"'since_id' must be a tweet id created after 2026-06-22T16:35Z. Please use a 'since_id' that is larger than 2069097036665323520"}]}"#;
const UNAUTHORIZED: &str =
    r#"{"title":"Unauthorized","type":"about:blank","status":401,"detail":"Unauthorized"}"#;
const ENROL: &str = r#"{"client_id":"10000001","detail":"When authenticating requests to the Twitter API v2 endpoints, you must use keys and tokens from a Twitter developer App that is attached to a Project.","registration_url":"https://developer.twitter.com/en/docs/projects/overview","title":"Client Forbidden","required_enrollment":"Appropriate Level of API Access","reason":"client-not-enrolled","type":"https://api.twitter.com/2/problems/client-forbidden"}"#;
const USER_TOKEN: &str = r#"{"title":"Unsupported Authentication","detail":"Authenticating with OAuth 2.0 User Context is forbidden for this endpoint.","type":"https://api.twitter.com/2/problems/unsupported-authentication","status":403}"#;
const UNAVAILABLE: &str = r#"{"title":"Service Unavailable","detail":"Service Unavailable","type":"about:blank","status":503}"#;
const HTML: &str = "<!DOCTYPE html><html><body>Sorry</body></html>";

/// What a verdict is, in a word.
fn word(verdict: Verdict<()>) -> String {
    match verdict {
        Verdict::Answer(()) => "answer".into(),
        Verdict::RateLimited => "rate".into(),
        Verdict::Unauthorized(trouble) => format!("401 {}", trouble.code),
        Verdict::Failure(Failure::Park(trouble)) => format!("park {}", trouble.code),
        Verdict::Failure(Failure::Failed(trouble)) => format!("failed {}", trouble.code),
        Verdict::Failure(Failure::Unavailable { paid, .. }) => format!("unavailable {paid:?}"),
        Verdict::Failure(Failure::CursorRefused { .. }) => "cursor".into(),
        Verdict::Failure(Failure::NoPage { .. }) => "no page".into(),
        Verdict::Failure(Failure::Wait { .. }) => "wait".into(),
    }
}

fn judge(status: u16, body: &str) -> Verdict<()> {
    classify(status, &LimitHeaders::default(), body.as_bytes(), look)
}

#[test]
fn every_recorded_answer_means_what_it_should() {
    for (status, body, expected) in [
        (200, r#"{"meta":{"result_count":0}}"#, "answer"),
        (200, r#"{"data":[{"id":"1","text":"\ud83d"}],"meta":{}}"#, "answer"),
        (200, HTML, "unavailable Perhaps"),
        (200, "", "unavailable Perhaps"),
        (200, "{\"data\":[", "unavailable Perhaps"),
        (204, "", "unavailable Perhaps"),
        (302, "", "failed unexpected_status"),
        (400, TIMES, "failed bad_request"),
        (400, QUERY, "failed bad_query"),
        (400, QUERY_FLAT, "failed bad_query"),
        (400, TOKEN, "cursor"),
        (400, TOKEN_FLAT, "cursor"),
        (400, OLD_ID, "failed window_too_old"),
        (400, HTML, "failed bad_request"),
        (401, UNAUTHORIZED, "401 unauthorized"),
        (401, "", "401 unauthorized"),
        (402, CREDITS, "park out_of_credits"),
        (402, CREDITS_NEW, "park out_of_credits"),
        (402, "", "park out_of_credits"),
        (403, CREDITS, "park out_of_credits"),
        (403, SPEND_CAP, "park spend_cap"),
        (403, ENROL, "failed not_enrolled"),
        (403, USER_TOKEN, "failed wrong_token"),
        (403, HTML, "failed forbidden"),
        (404, HTML, "failed not_found"),
        (404, "", "failed not_found"),
        (408, "", "unavailable No"),
        (418, "", "failed unexpected_status"),
        (429, USAGE_CAP, "park usage_cap"),
        (429, RATE, "rate"),
        (429, RATE_OLD, "rate"),
        (429, RATE_NEW, "rate"),
        (429, HTML, "rate"),
        (429, "", "rate"),
        (431, "", "failed bad_query"),
        (500, "", "unavailable No"),
        (503, UNAVAILABLE, "unavailable No"),
        (504, HTML, "unavailable No"),
    ] {
        assert_eq!(word(judge(status, body)), expected, "{status} {body}");
    }
}

/// The same bodies in a 200 mean the same, as far as they say themselves what they are.
#[test]
fn a_refusal_in_a_200_is_treated_as_its_status() {
    for (body, expected) in [
        (TIMES, "failed bad_request"),
        (QUERY, "failed bad_query"),
        (QUERY_FLAT, "failed bad_query"),
        (TOKEN, "cursor"),
        (TOKEN_FLAT, "cursor"),
        (UNAUTHORIZED, "401 unauthorized"),
        (CREDITS, "park out_of_credits"),
        (CREDITS_NEW, "park out_of_credits"),
        (SPEND_CAP, "park spend_cap"),
        (ENROL, "failed not_enrolled"),
        (USER_TOKEN, "failed wrong_token"),
        (USAGE_CAP, "park usage_cap"),
        (RATE, "rate"),
        (RATE_OLD, "rate"),
        (RATE_NEW, "rate"),
        (UNAVAILABLE, "unavailable No"),
        (r#"{"errors":[{"title":"Service Unavailable","status":503}]}"#, "unavailable No"),
        (r#"{"errors":[{"code":130,"message":"Over capacity"}]}"#, "unavailable No"),
        (r#"{"data":[],"errors":[{"title":"Unauthorized","status":401}]}"#, "401 unauthorized"),
        (PROTECTED, "no page"),
        (r#"{"title":"Something new","detail":"never seen"}"#, "no page"),
        (r#"{"errors":["x"]}"#, "no page"),
        (r#"{"status":"ok"}"#, "no page"),
        ("{}", "no page"),
        (r#"{"data":[]}"#, "no page"),
    ] {
        assert_eq!(word(judge(200, body)), expected, "{body}");
    }
}

const PROTECTED: &str = r#"{"errors":[{"value":"7","detail":"Sorry, you are not authorized to see the Tweet with ids: [7].","title":"Authorization Error","resource_type":"tweet","parameter":"ids","resource_id":"7","type":"https://api.twitter.com/2/problems/not-authorized-for-resource"}]}"#;

#[test]
fn what_came_instead_of_a_page_is_shown() {
    for (body, expected) in [
        (
            PROTECTED,
            "HTTP 200, but no page: Authorization Error: Sorry, you are not authorized to see the \
             Tweet with ids: [7].",
        ),
        ("{}", "HTTP 200, but no page: {}"),
        (r#"{"errors":["x"]}"#, r#"HTTP 200, but no page: {"errors":["x"]}"#),
    ] {
        let detail = match judge(200, body) {
            Verdict::Failure(Failure::NoPage { detail }) => detail,
            other => panic!("{other:?}"),
        };
        assert_eq!(detail, expected);
    }
    let Verdict::Failure(failure) = judge(200, UNAVAILABLE) else { panic!() };
    let said = "X is unavailable: HTTP 200 with status 503 inside: Service Unavailable";
    assert_eq!(failure.to_string(), said);
}

#[test]
fn messages_carry_what_a_person_needs() {
    let detail = |status, body| match judge(status, body) {
        Verdict::Failure(Failure::Park(t) | Failure::Failed(t)) => {
            format!("{} | {}", t.detail, t.hint)
        }
        other => panic!("{other:?}"),
    };
    assert!(detail(400, QUERY).contains("at position 6"));
    assert!(detail(403, SPEND_CAP).contains("resume on 2026-04-14"));
    assert!(detail(402, CREDITS).contains("1900000000000000001"));
    assert!(detail(404, "").starts_with("HTTP 404 without an explanation"));
}

#[test]
fn an_asked_for_wait_is_passed_on() {
    let headers = LimitHeaders { retry_after: Some(Duration::from_secs(7)), ..Default::default() };
    match classify(503, &headers, b"", look) {
        Verdict::Failure(Failure::Unavailable { retry_after, size, .. }) => {
            assert_eq!((retry_after, size), (Some(Duration::from_secs(7)), Size::Smaller));
        }
        other => panic!("{other:?}"),
    }
}

proptest::proptest! {
    #[test]
    fn no_answer_makes_it_panic(status in 100..600_u16, body in "\\PC{0,60}") {
        let _ = judge(status, &body);
        let _ = judge(status, &format!("{{\"errors\":[{{\"message\":{body:?}}}]}}"));
    }
}
