//! The client against a scripted X.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::*;
use crate::clock::TestClock;
use crate::model::{Cursor, PageToken};
use crate::x::failure::WaitReason;
use crate::x::request::search_request;
use crate::x::script::{ScriptedTransport, response, spec};

const PAGE: &str = r#"{"data":[{"id":"1"}],"meta":{"result_count":1}}"#;

type Reply = Result<HttpResponse, TransportError>;

fn client(script: Vec<Reply>) -> (Client, Arc<ScriptedTransport>, Timestamp) {
    let start = Timestamp::from_second(1_795_334_400).unwrap();
    let transport = Arc::new(ScriptedTransport::new(script));
    let clock = Arc::new(TestClock::at(start));
    (Client::new(transport.clone(), clock, Settings::default()), transport, start)
}

fn first() -> SearchRequest {
    search_request(&spec(), &Cursor::START, 500)
}

#[expect(clippy::unnecessary_wraps, reason = "a script is a list of replies")]
fn page() -> Reply {
    Ok(response(200, &[], PAGE))
}

#[tokio::test(start_paused = true)]
async fn an_answer_comes_as_it_was_sent() {
    let (client, transport, start) = client(vec![page()]);
    let answer = client.search(&first()).await.unwrap();
    assert_eq!((&answer.body[..], answer.fetched_at), (PAGE.as_bytes(), start));
    let asked = transport.asked();
    assert_eq!(asked[0].path, "/2/tweets/search/all");
    assert_eq!(asked[0].params, first().params);
}

#[tokio::test(start_paused = true)]
async fn starts_are_spaced_even_after_errors() {
    let script = vec![page(), Ok(response(503, &[], "")), page()];
    let (client, _, start) = client(script);
    let mut times = vec![];
    for _ in 0..4 {
        let _ = client.search(&first()).await;
        times.push(client.shared.clock.now().duration_since(start).as_millis());
    }
    assert_eq!(times, [0, 1050, 2100, 3150]);
}

#[tokio::test(start_paused = true)]
async fn an_exhausted_window_is_reported_at_once() {
    let headers = [
        ("x-rate-limit-limit", "300"),
        ("x-rate-limit-remaining", "0"),
        ("x-rate-limit-reset", "1795335000"),
        ("date", "Sun, 22 Nov 2026 08:00:00 GMT"),
    ];
    let (client, transport, start) = client(vec![Ok(response(200, &headers, PAGE)), page()]);
    client.search(&first()).await.unwrap();
    let until = start + Duration::from_secs(601);
    let failure = client.search(&first()).await.unwrap_err();
    assert_eq!(failure, Failure::Wait { until, why: WaitReason::WindowExhausted });
    assert_eq!(client.shared.clock.now(), start);

    client.shared.clock.sleep(Duration::from_secs(585)).await;
    client.search(&first()).await.unwrap();
    assert_eq!(client.shared.clock.now(), until, "the last 16 seconds are waited for inside");
    assert_eq!(transport.asked().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_429_with_requests_left_is_a_short_pause() {
    let headers = [("x-rate-limit-remaining", "250"), ("x-rate-limit-reset", "1795335000")];
    let (client, _, start) = client(vec![Ok(response(429, &headers, "")), page()]);
    let until = start + Duration::from_secs(2);
    let failure = client.search(&first()).await.unwrap_err();
    assert_eq!(failure, Failure::Wait { until, why: WaitReason::OnePerSecond });
    client.search(&first()).await.unwrap();
    assert_eq!(client.shared.clock.now(), until);
}

#[tokio::test(start_paused = true)]
async fn only_a_lost_answer_may_have_been_paid() {
    let script = vec![
        Err(TransportError::NotSent { detail: "no address".into() }),
        Err(TransportError::AnswerLost { detail: "reset".into() }),
        Ok(response(200, &[], "{\"data\":[{\"id\":\"1")),
        Ok(response(502, &[], "<html>")),
    ];
    let (client, ..) = client(script);
    let mut seen = vec![];
    for _ in 0..4 {
        match client.search(&first()).await {
            Err(Failure::Unavailable { paid, size, .. }) => seen.push((paid, size)),
            other => panic!("{other:?}"),
        }
    }
    let expected = [
        (Paid::No, Size::Keep),
        (Paid::Perhaps, Size::Smaller),
        (Paid::Perhaps, Size::Smaller),
        (Paid::No, Size::Smaller),
    ];
    assert_eq!(seen, expected);
}

#[tokio::test(start_paused = true)]
async fn a_401_is_doubted_once_after_a_success() {
    let refusal = || Ok(response(401, &[], r#"{"title":"Unauthorized"}"#));
    let (client, ..) = client(vec![refusal(), page(), refusal(), refusal(), refusal()]);
    assert!(
        matches!(client.search(&first()).await, Err(Failure::Failed(t)) if t.code == "unauthorized")
    );
    client.search(&first()).await.unwrap();
    for _ in 0..2 {
        assert!(matches!(client.search(&first()).await, Err(Failure::Unavailable { .. })));
    }
    client.shared.clock.sleep(DOUBT).await;
    assert!(matches!(client.search(&first()).await, Err(Failure::Failed(_))));
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_told_apart_from_a_bad_request() {
    let body =
        r#"{"errors":[{"parameters":{"next_token":["x"]},"message":"Invalid 'next_token'"}]}"#;
    let (client, ..) = client(vec![Ok(response(400, &[], body)), Ok(response(400, &[], body))]);
    let request = search_request(&spec(), &Cursor::START.followed_by(PageToken("x".into())), 500);
    assert!(matches!(client.search(&request).await, Err(Failure::CursorRefused { .. })));
    assert!(matches!(client.search(&first()).await, Err(Failure::Failed(_))));
}

#[tokio::test(start_paused = true)]
async fn without_pacing_nothing_waits() {
    let (client, _, start) = client((0..1000).map(|_| page()).collect());
    let settings = Settings { pacing: Pacing::Off, ..Settings::default() };
    let shared = &client.shared;
    let client = Client::new(shared.transport.clone(), shared.clock.clone(), settings);
    for _ in 0..1000 {
        client.search(&first()).await.unwrap();
    }
    assert_eq!(client.shared.clock.now(), start);
}
