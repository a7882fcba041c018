//! Why a connection ends: silence, bad input, too much of it.

use bytes::BytesMut;
use tokio::io::AsyncWriteExt as _;
use tokio::time::Instant;

use super::client::{AMQP, connect, piece, session, simulator};
use crate::amqp::{Kind, Outcome, ReadError, Role, Value, encode, write_frame};

#[tokio::test(start_paused = true)]
async fn a_silent_peer_is_given_up_after_heartbeats() {
    let simulator = simulator();
    let mut client = session(&simulator, 65_536).await;
    let begin = Instant::now();
    assert!(client.reader.frame().await.unwrap().body.is_empty());
    assert_eq!(begin.elapsed().as_secs(), 15);
    assert_eq!(client.closed().await.condition, "amqp:connection:forced");
    assert_eq!(begin.elapsed().as_secs(), 240);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_never_speaks_is_given_up_after_a_minute() {
    let mut client = connect(&simulator());
    let begin = Instant::now();
    assert!(matches!(client.frame().await, Err(ReadError::Gone)));
    assert_eq!(begin.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn another_protocol_is_told_which_one_there_is() {
    let mut client = connect(&simulator());
    client.writer.write_all(b"AMQP\x00\x00\x09\x01").await.unwrap();
    assert_eq!(client.reader.protocol().await.unwrap(), AMQP);
    assert!(matches!(client.frame().await, Err(ReadError::Gone)));
}

#[tokio::test(start_paused = true)]
async fn bad_input_closes_its_connection_and_no_other() {
    let simulator = simulator();
    let mut bystander = session(&simulator, 65_536).await;
    bystander.sender(0).await;
    let mut nested = BytesMut::new();
    encode(&(0..200).fold(Value::Null, |inner, _| Value::List(vec![inner])), &mut nested);
    let mut deep = BytesMut::new();
    write_frame(&mut deep, Kind::Amqp, 0, None, &nested);
    for (input, condition) in [
        (&b"\x7f\xff\xff\xff\x02\x00\x00\x00"[..], "amqp:decode-error"),
        (b"GET / HTTP/1.1\r\n\r\n", "amqp:decode-error"),
        (b"\x00\x00\x00\x0b\x02\x00\x00\x00\x00\x53\x99", "amqp:decode-error"),
        (&deep, "amqp:decode-error"),
    ] {
        let mut client = session(&simulator, 65_536).await;
        client.writer.write_all(input).await.unwrap();
        assert_eq!(client.closed().await.condition, condition);
    }
    assert_eq!(bystander.send(0, 0, b"a").await, Outcome::Accepted);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_allowed_closes_the_connection_with_the_reason() {
    let simulator = simulator();
    let mut client = session(&simulator, 65_536).await;
    client.transfer(piece(9, 0, false), b"").await;
    assert_eq!(client.closed().await.condition, "amqp:session:unattached-handle");

    let mut client = session(&simulator, 65_536).await;
    client.attach(0, Role::Receiver, "q").await;
    client.transfer(piece(0, 0, false), b"").await;
    assert_eq!(client.closed().await.condition, "amqp:not-allowed");
}

#[tokio::test(start_paused = true)]
async fn unfinished_messages_on_many_links_do_not_fill_the_memory() {
    let simulator = simulator();
    let mut client = session(&simulator, 65_536).await;
    for handle in 0..100 {
        client.sender(handle).await;
        for _ in 0..4 {
            client.transfer(piece(handle, handle, true), &vec![0; 60_000]).await;
        }
        if handle == 69 {
            break;
        }
    }
    assert_eq!(client.closed().await.condition, "amqp:resource-limit-exceeded");
}
