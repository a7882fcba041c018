//! The upgrade and the frames, byte by byte, and what breaks the rules.

use bytes::BytesMut;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

use super::super::{Options, QueueSettings, Simulator};
use super::frame::{Frames, Incoming, Violation, write_binary};
use super::upgrade::{MAX_HEAD_BYTES, accept_key};
use super::{WebSocket, upgrade};

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
    request("/$servicebus/websocket", KEY, "other, AMQPWSB10")
}

/// A frame of a client.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        short @ 0..126 => frame.push(0x80 | short as u8),
        medium @ 126..65_536 => {
            frame.push(0x80 + 126);
            frame.extend((medium as u16).to_be_bytes());
        }
        long => {
            frame.push(0x80 + 127);
            frame.extend((long as u64).to_be_bytes());
        }
    }
    frame.extend(MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// What a simulator answers to these bytes at the start of a connection.
async fn answer(start: &str) -> String {
    let simulator = Simulator::new(Options::default());
    let (mut near, far) = duplex(2 * MAX_HEAD_BYTES);
    tokio::spawn(async move { simulator.connection(far).await });
    near.write_all(start.as_bytes()).await.unwrap();
    let mut answer = String::new();
    near.read_to_string(&mut answer).await.unwrap();
    answer
}

/// The client's end of a web socket, and the server's.
async fn opened() -> (DuplexStream, WebSocket<DuplexStream>) {
    let (mut near, far) = duplex(1 << 20);
    near.write_all(good_request().as_bytes()).await.unwrap();
    let socket = upgrade(far, BytesMut::new()).await.unwrap();
    let mut answer = vec![0; 4_096];
    let count = near.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..count]);
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    // RFC 6455, 1.3, has this pair as its example.
    assert!(answer.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "{answer}");
    assert!(answer.contains("Sec-WebSocket-Protocol: AMQPWSB10\r\n"), "{answer}");
    (near, socket)
}

#[test]
fn the_key_is_answered_as_in_the_standard() {
    assert_eq!(accept_key(KEY), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

#[tokio::test]
async fn a_request_that_is_not_for_amqp_is_refused_with_a_status() {
    let good = good_request();
    for (request, status) in [
        (request("/", KEY, "amqp"), "404"),
        (request("/$servicebus/websocket", "short", "amqp"), "400"),
        (request("/$servicebus/websocket", KEY, "mqtt"), "400"),
        (good.replace("Upgrade: WebSocket", "Upgrade: h2c"), "400"),
        (good.replace("keep-alive, Upgrade", "close"), "400"),
        (good.replace("Version: 13", "Version: 8"), "426"),
        (good.replace(" HTTP/1.1", " HTTP/1.0"), "400"),
        (good.replace("Host: localhost", "no colon"), "400"),
        (good.replace("localhost", &"h".repeat(MAX_HEAD_BYTES)), "431"),
    ] {
        let answer = answer(&request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}{answer}");
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
    let simulator =
        Simulator::new(Options { queues: vec![QueueSettings::named("q")], ..Options::default() });
    let (mut near, far) = duplex(65_536);
    let serving = tokio::spawn(async move { simulator.connection(far).await });
    // What follows the request at once is not lost.
    let mut hello = good_request().into_bytes();
    hello.extend(masked(0x82, AMQP));
    near.write_all(&hello).await.unwrap();
    let mut heard = Vec::new();
    while !heard.ends_with(AMQP) {
        near.read_buf(&mut heard).await.unwrap();
    }
    near.write_all(&masked(0x88, &[])).await.unwrap();
    let mut rest = Vec::new();
    near.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"\x88\x02\x03\xe8");
    serving.await.unwrap();
}

#[tokio::test]
async fn pieces_are_one_stream_and_pings_between_them_are_answered() {
    let (mut near, mut socket) = opened().await;
    let frames =
        [masked(0x02, b"AM"), masked(0x89, b"hi"), masked(0x8a, b""), masked(0x80, b"QP")].concat();
    near.write_all(&frames).await.unwrap();
    let mut heard = [0; 4];
    socket.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"AMQP");
    let mut pong = [0; 4];
    near.read_exact(&mut pong).await.unwrap();
    assert_eq!(&pong, b"\x8a\x02hi");
}

#[tokio::test]
async fn what_breaks_the_rules_is_closed_with_the_status_for_it() {
    for (frame, status) in [
        (masked(0x81, b"text"), 1003_u16),
        (masked(0x80, b"nothing to continue"), 1002),
        ([masked(0x02, b"a"), masked(0x82, b"b")].concat(), 1002),
        (masked(0xc2, b"compressed"), 1002),
        (masked(0x83, b"unknown"), 1002),
        (masked(0x8b, b"unknown"), 1002),
        (masked(0x09, b"a ping in pieces"), 1002),
        (masked(0x89, &[0; 126]), 1002),
        (b"\x82\x01a".to_vec(), 1002),
        (b"\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(), 1002),
    ] {
        let (mut near, mut socket) = opened().await;
        near.write_all(&frame).await.unwrap();
        socket.read_to_end(&mut Vec::new()).await.unwrap();
        let mut close = [0; 4];
        near.read_exact(&mut close).await.unwrap();
        assert_eq!((&close[..2], &close[2..]), (&b"\x88\x02"[..], &status.to_be_bytes()[..]));
        assert!(socket.write_all(b"more").await.is_err());
    }
}

#[tokio::test]
async fn the_end_of_the_conversation_is_a_close() {
    let (mut near, mut socket) = opened().await;
    socket.write_all(b"bye").await.unwrap();
    socket.shutdown().await.unwrap();
    let mut heard = Vec::new();
    near.read_to_end(&mut heard).await.unwrap();
    assert_eq!(heard, b"\x82\x03bye\x88\x02\x03\xe8");
}

#[test]
fn nothing_that_is_under_way_is_shown() {
    let socket = WebSocket::new(tokio::io::empty(), BytesMut::from(&b"token"[..]));
    assert_eq!(format!("{socket:?}"), "WebSocket");
}

/// What the frames in `bytes` carry, if they arrive in chunks of this size.
fn read_in_chunks(bytes: &[u8], chunk: usize) -> Result<Vec<u8>, Violation> {
    let (mut frames, mut buffer, mut heard) = (Frames::default(), BytesMut::new(), Vec::new());
    let mut piece = None;
    for part in bytes.chunks(chunk) {
        buffer.extend_from_slice(part);
        loop {
            if let Some(Incoming::Piece(mut masked)) = piece.take() {
                let count = buffer.len().min(masked.left as usize);
                let mut bytes = buffer.split_to(count);
                masked.unmask(&mut bytes);
                heard.extend(bytes);
                if masked.left > 0 {
                    piece = Some(Incoming::Piece(masked));
                    break;
                }
            }
            piece = frames.next(&mut buffer)?;
            if piece.is_none() {
                break;
            }
        }
    }
    Ok(heard)
}

proptest! {
    #[test]
    fn every_length_is_read_however_it_is_cut(
        lengths in prop::collection::vec(prop_oneof![0_usize..300, 65_530_usize..65_540], 1..6),
        chunk in 1_usize..70_000,
    ) {
        let payloads: Vec<Vec<u8>> =
            lengths.iter().map(|length| (0..*length).map(|n| n as u8).collect()).collect();
        let frames: Vec<u8> = payloads.iter().flat_map(|payload| masked(0x82, payload)).collect();
        prop_assert_eq!(read_in_chunks(&frames, chunk), Ok(payloads.concat()));
    }

    #[test]
    fn any_bytes_are_frames_or_a_violation(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(read_in_chunks(&bytes, 7));
    }

    #[test]
    fn what_is_written_says_its_length(length in prop_oneof![0_usize..300, 65_530_usize..65_540]) {
        let mut out = BytesMut::new();
        write_binary(&mut out, &vec![7; length]);
        // A client that masks with zeroes differs in these bits and bytes alone.
        let head = out.len() - length;
        out[1] |= 0x80;
        let mut frame = out[..head].to_vec();
        frame.extend([0; 4]);
        frame.extend(&out[head..]);
        prop_assert_eq!(read_in_chunks(&frame, 1_000), Ok(vec![7; length]));
    }
}
