//! The network transport against a server on loopback that says exactly what it is told to.

use std::io::Write;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

const CANARY: &str = "AAAAcanary%2Btoken";

fn transport(base_url: &str) -> ReqwestTransport {
    let token = SecretString::from(format!(" {CANARY}\n"));
    ReqwestTransport::new(base_url.parse().unwrap(), token, "mistnet/test").unwrap()
}

fn request() -> HttpRequest {
    HttpRequest { path: "/2/tweets/search/all", params: vec![("query".into(), "#a b".into())] }
}

/// Answers one request with these bytes and hangs up: (what it was asked, what came of it).
async fn exchange(answer: Vec<u8>) -> (String, Result<HttpResponse, TransportError>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let transport = transport(&format!("http://{}/base/", listener.local_addr().unwrap()));
    let server = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut asked = vec![0; 8192];
        let length = socket.read(&mut asked).await.unwrap();
        socket.write_all(&answer).await.unwrap();
        socket.shutdown().await.unwrap();
        String::from_utf8_lossy(&asked[..length]).into_owned()
    };
    tokio::join!(server, transport.get(request()))
}

fn plain(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nx-a: b\r\n\r\n{body}", body.len())
        .into_bytes()
}

#[tokio::test]
async fn the_request_carries_the_token_and_the_query_once() {
    let (asked, answer) = exchange(plain("200 OK", "{}")).await;
    assert!(asked.starts_with("GET /base/2/tweets/search/all?query=%23a%20b HTTP/1.1"), "{asked}");
    assert!(asked.contains(&format!("authorization: Bearer {CANARY}\r\n")), "{asked}");
    assert!(asked.contains("user-agent: mistnet/test"), "{asked}");
    assert!(asked.contains("accept-encoding: identity\r\n") && !asked.contains("gzip"), "{asked}");
    let answer = answer.unwrap();
    assert_eq!((answer.status, &answer.body[..]), (200, &b"{}"[..]));
    assert_eq!(answer.headers["x-a"], "b");
}

#[test]
fn only_a_loopback_address_is_asked_for_plain_answers() {
    let asked = |url: &str| accepted_encoding(&url.parse().unwrap());
    for near in ["http://127.0.0.1:8080", "http://[::1]/", "http://LOCALHOST:1/x"] {
        assert_eq!(asked(near), "identity", "{near}");
    }
    for far in ["https://api.x.com", "http://10.0.0.1", "http://localhost.example.org"] {
        assert_eq!(asked(far), "gzip", "{far}");
    }
}

#[tokio::test]
async fn a_cut_answer_is_lost_wherever_it_is_cut() {
    let body = b"{\"meta\":{}}".repeat(50);
    let mut gzip = flate(&body);
    let head = |length: usize| {
        format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {length}\r\n\r\n")
    };
    let whole = [head(gzip.len()).into_bytes(), gzip.clone()].concat();
    assert_eq!(exchange(whole.clone()).await.1.unwrap().body, body);
    for length in [0, 5, 20, head(gzip.len()).len(), whole.len() - 1] {
        let lost = exchange(whole[..length].to_vec()).await.1;
        assert!(matches!(lost, Err(TransportError::AnswerLost { .. })), "{length}: {lost:?}");
    }
    gzip.truncate(gzip.len() - 8);
    let shorter = [head(gzip.len()).into_bytes(), gzip].concat();
    let lost = exchange(shorter).await.1;
    assert!(matches!(lost, Err(TransportError::AnswerLost { .. })), "without checksum: {lost:?}");
}

fn flate(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn an_answer_beyond_the_cap_is_lost() {
    let bomb = flate(&vec![b' '; MAX_ANSWER_BYTES + 1]);
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        bomb.len()
    );
    let lost = exchange([head.into_bytes(), bomb].concat()).await.1.unwrap_err();
    assert!(lost.to_string().contains("larger than 33554432 bytes"), "{lost}");
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let refused = transport(&format!("http://127.0.0.1:{port}")).get(request()).await;
    assert!(matches!(refused, Err(TransportError::NotSent { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let answer =
        b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(exchange(answer.to_vec()).await.1.unwrap().status, 302);
}

#[tokio::test]
async fn the_token_shows_nowhere() {
    let transport = transport("https://user:canary@api.x.com");
    let shown = format!("{transport:?} {:?}", transport.authorization);
    assert!(!shown.contains("canary"), "{shown}");

    let echo = plain("403 Forbidden", &format!("you sent Bearer {CANARY}!"));
    let body = exchange(echo).await.1.unwrap().body;
    assert_eq!(&body[..], b"you sent Bearer [redacted]!");

    let cut = exchange(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n".to_vec()).await.1;
    assert!(!format!("{cut:?}").contains("canary"));

    let broken = SecretString::from("canary\u{7}canary");
    let error =
        ReqwestTransport::new("https://api.x.com".parse().unwrap(), broken, "a").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"));
    let scheme = "ftp://user:canary@api.x.com".parse().unwrap();
    let error = ReqwestTransport::new(scheme, "a".into(), "a").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"));
}
