//! The webhook against a server on loopback that says exactly what it is told to.

use jiff::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::super::guard::SystemLookup;
use super::super::guard::tests::Scripted;
use super::super::tests::notice;
use super::*;
use crate::clock::TestClock;

const KEY: [u8; 24] = *b"canary-canary-canary-key";

fn start() -> Timestamp {
    "2026-11-22T12:00:05Z".parse().unwrap()
}

fn webhook(url: &str, reach: Reach, lookup: Arc<dyn Lookup>) -> Result<Webhook, SetupError> {
    let (signer, clock) = (Signer::new(&KEY).unwrap(), Arc::new(TestClock::at(start())));
    Webhook::new(url.parse().unwrap(), reach, lookup, signer, clock, "mistnet/test")
}

/// Tells a server that answers with these bytes: (what it heard, what came of it).
async fn exchange(answer: Vec<u8>) -> (String, Result<(), NoticeError>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook?code=canary", listener.local_addr().unwrap());
    let webhook = webhook(&url, Reach::Private, Arc::new(SystemLookup)).unwrap();
    let server = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        let heard = hear(&mut socket).await;
        // Whoever is told too much hangs up.
        let _ = socket.write_all(&answer).await;
        let _ = socket.shutdown().await;
        heard
    };
    let notice = notice(1);
    tokio::join!(server, webhook.tell(&notice))
}

/// Reads a request to its end.
async fn hear(socket: &mut TcpStream) -> String {
    let mut heard = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&heard).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.unwrap().parse().unwrap() {
                return text;
            }
        }
        let mut piece = [0; 4096];
        let read = socket.read(&mut piece).await.unwrap();
        assert_ne!(read, 0, "the request ended early");
        heard.extend_from_slice(&piece[..read]);
    }
}

fn status(line: &str) -> Vec<u8> {
    format!("HTTP/1.1 {line}\r\ncontent-length: 0\r\n\r\n").into_bytes()
}

#[tokio::test]
async fn the_event_is_posted_and_signed_over_what_is_sent() {
    let (heard, outcome) = exchange(status("204 No Content")).await;
    assert_eq!(outcome, Ok(()));
    let (top, body) = heard.split_once("\r\n\r\n").unwrap();
    assert!(top.starts_with("POST /hook?code=canary HTTP/1.1\r\n"), "{top}");
    assert_eq!(body, cloud_event::body(&notice(1)));
    let signature = Signer::new(&KEY).unwrap().sign(&notice(1).id(), start(), body.as_bytes());
    for line in [
        "content-type: application/cloudevents+json",
        "user-agent: mistnet/test",
        "webhook-id: 20261122-rustlang-k3v9x2m7qa-complete",
        "webhook-timestamp: 1795348805",
        &format!("webhook-signature: {signature}"),
    ] {
        assert!(top.lines().any(|found| found == line), "{line} in {top}");
    }
}

#[test]
fn of_all_refusals_only_410_is_final() {
    for delivered in [200, 201, 202, 204, 299] {
        assert_eq!(verdict(delivered, None), Ok(()));
    }
    let passing =
        [301, 302, 307, 400, 401, 403, 404, 408, 409, 413, 422, 425, 429, 451, 500, 503, 599, 999];
    for passing in passing {
        assert!(matches!(verdict(passing, None), Err(NoticeError::Passing { .. })), "{passing}");
    }
    assert!(matches!(verdict(410, None), Err(NoticeError::Refused { .. })));
}

#[tokio::test]
async fn a_webhook_may_ask_to_be_left_alone() {
    let hour = Duration::from_hours(1);
    for (headers, asked) in [
        ("retry-after: 7", Some(Duration::from_secs(7))),
        ("Retry-After:  120 ", Some(Duration::from_mins(2))),
        ("retry-after: 99999999999999999999999999", Some(Duration::from_secs(u64::MAX))),
        // Our clock shows 12:00:05.
        ("retry-after: Sun, 22 Nov 2026 13:00:05 GMT", Some(hour)),
        // The webhook's clock counts, if it is shown.
        (
            "date: Mon, 23 Nov 2026 05:00:00 GMT\r\nretry-after: Mon, 23 Nov 2026 06:00:00 GMT",
            Some(hour),
        ),
        ("retry-after: Sun, 22 Nov 2026 11:00:00 GMT", None),
        ("retry-after: -5", None),
        ("retry-after: 1.5", None),
        ("retry-after: soon", None),
        ("retry-after:", None),
        ("x-other: 7", None),
    ] {
        let answer = format!("HTTP/1.1 503 Busy\r\n{headers}\r\ncontent-length: 0\r\n\r\n");
        let Err(NoticeError::Passing { retry_after, .. }) = exchange(answer.into_bytes()).await.1
        else {
            panic!("{headers}");
        };
        // Our clock runs.
        let close = |(one, other): (Duration, Duration)| one.abs_diff(other).as_secs() < 60;
        assert_eq!(retry_after.is_some(), asked.is_some(), "{headers}: {retry_after:?}");
        assert!(retry_after.zip(asked).is_none_or(close), "{headers}: {retry_after:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let answer = b"HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let refused = exchange(answer.to_vec()).await.1;
    assert!(refused.unwrap_err().to_string().contains("status 307"));
}

#[tokio::test]
async fn a_huge_answer_is_cut_off_and_its_status_counts() {
    let huge = |line: &str| {
        let head = format!("HTTP/1.1 {line}\r\ncontent-length: 1000000000000\r\n\r\n");
        [head.into_bytes(), vec![b'x'; 8 * MAX_ANSWER_BYTES]].concat()
    };
    assert_eq!(exchange(huge("200 OK")).await.1, Ok(()));
    let refused = exchange(huge("410 Gone")).await.1;
    assert!(matches!(refused, Err(NoticeError::Refused { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_line_that_breaks_may_be_whole_again() {
    for broken in [&b""[..], b"HTTP/1.1 200", b"not HTTP at all\r\n\r\n"] {
        let outcome = exchange(broken.to_vec()).await.1;
        assert!(matches!(outcome, Err(NoticeError::Passing { .. })), "{broken:?}: {outcome:?}");
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let webhook = webhook(&url, Reach::Private, Arc::new(SystemLookup)).unwrap();
    let outcome = webhook.tell(&notice(1)).await;
    assert!(matches!(outcome, Err(NoticeError::Passing { .. })), "{outcome:?}");
}

/// Under paused time the clock jumps as soon as everybody waits.
#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_is_waited_for_ten_seconds() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let webhook = webhook(&url, Reach::Private, Arc::new(SystemLookup)).unwrap();
    let before = tokio::time::Instant::now();
    let outcome = webhook.tell(&notice(1)).await;
    let waited = before.elapsed();
    assert!(matches!(outcome, Err(NoticeError::Passing { .. })), "{outcome:?}");
    assert!(waited <= ANSWER_TIMEOUT + Duration::from_millis(10), "{waited:?}");
}

#[tokio::test]
async fn a_name_that_turns_to_an_inner_address_is_refused_for_good() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let answers: &[&[&str]] = &[&["127.0.0.1"], &["10.0.0.1", "169.254.169.254"]];
    let names = Scripted::new(answers);
    let url = format!("https://hook.example:{port}/");
    let webhook = webhook(&url, Reach::Public, names).unwrap();
    for inner in ["127.0.0.1 is this machine", "10.0.0.1 is on a private network"] {
        let outcome = webhook.tell(&notice(1)).await;
        let Err(NoticeError::Refused { reason }) = outcome else { panic!("{outcome:?}") };
        assert!(reason.contains(inner), "{reason}");
    }
    let nobody_came = tokio::time::timeout(Duration::ZERO, listener.accept()).await;
    assert!(nobody_came.is_err(), "a connection was made");
}

#[tokio::test]
async fn a_name_that_is_allowed_is_connected_to_where_it_was_checked() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let names = Scripted::new(&[&["127.0.0.1"]]);
    let webhook = webhook(&format!("http://hook.example:{port}/"), Reach::Private, names).unwrap();
    let server = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        let heard = hear(&mut socket).await;
        socket.write_all(&status("200 OK")).await.unwrap();
        heard
    };
    let notice = notice(1);
    let (heard, outcome) = tokio::join!(server, webhook.tell(&notice));
    assert_eq!(outcome, Ok(()));
    assert!(heard.contains(&format!("host: hook.example:{port}\r\n")), "{heard}");
}

#[tokio::test]
async fn neither_key_nor_url_shows_anywhere() {
    let url = "https://hook.example/canary?code=canary";
    let webhook = webhook(url, Reach::Public, Scripted::new(&[])).unwrap();
    let failed = webhook.tell(&notice(1)).await.unwrap_err();
    let shown = format!("{webhook:?} {failed} {failed:?}");
    assert!(!shown.contains("canary"), "{shown}");
    assert!(shown.contains("hook.example"));
    let refused = self::webhook("https://u:canary@x/canary", Reach::Public, Scripted::new(&[]));
    let refused = refused.unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains("canary"));
}
