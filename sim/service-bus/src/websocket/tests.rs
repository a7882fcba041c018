//! Upgrades, what is carried inside, and what breaks the rules, by a client that sends exactly the
//! bytes that a test wants.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::task::JoinHandle;

use super::{MAX_HEAD_BYTES, MAX_MESSAGE_BYTES};
use crate::{Options, QueueSettings, Simulator};

const PATH: &str = "/$servicebus/websocket";
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
const AMQP: &[u8] = b"AMQP\x00\x01\x00\x00";

fn request(path: &str, key: &str, protocol: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: WebSocket\r\n\
         Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n"
    )
}

fn good_request() -> String {
    request(PATH, KEY, "other, AMQPWSB10")
}

/// A frame of a client, of less than 126 bytes.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first, 0x80 | payload.len() as u8];
    frame.extend(MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// A connection to a simulator, which has said `start`.
async fn connected(start: &[u8]) -> (DuplexStream, JoinHandle<()>) {
    let simulator =
        Simulator::new(Options { queues: vec![QueueSettings::named("q")], ..Options::default() });
    let (mut near, far) = duplex(65_536);
    let serving = tokio::spawn(async move { simulator.connection(far).await });
    near.write_all(start).await.unwrap();
    (near, serving)
}

/// All that is answered to `start`, if the client then only listens.
async fn answer(start: &str) -> String {
    let (mut near, _) = connected(start.as_bytes()).await;
    let mut answer = String::new();
    near.read_to_string(&mut answer).await.unwrap();
    answer
}

/// What is said up to `end`.
async fn hear(near: &mut DuplexStream, end: &[u8]) -> Vec<u8> {
    let mut heard = Vec::new();
    while !heard.ends_with(end) {
        heard.push(near.read_u8().await.unwrap());
    }
    heard
}

/// A web socket, and the head of the answer that opened it.
async fn opened(request: &str) -> (DuplexStream, String) {
    let (mut near, _) = connected(request.as_bytes()).await;
    let head = hear(&mut near, b"\r\n\r\n").await;
    (near, String::from_utf8(head).unwrap().to_lowercase())
}

#[tokio::test]
async fn the_answer_proves_that_the_key_was_understood_and_names_the_subprotocol() {
    let (_, head) = opened(&good_request()).await;
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    // RFC 6455, 1.3, has this pair of key and answer as its example.
    assert!(head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n"), "{head}");
    assert!(head.contains("sec-websocket-protocol: amqpwsb10\r\n"), "{head}");
    assert!(head.contains("connection: upgrade\r\n"), "{head}");
}

#[tokio::test]
async fn the_path_may_end_in_a_slash_and_have_a_query() {
    for path in [
        PATH,
        "/$servicebus/websocket/",
        "/%24servicebus/websocket",
        "/$servicebus/websocket?sb-hc-action=connect",
        "/$servicebus/websocket/?api-version=1",
    ] {
        let (_, head) = opened(&request(path, KEY, "amqp")).await;
        assert!(head.starts_with("http/1.1 101 "), "{path}: {head}");
    }
}

#[tokio::test]
async fn a_request_that_is_not_for_amqp_is_refused_with_a_status() {
    let good = good_request();
    for (request, status) in [
        (request("/", KEY, "amqp"), "404"),
        (request("/$servicebus/websockets", KEY, "amqp"), "404"),
        (request("/$servicebus/websocket//", KEY, "amqp"), "404"),
        (request(PATH, "short", "amqp"), "400"),
        (request(PATH, KEY, "mqtt"), "400"),
        (good.replace("Upgrade: WebSocket", "Upgrade: h2c"), "400"),
        (good.replace("keep-alive, Upgrade", "close"), "400"),
        (good.replace("Version: 13", "Version: 8"), "426"),
        (good.replace(" HTTP/1.1", " HTTP/1.0"), "400"),
        (good.replace("Host: localhost", "no colon"), "400"),
        (good.replace("localhost", &"h".repeat(MAX_HEAD_BYTES)), "431"),
    ] {
        let answer = answer(&request).await;
        let (version, rest) = answer.split_once(' ').unwrap();
        assert!(version.starts_with("HTTP/1."), "{request}{answer}");
        assert!(rest.starts_with(status), "{request}{answer}");
    }
}

#[tokio::test]
async fn a_connection_may_end_in_the_middle_of_its_request() {
    let simulator = Simulator::new(Options::default());
    for start in ["", "GE", "GET /$servicebus/websocket HTTP/1.1\r\n"] {
        let (mut near, far) = duplex(1_024);
        near.write_all(start.as_bytes()).await.unwrap();
        drop(near);
        simulator.connection(far).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_finishes_its_request_is_not_waited_for() {
    let answer = answer("GET /$servicebus/websocket HTTP/1.1\r\n").await;
    assert_eq!(answer, "");
}

#[tokio::test]
async fn amqp_is_spoken_inside_and_a_close_is_answered() {
    // What follows the request at once is not lost.
    let mut hello = good_request().into_bytes();
    hello.extend(masked(0x82, AMQP));
    let (mut near, serving) = connected(&hello).await;
    hear(&mut near, AMQP).await;
    near.write_all(&masked(0x88, &1_000_u16.to_be_bytes())).await.unwrap();
    let mut rest = Vec::new();
    near.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"\x88\x02\x03\xe8");
    serving.await.unwrap();
}

#[tokio::test]
async fn pieces_are_one_stream_and_pings_between_them_are_answered() {
    let (mut near, _) = opened(&good_request()).await;
    let frames =
        [masked(0x02, b"AM"), masked(0x89, b"hi"), masked(0x80, b"QP"), masked(0x82, &AMQP[4..])];
    near.write_all(&frames.concat()).await.unwrap();
    assert_eq!(hear(&mut near, AMQP).await, [b"\x8a\x02hi\x82\x08", AMQP].concat());
}

#[tokio::test]
async fn a_client_that_breaks_the_rules_is_told_so() {
    for frame in [
        masked(0x80, b"nothing to continue"),
        [masked(0x02, b"a"), masked(0x82, b"b")].concat(),
        masked(0xc2, b"compressed"),
        masked(0x83, b"unknown"),
        b"\x82\x01a".to_vec(), // not masked
    ] {
        let (mut near, _) = opened(&good_request()).await;
        near.write_all(&frame).await.unwrap();
        let mut heard = Vec::new();
        near.read_to_end(&mut heard).await.unwrap();
        let [0x88, _, status @ ..] = heard.as_slice() else { panic!("no close: {heard:?}") };
        assert!(status.starts_with(&1_002_u16.to_be_bytes()), "{heard:?}");
    }
}

#[tokio::test]
async fn text_and_messages_above_the_limit_end_the_connection() {
    let mut large = vec![0x82, 0xff];
    large.extend((MAX_MESSAGE_BYTES as u64 + 1).to_be_bytes());
    large.extend(MASK);
    for frame in [masked(0x81, b"text"), large] {
        let (mut near, serving) = connected(good_request().as_bytes()).await;
        near.write_all(&frame).await.unwrap();
        serving.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_conversation_is_a_close() {
    let (mut near, _) = opened(&good_request()).await;
    near.write_all(&masked(0x82, b"AMQP\x00\x00\x09\x01")).await.unwrap();
    let mut heard = Vec::new();
    near.read_to_end(&mut heard).await.unwrap();
    assert_eq!(heard, [b"\x82\x08", AMQP, b"\x88\x02\x03\xe8"].concat());
}
